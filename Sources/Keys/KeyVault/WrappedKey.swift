internal import Ground
internal import OpenSSLCrypto
internal import Stations

/// A record's key under a week's key, as the ledger keeps it: it names the week and the key that opens it, so that a
/// second key of the same week (two processes made one each) harms nothing and a lost key is told from a wrong one.
///
/// Layout, big-endian: version (1 byte, 1), year (2), week (1), key id (16), IV (12), AES-256-GCM ciphertext and tag (16).
struct WrappedKey {
    static let headerCount = 32
    static let tagCount = 16

    var week: ApprovalWeek
    var keyID: KeyID
    var iv: Bytes
    var sealed: Bytes

    init(week: ApprovalWeek, keyID: KeyID, iv: Bytes, sealed: Bytes) {
        self.week = week
        self.keyID = keyID
        self.iv = iv
        self.sealed = sealed
    }

    /// Nil when the bytes cannot be what `encoded` made.
    init?(encoded: Bytes) {
        var reader = ByteReader(encoded)
        guard reader.byte() == 1, let year = reader.unsigned(2), let number = reader.byte(),
            let week = ApprovalWeek(year: Int(year), number: Int(number)), let id = reader.read(KeyID.count),
            let iv = reader.read(12), reader.remaining.count > WrappedKey.tagCount
        else { return nil }
        self.init(week: week, keyID: KeyID(bytes: id), iv: iv, sealed: Bytes(reader.remaining))
    }

    var encoded: Bytes { [1] + WrappedKey.bytes(of: week) + keyID.bytes + iv + sealed }

    /// What the seal binds besides the key: kind and version, week, the id of the week's key, and the caller's name.
    static func associatedData(week: ApprovalWeek, keyID: KeyID, name: Bytes) -> Bytes {
        Bytes("sakk.vault/week/1".utf8) + bytes(of: week) + keyID.bytes + name
    }

    private static func bytes(of week: ApprovalWeek) -> Bytes {
        BigEndian.bytes(UInt16(week.year)) + [UInt8(week.number)]
    }
}

/// 16 random bytes that name one key (CKA_ID in a token).
struct KeyID: Hashable, Comparable {
    static let count = 16
    let bytes: Bytes

    init(bytes: Bytes) { self.bytes = bytes }

    static func random() throws(SakkError) -> KeyID { KeyID(bytes: try RandomSource.bytes(count)) }

    static func < (left: KeyID, right: KeyID) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}

/// What the tag key is used for; the words keep the uses apart.
enum TagUse {
    static let tag = Bytes("sakk.vault/tag/1".utf8) + [0]
    static let check = Bytes("sakk.vault/check/1".utf8) + [0]
}
