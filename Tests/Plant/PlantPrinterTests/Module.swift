// PlantPrinterTests
