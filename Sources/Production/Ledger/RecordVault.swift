import Ground
import OpenSSLCrypto

/// Keeps personal data under a key of its own per record (DESIGN rule 9). The record's key is random, and lies in the
/// ledger wrapped by the plant key; without that row the payload is gone.
///
/// A payload is committed to by HMAC under the record's key, so the journal can name it without giving it away, and
/// document numbers are kept as HMAC tags under a key derived from the plant key.
struct RecordVault: Sendable {
    struct Sealed: Sendable {
        var keyNonce: Bytes
        var wrappedKey: Bytes
        var nonce: Bytes
        var ciphertext: Bytes
        var commitment: Bytes
    }

    /// `SecretBytes` is not copyable, so the struct that is copied into closures shares one owner.
    private final class Keys: Sendable {
        let wrapping: SecretBytes
        let numbers: SecretBytes
        let check: Bytes
        init(plantKey: consuming SecretBytes) {
            var wrapping = HMAC.sha256(key: plantKey, data: Bytes("sakk.ledger/wrap/1".utf8))
            var numbers = HMAC.sha256(key: plantKey, data: Bytes("sakk.ledger/number/1".utf8))
            check = HMAC.sha256(key: plantKey, data: Bytes("sakk.ledger/check/1".utf8))
            self.wrapping = SecretBytes(wiping: &wrapping)
            self.numbers = SecretBytes(wiping: &numbers)
        }
    }
    private let keys: Keys

    init(plantKey: consuming SecretBytes) { keys = Keys(plantKey: plantKey) }

    /// Names the plant key without giving it away: a ledger is opened with the key it was made with.
    var check: Bytes { keys.check }

    func numberTag(space: String, number: String) -> Bytes {
        let message = BigEndian.bytes(UInt32(space.utf8.count)) + Bytes(space.utf8) + Bytes(number.utf8)
        return HMAC.sha256(key: keys.numbers, data: message)
    }

    func seal(_ envelope: Bytes, for production: ProductionID) throws(SakkError) -> Sealed {
        var random = try RandomSource.bytes(32)
        let key = SecretBytes(wiping: &random)
        let name = Bytes(production.rawValue.utf8)
        let nonce = try RandomSource.bytes(12)
        let keyNonce = try RandomSource.bytes(12)
        let wrapped = try key.withBytes { (bytes) throws(SakkError) in
            try AES.gcmSeal(key: keys.wrapping, nonce: keyNonce, data: Bytes(bytes), aad: name)
        }
        return Sealed(
            keyNonce: keyNonce, wrappedKey: wrapped, nonce: nonce,
            ciphertext: try AES.gcmSeal(key: key, nonce: nonce, data: envelope, aad: name),
            commitment: HMAC.sha256(key: key, data: envelope))
    }

    func open(_ sealed: Sealed, for production: ProductionID) throws(SakkError) -> Bytes {
        let name = Bytes(production.rawValue.utf8)
        var bytes = try AES.gcmOpen(
            key: keys.wrapping, nonce: sealed.keyNonce, sealed: sealed.wrappedKey, aad: name)
        let key = SecretBytes(wiping: &bytes)
        let envelope = try AES.gcmOpen(key: key, nonce: sealed.nonce, sealed: sealed.ciphertext, aad: name)
        guard HMAC.sha256(key: key, data: envelope) == sealed.commitment else {
            throw SakkError(
                "ledger.payload.changed", source: "ledger", subject: production.rawValue,
                text: "The record's content is not what was taken in.",
                remedy: "Hold the record and call the security officer.")
        }
        return envelope
    }
}
