public import Ground

/// DER (X.690 clause 10) into one buffer: a length is counted before its content is written, so nothing is copied from buffer
/// to buffer. Tags are of one byte.
public struct DERWriter: Sendable {
    public private(set) var bytes: Bytes = []

    /// Makes room for so many bytes.
    public init(reserving count: Int) { bytes.reserveCapacity(count) }

    /// Bytes of a whole object whose content has so many.
    public static func size(_ content: Int) -> Int { 1 + lengthSize(content) + content }

    /// Tag and length of an object; its content of `count` bytes is what is written next.
    public mutating func open(_ tag: UInt8, _ count: Int) {
        bytes.append(tag)
        let size = Self.lengthSize(count)
        if size == 1 {
            bytes.append(UInt8(count))
        } else {
            bytes.append(0x80 | UInt8(size - 1))
            for place in (0..<size - 1).reversed() { bytes.append(UInt8(truncatingIfNeeded: count >> (8 * place))) }
        }
    }

    /// A whole object.
    public mutating func append(_ tag: UInt8, _ content: Bytes) {
        open(tag, content.count)
        bytes.append(contentsOf: content)
    }

    /// A whole object whose content is the hash of `message`, made in its place.
    public mutating func append(_ tag: UInt8, _ digest: Digest, of message: Bytes) {
        open(tag, digest.byteCount)
        let place = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: digest.byteCount))
        bytes.withUnsafeMutableBufferPointer { digest.write(message, to: $0.baseAddress.map { $0 + place }) }
    }

    /// One byte of a content that was opened.
    public mutating func append(byte: UInt8) { bytes.append(byte) }

    /// A whole object whose content is one byte: a small number without an array of its own.
    public mutating func append(_ tag: UInt8, byte: UInt8) {
        open(tag, 1)
        bytes.append(byte)
    }

    /// A whole object whose content is a text in UTF-8 (or in a set within it).
    public mutating func append(_ tag: UInt8, text: String) {
        open(tag, text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    /// An INTEGER of this magnitude (big endian); `unsignedCount` are the bytes of its content.
    public mutating func append(unsigned magnitude: ArraySlice<UInt8>) {
        let digits = magnitude.drop { $0 == 0 }
        let count = Self.unsignedCount(magnitude)
        open(0x02, count)
        if count > digits.count { bytes.append(0) }
        bytes.append(contentsOf: digits)
    }

    /// No leading zeros but the one that tells a positive number.
    public static func unsignedCount(_ magnitude: ArraySlice<UInt8>) -> Int {
        let digits = magnitude.drop { $0 == 0 }
        guard let first = digits.first else { return 1 }
        return digits.count + (first & 0x80 == 0 ? 0 : 1)
    }

    /// Objects that are encoded already.
    public mutating func append(_ encoded: Bytes) { bytes.append(contentsOf: encoded) }

    /// An encoded object under another tag of one byte (X.690 8.14.3).
    public mutating func append(_ encoded: Bytes, as tag: UInt8) {
        bytes.append(tag)
        bytes.append(contentsOf: encoded.dropFirst())
    }

    private static func lengthSize(_ count: Int) -> Int {
        count < 0x80 ? 1 : 1 + (Int.bitWidth - count.leadingZeroBitCount + 7) / 8
    }
}
