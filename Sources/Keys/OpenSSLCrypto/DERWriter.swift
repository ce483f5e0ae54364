public import Ground

/// DER (X.690 clause 10) into room of just its size: a length is counted before its content is written, so nothing grows and
/// nothing is copied from buffer to buffer. Tags are of one byte.
public struct DERWriter: ~Copyable {
    private var next: UnsafeMutablePointer<UInt8>
    private let end: UnsafeMutablePointer<UInt8>

    /// As many bytes as were counted; `write` must write them all and no more, or the program ends.
    public static func bytes(_ count: Int, _ write: (_ der: inout DERWriter) -> Void) -> Bytes {
        Bytes(unsafeUninitializedCapacity: count) { room, written in
            guard let first = room.baseAddress else { return }
            var der = DERWriter(next: first, end: first + count)
            write(&der)
            precondition(der.next == der.end, "all that was counted is written")
            written = count
        }
    }

    private init(next: UnsafeMutablePointer<UInt8>, end: UnsafeMutablePointer<UInt8>) {
        self.next = next
        self.end = end
    }

    private mutating func take(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        precondition(count <= end - next, "no more is written than was counted")
        defer { next += count }
        return next
    }

    /// Bytes of a whole object whose content has so many.
    public static func size(_ content: Int) -> Int { 1 + lengthSize(content) + content }

    /// Tag and length of an object; its content of `count` bytes is what is written next.
    public mutating func open(_ tag: UInt8, _ count: Int) {
        let size = Self.lengthSize(count)
        let place = take(1 + size)
        place[0] = tag
        if size == 1 {
            place[1] = UInt8(count)
        } else {
            place[1] = 0x80 | UInt8(size - 1)
            for index in 1..<size { place[1 + index] = UInt8(truncatingIfNeeded: count >> (8 * (size - 1 - index))) }
        }
    }

    /// A whole object.
    public mutating func append(_ tag: UInt8, _ content: Bytes) {
        open(tag, content.count)
        append(content)
    }

    /// A whole object whose content is the hash of `message`, made in its place.
    public mutating func append(_ tag: UInt8, _ digest: Digest, of message: Bytes) {
        let count = digest.byteCount
        open(tag, count)
        digest.write(message, to: take(count))
    }

    /// One byte of a content that was opened.
    public mutating func append(byte: UInt8) { take(1).pointee = byte }

    /// A whole object whose content is one byte: a small number without an array of its own.
    public mutating func append(_ tag: UInt8, byte: UInt8) {
        open(tag, 1)
        append(byte: byte)
    }

    /// A whole object whose content is a text in UTF-8 (or in a set within it).
    public mutating func append(_ tag: UInt8, text: String) {
        open(tag, text.utf8.count)
        for byte in text.utf8 { append(byte: byte) }
    }

    /// An INTEGER of this magnitude (big endian); `unsignedCount` are the bytes of its content.
    public mutating func append(unsigned magnitude: ArraySlice<UInt8>) {
        let digits = magnitude.drop { $0 == 0 }
        let count = Self.unsignedCount(magnitude)
        open(0x02, count)
        if count > digits.count { append(byte: 0) }
        append(digits)
    }

    /// No leading zeros but the one that tells a positive number.
    public static func unsignedCount(_ magnitude: ArraySlice<UInt8>) -> Int {
        let digits = magnitude.drop { $0 == 0 }
        guard let first = digits.first else { return 1 }
        return digits.count + (first & 0x80 == 0 ? 0 : 1)
    }

    /// Objects that are encoded already.
    public mutating func append(_ encoded: Bytes) { append(encoded[...]) }

    private mutating func append(_ encoded: ArraySlice<UInt8>) {
        encoded.withUnsafeBufferPointer { source in
            guard let first = source.baseAddress else { return }
            take(source.count).update(from: first, count: source.count)
        }
    }

    /// An encoded object under another tag of one byte (X.690 8.14.3).
    public mutating func append(_ encoded: Bytes, as tag: UInt8) {
        append(byte: tag)
        append(encoded.dropFirst())
    }

    private static func lengthSize(_ count: Int) -> Int {
        count < 0x80 ? 1 : 1 + (Int.bitWidth - count.leadingZeroBitCount + 7) / 8
    }
}
