internal import Glibc
internal import Ground

/// Where the PIN of a token comes from. Never an argument: those are seen by every user of the machine.
public enum PINSource: Sendable, Hashable {
    /// A file that only its owner may read; its first line is the PIN.
    case file(String)
    /// The name of an environment variable.
    case environment(String)

    /// Read anew at each login and wiped after it.
    func read() throws(SakkError) -> SecretBytes {
        switch self {
        case .environment(let name):
            guard let value = getenv(name), value.pointee != 0 else {
                throw SakkError(
                    "vault.pin.missing", source: "environment", subject: name,
                    text: "The environment variable \(name), which should hold the PIN of the token, is not set.",
                    remedy: "Set it for this program, or name a PIN file in the configuration.")
            }
            return SecretBytes(count: strlen(value)) { $0.copyMemory(from: .init(start: value, count: $0.count)) }
        case .file(let path):
            return try PINSource.read(path)
        }
    }

    private static func read(_ path: String) throws(SakkError) -> SecretBytes {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw failure(
                "vault.pin.missing", path, "The PIN file cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw failure("vault.pin.open", path, "Others than its owner may read the PIN file.")
        }
        var buffer = Bytes(repeating: 0, count: 256)
        let count = Glibc.read(file, &buffer, buffer.count)
        let length = buffer.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }.count
        guard length > 0 else {
            explicit_bzero(&buffer, buffer.count)
            throw failure("vault.pin.missing", path, "The PIN file is empty.")
        }
        let pin = SecretBytes(count: length) { target in
            buffer.withUnsafeBytes { target.copyMemory(from: .init(rebasing: $0[..<length])) }
        }
        explicit_bzero(&buffer, buffer.count)
        return pin
    }

    private static func failure(_ code: SakkError.Code, _ path: String, _ text: String) -> SakkError {
        SakkError(
            code, source: path, text: text,
            remedy: "Put the PIN alone into the file and run: chmod 600 \(path)")
    }
}
