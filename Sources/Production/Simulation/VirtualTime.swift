import Ground
import Synchronization

/// A clock that goes on by a millisecond each time it is asked: nothing in a simulation waits.
final class VirtualTime: TimeSource {
    private let now = Mutex<Int64>(1_800_000_000_000_000)

    func wall() -> WallTime {
        WallTime(
            microseconds: now.withLock { now in
                now += 1000
                return now
            })
    }

    func boot() -> BootTime {
        BootTime(boot: "simulated", microseconds: now.withLock { $0 })
    }
}
