internal import Foundation
internal import Glibc
public import Ground

/// The place of one card in a virtual reader: a client of the vpcd reader driver (vsmartcard) over TCP.
///
/// Each frame is a two-byte big-endian length and that many bytes. From the driver a length of 1 is a control byte: 00
/// power off, 01 power on, 02 reset, 04 give the answer to reset (the only one that is answered); everything else is a
/// command APDU. Connecting is inserting the card, closing the connection is taking it out; pcscd notices both at its
/// next poll, 400 ms apart.
///
/// The driver asks for the ATR to see whether a card is there at all, and takes a card without one for removed. A card
/// without power or voice therefore answers with more bytes than an ATR can have: it counts as present and cannot be
/// powered up, so pcscd says "present, mute", as for a dead chip in a real reader.
/// Silence on a command is a frame of one byte, too short for a status word, because the driver would wait for ever
/// for one that never comes: SCardTransmit returns at once with a response that is none.
public final class VPCDSlot: @unchecked Sendable {
    // `connection` is guarded by `lock`
    private let lock = NSLock()
    private var connection: Connection?
    private let host: String
    private let port: UInt16

    /// `host` is an IPv4 address in dotted form.
    public init(host: String = "127.0.0.1", port: UInt16) {
        self.host = host
        self.port = port
    }

    deinit { remove() }

    /// Whether a card is connected to the driver now.
    public var isOccupied: Bool { lock.withLock { connection.map { !$0.hasEnded } ?? false } }

    /// Puts the card in. Tries until `timeoutMS` because the driver's backlog is 0 and a reader that was just left may
    /// not listen yet.
    /// - Throws: `plant.reader.occupied`, or `plant.reader.unreachable` when nothing listens.
    public func insert(_ card: VirtualCard, timeoutMS: Int = 5000) throws(SakkError) {
        lock.lock()
        defer { lock.unlock() }
        guard connection.map(\.hasEnded) ?? true else {
            throw SakkError(
                "plant.reader.occupied", source: "reader port \(port)", text: "A card is already in this reader.",
                remedy: "Take it out first.")
        }
        connection?.close()
        connection = Connection(descriptor: try connect(timeoutMS: timeoutMS), card: card)
    }

    /// Takes the card out and powers it off; returns when its thread has ended.
    public func remove() {
        lock.lock()
        defer { lock.unlock() }
        connection?.close()
        connection = nil
    }

    private func connect(timeoutMS: Int) throws(SakkError) -> Int32 {
        let deadline = DispatchTime.now() + .milliseconds(timeoutMS)
        var last: Int32 = 0
        repeat {
            let attempt = connectOnce()
            if attempt >= 0 { return attempt }
            last = -attempt
            usleep(20_000)
        } while DispatchTime.now() < deadline
        throw SakkError(
            "plant.reader.unreachable", source: "reader port \(port)",
            native: .init(kind: "errno", value: String(last)), text: "The virtual reader does not accept a card.",
            remedy: "Start pcscd with the plant's reader configuration.")
    }

    /// A connected descriptor, or the negated errno.
    private func connectOnce() -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return -errno }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            Glibc.close(descriptor)
            return -EINVAL
        }
        var result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var failure = result == 0 ? 0 : errno
        if failure == EINPROGRESS {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            result = poll(&waiting, 1, 500)
            var length = socklen_t(MemoryLayout<Int32>.size)
            failure = ETIMEDOUT
            if result == 1 { getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length) }
        }
        guard failure == 0 else {
            Glibc.close(descriptor)
            return -failure
        }
        _ = fcntl(descriptor, F_SETFL, 0)
        return descriptor
    }
}
