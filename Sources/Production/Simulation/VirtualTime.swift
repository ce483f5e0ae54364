import Ground
import Synchronization

/// A clock that goes on by a millisecond each time it is asked: nothing in a simulation waits.
final class VirtualTime: TimeSource {
    private struct State {
        var now: Int64 = 1_800_000_000_000_000
        /// What the wall clock is off by.
        var off: Int64 = 0
        var dice: Dice?
    }
    private let state: Mutex<State>

    /// What a clock may be set by, in seconds: a leap second, a correction, summer time, a wrong hour, day, month, year.
    private static let jumps: [Int64] = [
        1, -1, 2, -2, 37, -37, 3600, -3600, 7200, -10_800, 86_400, -86_400, 2_592_000, -2_592_000, 31_536_000,
        -31_536_000,
    ]

    /// With `jumps` somebody sets the wall clock every fifty readings or so; the boot clock goes on as ever.
    init(jumps: Dice? = nil) { state = Mutex(State(dice: jumps)) }

    func wall() -> WallTime {
        WallTime(
            microseconds: state.withLock { state in
                state.now += 1000
                if state.dice?.happens(200) == true, let jump = state.dice?.below(VirtualTime.jumps.count) {
                    state.off += VirtualTime.jumps[jump] * 1_000_000
                }
                return state.now + state.off
            })
    }

    func boot() -> BootTime {
        BootTime(boot: "simulated", microseconds: state.withLock { $0.now })
    }
}
