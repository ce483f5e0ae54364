import Ground
import Ledger
import Synchronization

/// The right of this process to its line, shared by the cells, the heartbeat and the desk. Once it is lost nobody gets
/// it back from here: nothing more is written and no act is begun.
final class SharedLease: Sendable {
    private struct State {
        var lease: Lease?
        var loss: SakkError?
    }
    private let state = Mutex(State())

    var isTaken: Bool { state.withLock { $0.lease != nil && $0.loss == nil } }

    /// What ended the right, when something did.
    var loss: SakkError? { state.withLock { $0.loss } }

    func take(_ lease: Lease) {
        state.withLock { state in
            state.lease = lease
            state.loss = nil
        }
    }

    /// The heartbeat was heard.
    func extend(_ lease: Lease) {
        state.withLock { state in
            guard state.lease?.epoch == lease.epoch else { return }
            state.lease = lease
        }
    }

    func lose(_ error: SakkError) {
        state.withLock { state in
            if state.loss == nil { state.loss = error }
        }
    }

    func current() throws(SakkError) -> Lease {
        let (lease, loss) = state.withLock { ($0.lease, $0.loss) }
        if let loss { throw loss }
        guard let lease else {
            throw SakkError(
                "line.sequence", source: "line", text: "The line was not taken over.",
                remedy: "Stop the line and call the engineer.")
        }
        return lease
    }

    /// Refuses an act that cannot be undone when the lease may run out before it has begun.
    func demand(_ margin: Int64, _ now: BootTime) throws(SakkError) {
        let lease = try current()
        guard lease.deadline - now.microseconds < margin else { return }
        let error = SakkError(
            "line.lease.expired", source: "line \(lease.line)", subject: lease.line.rawValue, outcome: .notDone,
            text: "The line's lease has run out or is about to: the next act was not begun.",
            remedy: "Check the connection to the ledger and start the line again.")
        lose(error)
        throw error
    }
}
