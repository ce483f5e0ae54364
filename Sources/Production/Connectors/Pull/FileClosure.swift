import Glibc
import Ground

/// Whether a file is whole, judged by what is in it: a tar by its end mark, an envelope by the length that its DER
/// states. Its age says nothing, since a sender may pause as long as it likes.
enum FileClosure: Equatable {
    /// Whole, or broken in a way that more bytes will not mend.
    case closed
    case growing

    static func judge(_ file: Int32, size: Int) -> FileClosure {
        let head = bytes(file, at: 0, count: 512)
        if head.first == 0x30, !isHeader(head) { return der(head, size: size) }
        guard head.count == 512 else { return .growing }
        // space that a sender set aside and did not fill yet
        if head.allSatisfy({ $0 == 0 }) { return .growing }
        return isHeader(head) ? tar(file, size: size) : .closed
    }

    /// X.690, 8.1.3: the definite length of the outermost element.
    private static func der(_ head: Bytes, size: Int) -> FileClosure {
        guard head.count >= 2 else { return .growing }
        var total = 2 + Int(head[1])
        if head[1] >= 0x80 {
            let count = Int(head[1] & 0x7F)
            guard (1...4).contains(count) else { return .closed }
            guard head.count >= 2 + count else { return .growing }
            total = 2 + count + head[2..<(2 + count)].reduce(0) { $0 << 8 | Int($1) }
        }
        return size < total ? .growing : .closed
    }

    /// Walks the headers only, so that a large batch that still grows costs a few reads.
    private static func tar(_ file: Int32, size: Int) -> FileClosure {
        var at = 0
        while true {
            let header = bytes(file, at: at, count: 512)
            guard header.count == 512 else { return .growing }
            if header.allSatisfy({ $0 == 0 }) { return size - at >= 1024 ? .closed : .growing }
            guard isHeader(header), let content = octal(header[124..<136]) else { return .closed }
            at += 512 + (content + 511) / 512 * 512
            guard at <= size else { return .growing }
        }
    }

    private static func isHeader(_ block: Bytes) -> Bool {
        block.count == 512 && block[257..<262].elementsEqual("ustar".utf8)
    }

    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        guard !digits.isEmpty, digits.count <= 11 else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    private static func bytes(_ file: Int32, at offset: Int, count: Int) -> Bytes {
        var bytes = Bytes(repeating: 0, count: count)
        let have = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, count, off_t(offset)) }
        return Bytes(bytes.prefix(max(0, have)))
    }
}
