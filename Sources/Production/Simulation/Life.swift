import Ground
import Synchronization

/// One life of the controller's process: it dies at a fault point, in a call of the disk, or at its end.
final class Life: Sendable {
    /// The life that this task belongs to.
    @TaskLocal static var current: Life?

    private struct State {
        var points = 0
        var dead = false
        var place = ""
        var changes = 0
    }
    private let state = Mutex(State())
    /// The fault point at which it dies.
    private let limit: Int?

    init(limit: Int?) { self.limit = limit }

    static let armed: Void = FaultPoint.arm { (point, _) throws(SimulatedCrash) in try current?.reached(point) }

    private func reached(_ point: String) throws(SimulatedCrash) {
        let dead = state.withLock { state -> Bool in
            state.points += 1
            if let limit, state.points == limit, !state.dead {
                state.dead = true
                state.place = point
            }
            // a dead process reaches nothing more, whatever its code would still like to do
            return state.dead
        }
        if dead { throw SimulatedCrash(point: point) }
    }

    func die(at place: String) {
        state.withLock { state in
            guard !state.dead else { return }
            state.dead = true
            state.place = place
        }
    }

    var isDead: Bool { state.withLock { $0.dead } }
    var points: Int { state.withLock { $0.points } }
    var place: String { state.withLock { $0.place } }

    /// Changes of the disk when it ended, before the ledger's connection closed.
    var changes: Int { state.withLock { $0.changes } }
    func sawChanges(_ changes: Int) { state.withLock { $0.changes = changes } }

    func check() throws(SakkError) {
        guard isDead else { return }
        throw SakkError(
            SimulatedCrash.code, source: "simulation", outcome: .unknown, text: "The process is dead.",
            remedy: "Start a new one.")
    }
}

/// Before each call of a cell's task to the world or the ledger.
struct Gate: Sendable {
    /// Nil in a process of its own, where the system decides who goes on.
    let scheduler: Scheduler?
    let life: Life
    let cell: Int

    func pass(_ name: StaticString) async throws(SakkError) {
        await scheduler?.turn(cell)
        try life.check()
    }
}
