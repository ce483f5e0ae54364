internal import Glibc
public import Ground

/// One end of the socket between a controller and its worker: so many bytes are read or written, until a deadline.
public struct WorkerSocket: Sendable {
    public let descriptor: Int32

    public init(descriptor: Int32) { self.descriptor = descriptor }

    /// Errors: `ended`, `late`. No deadline waits for ever.
    public func read(_ count: Int, until deadline: Int64? = nil) throws(WorkerFault) -> Bytes {
        var bytes = Bytes(repeating: 0, count: count)
        var filled = 0
        while filled < count {
            try wait(Int16(POLLIN), until: deadline)
            let got = bytes.withUnsafeMutableBytes { memory in
                recv(descriptor, memory.baseAddress! + filled, count - filled, Int32(MSG_DONTWAIT))
            }
            if got > 0 { filled += got } else if got == 0 || !mayTryAgain { throw .ended }
        }
        return bytes
    }

    /// Errors: `ended`, `late`.
    public func write(_ bytes: UnsafeRawBufferPointer, until deadline: Int64? = nil) throws(WorkerFault) {
        var sent = 0
        while sent < bytes.count {
            try wait(Int16(POLLOUT), until: deadline)
            let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
            let put = send(descriptor, bytes.baseAddress! + sent, bytes.count - sent, flags)
            if put >= 0 { sent += put } else if !mayTryAgain { throw .ended }
        }
    }

    /// The same.
    public func write(_ bytes: Bytes, until deadline: Int64? = nil) throws(WorkerFault) {
        let sent = bytes.withUnsafeBytes { bytes -> Result<Void, WorkerFault> in
            do throws(WorkerFault) {
                return .success(try write(bytes, until: deadline))
            } catch {
                return .failure(error)
            }
        }
        try sent.get()
    }

    /// Something to read, or the other end is gone: of a worker that was asked nothing, neither is right.
    public var hasNews: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) != 0
    }

    /// Microseconds of CLOCK_BOOTTIME, of which deadlines are.
    public static var now: Int64 {
        var value = timespec()
        clock_gettime(CLOCK_BOOTTIME, &value)
        return Int64(value.tv_sec) * 1_000_000 + Int64(value.tv_nsec) / 1000
    }

    private var mayTryAgain: Bool { [EINTR, EAGAIN].contains(errno) }

    private func wait(_ events: Int16, until deadline: Int64?) throws(WorkerFault) {
        while true {
            var left: Int32 = -1
            if let deadline {
                let microseconds = deadline - Self.now
                guard microseconds > 0 else { throw .late }
                left = Int32(clamping: microseconds / 1000 + 1)
            }
            var entry = pollfd(fd: descriptor, events: events, revents: 0)
            let ready = poll(&entry, 1, left)
            // what went wrong is told by the call that follows
            if ready > 0 { return }
            if ready < 0, errno != EINTR { throw .ended }
        }
    }
}
