import Foundation
import Glibc
import Synchronization

/// A listener on 127.0.0.1 between one client and the server, which cuts the connection at a word of the client.
public final class CuttingProxy: Sendable {
    public enum Cut: Sendable {
        /// The word never reaches the server.
        case before
        /// The server hears it and answers; the answer is lost.
        case after
        /// The server hears it and answers; the answer stays on the way and the connection open.
        case silence
    }

    private struct State {
        var cut: Cut?
        var word: [UInt8] = []
        var open: [Int32] = []
    }

    public let conninfo: String
    private let listener: Int32
    private let state = Mutex(State())

    /// `nil` listens and never answers.
    public init(to server: String?) throws {
        listener = try Self.listening()
        let port = try Self.port(of: listener)
        conninfo = "postgresql://sakk@127.0.0.1:\(port)/postgres?sslmode=disable&gssencmode=disable"
        guard let server else { return }
        guard let target = URLComponents(string: server)?.port else { throw PostgresServer.Missing(what: "port") }
        let thread = Thread { [self] in serve(target) }
        thread.start()
    }

    public func arm(_ cut: Cut, at word: String) {
        state.withLock {
            $0.cut = cut
            $0.word = Array(word.utf8)
        }
    }

    public func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        state.withLock { state in state.open.forEach { shutdown($0, Int32(SHUT_RDWR)) } }
        Glibc.close(listener)
    }

    private func serve(_ port: Int) {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0, let server = Self.connected(to: port) else { return }
            state.withLock { $0.open += [client, server] }
            let link = Link(client: client, server: server)
            Thread { [self] in link.pump(from: client, to: server) { self.cut(at: $0) } }.start()
            Thread { link.pump(from: server, to: client) { _ in nil } }.start()
        }
    }

    /// Once: the connections that follow are whole.
    private func cut(at bytes: ArraySlice<UInt8>) -> Cut? {
        state.withLock { state in
            guard let cut = state.cut, bytes.contains(state.word) else { return nil }
            state.cut = nil
            return cut
        }
    }

    /// The two directions of one connection.
    private final class Link: Sendable {
        private let client: Int32
        private let server: Int32
        private let cut = Mutex<Cut?>(nil)

        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }

        /// Copies until one side ends or the connection is cut.
        func pump(from source: Int32, to target: Int32, look: (ArraySlice<UInt8>) -> Cut?) {
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = read(source, &buffer, buffer.count)
                guard count > 0 else { break }
                if let found = look(buffer[..<count]) { cut.withLock { $0 = found } }
                let state = cut.withLock { $0 }
                if state == .before || state == .after && source == server { break }
                if state == .silence, source == server { continue }
                if send(target, buffer, count, Int32(MSG_NOSIGNAL)) != count { break }
            }
            shutdown(source, Int32(SHUT_RDWR))
            shutdown(target, Int32(SHUT_RDWR))
        }
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
        guard bound == 0, listen(descriptor, 4) == 0 else { throw PostgresServer.Missing(what: "listening socket") }
        return descriptor
    }

    private static func port(of descriptor: Int32) throws -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let known = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard known == 0 else { throw PostgresServer.Missing(what: "port") }
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
