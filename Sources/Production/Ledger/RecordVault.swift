import Ground
import OpenSSLCrypto
import Stations

/// Keeps personal data under a key of its own per record (DESIGN rule 9). The record's key is random and lies in the
/// ledger wrapped by the key of its approval week, which never leaves the vault; without that row the payload is gone,
/// and without the week's key it is gone from every backup too.
///
/// A payload is committed to by HMAC under the record's key, so the journal can name it without giving it away, and
/// document numbers are kept as tags under a key of the vault.
struct RecordVault: Sendable {
    struct Sealed: Sendable {
        var week: ApprovalWeek
        var wrappedKey: Bytes
        var nonce: Bytes
        var ciphertext: Bytes
        var commitment: Bytes
    }

    let keys: any WeekKeys

    func numberTag(space: String, number: String) throws(SakkError) -> Bytes {
        try keys.tag(BigEndian.bytes(UInt32(space.utf8.count)) + Bytes(space.utf8) + Bytes(number.utf8))
    }

    func seal(_ envelope: Bytes, for production: ProductionID, approvedAt: WallTime) throws(SakkError) -> Sealed {
        var random = try RandomSource.bytes(32)
        let key = SecretBytes(wiping: &random)
        let name = Bytes(production.rawValue.utf8)
        let nonce = try RandomSource.bytes(12)
        let week = ApprovalWeek(approvedAt)
        return Sealed(
            week: week, wrappedKey: try keys.wrap(key, week: week, name: name), nonce: nonce,
            ciphertext: try AES.gcmSeal(key: key, nonce: nonce, data: envelope, aad: name),
            commitment: HMAC.sha256(key: key, data: envelope))
    }

    func open(_ sealed: Sealed, for production: ProductionID) throws(SakkError) -> Bytes {
        let name = Bytes(production.rawValue.utf8)
        let key = try keys.unwrap(sealed.wrappedKey, week: sealed.week, name: name)
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
