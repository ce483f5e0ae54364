import Foundation
import Glibc
public import Ground

/// Requests to a running plant: words separated by NUL over a Unix socket, answered by one byte (`+` or `-`) and a text.
final class ControlServer: @unchecked Sendable {
    private let descriptor: Int32
    private let path: String

    init(path: String) throws(SakkError) {
        self.path = path
        unlink(path)
        descriptor = try ControlSocket.open(path) { bind($0, $1, $2) }
        guard listen(descriptor, 16) == 0 else { throw ControlSocket.failure(path) }
    }

    func serve(_ handler: @escaping @Sendable ([String]) -> (done: Bool, text: String)) {
        Thread.detachNewThread { [descriptor] in
            while true {
                let connection = accept(descriptor, nil, nil)
                if connection < 0 {
                    if errno == EINTR { continue }
                    return
                }
                let request = ControlSocket.readAll(connection)
                let words = request.split(separator: 0, omittingEmptySubsequences: false).map {
                    String(decoding: $0, as: UTF8.self)
                }
                let answer = handler(words)
                ControlSocket.writeAll(connection, Bytes((answer.done ? "+" : "-").utf8) + Bytes(answer.text.utf8))
                close(connection)
            }
        }
    }

    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
        unlink(path)
    }
}

/// The caller's side.
public enum ControlSocket {
    /// Asks the plant in `directory`. Throws `plant.dead` when none answers, `plant.refused` with its words.
    public static func ask(_ words: [String], directory: String) throws(SakkError) -> String {
        let path = directory + "/control.sock"
        let descriptor: Int32
        do {
            descriptor = try open(path) { connect($0, $1, $2) }
        } catch {
            throw SakkError(
                "plant.dead", source: directory, text: "No plant runs in this folder.",
                remedy: "Start one: sakk-plant up WORLD.yaml --dir \(directory)")
        }
        defer { close(descriptor) }
        writeAll(descriptor, Bytes(words.joined(separator: "\0").utf8))
        shutdown(descriptor, Int32(SHUT_WR))
        let answer = readAll(descriptor)
        let text = String(decoding: answer.dropFirst(), as: UTF8.self)
        guard answer.first == UInt8(ascii: "+") else {
            throw SakkError(
                "plant.refused", source: directory, text: text,
                remedy: "Correct the order; sakk-plant --help shows the words.")
        }
        return text
    }

    static func open(
        _ path: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(SakkError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            close(descriptor)
            throw SakkError(
                "plant.path", source: path, text: "The folder's path is too long for a socket.",
                remedy: "Choose a folder with a shorter path.")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let done = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard done == 0 else {
            close(descriptor)
            throw failure(path)
        }
        return descriptor
    }

    static func failure(_ path: String) -> SakkError {
        SakkError(
            "plant.control", source: path, native: SakkError.Native(kind: "errno", value: String(errno)),
            text: "The plant's socket cannot be used.", remedy: "Check the folder and its permissions.")
    }

    static func readAll(_ descriptor: Int32) -> Bytes {
        var all = Bytes()
        var buffer = Bytes(repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return all }
            all += buffer[..<count]
        }
    }

    static func writeAll(_ descriptor: Int32, _ bytes: Bytes) {
        var offset = 0
        while offset < bytes.count {
            let sent = bytes.withUnsafeBytes { buffer in
                send(descriptor, buffer.baseAddress?.advanced(by: offset), bytes.count - offset, Int32(MSG_NOSIGNAL))
            }
            if sent < 0, errno == EINTR { continue }
            guard sent > 0 else { return }
            offset += sent
        }
    }
}
