import Glibc

enum Socket {
    enum Readiness { case ready, timedOut, woken }

    /// Waits until the socket can be read (or also written). Data that already lie there count after the deadline too:
    /// a process that was frozen must not take its own sleep for the server's.
    static func wait(
        _ socket: Int32, toWrite: Bool, until deadline: ContinuousClock.Instant, waker: PostgresWaker?
    ) -> Readiness {
        let events = Int16(POLLIN) | (toWrite ? Int16(POLLOUT) : 0)
        var polled = [
            pollfd(fd: socket, events: events, revents: 0),
            pollfd(fd: waker?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let rest = ContinuousClock.now.duration(to: deadline).components
            let milliseconds = rest.seconds * 1000 + (rest.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
            let count = poll(&polled, 2, Int32(clamping: max(0, milliseconds)))
            if count < 0, errno == EINTR { continue }
            if polled[1].revents != 0, waker?.reset() == true { return .woken }
            if polled[0].revents != 0 { return .ready }
            if count <= 0 { return .timedOut }
        }
    }
}
