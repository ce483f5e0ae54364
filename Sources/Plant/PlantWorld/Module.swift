// PlantWorld
