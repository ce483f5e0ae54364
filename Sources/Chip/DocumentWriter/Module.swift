// DocumentWriter
