/// BER-TLV as ISO/IEC 7816-4 clause 5.2.2 restricts it: tags of at most three bytes, definite lengths of at most four
/// length bytes. What was parsed keeps its exact bytes (`encoded`), so a hash over it is a hash over the original.
public struct TLV: Sendable, Equatable {
    public let tag: UInt32
    public let value: Bytes
    /// Tag, length and value exactly as they were read, or as they would be written in DER.
    public let encoded: Bytes

    public init(_ tag: UInt32, _ value: Bytes) {
        self.tag = tag
        self.value = value
        self.encoded = TLV.tagBytes(tag) + TLV.lengthBytes(value.count) + value
    }

    public init(_ tag: UInt32, _ children: [TLV]) {
        self.init(tag, children.flatMap(\.encoded))
    }

    private init(tag: UInt32, value: Bytes, encoded: Bytes) {
        self.tag = tag
        self.value = value
        self.encoded = encoded
    }

    /// Whether the tag's first byte says constructed (bit 6).
    public var isConstructed: Bool {
        var first = tag
        while first > 0xFF { first >>= 8 }
        return first & 0x20 != 0
    }

    /// The objects inside the value; nil when the value is not a sequence of TLV objects.
    public var children: [TLV]? { TLV.parseAll(value) }

    /// The first object inside with this tag.
    public func first(_ tag: UInt32) -> TLV? { children?.first { $0.tag == tag } }

    public static func tagBytes(_ tag: UInt32) -> Bytes {
        let all = BigEndian.bytes(tag)
        return Bytes(all.drop { $0 == 0 }.isEmpty ? [0] : all.drop { $0 == 0 })
    }

    /// Shortest definite length (DER).
    public static func lengthBytes(_ count: Int) -> Bytes {
        if count < 0x80 { return [UInt8(count)] }
        let bytes = BigEndian.bytes(UInt32(count)).drop { $0 == 0 }
        return [0x80 | UInt8(bytes.count)] + bytes
    }

    /// Reads one object from the front of `reader`; nil (and nothing read) when it is malformed or cut off.
    public static func parse(_ reader: inout ByteReader) -> TLV? {
        var ahead = reader
        let start = ahead.remaining
        guard let first = ahead.byte() else { return nil }
        var tag = UInt32(first)
        if first & 0x1F == 0x1F {
            for index in 0..<3 {
                guard index < 2, let next = ahead.byte() else { return nil }
                tag = tag << 8 | UInt32(next)
                if next & 0x80 == 0 { break }
            }
        }
        guard let lengthByte = ahead.byte() else { return nil }
        var length = Int(lengthByte)
        if lengthByte >= 0x80 {
            let count = Int(lengthByte & 0x7F)
            guard (1...4).contains(count), let value = ahead.unsigned(count) else { return nil }
            length = Int(value)
        }
        guard let value = ahead.read(length) else { return nil }
        let used = start.count - ahead.remaining.count
        reader = ahead
        return TLV(tag: tag, value: value, encoded: Bytes(start.prefix(used)))
    }

    /// Parses exactly one object that fills `bytes`.
    public static func parse(_ bytes: Bytes) -> TLV? {
        var reader = ByteReader(bytes)
        guard let object = parse(&reader), reader.isAtEnd else { return nil }
        return object
    }

    /// Parses objects until the bytes end; nil when anything is left over.
    public static func parseAll(_ bytes: Bytes) -> [TLV]? {
        var reader = ByteReader(bytes)
        var objects: [TLV] = []
        while !reader.isAtEnd {
            guard let object = parse(&reader) else { return nil }
            objects.append(object)
        }
        return objects
    }
}
