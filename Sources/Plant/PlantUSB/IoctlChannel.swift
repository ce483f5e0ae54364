import Glibc
import Ground

enum IoctlResult {
    case value(Int)
    /// An errno value.
    case failed(Int32)
    /// The preload goes on by itself.
    case notHandled
}

/// The preload's socket (umockdev 0.17.16): messages of three native longs. From the program: 1 ioctl, 7 and 8 read and
/// write. To the program: 5 read memory, 6 write memory, 3 done.
final class IoctlChannel {
    enum Kind {
        case ioctl(request: UInt, argument: UInt)
        case other
    }

    struct Message {
        let kind: Kind
    }

    private let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// The next message; nil when the program has closed the file or died.
    func next() -> Message? {
        guard let words = readWords() else { return nil }
        switch words[0] {
        case 1: return Message(kind: .ioctl(request: UInt(bitPattern: words[1]), argument: UInt(bitPattern: words[2])))
        default: return Message(kind: .other)
        }
    }

    /// Bytes of the program's memory; nil when it is not there any more.
    func fetch(_ address: UInt, _ count: Int) -> Bytes? {
        guard count > 0 else { return [] }
        guard writeWords(5, Int(bitPattern: address), count) else { return nil }
        return readAll(count)
    }

    /// Writes into the program's memory.
    func store(_ address: UInt, _ bytes: Bytes) -> Bool {
        writeWords(6, Int(bitPattern: address), bytes.count) && writeAll(bytes)
    }

    func done(_ result: IoctlResult) -> Bool {
        switch result {
        case .value(let value): writeWords(3, value, 0)
        case .failed(let code): writeWords(3, -1, Int(code))
        case .notHandled: writeWords(3, -100, 0)
        }
    }

    private func readWords() -> [Int]? {
        guard let bytes = readAll(3 * MemoryLayout<Int>.size) else { return nil }
        return bytes.withUnsafeBytes { Array($0.bindMemory(to: Int.self)) }
    }

    private func writeWords(_ first: Int, _ second: Int, _ third: Int) -> Bool {
        writeAll([first, second, third].withUnsafeBytes { Bytes($0) })
    }

    private func readAll(_ count: Int) -> Bytes? {
        var bytes = Bytes(repeating: 0, count: count)
        var offset = 0
        while offset < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                recv(descriptor, buffer.baseAddress?.advanced(by: offset), count - offset, 0)
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            offset += got
        }
        return bytes
    }

    private func writeAll(_ bytes: Bytes) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let sent = bytes.withUnsafeBytes { buffer in
                send(
                    descriptor, buffer.baseAddress?.advanced(by: offset), bytes.count - offset,
                    Int32(MSG_NOSIGNAL))
            }
            if sent < 0, errno == EINTR { continue }
            guard sent > 0 else { return false }
            offset += sent
        }
        return true
    }
}
