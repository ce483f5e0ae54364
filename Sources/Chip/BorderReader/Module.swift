// BorderReader
