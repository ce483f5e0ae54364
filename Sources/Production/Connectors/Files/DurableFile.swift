import Glibc
import Ground

/// Files that are there whole or not at all, and moves that outlive a power cut. Errors: `file.unwritable`,
/// `file.unreadable`, with errno.
enum DurableFile {
    /// Writes beside the target, syncs, renames over it, syncs the folder.
    static func write(_ bytes: Bytes, to path: String) throws(SakkError) {
        let (folder, name) = split(path)
        let temporary = "\(folder)/.\(name).part"
        try FaultPoint.pass("file.write")
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw failure(temporary) }
        do throws(SakkError) {
            try write(bytes, to: file, path: temporary)
            try FaultPoint.pass("file.sync")
            guard fsync(file) == 0 else { throw failure(temporary) }
        } catch {
            close(file)
            throw error
        }
        guard close(file) == 0 else { throw failure(temporary) }
        try FaultPoint.pass("file.rename")
        guard rename(temporary, path) == 0 else { throw failure(path) }
        try sync(folder: folder)
    }

    /// Renames within one file system and syncs both folders. False when the target exists and `replacing` is false;
    /// the caller holds the folders' lock, so nobody makes the target in between.
    @discardableResult
    static func move(_ path: String, to target: String, replacing: Bool) throws(SakkError) -> Bool {
        if !replacing, access(target, F_OK) == 0 { return false }
        try FaultPoint.pass("file.rename")
        guard rename(path, target) == 0 else { throw failure(target) }
        let (from, _) = split(path)
        let (into, _) = split(target)
        try sync(folder: into)
        if from != into { try sync(folder: from) }
        return true
    }

    static func remove(_ path: String) throws(SakkError) {
        try FaultPoint.pass("file.remove")
        guard unlink(path) == 0 || errno == ENOENT else { throw failure(path) }
        try sync(folder: split(path).folder)
    }

    static func sync(folder: String) throws(SakkError) {
        try FaultPoint.pass("folder.sync")
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(folder) }
    }

    /// Keeps other processes out until the descriptor is closed; nil when another one holds it. Asked for two seconds: a child
    /// that another thread is starting has a copy of a closed descriptor until it has become its program.
    static func lock(_ path: String) throws(SakkError) -> Int32? {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw failure(path) }
        for attempt in 0..<100 {
            if flock(file, LOCK_EX | LOCK_NB) == 0 { return file }
            if attempt < 99 { usleep(20_000) }
        }
        close(file)
        return nil
    }

    static func makeFolder(_ path: String) throws(SakkError) {
        guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw failure(path) }
    }

    /// All of a regular file; nil when there is none of that name.
    static func read(_ path: String, atMost limit: Int) throws(SakkError) -> Bytes? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw failure(path, "file.unreadable")
        }
        defer { close(file) }
        return try read(file, path: path, atMost: limit)
    }

    static func read(_ file: Int32, path: String, atMost limit: Int) throws(SakkError) -> Bytes {
        var information = stat()
        guard fstat(file, &information) == 0 else { throw failure(path, "file.unreadable") }
        guard information.st_mode & S_IFMT == S_IFREG, information.st_size <= limit else {
            throw SakkError(
                "file.unreadable", source: path, text: "This is no file, or has more than \(limit) bytes.",
                remedy: "Take it out of the folder.")
        }
        var bytes = Bytes(repeating: 0, count: Int(information.st_size))
        var have = 0
        while have < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                pread(file, $0.baseAddress! + have, $0.count - have, off_t(have))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path, "file.unreadable") }
            have += count
        }
        return bytes
    }

    /// Names in a folder, sorted, without those that begin with a dot.
    static func names(in folder: String) throws(SakkError) -> [String] {
        guard let directory = opendir(folder) else { throw failure(folder, "file.unreadable") }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = path[..<slash]
        return (folder.isEmpty ? "/" : String(folder), String(path[path.index(after: slash)...]))
    }

    static func failure(_ path: String, _ code: SakkError.Code = "file.unwritable") -> SakkError {
        let number = errno
        return SakkError(
            code, source: path, native: SakkError.Native(kind: "errno", value: "\(number)"),
            text: "The file system refuses: \(String(cString: strerror(number))).",
            remedy: "Check that the folder exists, belongs to this user, lies on one file system and has free space.")
    }

    private static func write(_ bytes: Bytes, to file: Int32, path: String) throws(SakkError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path) }
            rest = rest.dropFirst(count)
        }
    }
}
