public import Ground
public import Ledger
public import Stations

/// What a line is told about one of its cells.
public struct LineCell: Sendable {
    public let configuration: LineConfiguration
    public let stations: CellStations
    public let evidence: (any EvidenceStore)?

    public init(
        configuration: LineConfiguration, stations: CellStations, evidence: (any EvidenceStore)? = nil
    ) {
        self.configuration = configuration
        self.stations = stations
        self.evidence = evidence
    }
}

/// Runs a line: all its cells at once, under one lease that a heartbeat keeps.
///
/// The devices are claimed first, then the line is taken over; a cell whose devices cannot be claimed is left out and
/// told, the others run. A hold or fault in one cell leaves the others alone. What ends them all is the loss of the
/// lease and a ledger that cannot be written.
public actor LineController {
    let line: LineID
    let first: LineConfiguration
    let store: any LedgerStore
    let cells: [CellController]
    let lease = SharedLease()
    let tally = LineTally()
    let binding = ReaderBinding()
    let desk: (any ChipStation)?
    private var running = false
    private var stopping = false

    /// `cells` share line, actor, host and the lease's times, which are those of the first; it may not be empty. `desk`
    /// is the reader on which found cards are laid while the line runs.
    public init(
        cells: [LineCell], store: any LedgerStore, desk: (any ChipStation)? = nil,
        events: @escaping @Sendable (LineProgress) -> Void = { _ in }
    ) {
        precondition(!cells.isEmpty, "a line has cells")
        first = cells[0].configuration
        line = cells[0].configuration.line
        self.store = store
        self.desk = desk
        let lease = lease
        let tally = tally
        let binding = binding
        self.cells = cells.map { cell in
            CellController(
                configuration: cell.configuration, store: store, stations: cell.stations, lease: lease, tally: tally,
                binding: binding, evidence: cell.evidence, events: { events(tally.sum($0)) })
        }
    }

    /// A line of one cell.
    public init(
        configuration: LineConfiguration, store: any LedgerStore, stations: CellStations,
        evidence: (any EvidenceStore)? = nil, events: @escaping @Sendable (LineProgress) -> Void = { _ in }
    ) {
        self.init(
            cells: [LineCell(configuration: configuration, stations: stations, evidence: evidence)], store: store,
            events: events)
    }

    /// Makes documents until the queue is empty, `target` cards were produced, `stop()` was called or every cell holds;
    /// or waits and goes on, as `end` says.
    ///
    /// `acknowledgedBy` is the person who looked after a hold that asks for one, and `counted` what that person counted
    /// at each cell that was cleared for another product or batch. Throws when no cell can even begin, and
    /// when the line must end at once: `ledger.epoch.stale`, `line.lease.expired`, any failure of the ledger.
    /// Everything else that happens at work is in the summary and in the ledger.
    public func run(
        target wanted: Int? = nil, acknowledgedBy person: String? = nil, counted: [CellID: ClearanceCounts] = [:],
        until end: RunEnd = .idle
    ) async throws(SakkError) -> RunSummary {
        guard !running else {
            throw SakkError(
                "line.running", source: "line \(line)", text: "This controller is running already.",
                remedy: "Wait for it or stop it.")
        }
        running = true
        stopping = false
        defer { running = false }
        try check()
        for cell in cells { await cell.mayStart() }
        var ends = await claimDevices()
        if let fatal = ends.values.lazy.compactMap(LineController.fatal).first { throw fatal }
        let able = cells.filter { ends[$0.configuration.cell] == nil }
        if able.isEmpty, let error = ends.values.lazy.compactMap(LineController.error).first { throw error }
        try await takeOver()
        try await refuseOldCommands()
        try await freeAbandoned(able.map(\.configuration.cell))
        tally.begin(wanted: wanted, target: min(wanted ?? Int.max, try await store.read(WorkLeftQuery(line: line))))
        ends.merge(await work(able, person, counted, end)) { $1 }
        if let fatal = ends.values.lazy.compactMap(LineController.fatal).first { throw lease.loss ?? fatal }
        if cells.count == 1, let only = ends.values.lazy.compactMap(LineController.error).first { throw only }
        return RunSummary(
            cells: cells.compactMap { cell in
                let id = cell.configuration.cell
                return switch ends[id] {
                case .success(let summary): summary
                case .failure(let error): CellSummary(cell: id, failed: error)
                case nil: nil
                }
            })
    }

    /// Ends the run: each cell finishes the card that is in its machine.
    public func stop() async {
        stopping = true
        for cell in cells { await cell.stop() }
    }

    /// Gives the line back: another controller takes it over at once. After this nothing more is done here.
    public func release() async throws(SakkError) {
        guard lease.isTaken else { return }
        try await store.release(try lease.current())
        lease.lose(
            SakkError(
                "line.released", source: "line \(line)", text: "The line was given back.",
                remedy: "Start the line again."))
    }

    typealias End = Result<CellSummary, SakkError>

    private static func error(_ end: End) -> SakkError? {
        if case .failure(let error) = end { error } else { nil }
    }

    /// What no cell may work after.
    private static func fatal(_ end: End) -> SakkError? {
        error(end).flatMap { CellController.endsTheLine($0) ? $0 : nil }
    }

    private func check() throws(SakkError) {
        let names = Set(cells.map(\.configuration.cell))
        guard names.count == cells.count, cells.allSatisfy({ $0.configuration.line == line }) else {
            throw SakkError(
                "line.cells", source: "line \(line)", text: "Two cells have one name, or belong to different lines.",
                remedy: "Correct the line's configuration.")
        }
    }

    func takeOver() async throws(SakkError) {
        lease.take(
            try await store.takeOver(
                line, by: LeaseHolder(name: first.actor, host: first.host, duration: first.leaseDuration)))
    }

    /// Connects all cells at once; answers for those that failed.
    private func claimDevices() async -> [CellID: End] {
        await withTaskGroup(of: (CellID, SakkError?).self) { group in
            for cell in cells {
                group.addTask {
                    do throws(SakkError) {
                        try await cell.connect()
                        return (cell.configuration.cell, nil)
                    } catch {
                        return (cell.configuration.cell, error)
                    }
                }
            }
            var failed: [CellID: End] = [:]
            for await (cell, error) in group {
                if let error { failed[cell] = .failure(error) }
            }
            return failed
        }
    }

    /// Records that a cell claimed and that no running cell will take up again go back to the queue.
    private func freeAbandoned(_ running: [CellID]) async throws(SakkError) {
        let left = try await store.attempts(.live(line)).filter { !running.contains($0.cell) }
        for cell in Set(left.map(\.cell)).sorted() {
            try await CellController.release(left, of: cell, store, lease, first.actor)
        }
    }

    private func work(
        _ able: [CellController], _ person: String?, _ counted: [CellID: ClearanceCounts], _ end: RunEnd
    ) async -> [CellID: End] {
        // a child: it has ended when the work has, and it runs where the work runs
        async let _: Void = heartbeat()
        let ear = first.commandsEvery == nil ? nil : Task { await listen() }
        defer { ear?.cancel() }
        for cell in able { tally.isPresent(cell.configuration.cell, true) }
        return await withTaskGroup(of: (CellID, End).self) { group in
            for cell in able {
                if stopping { await cell.stop() }
                tally.works(cell.configuration.cell, true)
                group.addTask { [tally] in
                    let id = cell.configuration.cell
                    defer {
                        tally.works(id, false)
                        tally.isPresent(id, false)
                    }
                    do throws(SakkError) {
                        return (
                            id, .success(try await cell.run(acknowledgedBy: person, counted: counted[id], until: end))
                        )
                    } catch {
                        return (id, .failure(error))
                    }
                }
            }
            var ends: [CellID: End] = [:]
            for await (cell, end) in group {
                ends[cell] = end
                // what one cell learnt about the line holds for all
                if let fatal = LineController.fatal(end) { lease.lose(fatal) }
            }
            return ends
        }
    }

    /// A heartbeat that is not heard is tried again: the deadline stops the acts. One that is refused ends the line.
    private func heartbeat() async {
        while !Task.isCancelled {
            do {
                try await first.pause(first.leaseDuration / 3)
            } catch {
                return
            }
            do throws(SakkError) {
                lease.extend(try await store.extend(try lease.current()))
            } catch {
                guard error.code == "ledger.epoch.stale" else { continue }
                return lease.lose(error)
            }
        }
    }

    /// Sets a cell's mode while nothing moves in it. `line.mode` when it is not stopped, idle or aborted.
    public func change(mode: UnitMode, of cell: CellID, by actor: String) async throws(SakkError) {
        guard let controller = cells.first(where: { $0.configuration.cell == cell }) else {
            throw SakkError(
                "line.cells", source: "line \(line)", subject: cell.rawValue, text: "The line has no such cell.",
                remedy: "Name one of its cells.")
        }
        if !lease.isTaken { try await takeOver() }
        try await controller.change(mode: mode, by: actor)
    }

    // MARK: the desk

    /// Settles a card that was found, by its chip at the desk reader. `box` is where it was found, nil for elsewhere.
    ///
    /// A card that had passed, whose good eject was ordered, and that lies in the good box is good. Every other card's
    /// chip is killed here and the blank spoiled; its record is made again only when the death is confirmed.
    /// Errors: `settle.card.absent`, `settle.card.mute`, `settle.card.unexpected`.
    public func settleFound(in box: CardExit?, at desk: any ChipStation, by actor: String) async throws(SakkError)
        -> Settlement
    {
        // the desk works under the same fence as the line; it is used while the line holds
        if !lease.isTaken { try await takeOver() }
        return try await cells[0].settleFound(in: box, at: desk, by: actor)
    }

    /// A mute or lost-and-found card that two people sealed and punched.
    public func settleDestroyed(_ blank: BlankID, by actor: String, witness: String) async throws(SakkError)
        -> Settlement
    {
        if !lease.isTaken { try await takeOver() }
        return try await cells[0].settleDestroyed(blank, by: actor, witness: witness)
    }

    /// Puts a hand count of a cell's hopper beside the books: see `CountSettlement`.
    public func settleCount(of cell: CellID, hopper counted: Int, by actor: String) async throws(SakkError)
        -> CountSettlement
    {
        guard let controller = cells.first(where: { $0.configuration.cell == cell }) else {
            throw SakkError(
                "line.cells", source: "line \(line)", subject: cell.rawValue, text: "The line has no such cell.",
                remedy: "Name one of its cells.")
        }
        if !lease.isTaken { try await takeOver() }
        return try await controller.settleCount(hopper: counted, by: actor)
    }

    /// Gives a card up that nobody finds; its record waits while its chip may live.
    public func settleMissing(_ blank: BlankID, by actor: String, witness: String, incident: String)
        async throws(SakkError) -> Settlement
    {
        if !lease.isTaken { try await takeOver() }
        return try await cells[0].settleMissing(blank, by: actor, witness: witness, incident: incident)
    }
}
