/// Plain bytes, as they are on a wire or a chip. Secrets are `SecretBytes` instead.
public typealias Bytes = [UInt8]

extension Array where Element == UInt8 {
    /// Bytes from hexadecimal digits; spaces are allowed between bytes. Nil when anything else is in it.
    public init?(hex: String) {
        var high: UInt8?
        var bytes = Bytes()
        bytes.reserveCapacity(hex.utf8.count / 2)
        for character in hex.utf8 where character != UInt8(ascii: " ") {
            guard let nibble = Hex.value(of: character) else { return nil }
            if let first = high {
                bytes.append(first << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        guard high == nil else { return nil }
        self = bytes
    }

    /// Upper-case hexadecimal digits without separators.
    public var hex: String { Hex.digits(of: self) }
}

/// Hexadecimal digits.
public enum Hex {
    private static let alphabet = Array("0123456789ABCDEF".utf8)

    static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    public static func digits(of bytes: some Sequence<UInt8>) -> String {
        var text = Bytes()
        for byte in bytes {
            text.append(alphabet[Int(byte >> 4)])
            text.append(alphabet[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Big-endian integers, the order of ISO 7816 and of the ledger.
public enum BigEndian {
    public static func bytes<Value: FixedWidthInteger>(_ value: Value) -> Bytes {
        withUnsafeBytes(of: value.bigEndian) { Bytes($0) }
    }

    /// The unsigned value of at most eight bytes; nil when there are more.
    public static func unsigned(_ bytes: some Collection<UInt8>) -> UInt64? {
        guard bytes.count <= 8 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// Reads bytes from the front; each read returns nil and moves nothing when there are too few left.
public struct ByteReader: Sendable {
    public private(set) var remaining: ArraySlice<UInt8>

    public init(_ bytes: Bytes) { remaining = bytes[...] }

    public var isAtEnd: Bool { remaining.isEmpty }

    public mutating func read(_ count: Int) -> Bytes? {
        guard count >= 0, remaining.count >= count else { return nil }
        let end = remaining.startIndex + count
        defer { remaining = remaining[end...] }
        return Bytes(remaining[..<end])
    }

    public mutating func byte() -> UInt8? {
        guard let first = remaining.first else { return nil }
        remaining = remaining[(remaining.startIndex + 1)...]
        return first
    }

    public mutating func unsigned(_ count: Int) -> UInt64? {
        guard count <= 8, let bytes = read(count) else { return nil }
        return BigEndian.unsigned(bytes)
    }
}
