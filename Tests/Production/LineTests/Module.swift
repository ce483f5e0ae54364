// LineTests
