// Printers
