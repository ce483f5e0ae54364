import Ground
import Synchronization

/// Clocks of a test: the boot clock goes on steadily, the wall clock does what it is told.
final class JumpingTime: TimeSource {
    private let state: Mutex<(mono: Int64, wall: Int64, boot: String)>

    init(wall: String = "2026-03-29T00:59:00Z") {
        let start = WallTime(iso8601: wall) ?? WallTime(microseconds: 0)
        state = Mutex((5_000_000, start.microseconds, "boot-1"))
    }

    func wall() -> WallTime { WallTime(microseconds: state.withLock { $0.wall }) }
    func boot() -> BootTime { state.withLock { BootTime(boot: $0.boot, microseconds: $0.mono) } }

    /// Seconds pass.
    func pass(_ seconds: Int64) {
        state.withLock { state in
            state.mono += seconds * 1_000_000
            state.wall += seconds * 1_000_000
        }
    }

    /// Somebody, or NTP, or a leap second, moves the wall clock.
    func jump(_ seconds: Int64) { state.withLock { $0.wall += seconds * 1_000_000 } }

    /// The machine starts again; its boot clock begins anew.
    func reboot(after seconds: Int64) {
        state.withLock { state in
            state.boot += "x"
            state.mono = 1_000_000
            state.wall += seconds * 1_000_000
        }
    }
}
