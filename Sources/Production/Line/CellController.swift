internal import Ground
internal import Ledger
internal import Stations

/// Runs one cell of a line: takes records from the queue and makes their documents, one card at a time.
///
/// What to do is decided by pure values (`CardMachine`, `CellMachine`, `Recovery`); this actor performs it with the
/// stations and writes it into the ledger. It may die at any moment: a new controller on the same ledger and the same
/// cell takes the line over, reconciles, and goes on.
actor CellController {
    nonisolated let configuration: LineConfiguration
    let store: any LedgerStore
    let stations: CellStations
    let lease: SharedLease
    let tally: LineTally
    let binding: ReaderBinding
    let evidence: (any EvidenceStore)?
    let events: @Sendable (LineProgress) -> Void

    var cell: CellMachine
    var ahead: Ready?
    /// Trust in the inspection, and what its measures tell; nil until they are read from the books, and without a set.
    var challenge: ChallengeWatch?
    var trust: TrustState?
    var trend: TrendWatch?
    /// Our own account of the ribbon; nil until it is read from the books.
    var ribbon: RibbonWatch?
    /// What the inspection said of the card that is in the machine.
    var inspected: InspectionResult?
    /// What the camera read on the card that is in the machine.
    var seenMRZ: [String] = []
    /// The portrait that the camera saw on it.
    var seenPortrait: Picture?
    /// What the books were last told of the camera.
    var toldHealth: CameraHealth?
    /// The cell was held when this run began.
    var touched = false
    /// What the printer said when it was connected.
    private(set) var identity: PrinterIdentity?
    /// What the look at the machine came to.
    var recovered = Recovered()
    /// The preflight of this run found nothing against feeding.
    private var isProved = false
    private var reconciling = false
    /// What other terminals and the end of the process ask for.
    var orders = CellOrders()
    /// The record whose approval was asked for last.
    var lastAsked: ProductionID?
    private var done = 0
    private var rejects = 0
    private var held = 0
    /// One of the wanted cards is this cell's to make.
    private var hasTicket = false

    /// A record that is prepared and waits for a blank. An object: a value would leave copies of it wherever it was held.
    final class Ready: Sendable {
        let claim: Claim
        /// nil while its number is not known.
        let document: PreparedDocument?
        /// In a cell for booklets.
        let draft: (any DocumentDraft)?

        init(claim: Claim, document: PreparedDocument? = nil, draft: (any DocumentDraft)? = nil) {
            self.claim = claim
            self.document = document
            self.draft = draft
        }
    }

    init(
        configuration: LineConfiguration, store: any LedgerStore, stations: CellStations, lease: SharedLease,
        tally: LineTally, binding: ReaderBinding = ReaderBinding(), evidence: (any EvidenceStore)? = nil,
        events: @escaping @Sendable (LineProgress) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.store = store
        self.stations = stations
        self.lease = lease
        self.tally = tally
        self.binding = binding
        self.evidence = evidence
        self.events = events
        cell = CellMachine(limits: configuration)
    }

    /// Makes documents until nothing moves any more, or longer (`RunEnd`), or until `end()` is called. The devices are
    /// connected and the line is taken over. Reconciles first.
    ///
    /// Throws when the ledger fails or another controller took the line over; everything that happens at work is in the
    /// summary and in the ledger.
    func run(
        acknowledgedBy person: String? = nil, counted: ClearanceCounts? = nil, until end: RunEnd = .idle
    ) async throws(SakkError) -> CellSummary {
        (done, rejects, held) = (0, 0, 0)
        var summary = try await pass(acknowledgedBy: person, counted: counted)
        guard end != .idle else { return summary }
        while let next = try await wait(until: end) {
            summary = try await pass(acknowledgedBy: next.person, clears: next.clears)
        }
        return self.summary(cell.state, cell.code, cell.text, cell.remedy)
    }

    /// From where the cell stands until it can do nothing more by itself. `clears`: only looks at the machine.
    private func pass(
        acknowledgedBy person: String? = nil, counted: ClearanceCounts? = nil, clears: Bool = false
    ) async throws(SakkError) -> CellSummary {
        ahead = nil
        // another process may have written since
        (challenge, trust, trend, ribbon) = (nil, nil, nil, nil)
        cell = CellMachine(limits: configuration)
        let cells = try await store.read(CellsQuery(line: configuration.line))
        let before = cells.first { $0.cell == configuration.cell }?.unit ?? UnitState(state: .aborted)
        touched = before.code != nil
        recovered = Recovered()
        let ends = try await store.read(
            RecentEndsQuery(line: configuration.line, cell: configuration.cell, limit: configuration.rejectWindow))
        cell.restore(before, ends)
        if CellMachine.asksAPerson(before.code) {
            guard let person, before.code != "line.clearance" || counted != nil else {
                return summary(before.state, before.code, before.text, before.remedy)
            }
            try await commit(cell.acknowledged(by: person, code: before.code))
        }
        if !clears, let refusal = try await enterMode(before) {
            return summary(before.state, refusal.code.rawValue, refusal.text, refusal.remedy)
        }
        do {
            if let person, let counted {
                try await commit(cleared(by: person, counted, before))
            } else {
                try demandClearance(before)
            }
            try await commit(cell.begins(after: before.state))
            try await work(clears: clears)
        } catch {
            giveTicketBack()
            guard CellController.mayGoOn(error) else {
                if error.code == "ledger.rule" { try await commit(cell.aborted(error)) }
                throw error
            }
            try await commit(recovered.changes(configuration.cell) + cell.failed(error))
        }
        giveTicketBack()
        try await releaseUntouched()
        report(nil, nil)
        return summary(cell.state, cell.code, cell.text, cell.remedy)
    }

    private func summary(_ state: PackMLState, _ code: String?, _ text: String, _ remedy: String) -> CellSummary {
        CellSummary(
            cell: configuration.cell, state: state, done: done, rejects: rejects, held: held, code: code, text: text,
            remedy: remedy)
    }

    func change(mode: UnitMode, by actor: String, why: String = "") async throws(SakkError) {
        let cells = try await store.read(CellsQuery(line: configuration.line))
        let before = cells.first { $0.cell == configuration.cell }?.unit ?? UnitState(state: .aborted)
        let state: PackMLState = before.state == .complete ? .idle : before.state
        guard CellMachine.mayChangeMode(state) else {
            throw hold(
                "line.mode", "The cell is \(state.word): its mode stays.",
                "Stop the cell; modes change only when it is stopped, idle or aborted.")
        }
        cell.restore(before, RecentEnds())
        try await commit(
            [
                .note(
                    kind: "machine.mode", subjects: [actor, configuration.cell.rawValue],
                    facts: ["mode": .string(mode.rawValue), "why": .string(why)])
            ]
                + cell.change(mode: mode, in: state) + (try await maintained(mode)))
    }

    /// The mode that the line's file names is entered where modes may change; in others nothing is made.
    private func enterMode(_ before: UnitState) async throws(SakkError) -> SakkError? {
        guard [.production, .training].contains(before.mode) else {
            return hold(
                "line.mode", "The cell is in \(before.mode.rawValue) mode: nothing is made.",
                "Set it back to \(configuration.mode.rawValue) mode when the work at the machine is done.")
        }
        guard before.mode != configuration.mode else { return nil }
        // an ended run is reset to Idle first
        let state: PackMLState = before.state == .complete ? .idle : before.state
        guard CellMachine.mayChangeMode(state) else {
            return hold(
                "line.mode", "The cell is \(state.word) in \(before.mode.rawValue) mode.",
                "End what it holds in that mode first; modes change only when it is stopped, idle or aborted.")
        }
        try await commit(cell.change(mode: configuration.mode, in: state))
        return nil
    }

    /// Ends the run after the card that is in the machine.
    func stop() { orders.ends = true }

    /// What the next run finds.
    func mayStart() { orders = CellOrders() }

    private func work(clears: Bool) async throws(SakkError) {
        var healed = false
        var pending: SakkError?
        var first = true
        while true {
            do {
                if first || pending != nil {
                    if pending != nil { try await connect() }
                    reconciling = true
                    defer { reconciling = false }
                    let cause = pending
                    try await apart { () async throws(SakkError) in try await self.reconcile(after: cause) }
                    pending = nil
                    first = false
                    if clears { return try await commit(recovered.changes(configuration.cell) + cell.cleared()) }
                    if cell.state != .held {
                        try await preflight(feeds: false)
                        try await commit(recovered.changes(configuration.cell) + cell.started())
                    }
                    await binding.isEmpty(configuration.cell, true)
                    isProved = false
                }
                guard cell.state == .execute else { return }
                try await binding.demandInnocence(configuration.cell)
                if orders.ends || orders.stops { return try await commit(cell.stopped()) }
                if let text = orders.holds {
                    orders.holds = nil
                    return try await commit(
                        cell.hold(CellMachine.holdAsked, text, "When the reason is gone: sakk line unhold."))
                }
                if let stop = try await distrust() {
                    return try await commit(cell.hold(stop.code, stop.text, stop.remedy))
                }
                let isMade = try await apart { () async throws(SakkError) in try await self.makeNext() }
                guard isMade else { return try await commit(cell.completed()) }
                healed = false
            } catch {
                // a lost connection may heal by itself: looked at once, then a person is asked
                guard CellController.mayGoOn(error), error.outcome == .unknown, !healed else { throw error }
                healed = true
                pending = error
            }
        }
    }

    /// Makes the next document; false when there is none.
    private func makeNext() async throws(SakkError) -> Bool {
        guard takeTicket(), let ready = try await nextReady() else { return false }
        try await demandClearance(ready.claim)
        if let document = ready.document { try Preflight.check(document, configuration) }
        if !isProved { try await preflight(feeds: true) }
        isProved = true
        try await make(ready)
        return true
    }

    /// Ledger failures, a lost fence and a simulated crash end the controller; nothing more may be written.
    static func mayGoOn(_ error: SakkError) -> Bool {
        error.code != SimulatedCrash.code && error.code != "line.lease.expired"
            && !error.code.rawValue.hasPrefix("ledger.")
    }

    /// What no cell of the line may work after.
    static func endsTheLine(_ error: SakkError) -> Bool {
        error.code == "line.lease.expired" || !mayGoOn(error) && error.code != "ledger.rule"
    }

    private func takeTicket() -> Bool {
        if !hasTicket { hasTicket = tally.take() }
        return hasTicket
    }

    private func giveTicketBack() {
        if hasTicket { tally.giveBack() }
        hasTicket = false
    }

    // MARK: books and words

    /// `owner`: for the desk, the cell whose card it is.
    func commit(_ changes: [Change], for owner: CellID? = nil) async throws(SakkError) {
        guard !changes.isEmpty else { return }
        try await store.commit(
            Transition(
                lease: try lease.current(), cell: owner ?? configuration.cell, actor: configuration.actor,
                changes: changes))
    }

    /// Records that this cell claimed and did not feed a blank for go back to their place: another cell may make them.
    private func releaseUntouched() async throws(SakkError) {
        ahead = nil
        try await CellController.release(
            try await store.attempts(.live(configuration.line)), of: configuration.cell, store, lease,
            configuration.actor)
    }

    static func release(
        _ live: [AttemptReport], of cell: CellID, _ store: any LedgerStore, _ lease: SharedLease, _ actor: String
    ) async throws(SakkError) {
        let untouched = live.filter { attempt in
            attempt.cell == cell && attempt.state == .claimed && attempt.steps.allSatisfy { $0.outcome != nil }
        }
        guard !untouched.isEmpty else { return }
        try await store.commit(
            Transition(
                lease: try lease.current(), cell: cell, actor: actor,
                changes: untouched.map { .release($0.attempt, $0.production) }))
    }

    func report(_ attempt: AttemptID?, _ step: Step?) {
        report(attempt, step, cell.code, cell.text, cell.remedy)
    }

    func report(_ attempt: AttemptID?, _ step: Step?, _ code: String?, _ text: String, _ remedy: String) {
        events(
            LineProgress(
                state: cell.state, done: done, target: 0, rejects: rejects, held: held, attempt: attempt,
                step: step, code: code, text: text, remedy: remedy, cell: configuration.cell))
    }

    /// An error that holds the cell because of what lies in it.
    func hold(_ code: SakkError.Code, _ text: String, _ remedy: String, subject: String? = nil) -> SakkError {
        SakkError(code, source: "cell \(configuration.cell)", subject: subject, text: text, remedy: remedy)
    }

    /// Counts a card that has left, and holds the cell when the limits say so.
    func ended(_ end: CardEnd, _ attempt: AttemptID) async throws(SakkError) {
        (seenMRZ, seenPortrait) = ([], nil)
        switch end {
        case .produced:
            done += 1
            hasTicket = false
        case .spoiled, .deadOnArrival: rejects += 1
        case .heldCard: held += 1
        case .holdCell: break
        }
        if reconciling { recovered.count(end) }
        try await commit(try await told(end, attempt) + cameraHealth() + cell.ended(end))
        report(attempt, nil)
    }

    func connect() async throws(SakkError) {
        try await act("line.connect.before", "line.connect.after") { () async throws(SakkError) in
            identity = try await stations.printer.connect()
            try await stations.chip.connect()
            try await stations.camera.connect()
            try demandReader()
            try await stations.booklets?.connect()
            await binding.join(configuration.cell, stations.chip)
        }
    }

    /// An act that cannot be undone: it is begun under a lease that lasts.
    func irreversible<Value>(
        _ before: StaticString, _ after: StaticString, _ body: () async throws(SakkError) -> Value
    ) async throws(SakkError) -> Value {
        try lease.demand(configuration.leaseMargin, configuration.time.boot())
        return try await act(before, after, body)
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

/// What became of the cards that a run found in its machine, for the recovery report (`cell.recovered`).
struct Recovered: Sendable, Hashable {
    var continued = 0
    var spoiled = 0
    var quarantined = 0

    mutating func count(_ end: CardEnd) {
        switch end {
        case .produced: continued += 1
        case .spoiled, .deadOnArrival: spoiled += 1
        case .heldCard, .holdCell: quarantined += 1
        }
    }

    /// Tells it once.
    mutating func changes(_ cell: CellID) -> [Change] {
        guard self != Recovered() else { return [] }
        defer { self = Recovered() }
        return [
            .note(
                kind: RecoveryCounts.kind, subjects: [cell.rawValue],
                facts: [
                    "continued": .count(continued), "spoiled": .count(spoiled), "quarantined": .count(quarantined),
                ])
        ]
    }
}
