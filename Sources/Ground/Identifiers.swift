/// A typed id: the compiler keeps a blank from being taken for an attempt.
public protocol Identifier: RawRepresentable<String>, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    init(rawValue: String)
}

extension Identifier {
    public init(_ value: String) { self.init(rawValue: value) }
    public var description: String { rawValue }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The document to be: first 128 bits of SHA-256 over the length-prefixed authority, request id, product and issue
/// number, in Crockford base32 (26 characters).
public struct ProductionID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// One try at making a document on one blank: production id, "-", number from 1.
public struct AttemptID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ production: ProductionID, try number: Int) { rawValue = "\(production.rawValue)-\(number)" }
}

/// A blank: stock type, ":", serial.
public struct BlankID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(stock: String, serial: String) { rawValue = "\(stock):\(serial)" }
}

/// A chip: hexadecimal SHA-256 over the serial fields of its CPLC (fabricator, type, fabrication date, serial, batch).
public struct ChipIdentity: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A batch of records as the approving authority sent it.
public struct BatchID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A production line; its journal is one log.
public struct LineID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A cell: one printer with its card path, encoders and camera.
public struct CellID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Crockford base32, upper case, most significant bit first, without check symbol or padding.
public enum Crockford {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// The bits of `bytes` read as one big-endian number: 16 bytes give 26 characters.
    public static func encode(_ bytes: Bytes) -> String {
        let length = (bytes.count * 8 + 4) / 5
        var buffer: UInt32 = 0
        // leading zero bits fill the first character, as in a ULID
        var bits = length * 5 - bytes.count * 8
        var text = Bytes()
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// RFC 9562 UUID version 7: ordered by time of making.
public enum UUIDv7 {
    public static func make(wall: WallTime, random: Bytes) -> String {
        precondition(random.count >= 10, "ten random bytes are needed")
        var bytes = Bytes(BigEndian.bytes(UInt64(wall.microseconds / 1000)).suffix(6)) + random.prefix(10)
        bytes[6] = bytes[6] & 0x0F | 0x70
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = Array(bytes.hex.lowercased())
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }
}
