internal import Glibc
internal import Ground
internal import OpenSSLCrypto

/// Small secret files in one folder that survive a power cut whole or not at all.
struct KeyFolder: Sendable {
    let path: String

    /// Makes the folder (0700) when it is not there; refuses one that others may enter.
    func open() throws(SakkError) {
        if mkdir(path, 0o700) != 0 && errno != EEXIST { throw fault("cannot be made") }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { throw fault("is not a folder") }
        guard status.st_mode & 0o077 == 0 else {
            throw SakkError(
                "vault.folder.open", source: path, text: "Others than its owner may enter the folder of keys.",
                remedy: "Run: chmod 700 \(path)")
        }
    }

    func names() throws(SakkError) -> [String] {
        guard let listing = opendir(path) else { throw fault("cannot be listed") }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { raw in
                    String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }

    func holds(_ name: String) throws(SakkError) -> Bool {
        if access("\(path)/\(name)", F_OK) == 0 { return true }
        guard errno == ENOENT else { throw fault("cannot be read") }
        return false
    }

    /// At most 256 bytes; nil when there is no such file.
    func read(_ name: String) throws(SakkError) -> SecretBytes? {
        let file = Glibc.open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            guard errno == ENOENT else { throw fault("holds \(name), which cannot be read") }
            return nil
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw SakkError(
                "vault.file.open", source: "\(path)/\(name)", text: "Others than its owner may read the key file.",
                remedy: "Find out who read it; if nobody, run: chmod 600 \(path)/\(name)")
        }
        var count = 0
        let content = SecretBytes(count: 256) { count = Glibc.read(file, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw fault("holds \(name), which cannot be read") }
        return content.withBytes { bytes in
            SecretBytes(count: count) { $0.copyMemory(from: .init(rebasing: bytes[..<count])) }
        }
    }

    /// Writes the file under another name, forces it to the disk and gives it its name. False when the name is taken:
    /// whoever is first wins, and a file never changes.
    func create(_ name: String, _ content: borrowing SecretBytes) throws(SakkError) -> Bool {
        let draft = "\(path)/.\(name).\(try RandomSource.bytes(8).hex)"
        let file = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw fault("takes no new file") }
        defer {
            close(file)
            unlink(draft)
        }
        let written = content.withBytes { write(file, $0.baseAddress, $0.count) }
        guard written == content.count, fsync(file) == 0 else { throw fault("takes no new file") }
        // a rename would replace the file of a faster process, and with it a key in use
        guard link(draft, "\(path)/\(name)") == 0 else {
            guard errno == EEXIST else { throw fault("takes no new file") }
            return false
        }
        try sync()
        return true
    }

    /// Overwrites, forces to the disk and removes; a file that is not there is no error.
    func erase(_ name: String) throws(SakkError) {
        let file = Glibc.open("\(path)/\(name)", O_RDWR | O_CLOEXEC)
        guard file >= 0 else {
            guard errno == ENOENT else { throw fault("holds \(name), which cannot be erased") }
            return
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw fault("holds \(name), which cannot be erased") }
        let noise = try RandomSource.bytes(Int(status.st_size))
        guard pwrite(file, noise, noise.count, 0) == noise.count, fsync(file) == 0,
            unlink("\(path)/\(name)") == 0 || errno == ENOENT
        else { throw fault("holds \(name), which cannot be erased", outcome: .unknown) }
        try sync()
    }

    private func sync() throws(SakkError) {
        let folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw fault("cannot be opened") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw fault("cannot be written to the disk", outcome: .unknown) }
    }

    private func fault(_ what: String, outcome: SakkError.Outcome = .notDone) -> SakkError {
        let reason = String(cString: strerror(errno))
        return SakkError(
            "vault.folder.fault", source: path, native: .init(kind: "errno", value: "\(errno)"), outcome: outcome,
            text: "The folder of keys \(what): \(reason).", remedy: "Check the folder, its owner and the disk.")
    }
}
