import Ground
import Ledger
import Stations

extension CellController {
    /// Waits until the cell can go on; nil when the run ends.
    func wait(until end: RunEnd) async throws(SakkError) -> CellOrders.Next? {
        let id = configuration.cell
        orders.isWaiting = true
        tally.works(id, false)
        defer {
            orders.isWaiting = false
            tally.works(id, true)
            tally.rests(id, false)
        }
        report(nil, nil)
        while true {
            if let next = orders.next {
                orders.next = nil
                return next
            }
            tally.rests(id, [.complete, .stopped].contains(cell.state))
            if orders.ends || end == .complete && tally.allRest { return nil }
            // what ended the right to the line ends the waiting too
            _ = try lease.current()
            do {
                try await configuration.pause(configuration.looksEvery)
            } catch {
                return nil
            }
            if cell.state == .suspended, try await hasCauseEnded(), cell.state == .suspended { return .init() }
            if cell.state == .complete, try await hasWork(), cell.state == .complete { return .init() }
        }
    }

    private func hasWork() async throws(SakkError) -> Bool {
        guard !tally.isMet else { return false }
        return try await store.read(QueueHasWorkQuery(product: configuration.product, stock: configuration.stock))
    }

    /// Asks what suspended the cell, without a row in the journal: it may be asked for hours.
    private func hasCauseEnded() async throws(SakkError) -> Bool {
        let code = cell.code ?? ""
        do throws(SakkError) {
            let aboutApproval = code.hasPrefix("record.standing.")
            try await preflight(feeds: !aboutApproval)
            if aboutApproval, let lastAsked { _ = try await stands(lastAsked) }
        } catch {
            guard CellController.mayGoOn(error) else { throw error }
            return false
        }
        guard code == "line.stock.empty" else { return true }
        return try await !store.blanks(.hopper(configuration.line, configuration.cell, limit: 1)).isEmpty
    }

    /// Before each act: a cell that is aborted lets go between two acts, and what lies in the machine is looked at when
    /// it is cleared.
    func demandNoAbort() throws(SakkError) {
        guard let text = orders.aborts else { return }
        orders.aborts = nil
        throw hold(CellMachine.abortAsked, text, "Look at the machine; then: sakk line clear, reset, start.")
    }

    /// Takes a command up; throws why it cannot be obeyed.
    func obey(_ command: LineCommand) async throws(SakkError) {
        let state = cell.state
        guard CellMachine.allows(command.word, in: state) else {
            throw hold(
                "line.command", "The cell is \(state.word): \(command.word.rawValue) has no place there.",
                CellController.way(from: state))
        }
        let why = command.facts["why"]?.string ?? ""
        let words = "by \(command.actor)" + (why.isEmpty ? "." : ": \(why)")
        switch command.word {
        case .start:
            guard [.production, .training].contains(cell.mode) else {
                throw hold(
                    "line.mode", "The cell is in \(cell.mode.rawValue) mode: nothing is made.",
                    "Set it back to \(configuration.mode.rawValue) mode when the work at the machine is done.")
            }
            goOn(.init(person: command.actor))
        case .unhold:
            guard cell.code != "line.clearance" else {
                throw hold("line.clearance", cell.text, "Empty and count it first: sakk line clearance.")
            }
            goOn(.init(person: command.actor))
        case .clear: goOn(.init(person: command.actor, clears: true))
        case .hold: orders.holds = "Held \(words)"
        case .stop:
            guard orders.isWaiting else { return orders.stops = true }
            try await commit(cell.stopped())
        case .abort:
            let text = "Aborted \(words)"
            guard orders.isWaiting else { return orders.aborts = text }
            try await commit(
                cell.aborted(
                    hold(CellMachine.abortAsked, text, "Look at the machine; then: sakk line clear, reset, start.")))
        case .reset: try await commit(cell.reset())
        case .mode: try await mode(command, why)
        case .clearance: try await clearance(command)
        case .settle: return
        }
    }

    func goOn(_ next: CellOrders.Next) {
        orders.stops = false
        orders.holds = nil
        orders.aborts = nil
        orders.next = next
    }

    private func mode(_ command: LineCommand, _ why: String) async throws(SakkError) {
        guard let mode = command.facts["mode"]?.string.flatMap(UnitMode.init(rawValue:)),
            [.maintenance, .manual, configuration.mode].contains(mode)
        else {
            throw hold(
                "line.mode",
                "The line's file says \(configuration.mode.rawValue): it is the only mode in which is made.",
                "Choose \(configuration.mode.rawValue), maintenance or manual.")
        }
        try await change(mode: mode, by: command.actor, why: why)
    }

    /// Two evidences, typed by a named person and not contradicted by the machine: hopper empty, machine empty.
    private func clearance(_ command: LineCommand) async throws(SakkError) {
        guard cell.state != .held || cell.code == "line.clearance" else {
            throw hold("line.command", "The cell is held: \(cell.text)", "Do first what that hold asks for.")
        }
        func count(_ name: String) -> Int? { command.facts[name]?.integer.map { Int($0) } }
        guard command.facts["hopper_empty"]?.bool == true, command.facts["machine_empty"]?.bool == true,
            let hopper = count("hopper"), let good = count("good"), let reject = count("reject")
        else {
            throw hold(
                "line.clearance", "Somebody must have seen that hopper and machine are empty, and have counted.",
                "Say --hopper-empty, --machine-empty and --counted HOPPER,GOOD,REJECT.")
        }
        let status = try await stations.printer.status()
        guard status.position == .none else {
            throw hold(
                "line.clearance", "The machine says that a card lies in it.", "Take it out; then clear the line again.")
        }
        let unit = UnitState(state: cell.state, product: cell.product, batch: cell.batch)
        let counts = ClearanceCounts(hopper: hopper, good: good, reject: reject)
        var facts = evidence(counts, unit)
        facts["hopper_sensor"] = .string(status.reasons.contains(.mediaEmpty) ? "empty" : "silent")
        try await commit(
            [.note(kind: "line.cleared", subjects: [configuration.cell.rawValue, command.actor], facts: facts)]
                + cell.emptied(by: command.actor))
    }

    /// What a person may do from here.
    private static func way(from state: PackMLState) -> String {
        let words = LineCommand.Word.allCases.filter { $0 != .settle && CellMachine.allows($0, in: state) }
        guard !words.isEmpty else { return "Wait until it has come to rest." }
        return "From here: \(words.map(\.rawValue).joined(separator: ", "))."
    }
}
