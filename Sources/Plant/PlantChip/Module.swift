// PlantChip
