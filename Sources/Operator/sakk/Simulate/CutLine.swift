import Foundation
import Glibc
import Ground
import Synchronization

/// The wire between one controller and its database server, which can be cut or fall silent. On 127.0.0.1 only.
final class CutLine: @unchecked Sendable {
    enum Mode: Sendable {
        case open
        /// Connections are closed and new ones refused.
        case cut
        /// Nothing is carried and nobody is told.
        case silent
    }

    let port: UInt16
    private let target: UInt16
    private let listener: Int32
    // guarded by the condition
    private let condition = NSCondition()
    private var mode = Mode.open
    private var open: Set<Int32> = []
    private var isOver = false

    /// Errors: `environment.port`.
    init(to target: UInt16) throws(SakkError) {
        self.target = target
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = CutLine.address(0)
        let bound = CutLine.listens(listener, &address)
        guard bound else {
            throw SakkError(
                "environment.port", source: "127.0.0.1", text: "No port can be opened.", remedy: "Check the host.")
        }
        port = UInt16(bigEndian: address.sin_port)
        let thread = Thread { [self] in accept() }
        thread.start()
    }

    private static func listens(_ listener: Int32, _ address: inout sockaddr_in) -> Bool {
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return with(&address) { pointer in
            bind(listener, pointer, length) == 0 && listen(listener, 64) == 0
                && getsockname(listener, pointer, &length) == 0
        }
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func with<Value>(_ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Value)
        -> Value
    {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
        }
    }

    func set(_ mode: Mode) {
        condition.lock()
        self.mode = mode
        if mode == .cut { open.forEach { _ = shutdown($0, Int32(SHUT_RDWR)) } }
        condition.broadcast()
        condition.unlock()
    }

    func stop() {
        condition.lock()
        isOver = true
        open.forEach { _ = shutdown($0, Int32(SHUT_RDWR)) }
        shutdown(listener, Int32(SHUT_RDWR))
        condition.broadcast()
        condition.unlock()
    }

    private func accept() {
        while true {
            let near = Glibc.accept(listener, nil, nil)
            guard near >= 0 else { break }
            _ = fcntl(near, F_SETFD, FD_CLOEXEC)
            let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = CutLine.address(target)
            let length = socklen_t(MemoryLayout<sockaddr_in>.size)
            guard isCarrying, CutLine.with(&address, { connect(far, $0, length) == 0 }) else {
                close(near)
                close(far)
                continue
            }
            var on: Int32 = 1
            for end in [near, far] {
                setsockopt(end, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            }
            carry(near, far)
        }
        close(listener)
    }

    private var isCarrying: Bool {
        condition.lock()
        defer { condition.unlock() }
        return mode != .cut && !isOver
    }

    /// Both directions; the ends are closed when both are done.
    private func carry(_ near: Int32, _ far: Int32) {
        condition.lock()
        open.formUnion([near, far])
        condition.unlock()
        let pair = Pair()
        for (source, target) in [(near, far), (far, near)] {
            let thread = Thread { [self] in
                pump(source, target)
                guard pair.isLast() else { return }
                condition.lock()
                open.subtract([near, far])
                condition.unlock()
                close(near)
                close(far)
            }
            thread.start()
        }
    }

    /// Of two threads, which one ends last.
    private final class Pair: Sendable {
        private let ended = Atomic<Int>(0)
        func isLast() -> Bool { ended.add(1, ordering: .acquiringAndReleasing).newValue == 2 }
    }

    private func pump(_ source: Int32, _ target: Int32) {
        var buffer = Bytes(repeating: 0, count: 32_768)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0, waitWhileSilent() else { break }
            var sent = 0
            while sent < count {
                let part = buffer.withUnsafeBytes { bytes in
                    send(target, bytes.baseAddress?.advanced(by: sent), count - sent, Int32(MSG_NOSIGNAL))
                }
                guard part > 0 else { return _ = shutdown(source, Int32(SHUT_RDWR)) }
                sent += part
            }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    /// False when the wire was cut meanwhile.
    private func waitWhileSilent() -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while mode == .silent, !isOver { condition.wait() }
        return mode == .open && !isOver
    }
}
