// BorderReaderTests
