internal import Glibc
internal import Ground
internal import Synchronization

/// Processor time that our workers took: what a controller costs is that too.
public enum WorkerTime {
    private struct State {
        var running: Set<pid_t> = []
        var ended: Int64 = 0
    }

    private static let state = Mutex(State())

    /// Microseconds of all workers of this process since its start, those that ended included.
    public static var microseconds: Int64 {
        state.withLock { state in
            state.running.reduce(state.ended) { sum, pid in
                var (clock, time) = (clockid_t(), timespec())
                guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return sum }
                return sum + Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
            }
        }
    }

    static func begin(_ pid: pid_t) { state.withLock { _ = $0.running.insert(pid) } }

    /// Waits for the end of one that was killed or has ended by itself.
    static func end(_ pid: pid_t) -> SakkError.Native {
        var (status, usage): (Int32, rusage) = (0, rusage())
        while wait4(pid, &status, 0, &usage) < 0, errno == EINTR {}
        let spent =
            Int64(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000
            + Int64(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
        state.withLock { state in
            state.running.remove(pid)
            state.ended += spent
        }
        let signal = status & 0x7F
        return signal == 0
            ? SakkError.Native(kind: "exit", value: "\(status >> 8 & 0xFF)")
            : SakkError.Native(kind: "signal", value: "\(signal)")
    }
}
