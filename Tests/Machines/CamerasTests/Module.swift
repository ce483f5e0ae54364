// CamerasTests
