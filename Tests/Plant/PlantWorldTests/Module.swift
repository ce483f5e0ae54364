// PlantWorldTests
