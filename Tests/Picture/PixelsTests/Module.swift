// PixelsTests
