public import Ground
public import Stations

/// A blank as it stands. No personal data.
public struct BlankReport: Sendable, Hashable {
    public let blank: BlankID
    public let account: Account
    /// The cell in whose hopper it lies or last lay.
    public let hopper: CellID?
    public let chip: ChipIdentity?
    /// The exit by which it left the cell, and its place in that tray (1 is the lowest card).
    public let exit: CardExit?
    public let place: Int?
    /// Why it is where it is (reason of the last movement).
    public let reason: String
    /// The attempt it was last taken for.
    public let attempt: AttemptID?
    /// Engraved, and the number of its document.
    public let number: String?

    public init(
        blank: BlankID, account: Account, hopper: CellID? = nil, chip: ChipIdentity?, exit: CardExit?, place: Int?,
        reason: String, attempt: AttemptID?, number: String? = nil
    ) {
        self.blank = blank
        self.account = account
        self.hopper = hopper
        self.chip = chip
        self.exit = exit
        self.place = place
        self.reason = reason
        self.attempt = attempt
        self.number = number
    }
}

/// One act of an attempt: its intent and, once known, its result.
public struct StepReport: Sendable, Hashable {
    public let key: StepKey
    public let epoch: Int64
    public let intendedAt: WallTime
    public let facts: [String: JSONValue]
    /// Nil while the outcome is not known.
    public let outcome: SakkError.Outcome?
    public let resultFacts: [String: JSONValue]

    public init(
        key: StepKey, epoch: Int64, intendedAt: WallTime, facts: [String: JSONValue], outcome: SakkError.Outcome?,
        resultFacts: [String: JSONValue]
    ) {
        self.key = key
        self.epoch = epoch
        self.intendedAt = intendedAt
        self.facts = facts
        self.outcome = outcome
        self.resultFacts = resultFacts
    }

    public static func == (left: StepReport, right: StepReport) -> Bool {
        left.key == right.key && left.outcome == right.outcome
    }
    public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// One try at making a document. No personal data.
public struct AttemptReport: Sendable, Hashable {
    public let attempt: AttemptID
    public let production: ProductionID
    /// From 1.
    public let number: Int
    public let line: LineID
    public let cell: CellID
    public let epoch: Int64
    public let state: AttemptState
    public let reason: String?
    public let blank: BlankReport?
    public let chip: ChipIdentity?
    public let sodHash: Bytes?
    public let death: ChipDeath?
    public let startedAt: WallTime
    /// When it was produced, spoiled or dropped.
    public let endedAt: WallTime?
    /// In the order of their intents.
    public let steps: [StepReport]

    public init(
        attempt: AttemptID, production: ProductionID, number: Int, line: LineID, cell: CellID, epoch: Int64,
        state: AttemptState, reason: String?, blank: BlankReport?, chip: ChipIdentity?, sodHash: Bytes?,
        death: ChipDeath?, startedAt: WallTime, endedAt: WallTime?, steps: [StepReport]
    ) {
        self.attempt = attempt
        self.production = production
        self.number = number
        self.line = line
        self.cell = cell
        self.epoch = epoch
        self.state = state
        self.reason = reason
        self.blank = blank
        self.chip = chip
        self.sodHash = sodHash
        self.death = death
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.steps = steps
    }

    /// How often this step was begun.
    public func tries(_ step: Step) -> Int { steps.count { $0.key.step == step } }

    /// The latest act of this kind.
    public func last(_ step: Step) -> StepReport? { steps.last { $0.key.step == step } }
}

/// A record with its attempts, and the blanks that were used for it without being bound (dead on arrival).
public struct RecordReport: Sendable, Hashable {
    public let production: ProductionID
    public let requestID: String
    public let state: RecordState
    public let reason: String?
    public let priorityClass: String
    public let attempts: [AttemptReport]
    public let unboundBlanks: [BlankReport]

