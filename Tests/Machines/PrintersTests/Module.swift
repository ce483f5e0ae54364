// PrintersTests
