// PlantPrinter