    public init(
        production: ProductionID, requestID: String, state: RecordState, reason: String?, priorityClass: String,
        attempts: [AttemptReport], unboundBlanks: [BlankReport]
    ) {
        self.production = production
        self.requestID = requestID
        self.state = state
        self.reason = reason
        self.priorityClass = priorityClass
        self.attempts = attempts
        self.unboundBlanks = unboundBlanks
    }
}

/// Counts over records (`waiting`, `inWork`, `good`, `held`, `unknown`: together all records) and over blanks
/// (`spoiled`).
public struct BatchTotals: Sendable, Hashable {
    public var records = 0
    public var waiting = 0
    public var inWork = 0
    public var good = 0
    public var held = 0
    /// Records whose attempt has an act without a known result.
    public var unknown = 0
    public var withdrawn = 0
    /// Blanks used for this batch and lost.
    public var spoiled = 0
    /// Of the good ones: in an envelope or a box in the plant, on the way or at a place, and in the holder's hands.
    public var packed = 0
    public var dispatched = 0
    public var delivered = 0
    /// Came back, or were taken out again: with a named person.
    public var returned = 0
    public var lost = 0
    public init() {}
}

public struct BatchReport: Sendable, Hashable {
    public let batch: BatchID
    public let authority: String
    public let product: String
    public let receivedAt: WallTime
    /// First claim and last end of an attempt.
    public let startedAt: WallTime?
    public let endedAt: WallTime?
    /// In the order of the queue.
    public let records: [RecordReport]
    public let totals: BatchTotals
    /// Blanks taken for this batch, by where they are now.
    public let blanks: [Account: Int]

    public init(
        batch: BatchID, authority: String, product: String, receivedAt: WallTime, startedAt: WallTime?,
        endedAt: WallTime?, records: [RecordReport], totals: BatchTotals, blanks: [Account: Int]
    ) {
        self.batch = batch
        self.authority = authority
        self.product = product
        self.receivedAt = receivedAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.records = records
        self.totals = totals
        self.blanks = blanks
    }
}

/// Where one cell stands.
public struct CellStatus: Sendable, Hashable {
    public let cell: CellID
    public let unit: UnitState
    public let since: WallTime

    public init(cell: CellID, unit: UnitState, since: WallTime) {
        self.cell = cell
        self.unit = unit
        self.since = since
    }
}

public struct LineStatus: Sendable, Hashable {
    public let line: LineID
    public let epoch: Int64
    /// In the order of their names; empty before the first start.
    public let cells: [CellStatus]
    /// Of all records in the books: the queue is the plant's.
    public let totals: BatchTotals
    /// All blanks of this line, by account; empty while a shift is open, because they are for its blind count to find.
    public let blanks: [Account: Int]
    public let batches: [BatchID]
    /// Attempts that are neither finished nor dropped.
    public let live: [AttemptReport]
    public let openIntents: Int
    /// A shift of this line is open.
    public let isCounting: Bool

    public init(
        line: LineID, epoch: Int64, cells: [CellStatus], totals: BatchTotals, blanks: [Account: Int],
        batches: [BatchID], live: [AttemptReport], openIntents: Int, isCounting: Bool = false
    ) {
        self.line = line
        self.epoch = epoch
        self.cells = cells
        self.totals = totals
        self.blanks = blanks
        self.batches = batches
        self.live = live
        self.openIntents = openIntents
        self.isCounting = isCounting
    }

    /// The cell that speaks for the line: one that stopped before one that works.
    private var voice: CellStatus? {
        cells.first { $0.unit.code != nil } ?? cells.first { $0.unit.state != .complete } ?? cells.first
    }

    public var state: PackMLState { voice?.unit.state ?? .aborted }
    /// Code, words and remedy of what stopped it; nil and empty while it runs.
    public var code: String? { voice?.unit.code }
    public var text: String { voice?.unit.text ?? "Never started." }
    public var remedy: String { voice?.unit.remedy ?? "" }
    public var since: WallTime { voice?.since ?? WallTime(microseconds: 0) }
}

/// Which attempts or blanks are asked for.
public enum Selection: Sendable, Hashable {
    case line(LineID)
    case live(LineID)
    case production(ProductionID)
    case attempt(AttemptID)
    case chip(ChipIdentity)
}

/// Which blanks are asked for.
public enum BlankSelection: Sendable, Hashable {
    case account(LineID, Account, limit: Int)
    /// In the hopper of this cell, or issued to its line and in no hopper yet.
    case hopper(LineID, CellID, limit: Int)
    case chip(ChipIdentity)
    case blank(BlankID)
}
