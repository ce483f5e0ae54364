internal import Ground

/// BER with indefinite lengths and strings in pieces (X.690 clauses 8.1.3.6 and 8.7.3), as some issuers let their tools write
/// EF.SOD: the same objects with definite lengths. What lies in primitive objects stays byte for byte, so every hash over
/// content, attributes and certificates is the one that was signed.
struct DefiniteForm {
    let encoded: Bytes
    /// Nothing had to be changed.
    let wasDefinite: Bool

    private static let deepest = 24

    /// Whether a file begins with an object that has no length.
    static func isIndefinite(_ bytes: Bytes) -> Bool {
        guard let first = bytes.first, first & 0x20 != 0, first & 0x1F != 0x1F else { return false }
        return bytes.dropFirst().first == 0x80
    }

    /// How far the object goes that the bytes begin with.
    enum Extent: Equatable {
        case whole(Int)
        /// It ends later than the bytes do.
        case cut
        case malformed
    }

    static func extent(of bytes: Bytes) -> Extent {
        var place = 0
        return skip(bytes, &place, depth: 0) ?? .whole(place)
    }

    /// Nil when `place` is behind one more object.
    private static func skip(_ bytes: Bytes, _ place: inout Int, depth: Int) -> Extent? {
        guard depth < deepest else { return .malformed }
        guard place < bytes.count else { return .cut }
        let first = bytes[place]
        place += 1
        if first & 0x1F == 0x1F {
            // tags have three bytes at most, as everywhere here
            for count in 1...2 {
                guard place < bytes.count else { return .cut }
                place += 1
                if bytes[place - 1] & 0x80 == 0 { break }
                guard count < 2 else { return .malformed }
            }
        }
        guard place < bytes.count else { return .cut }
        let lengthByte = bytes[place]
        place += 1
        guard lengthByte == 0x80 else {
            var length = Int(lengthByte)
            if lengthByte > 0x80 {
                let count = Int(lengthByte & 0x7F)
                guard count <= 4 else { return .malformed }
                guard place + count <= bytes.count else { return .cut }
                length = bytes[place..<place + count].reduce(0) { $0 << 8 | Int($1) }
                place += count
            }
            place += length
            return place <= bytes.count ? nil : .cut
        }
        guard first & 0x20 != 0 else { return .malformed }
        while true {
            guard place + 1 < bytes.count else { return .cut }
            if bytes[place] == 0, bytes[place + 1] == 0 {
                place += 2
                return nil
            }
            if let end = skip(bytes, &place, depth: depth + 1) { return end }
        }
    }

    /// Nil when `bytes` are not exactly one object.
    init?(_ bytes: Bytes) {
        if TLV.parse(bytes) != nil, !Self.holdsIndefinite(bytes, depth: 0) {
            encoded = bytes
            wasDefinite = true
            return
        }
        var reader = ByteReader(bytes)
        guard let object = Self.object(&reader, depth: 0), reader.isAtEnd else { return nil }
        encoded = object
        wasDefinite = false
    }

    /// Looks where CMS is constructed: into universal and context-specific constructed objects.
    private static func holdsIndefinite(_ bytes: Bytes, depth: Int) -> Bool {
        var reader = ByteReader(bytes)
        while !reader.isAtEnd {
            guard let object = TLV.parse(&reader) else { return true }
            // a string in pieces is looked at as an indefinite one is
            if object.tag == 0x24 { return true }
            if object.isConstructed, depth < deepest, holdsIndefinite(object.value, depth: depth + 1) { return true }
        }
        return false
    }

    private static func object(_ reader: inout ByteReader, depth: Int) -> Bytes? {
        guard depth < deepest, let first = reader.byte() else { return nil }
        var tag: Bytes = [first]
        if first & 0x1F == 0x1F {
            repeat {
                guard tag.count < 3, let next = reader.byte() else { return nil }
                tag.append(next)
            } while tag.last.map { $0 & 0x80 != 0 } ?? false
        }
        let isConstructed = first & 0x20 != 0
        guard let lengthByte = reader.byte() else { return nil }
        guard lengthByte == 0x80 else {
            var length = Int(lengthByte)
            if lengthByte > 0x80 {
                let count = Int(lengthByte & 0x7F)
                guard count <= 4, let value = reader.unsigned(count) else { return nil }
                length = Int(value)
            }
            guard let value = reader.read(length) else { return nil }
            guard isConstructed else { return tag + TLV.lengthBytes(length) + value }
            var inner = ByteReader(value)
            var parts: [Bytes] = []
            while !inner.isAtEnd {
                guard let part = object(&inner, depth: depth + 1) else { return nil }
                parts.append(part)
            }
            return closed(tag, parts)
        }
        guard isConstructed else { return nil }
        var parts: [Bytes] = []
        while true {
            if reader.remaining.starts(with: [0x00, 0x00]) {
                _ = reader.read(2)
                return closed(tag, parts)
            }
            guard let part = object(&reader, depth: depth + 1) else { return nil }
            parts.append(part)
        }
    }

    /// An octet string in pieces becomes one.
    private static func closed(_ tag: Bytes, _ parts: [Bytes]) -> Bytes? {
        guard tag == [0x24] else {
            let value = parts.flatMap { $0 }
            return tag + TLV.lengthBytes(value.count) + value
        }
        var whole = Bytes()
        for part in parts {
            guard let piece = TLV.parse(part), piece.tag == 0x04 else { return nil }
            whole += piece.value
        }
        return TLV(0x04, whole).encoded
    }
}
