public import Ground
public import Ledger
public import Stations

/// Runs one cell of a line: takes records from the queue and makes their documents, one card at a time.
///
/// What to do is decided by pure values (`CardMachine`, `CellMachine`, `Recovery`); this actor performs it with the
/// stations and writes it into the ledger. It may die at any moment: a new controller on the same ledger and the same
/// cell takes the line over, reconciles, and goes on.
public actor LineController {
    let configuration: LineConfiguration
    let store: any LedgerStore
    let stations: CellStations
    let evidence: (any EvidenceStore)?
    let events: @Sendable (LineProgress) -> Void

    private(set) var lease: Lease?
    var cell: CellMachine
    var ahead: Ready?
    /// What the camera read on the card that is in the machine.
    var seenMRZ: [String] = []
    /// The cell was held when this run began.
    var touched = false
    private var running = false
    private var stopping = false
    private var done = 0
    private var rejects = 0
    private var held = 0
    private var target = 0

    /// A record that is prepared and waits for a blank.
    struct Ready: Sendable {
        let claim: Claim
        let document: PreparedDocument
    }

    public init(
        configuration: LineConfiguration, store: any LedgerStore, stations: CellStations,
        evidence: (any EvidenceStore)? = nil, events: @escaping @Sendable (LineProgress) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.store = store
        self.stations = stations
        self.evidence = evidence
        self.events = events
        cell = CellMachine(limits: configuration)
    }

    /// Makes documents until the queue is empty, `target` cards were produced, `stop()` was called or the cell holds.
    ///
    /// Takes the line over and reconciles first. `acknowledgedBy` is the person who looked after a hold that asks for
    /// one. Throws when the cell cannot even begin (a station is missing, the ledger fails, another controller took
    /// the line over); everything that happens at work is in the summary and in the ledger.
    public func run(target wanted: Int? = nil, acknowledgedBy person: String? = nil) async throws(SakkError)
        -> RunSummary
    {
        guard !running else { throw busy() }
        running = true
        stopping = false
        defer { running = false }
        (done, rejects, held) = (0, 0, 0)
        try await takeOver()
        let status = try await store.status(configuration.line)
        let before = status.cells.first { $0.cell == configuration.cell }?.unit ?? UnitState(state: .aborted)
        touched = before.code != nil
        if CellMachine.asksAPerson(before.code) {
            guard let person else {
                return RunSummary(
                    state: before.state, done: 0, rejects: 0, held: 0, code: before.code, text: before.text,
                    remedy: before.remedy)
            }
            try await commit(cell.acknowledged(by: person, code: before.code))
        }
        target = min(wanted ?? Int.max, status.totals.waiting + status.totals.inWork + status.totals.unknown)
        try await connect()
        do {
            try await work(wanted)
        } catch {
            guard LineController.mayGoOn(error) else { throw error }
            try await commit(cell.failed(error))
        }
        report(nil, nil)
        return RunSummary(
            state: cell.state, done: done, rejects: rejects, held: held, code: cell.code, text: cell.text,
            remedy: cell.remedy)
    }

    /// Ends the run after the card that is in the machine.
    public func stop() { stopping = true }

    private func work(_ wanted: Int?) async throws(SakkError) {
        var healed = false
        var pending: SakkError?
        var first = true
        while true {
            do {
                if first || pending != nil {
                    if pending != nil { try await connect() }
                    try await reconcile(after: pending)
                    pending = nil
                    first = false
                    if cell.state == .aborted || cell.state == .idle { try await commit(cell.started()) }
                }
                guard cell.state == .execute else { return }
                if stopping { return try await commit(cell.stopped()) }
                if let wanted, done >= wanted { return try await commit(cell.completed()) }
                guard let ready = try await nextReady() else { return try await commit(cell.completed()) }
                try await make(ready)
                healed = false
            } catch {
                // a lost connection may heal by itself: looked at once, then a person is asked
                guard LineController.mayGoOn(error), error.outcome == .unknown, !healed else { throw error }
                healed = true
                pending = error
            }
        }
    }

    /// Ledger failures, a lost fence and a simulated crash end the controller; nothing more may be written.
    static func mayGoOn(_ error: SakkError) -> Bool {
        error.code != SimulatedCrash.code && !error.code.rawValue.hasPrefix("ledger.")
    }

    private func busy() -> SakkError {
        SakkError(
            "line.running", source: "line \(configuration.line)", text: "This controller is running already.",
            remedy: "Wait for it or stop it.")
    }

    // MARK: books and words

    func takeOver() async throws(SakkError) {
        lease = try await store.takeOver(
            configuration.line, by: LeaseHolder(name: configuration.actor, host: configuration.host))
    }

    func currentLease() throws(SakkError) -> Lease {
        guard let lease else {
            throw hold("line.sequence", "The line was not taken over.", "Stop the line and call the engineer.")
        }
        return lease
    }

    func commit(_ changes: [Change]) async throws(SakkError) {
        guard !changes.isEmpty else { return }
        try await store.commit(
            Transition(
                lease: try currentLease(), cell: configuration.cell, actor: configuration.actor, changes: changes))
    }

    func report(_ attempt: AttemptID?, _ step: Step?) {
        events(
            LineProgress(
                state: cell.state, done: done, target: target, rejects: rejects, held: held, attempt: attempt,
                step: step, code: cell.code, text: cell.text, remedy: cell.remedy))
    }

    /// An error that holds the cell because of what lies in it.
    func hold(_ code: SakkError.Code, _ text: String, _ remedy: String, subject: String? = nil) -> SakkError {
        SakkError(code, source: "cell \(configuration.cell)", subject: subject, text: text, remedy: remedy)
    }

    /// Counts a card that has left, and holds the cell when the limits say so.
    func ended(_ end: CardEnd, _ attempt: AttemptID) async throws(SakkError) {
        switch end {
        case .produced: done += 1
        case .spoiled, .deadOnArrival: rejects += 1
        case .heldCard: held += 1
        case .holdCell: break
        }
        try await commit(cell.ended(end))
        report(attempt, nil)
    }

    func connect() async throws(SakkError) {
        try await act("line.connect.before", "line.connect.after") { () async throws(SakkError) in
            _ = try await stations.printer.connect()
            try await stations.chip.connect()
            try await stations.camera.connect()
        }
    }

    /// Every act between two places where a test may stop the world.
    func act<Value>(
        _ before: StaticString, _ after: StaticString, _ body: () async throws(SakkError) -> Value
    ) async throws(SakkError) -> Value {
        try FaultPoint.pass(before)
        let value = try await body()
        try FaultPoint.pass(after)
        return value
    }
}
