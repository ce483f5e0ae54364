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
    /// SHA-256 of the EF.SOD that is about to be written: names the document after a crash.
    case document(AttemptID, sodHash: Bytes)
    case death(AttemptID, ChipDeath)
    /// The identity of a blank that is bound to no attempt.
    case identify(BlankID, ChipIdentity)
    /// `attempt` is the one the blank was taken for.
    case move(BlankID, from: Account, to: Account, reason: String, attempt: AttemptID?)
    /// A card that nobody loaded: it gets a row and a fate too.
    case admit(BlankID, to: Account, chip: ChipIdentity?, reason: String)
    /// The card left the cell; the store gives the place in the tray.
    case exit(BlankID, CardExit)
    case record(ProductionID, RecordState, reason: String?)
    case machine(PackMLState, code: String?, text: String, remedy: String)
    /// A journal row that changes no table; `kind` is dotted, for example `cell.card.foreign`.
    case note(kind: String, subjects: [String], facts: [String: JSONValue])
}

/// What is committed together, under the fence of (line, epoch).
public struct Transition: Sendable {
    public let line: LineID
    public let epoch: Int64
    public let cell: CellID
    /// Person or program that is answerable.
    public let actor: String
    public let changes: [Change]

    public init(line: LineID, epoch: Int64, cell: CellID, actor: String, changes: [Change]) {
        self.line = line
        self.epoch = epoch
        self.cell = cell
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
    /// Which attempt of the record this is, from 1.
    public let number: Int

    public init(
        production: ProductionID, attempt: AttemptID, requestID: String, product: String, batch: BatchID, number: Int
    ) {
        self.production = production
        self.attempt = attempt
        self.requestID = requestID
        self.product = product
        self.batch = batch
        self.number = number
    }
}
