// Personalisation
