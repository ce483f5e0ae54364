public import Ground

/// Who works on a line, as its log says.
public struct LineHolder: Sendable, Hashable {
    /// Empty when it was given back.
    public let name: String
    public let host: String
    public let epoch: Int64
    /// Until the lease runs out, by the store's clock; not positive when it has.
    public let microsecondsLeft: Int64

    public var works: Bool { !host.isEmpty && microsecondsLeft > 0 }
}

extension Books {
    /// Gives the line back at an orderly end, so that the next controller, on any host, takes over at once.
    /// `ledger.epoch.stale` when another has it already.
    public func release(_ lease: Lease) async throws(SakkError) {
        try await write { books in
            let log = LogID(lease.line)
            try books.fence(lease)
            try books.session.execute(
                "UPDATE log SET holder = '', host = '', deadline = 0 WHERE log = ?", [.text(lease.line.rawValue)])
            try books.append(
                [JournalEntry("line.released", [lease.line.rawValue], ["host": .string(lease.holder.host)])],
                to: log, epoch: lease.epoch, actor: lease.holder.name)
        }
    }

    /// Nil for a line that no controller ever took.
    public func holder(of line: LineID) async throws(SakkError) -> LineHolder? {
        let now = try await store.now()
        return try await store.read { session in
            try session.row("SELECT epoch, holder, host, deadline FROM log WHERE log = ?", [.text(line.rawValue)]).map {
                LineHolder(
                    name: try $0.text("holder"), host: try $0.text("host"), epoch: try $0.integer("epoch"),
                    microsecondsLeft: try $0.integer("deadline") - now)
            }
        }
    }
}
