internal import Glibc
public import Ground
public import OpenSSLCrypto
internal import Synchronization

/// The last signatures that one cell asked of a key whose token signs differently each time (PKCS#11 knows no RFC 6979): the
/// document of a card that lay in a machine when its controller died is drawn again to the last dot.
///
/// On the disk they stand one after another, oldest first, without what was signed: a signature is found by verifying it.
/// A file that is damaged, or of another key, knows none.
public final class KeptSignatures: Sendable {
    /// The document in the machine, the one prepared beside it, and remakes of both.
    public static let most = 8

    private let path: String
    private let key: PublicKey
    private let digest: Digest
    /// Bytes of a signature r, s (BSI TR-03111 5.2.1).
    private let width: Int
    private let signatures: Mutex<[Bytes]>

    /// - Parameter path: a file in a folder that is there.
    /// - Throws: `keys.kind` for a key that is not of ECDSA.
    public init(path: String, key: PublicKey, digest: Digest) throws(SakkError) {
        guard case .ec(let half, _) = key.kind else {
            throw SakkError(
                "keys.kind", source: path, text: "Only signatures of ECDSA are kept.", remedy: "Name an EC key.")
        }
        self.path = path
        self.key = key
        self.digest = digest
        width = 2 * half
        signatures = Mutex(Self.read(path, width: width))
    }

    /// The signature (r, s) of `message` that is kept, or the one that `sign` makes, which is on the disk when this returns.
    /// - Throws: what `sign` throws; `keys.unkept` when `sign` does not sign with this key, or the file cannot be written.
    public func signature(
        of message: Bytes, sign: () throws(SakkError) -> Bytes
    ) throws(SakkError) -> Bytes {
        if let kept = known(message) { return kept }
        let fresh = try sign()
        guard key.verifies(plain: fresh, of: message, digest: digest) else {
            throw unkept("The new signature is not one of the configured key.")
        }
        let all = signatures.withLock { all in
            all = (all + [fresh]).suffix(Self.most)
            return all
        }
        try write(all.flatMap { $0 })
        return fresh
    }

    private func known(_ message: Bytes) -> Bytes? {
        signatures.withLock { $0 }.last { key.verifies(plain: $0, of: message, digest: digest) }
    }

    private static func read(_ path: String, width: Int) -> [Bytes] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes = Bytes(repeating: 0, count: width * most + 1)
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count > 0, count < bytes.count, count % width == 0 else { return [] }
        return stride(from: 0, to: count, by: width).map { Bytes(bytes[$0..<($0 + width)]) }
    }

    /// Under another name, forced to the disk, then renamed.
    private func write(_ bytes: Bytes) throws(SakkError) {
        let draft = path + ".new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw unkept("Its file cannot be made.") }
        defer { close(file) }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0, rename(draft, path) == 0 else {
            throw unkept("Its file cannot be written.")
        }
    }

    private func unkept(_ text: String) -> SakkError {
        SakkError(
            "keys.unkept", source: path, text: "A signature cannot be kept. \(text)",
            remedy: "Look at the folder beside the ledger and at the key of the line's seals.")
    }
}
