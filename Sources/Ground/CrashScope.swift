import Synchronization

/// Stops the controller of one task at the n-th fault point. The scope travels with the task, so tests of one process
/// leave each other alone.
///
/// ```swift
/// let scope = CrashScope(at: 3)
/// try await scope.run { try await puller.drain() }      // throws simulated.crash at the third point reached
/// ```
public final class CrashScope: Sendable {
    private struct State {
        var count = 0
        var dead = false
        var names: [String: Int] = [:]
    }

    @TaskLocal static var current: CrashScope?
    private static let used = Atomic<Bool>(false)
    private let state = Mutex(State())
    private let limit: Int?
    private let name: String?

    /// - Parameters:
    ///   - limit: the point to stop at, from 1; nil only counts.
    ///   - name: counts points of this name only.
    public init(at limit: Int?, name: String? = nil) {
        self.limit = limit
        self.name = name
    }

    public func run<Value>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
    ) async rethrows -> Value {
        CrashScope.used.store(true, ordering: .relaxed)
        return try await CrashScope.$current.withValue(self, operation: body)
    }

    /// Points reached, dead or alive.
    public var count: Int { state.withLock { $0.count } }
    public var didCrash: Bool { state.withLock { $0.dead } }
    /// How often the point of this name was reached.
    public func count(_ name: String) -> Int { state.withLock { $0.names[name] ?? 0 } }

    /// The scope that this task runs in.
    public static var active: CrashScope? { current }
    /// A new controller starts after the one that was stopped.
    public func revive() { state.withLock { $0.dead = false } }

    static var isUsed: Bool { used.load(ordering: .relaxed) }

    func reach(_ point: String) throws(SimulatedCrash) {
        let dead = state.withLock { state -> Bool in
            state.count += 1
            state.names[point, default: 0] += 1
            if let limit, name == nil ? state.count == limit : point == name && state.names[point] == limit {
                state.dead = true
            }
            // a dead controller reaches nothing more, whatever its code would still like to do
            return state.dead
        }
        if dead { throw SimulatedCrash(point: point) }
    }
}
