import Ground
import OpenSSLCrypto
import Stations

/// Keys that live as long as one benchmark: one key for all weeks, in memory, and no vault to wait for.
final class BenchKeys: WeekKeys {
    private let seed: Bytes

    init() throws(SakkError) { seed = try RandomSource.bytes(32) }

    private func key() -> SecretBytes {
        var copy = seed
        return SecretBytes(wiping: &copy)
    }

    func wrap(_ key: borrowing SecretBytes, week: ApprovalWeek, name: Bytes) throws(SakkError) -> Bytes {
        let nonce = try RandomSource.bytes(12)
        return try key.withBytes { (bytes) throws(SakkError) in
            nonce + (try AES.gcmSeal(key: self.key(), nonce: nonce, data: Bytes(bytes), aad: name))
        }
    }

    func unwrap(_ wrapped: Bytes, week: ApprovalWeek, name: Bytes) throws(SakkError) -> SecretBytes {
        var clear = try AES.gcmOpen(
            key: key(), nonce: Bytes(wrapped.prefix(12)), sealed: Bytes(wrapped.dropFirst(12)), aad: name)
        return SecretBytes(wiping: &clear)
    }

    func destroy(_ week: ApprovalWeek) throws(SakkError) {}
    func weeks() throws(SakkError) -> [ApprovalWeek] { [] }
    func prepare() throws(SakkError) {}
    func tag(_ data: Bytes) throws(SakkError) -> Bytes { HMAC.sha256(key: key(), data: data) }
    var check: Bytes { Digest.sha256(seed) }
}
