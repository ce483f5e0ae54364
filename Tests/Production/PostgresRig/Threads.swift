import Foundation
import Synchronization

/// Blocking work on a thread of its own, away from the pool of the tests.
public enum Sideways {
    public static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { continuation.resume(with: Result { try body() }) }
            thread.start()
        }
    }
}

/// Threads wait here until all have come. Only for threads that may block: not for the pool.
public final class Meeting: Sendable {
    private let condition = NSCondition()
    private let missing: Mutex<Int>

    public init(of count: Int) { missing = Mutex(count) }

    /// False when the others did not come in ten minutes: a busy machine is not a fault. (Beside programs that wanted ten times
    /// the processor there is, what had to be done between came after two and a half.)
    @discardableResult
    public func arrive() -> Bool {
        let limit = Date(timeIntervalSinceNow: 600)
        condition.lock()
        defer { condition.unlock() }
        missing.withLock { $0 -= 1 }
        condition.broadcast()
        while missing.withLock({ $0 > 0 }) { guard condition.wait(until: limit) else { return false } }
        return true
    }
}
