public import Ground

/// How often and with which pauses something that may pass is tried again: each pause is twice the one before.
public struct RetryPolicy: Sendable {
    /// Tries altogether.
    public var tries = 5
    public var firstPauseMilliseconds = 500
    public var longestPauseMilliseconds = 60_000
    /// Waits; tests bring one that only counts.
    public var pause: @Sendable (_ milliseconds: Int) async -> Void = { milliseconds in
        try? await Task.sleep(for: .milliseconds(milliseconds))
    }
    /// Hears of each failure that is tried again.
    public var tell: @Sendable (_ failure: SakkError, _ pauseMilliseconds: Int) -> Void = { _, _ in }

    public init() {}

    /// The pause behind the n-th failure, from 1.
    func pause(after failure: Int) -> Int {
        min(longestPauseMilliseconds, firstPauseMilliseconds << min(failure - 1, 20))
    }

    /// Runs `body` until it succeeds, fails for good, or the tries are used up: then the last failure is thrown.
    func run<Value: Sendable>(_ body: @Sendable () async throws(SakkError) -> Value) async throws(SakkError) -> Value {
        var failures = 0
        while true {
            do throws(SakkError) {
                return try await body()
            } catch {
                failures += 1
                guard WebFailure.passes(error), failures < tries, !Task.isCancelled else { throw error }
                let milliseconds = pause(after: failures)
                tell(error, milliseconds)
                await pause(milliseconds)
            }
        }
    }
}
