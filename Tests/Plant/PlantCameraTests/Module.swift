// PlantCameraTests
