public import Ground
public import Stations

/// Names an intent: unique by (attempt, step, try).
public struct StepKey: Sendable, Hashable, CustomStringConvertible {
    public let attempt: AttemptID
    public let step: Step
    /// From 1.
    public let number: Int
    public init(_ attempt: AttemptID, _ step: Step, try number: Int) {
        self.attempt = attempt
        self.step = step
        self.number = number
    }
    public var description: String { "\(attempt)/\(step.rawValue)/\(number)" }
}

/// One thing that changes. Each becomes one journal row and the table changes that follow from it.
/// Facts are objects of the permitted fields: ids, counters, codes, hashes; never personal data.
public enum Change: Sendable {
    /// An irreversible act is about to begin.
    case intend(StepKey, facts: [String: JSONValue])
    /// How it ended; names its intent, once.
    case conclude(StepKey, outcome: SakkError.Outcome, facts: [String: JSONValue])
    case attempt(AttemptID, AttemptState, reason: String?)
    /// Blank and chip belong to this attempt for ever; committed before the first write.
    case bind(AttemptID, BlankID, ChipIdentity)
    /// The number that was read from the booklet that is bound; committed before the first write, too.
    case number(AttemptID, String)
    /// SHA-256 of the EF.SOD that is about to be written: names the document after a crash.
    case document(AttemptID, sodHash: Bytes)
    case death(AttemptID, ChipDeath)
    /// The identity of a blank that is bound to no attempt.
    case identify(BlankID, ChipIdentity)
    /// A blank that came from its manufacturer, into the vault.
    case register(BlankID, stock: String, lot: String, ordinal: Int)
    /// `attempt` is the one the blank was taken for.
    case move(BlankID, from: Account, to: Account, reason: String, attempt: AttemptID?)
    /// The blank lies in the hopper of this cell.
    case hopper(BlankID, LineID, CellID)
    /// A card that nobody loaded: it gets a row and a fate too.
    case admit(BlankID, to: Account, chip: ChipIdentity?, reason: String)
    /// The card left the cell; the store gives the place in the tray.
    case exit(BlankID, CardExit)
    /// Lots, issue, custody, destruction, supplies, genealogy.
    case stock(StockChange)
    /// People and what they did at screens; credentials and approvals have functions of their own.
    case people(PeopleChange)
    /// What inspectors say of cards, and what they are tried with.
    case verdict(VerdictChange)
    /// Whether a cell's inspection is trusted, and what passed while it was not.
    case trust(TrustChange)
    case record(ProductionID, RecordState, reason: String?)
    /// A claimed record whose attempt never saw a blank goes back to its place in the queue.
    case release(AttemptID, ProductionID)
    /// The authority took the approval back.
    case withdraw(ProductionID, reason: String)
    /// A signed stop-list was read; its entries follow as `withdraw`. A number that is not larger is refused.
    case stopList(authority: String, number: Int64, issued: WallTime, nextUpdate: WallTime)
    /// A person asks the controller of a line for something; it goes into the log `queue`.
    case command(LineCommand)
    /// The lease's holder took the command up.
    case answer(command: String, CommandAnswer)
    case machine(PackMLState, code: String?, text: String, remedy: String)
    /// As `machine`, with what the cell is set up for.
    case unit(UnitState)
    /// A journal row that changes no table; `kind` is dotted, for example `cell.card.foreign`.
    case note(kind: String, subjects: [String], facts: [String: JSONValue])
}

/// The state of a cell in the words of PackML.
public struct UnitState: Sendable, Hashable {
    public var state: PackMLState
    public var mode: UnitMode
    public var code: String?
    public var text: String
    public var remedy: String
    /// What the cell was last cleared for.
    public var product: String?
    public var batch: String?

    public init(
        state: PackMLState, mode: UnitMode = .production, code: String? = nil, text: String = "", remedy: String = "",
        product: String? = nil, batch: String? = nil
    ) {
        self.state = state
        self.mode = mode
        self.code = code
        self.text = text
        self.remedy = remedy
        self.product = product
        self.batch = batch
    }
}

/// What is committed together.
public struct Transition: Sendable {
    public let log: LogID
    /// The fence: nil only for the plant's own logs (`queue`, `vault`).
    public let lease: Lease?
    public let cell: CellID?
    /// Person or program that is answerable.
    public let actor: String
    public let changes: [Change]

    /// Of a cell, under the lease of its line.
    public init(lease: Lease, cell: CellID, actor: String, changes: [Change]) {
        log = LogID(lease.line)
        self.lease = lease
        self.cell = cell
        self.actor = actor
        self.changes = changes
    }

    /// Of a person or program at one of the plant's own logs.
    public init(plant log: LogID, actor: String, changes: [Change]) {
        self.log = log
        lease = nil
        cell = nil
        self.actor = actor
        self.changes = changes
    }
}

/// An intent without a result: its outcome is unknown until somebody looks.
public struct OpenIntent: Sendable, Hashable {
    public let key: StepKey
    public let cell: CellID
    public let epoch: Int64
    public let seq: Int64
    public let facts: JSONValue

    public init(key: StepKey, cell: CellID, epoch: Int64, seq: Int64, facts: JSONValue) {
        self.key = key
        self.cell = cell
        self.epoch = epoch
        self.seq = seq
        self.facts = facts
    }

    public static func == (left: OpenIntent, right: OpenIntent) -> Bool { left.key == right.key }
    public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// A record taken from the queue for one attempt.
public struct Claim: Sendable, Hashable {
    public let production: ProductionID
    public let attempt: AttemptID
    public let requestID: String
    public let product: String
    public let batch: BatchID
    /// Stock type of the blank that it needs.
    public let stock: String
    /// Which attempt of the record this is, from 1.
    public let number: Int

    public init(
        production: ProductionID, attempt: AttemptID, requestID: String, product: String, batch: BatchID, stock: String,
        number: Int
    ) {
        self.production = production
        self.attempt = attempt
        self.requestID = requestID
        self.product = product
        self.batch = batch
        self.stock = stock
        self.number = number
    }
}
