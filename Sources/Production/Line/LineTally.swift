import Ground
import Ledger
import Synchronization

/// What the cells of a line count together: how many cards are still wanted, who is at work, and the sums for display.
final class LineTally: Sendable {
    private struct State {
        var wanted: Int?
        var target = 0
        var latest: [CellID: LineProgress] = [:]
        var working: Set<CellID> = []
        /// Cells whose run has not ended, and those of them that have nothing to do.
        var present: Set<CellID> = []
        var resting: Set<CellID> = []
    }
    private let state = Mutex(State())

    func begin(wanted: Int?, target: Int) {
        state.withLock { $0 = State(wanted: wanted, target: target) }
    }

    /// One of the wanted cards for this cell; false when all are made or in work.
    func take() -> Bool {
        state.withLock { state in
            guard let wanted = state.wanted else { return true }
            guard wanted > 0 else { return false }
            state.wanted = wanted - 1
            return true
        }
    }

    /// The card that was taken did not become good.
    func giveBack() {
        state.withLock { state in
            state.wanted = state.wanted.map { $0 + 1 }
        }
    }

    func works(_ cell: CellID, _ isWorking: Bool) {
        state.withLock { state in
            if isWorking { state.working.insert(cell) } else { state.working.remove(cell) }
        }
    }

    /// The cell's run has begun or ended.
    func isPresent(_ cell: CellID, _ present: Bool) {
        state.withLock { state in
            if present { state.present.insert(cell) } else { state.present.remove(cell) }
            state.resting.remove(cell)
        }
    }

    /// The cell found nothing to do, or was stopped.
    func rests(_ cell: CellID, _ rests: Bool) {
        state.withLock { state in
            if rests { state.resting.insert(cell) } else { state.resting.remove(cell) }
        }
    }

    /// Nothing is left to do for anybody.
    var allRest: Bool { state.withLock { $0.present.isSubset(of: $0.resting) } }

    /// As many cards as were wanted are made or in work.
    var isMet: Bool { state.withLock { $0.wanted.map { $0 <= 0 } ?? false } }

    /// Whether another cell of the line could take a record that this one leaves.
    func othersWork(than cell: CellID) -> Bool { state.withLock { $0.working.contains { $0 != cell } } }

    /// The cell's progress with the sums of the line.
    func sum(_ progress: LineProgress) -> LineProgress {
        state.withLock { state in
            if let cell = progress.cell { state.latest[cell] = progress }
            let all = state.latest.values
            return LineProgress(
                state: progress.state, done: all.reduce(0) { $0 + $1.done }, target: state.target,
                rejects: all.reduce(0) { $0 + $1.rejects }, held: all.reduce(0) { $0 + $1.held },
                attempt: progress.attempt, step: progress.step, code: progress.code, text: progress.text,
                remedy: progress.remedy, cell: progress.cell)
        }
    }
}
