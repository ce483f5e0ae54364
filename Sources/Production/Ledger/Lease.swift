public import Ground

/// Who asks for a line: the controller's process.
public struct LeaseHolder: Sendable, Hashable {
    /// Person or program that is answerable, as it stands in the journal.
    public let name: String
    /// The machine whose devices the line's are: a restart on the same host takes over at once, another host waits
    /// until the lease has run out.
    public let host: String
    /// How long the lease lasts without a heartbeat, in microseconds.
    public let duration: Int64
    /// A person ordered the take-over from another host although its lease still runs.
    public let isForced: Bool

    public init(name: String, host: String, duration: Int64 = 30_000_000, isForced: Bool = false) {
        self.name = name
        self.host = host
        self.duration = duration
        self.isForced = isForced
    }
}

/// The right to work on a line. Everything committed under it is refused once the line has a newer epoch.
public struct Lease: Sendable, Hashable {
    public let line: LineID
    /// Generation of the ledger in the upper 32 bits, number of the take-over in the lower.
    public let epoch: Int64
    public let holder: LeaseHolder
    /// When it runs out, on this machine's boot clock (microseconds): counted from before the store was asked, so that
    /// it is never later than the store's own deadline.
    public let deadline: Int64

    public init(line: LineID, epoch: Int64, holder: LeaseHolder, deadline: Int64) {
        self.line = line
        self.epoch = epoch
        self.holder = holder
        self.deadline = deadline
    }
}

/// What a cell asks of the queue.
public struct ClaimRequest: Sendable, Hashable {
    public var lease: Lease
    public var cell: CellID
    public var product: String
    /// Stock types that the cell can make now, the one that lies in its hopper first.
    public var stocks: [String]
    /// What the cell makes once its hopper was changed: a record of these is claimed when nothing of the loaded stock
    /// waits, or when it is due earlier by more than the window. Whoever gets one gives it back and asks for the change.
    public var others: [OtherWork] = []
    /// How much earlier a record of another stock must be due before it goes ahead of the loaded one, in microseconds.
    /// It is no remake and no overdue one then: a change of stock is asked for by time alone.
    public var stockWindow: Int64
    /// Largest share in percent of what this product has served, by class; a class that is not named is `normal` work
    /// without a limit. A class over its share waits for its approval time like everybody else.
    public var quotas: [String: Int]
    /// Deadlines of classes (`ClassDeadline`).
    public var deadlines: [String: ClassDeadline]
    public var actor: String
    /// Leaves records that were spoiled in this cell last to the other cells.
    public var avoidsOwnRemakes = false

    public init(
        lease: Lease, cell: CellID, product: String, stocks: [String], stockWindow: Int64 = 0,
        quotas: [String: Int] = [:], deadlines: [String: ClassDeadline] = [:], actor: String
    ) {
        self.lease = lease
        self.cell = cell
        self.product = product
        self.stocks = stocks
        self.stockWindow = stockWindow
        self.quotas = quotas
        self.deadlines = deadlines
        self.actor = actor
    }
}

/// A product with the blanks that it is made on.
public struct OtherWork: Sendable, Hashable {
    public let product: String
    public let stock: String

    public init(product: String, stock: String) {
        self.product = product
        self.stock = stock
    }
}

/// Opaque words of a source: where its next page begins. Moves in the transaction that takes the page's records.
public struct SourceCursor: Sendable, Hashable {
    public let source: String
    public let value: String
    public init(source: String, value: String) {
        self.source = source
        self.value = value
    }
}
