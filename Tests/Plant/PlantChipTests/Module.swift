// PlantChipTests
