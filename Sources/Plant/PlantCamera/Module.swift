// PlantCamera
