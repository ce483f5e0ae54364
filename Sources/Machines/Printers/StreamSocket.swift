import Glibc
public import Ground

/// A TCP connection to a machine: bytes out, bytes in, each with a time limit. Used by one thread at a time.
public protocol ByteStream: AnyObject {
    /// Changes with each connection.
    var connection: String { get }
    func send(_ bytes: Bytes, timeoutMS: Int) throws(SakkError)
    /// What is there, at most `count` bytes; empty when nothing came within the time.
    func receive(upTo count: Int, timeoutMS: Int) throws(SakkError) -> Bytes
    func close()
}

/// Over the system's sockets. Errors: `printer.network` when the machine cannot be reached, `printer.network.lost` with an
/// unknown outcome when the connection ends.
public final class StreamSocket: ByteStream {
    public let connection: String
    private var descriptor: Int32
    private let source: String

    /// `host` is an IPv4 address: names are not asked for on the floor.
    public init(host: String, port: UInt16, source: String, timeoutMS: Int = 3000) throws(SakkError) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard descriptor >= 0, inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            if descriptor >= 0 { Glibc.close(descriptor) }
            throw StreamSocket.unreachable(host, port, source, EINVAL)
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        let started = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var code: Int32 = started == 0 ? 0 : errno
        if code == EINPROGRESS {
            code = ETIMEDOUT
            if StreamSocket.wait(descriptor, Int16(POLLOUT), timeoutMS) {
                var length = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
            }
        }
        guard code == 0 else {
            Glibc.close(descriptor)
            throw StreamSocket.unreachable(host, port, source, code)
        }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var own = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        self.source = source
        self.descriptor = descriptor
        connection = "tcp:\(host):\(port)-\(UInt16(bigEndian: own.sin_port))"
    }

    deinit { close() }

    public func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    private static func unreachable(_ host: String, _ port: UInt16, _ source: String, _ code: Int32) -> SakkError {
        SakkError(
            "printer.network", source: source, native: SakkError.Native(kind: "errno", value: String(code)),
            text: "The machine at \(host):\(port) cannot be reached.",
            remedy: "Switch it on, check the network cable, and compare its address with the line's configuration.")
    }

    private var lost: SakkError {
        SakkError(
            "printer.network.lost", source: source, native: SakkError.Native(kind: "errno", value: String(errno)),
            outcome: .unknown, text: "The connection to the machine ended.",
            remedy: "The outcome is unknown: the cell asks the machine before it goes on.")
    }

    private static func wait(_ descriptor: Int32, _ events: Int16, _ timeoutMS: Int) -> Bool {
        var poll = pollfd(fd: descriptor, events: events, revents: 0)
        return Glibc.poll(&poll, 1, Int32(timeoutMS)) > 0
    }

    public func send(_ bytes: Bytes, timeoutMS: Int) throws(SakkError) {
        var offset = 0
        while offset < bytes.count {
            let sent = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    descriptor, buffer.baseAddress?.advanced(by: offset), bytes.count - offset, Int32(MSG_NOSIGNAL))
            }
            if sent > 0 {
                offset += sent
            } else if sent < 0, errno == EAGAIN || errno == EINTR {
                guard StreamSocket.wait(descriptor, Int16(POLLOUT), timeoutMS) else {
                    throw XIDFailures(source: source).timeout
                }
            } else {
                throw lost
            }
        }
    }

    public func receive(upTo count: Int, timeoutMS: Int) throws(SakkError) -> Bytes {
        guard StreamSocket.wait(descriptor, Int16(POLLIN), timeoutMS) else { return [] }
        var bytes = Bytes(repeating: 0, count: count)
        let got = recv(descriptor, &bytes, count, 0)
        if got < 0, errno == EAGAIN || errno == EINTR { return [] }
        guard got > 0 else { throw lost }
        return Bytes(bytes.prefix(got))
    }
}
