// ArtworkTests
