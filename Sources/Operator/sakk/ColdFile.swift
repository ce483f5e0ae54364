import Glibc

/// A file that is read as after a start of the machine.
enum ColdFile {
    private static func files(_ path: String) -> [String] { [path, path + "-wal"] }

    /// Asks the kernel to forget what it has of the file in memory; changed pages are written first. Nothing for a server.
    static func forget(_ path: String) {
        for file in files(path) {
            let descriptor = open(file, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            fsync(descriptor)
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
            close(descriptor)
        }
    }

    /// Bytes of the file and its log; 0 for a server.
    static func size(_ path: String) -> Int64 {
        files(path).reduce(0) { sum, file in
            var information = stat()
            return stat(file, &information) == 0 ? sum + Int64(information.st_size) : sum
        }
    }
}
