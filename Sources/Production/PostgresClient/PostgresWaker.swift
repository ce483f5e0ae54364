import CPostgres
import Glibc

/// Ends a wait for notifications from another thread. A wake before the wait counts.
public final class PostgresWaker: Sendable {
    let descriptor: Int32

    public init() {
        descriptor = sakk_pq_eventfd()
        precondition(descriptor >= 0, "no file descriptor left")
    }

    deinit { close(descriptor) }

    public func wake() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// True when it had been woken; it sleeps again afterwards.
    func reset() -> Bool {
        var count: UInt64 = 0
        return read(descriptor, &count, 8) == 8
    }
}
