// Cameras
