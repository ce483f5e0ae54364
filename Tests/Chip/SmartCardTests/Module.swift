// SmartCardTests
