// DocumentWriterTests
