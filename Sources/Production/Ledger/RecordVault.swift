import Ground

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
            var wrapping = RecordVault.derive(plantKey, "sakk.ledger/wrap/1")
            var numbers = RecordVault.derive(plantKey, "sakk.ledger/number/1")
            check = RecordVault.derive(plantKey, "sakk.ledger/check/1")
            self.wrapping = SecretBytes(wiping: &wrapping)
            self.numbers = SecretBytes(wiping: &numbers)
        }
    }
    private let keys: Keys

    init(plantKey: consuming SecretBytes) { keys = Keys(plantKey: plantKey) }

    /// Names the plant key without giving it away: a ledger is opened with the key it was made with.
    var check: Bytes { keys.check }

    private static func derive(_ key: borrowing SecretBytes, _ label: String) -> Bytes {
        key.withBytes { HMAC.sha256(key: Bytes($0), Bytes(label.utf8)) }
    }

    func numberTag(space: String, number: String) -> Bytes {
        let message = BigEndian.bytes(UInt32(space.utf8.count)) + Bytes(space.utf8) + Bytes(number.utf8)
        return keys.numbers.withBytes { HMAC.sha256(key: Bytes($0), message) }
    }

    func seal(_ envelope: Bytes, for production: ProductionID) throws(SakkError) -> Sealed {
        var key = try Random.bytes(32)
        defer { for index in key.indices { key[index] = 0 } }
        let name = Bytes(production.rawValue.utf8)
        let nonce = try Random.bytes(12)
        let keyNonce = try Random.bytes(12)
        let ciphertext = try AES.gcmSeal(key: key, nonce: nonce, plaintext: envelope, authenticating: name)
        let wrapped = try keys.wrapping.withBytes { (bytes) throws(SakkError) in
            try AES.gcmSeal(key: Bytes(bytes), nonce: keyNonce, plaintext: key, authenticating: name)
        }
        return Sealed(
            keyNonce: keyNonce, wrappedKey: wrapped, nonce: nonce, ciphertext: ciphertext,
            commitment: HMAC.sha256(key: key, envelope))
    }

    func open(_ sealed: Sealed, for production: ProductionID) throws(SakkError) -> Bytes {
        let name = Bytes(production.rawValue.utf8)
        var key = try keys.wrapping.withBytes { (bytes) throws(SakkError) in
            try AES.gcmOpen(
                key: Bytes(bytes), nonce: sealed.keyNonce, ciphertext: sealed.wrappedKey, authenticating: name)
        }
        defer { for index in key.indices { key[index] = 0 } }
        let envelope = try AES.gcmOpen(
            key: key, nonce: sealed.nonce, ciphertext: sealed.ciphertext, authenticating: name)
        guard HMAC.sha256(key: key, envelope) == sealed.commitment else {
            throw SakkError(
                "ledger.payload.changed", source: "ledger", subject: production.rawValue,
                text: "The record's content is not what was taken in.",
                remedy: "Hold the record and call the security officer.")
        }
        return envelope
    }
}
