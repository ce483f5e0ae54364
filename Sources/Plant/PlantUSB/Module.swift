// PlantUSB
