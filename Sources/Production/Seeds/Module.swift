// Seeds
