import Foundation
import Glibc
import PostgresClient
import Synchronization
import Testing

/// A listener on 127.0.0.1 between one client and the server, which cuts the connection at a word of the client.
final class CuttingProxy: Sendable {
    enum Cut: Sendable {
        /// The word never reaches the server.
        case before
        /// The server hears it and answers; the answer is lost.
        case after
    }

    private struct State {
        var cut: Cut?
        var word: [UInt8] = []
        var open: [Int32] = []
    }

    let conninfo: String
    private let listener: Int32
    private let state = Mutex(State())

    /// `nil` listens and never answers.
    init(to server: String?) throws {
        listener = try Self.listening()
        let port = try Self.port(of: listener)
        conninfo = "postgresql://sakk@127.0.0.1:\(port)/postgres?sslmode=disable&gssencmode=disable"
        guard let server else { return }
        let target = try #require(URLComponents(string: server)?.port)
        let thread = Thread { [self] in serve(target) }
        thread.start()
    }

    func arm(_ cut: Cut, at word: String) {
        state.withLock {
            $0.cut = cut
            $0.word = Array(word.utf8)
        }
    }

    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        state.withLock { state in state.open.forEach { shutdown($0, Int32(SHUT_RDWR)) } }
        Glibc.close(listener)
    }

    private func serve(_ port: Int) {
        let client = accept(listener, nil, nil)
        guard client >= 0, let server = Self.connected(to: port) else { return }
        state.withLock { $0.open = [client, server] }
        let back = Thread { [self] in pump(from: server, to: client) { !self.isCutting } }
        back.start()
        pump(from: client, to: server) { true }
    }

    private var isCutting: Bool { state.withLock { $0.cut == .after && $0.word.isEmpty } }

    /// Copies until one side ends. The client's bytes are looked through for the word.
    private func pump(from source: Int32, to target: Int32, passes: () -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(source, &buffer, buffer.count)
            guard count > 0 else { break }
            let cut = state.withLock { state -> Cut? in
                guard let cut = state.cut, !state.word.isEmpty, buffer[..<count].contains(state.word) else {
                    return nil
                }
                state.word = []
                return cut
            }
            if cut == .before { break }
            if !passes() { break }
            if write(target, buffer, count) != count { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    private static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func listening() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = address(0)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(bound == 0 && listen(descriptor, 4) == 0)
        return descriptor
    }

    private static func port(of descriptor: Int32) throws -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let known = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        try #require(known == 0)
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func connected(to port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = address(port)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return connected == 0 ? descriptor : nil
    }
}

/// Blocking work on a thread of its own, away from the pool of the tests.
enum Sideways {
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result { try body() }) }
            thread.start()
        }
    }
}

/// Threads wait here until all have come.
final class Meeting: Sendable {
    private let condition = NSCondition()
    private let missing: Mutex<Int>

    init(of count: Int) { missing = Mutex(count) }

    func arrive() {
        condition.lock()
        missing.withLock { $0 -= 1 }
        condition.broadcast()
        while missing.withLock({ $0 > 0 }) { condition.wait() }
        condition.unlock()
    }
}
