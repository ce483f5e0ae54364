// LDSTests
