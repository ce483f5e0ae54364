public import Ground
public import Ledger
public import Stations

/// What a controller must know about one cell of its line.
public struct LineConfiguration: Sendable {
    public var line: LineID
    public var cell: CellID
    /// Product id as in the records and in `profiles/`.
    public var product: String
    /// Stock type of the blanks in the hopper.
    public var stock: String
    /// What the line makes with other blanks in the hopper, and how much earlier such a record must be due before the
    /// cell asks for the change (`ClaimRequest.stockWindow`, microseconds).
    public var others: [OtherWork] = []
    public var stockWindow: Int64 = 0
    /// Who is answerable in the journal, for example the operator's id.
    public var actor: String
    /// The machine that the line's devices hang on (`LeaseHolder.host`).
    public var host = "host"
    /// Largest share of a priority class in percent (`ClaimRequest.quotas`).
    public var quotas: [String: Int] = [:]
    /// Dates by which priority classes are to be made (`ClaimRequest.deadlines`).
    public var deadlines: [String: ClassDeadline] = [:]
    /// A further attempt after this many waits for an engineer.
    public var attemptsPerRecord = 2
    /// Rejects in a row, and among the last `rejectWindow` cards, that hold the cell.
    public var rejectsInRow = 3
    public var rejectsInWindow = 5
    public var rejectWindow = 50
    /// How often a side is photographed again when the picture cannot be judged.
    public var looksAgain = 2
    /// Prepare the next document while this one is printed.
    public var preparesAhead = true
    /// How long the lease of the line lasts without a heartbeat, in microseconds; a third of it is between two.
    public var leaseDuration: Int64 = 30_000_000
    /// What must be left of the lease before an act that cannot be undone is begun, in microseconds.
    public var leaseMargin: Int64 = 5_000_000
    /// The clock that the lease's deadline is compared with: the one that the ledger has.
    public var time: any TimeSource = SystemTime()
    /// Production or training; nothing is made in maintenance or manual mode, which `LineController.change` sets.
    public var mode: UnitMode = .production
    /// A person clears the cell before records of another batch are made.
    public var clearsBatches = false
    /// Ribbon in the printer, for example `ymckok`; nil leaves the question to the printer's driver.
    public var ribbon: String?
    /// Firmware that the printer may have; empty leaves the question to the printer's driver.
    public var knownFirmware: Set<String> = []
    /// What each attempt of this cell is made with, besides printer, firmware and operator: for genealogy and recall.
    public var genealogy: [GenealogyKey: String] = [:]
    /// How many attempts a document signer may be taken for by all lines together, by its name; none without a limit.
    public var signerLimits: [String: Int] = [:]
    /// The number of a document is that of its booklet; nil in a cell for cards.
    public var booklets: BookletRule?
    /// The record brings the number, and its profile says `on_remake: new`: what an attempt had on a card is made again only as
    /// the authority's request with another number.
    public var renumbersRemakes = false
    /// Cards that are known to be bad, with which the inspection is tried; nil where it is not tried.
    public var challenges: ChallengeSet?
    /// By which lamps each side is photographed.
    public var lights = LightPlan()
    /// Measures of the inspection whose way towards their limits is announced; nil where nobody watches.
    public var trends: TrendLimits?
    /// How often the commands of other terminals are looked for, in microseconds; nil: never.
    public var commandsEvery: Int64?
    /// How often a cell that waits looks whether it can go on, in microseconds.
    public var looksEvery: Int64 = 1_000_000
    /// Waits between heartbeats and looks, microseconds; throws when its task is cancelled.
    public var pause: @Sendable (Int64) async throws -> Void = { try await Task.sleep(for: .microseconds($0)) }

    public init(line: LineID, cell: CellID, product: String, stock: String, actor: String) {
        self.line = line
        self.cell = cell
        self.product = product
        self.stock = stock
        self.actor = actor
    }
}

/// Keeps what the camera saw. Pictures are personal data: an implementation encrypts them, or keeps SPECIMEN only.
public protocol EvidenceStore: Sendable {
    /// `look` counts from 1 within the attempt.
    func put(_ frames: [Frame], _ result: InspectionResult, for attempt: AttemptID, look: Int) async throws(SakkError)
}

/// How the run goes on; without personal data.
public struct LineProgress: Sendable, Hashable {
    public let state: PackMLState
    /// Cards produced since this run began, and how many it is to make.
    public let done: Int
    public let target: Int
    /// Blanks lost since this run began.
    public let rejects: Int
    /// Cards that wait for an inspector since this run began.
    public let held: Int
    /// Of the card in the machine.
    public let attempt: AttemptID?
    public let step: Step?
    /// Code, words and remedy when something stopped or was thrown out.
    public let code: String?
    public let text: String
    public let remedy: String
    /// Whose state, attempt, step and words these are; the counts are the line's.
    public let cell: CellID?

    public init(
        state: PackMLState, done: Int, target: Int, rejects: Int, held: Int, attempt: AttemptID?, step: Step?,
        code: String?, text: String, remedy: String, cell: CellID? = nil
    ) {
        self.state = state
        self.done = done
        self.target = target
        self.rejects = rejects
        self.held = held
        self.attempt = attempt
        self.step = step
        self.code = code
        self.text = text
        self.remedy = remedy
        self.cell = cell
    }
}
