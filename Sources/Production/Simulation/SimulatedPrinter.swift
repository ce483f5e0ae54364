import Ground
import Stations

func simulatedError(_ code: SakkError.Code, _ outcome: SakkError.Outcome) -> SakkError {
    SakkError(code, source: "simulated station", outcome: outcome, text: "\(code)", remedy: "The operator knows.")
}

/// A card printer as a state machine over the physical world, with its faults.
struct SimulatedPrinter: CardPrinter {
    let world: World
    let cell: Int
    let gate: Gate

    func connect() async throws(SakkError) -> PrinterIdentity {
        try await gate.pass("connect")
        try world.connect()
        let connection = world.look { state in
            state.cells[cell].gone = false
            return state.cells[cell].connection
        }
        return PrinterIdentity(
            family: "simulated", model: "simulated", serial: "SIM-\(cell)", firmware: "1", connection: "\(connection)")
    }

    /// What every command finds first.
    private func awake(_ state: inout World.State) throws(SakkError) {
        if state.fault("cable", world.profile.cable, cell) {
            state.cells[cell].connection += 1
            state.cells[cell].gone = true
        } else if state.fault("power", world.profile.power, cell) {
            state.losePower(cell)
        }
        if state.cells[cell].gone { throw simulatedError("usb.gone", .unknown) }
    }

    func status() async throws(SakkError) -> PrinterStatus {
        try await gate.pass("status")
        return try world.with { (state) throws(SakkError) in
            if state.cells[cell].gone { throw simulatedError("usb.gone", .unknown) }
            let now = state.cells[cell]
            let position: CardPosition =
                now.airy ? .at(.contactless) : now.inside == nil ? .none : now.stuck ? .somewhere : .at(now.station)
            return PrinterStatus(
                position: position, reasons: now.ribbonEmpty ? [.markerSupplyEmpty] : [],
                counters: PrinterCounters(cards: now.cards, panels: now.panels, ribbonRemaining: nil),
                connection: "\(now.connection)")
        }
    }

    func feed(to station: PrinterStation) async throws(SakkError) {
        try await gate.pass("feed")
        try world.with { (state) throws(SakkError) in
            try awake(&state)
            guard state.cells[cell].inside == nil else { throw simulatedError("printer.card.inside", .notDone) }
            if state.fault("feed.fails", world.profile.feedFails, cell) {
                throw simulatedError("printer.feeder.empty", .notDone)
            }
            if let thrown = state.cells[cell].thrown {
                state.blind.append(thrown)
                state.cells[cell].thrown = nil
            }
            strangers(&state)
            if state.wrongBooklet(cell, world.profile) { return }
            guard !state.cells[cell].hopper.isEmpty else { throw simulatedError("printer.hopper.empty", .notDone) }
            state.cells[cell].inside = state.cells[cell].hopper.removeFirst()
            state.cells[cell].station = station
            state.cells[cell].cards += 1
            if !state.cells[cell].hopper.isEmpty, state.fault("feed.double", world.profile.feedDouble, cell) {
                state.cells[cell].dragged = state.cells[cell].hopper.removeFirst()
                state.cells[cell].stuck = true
                throw simulatedError("printer.card.jam", .unknown)
            }
            if state.fault("feed.untold", world.profile.feedUntold, cell) {
                throw simulatedError("printer.timeout", .unknown)
            }
        }
        try FaultPoint.pass("plant.fed")
    }

    /// Cards on the hopper that should not lie there.
    private func strangers(_ state: inout World.State) {
        if let used = state.cells[cell].reject.last, state.fault("card.used", world.profile.usedCard, cell) {
            state.cells[cell].reject.removeLast()
            state.cells[cell].hopper.insert(used, at: 0)
        } else if !world.profile.isBooklets(cell), state.fault("card.foreign", world.profile.foreignCard, cell) {
            let number = state.cards.count + 1
            let identity =
                state.chips?.make(number, isMute: false, isForeign: true)
                ?? ChipIdentity("F" + SimulatedPeople.padded(number, 8) + state.series)
            var card = Card(number: number, chip: identity)
            card.foreign = true
            card.document = Card.Document(mrz: ["FOREIGN"], sodHash: [], complete: true)
            state.cards.append(card)
            state.cells[cell].hopper.insert(number, at: 0)
        }
    }

    func move(to station: PrinterStation) async throws(SakkError) {
        try await gate.pass("move")
        try world.with { (state) throws(SakkError) in
            try awake(&state)
            guard let card = state.cells[cell].inside, !state.cells[cell].stuck else {
                throw simulatedError("printer.card.none", .notDone)
            }
            if state.fault("jam", world.profile.jam, cell) {
                state.cells[cell].stuck = true
                throw simulatedError("printer.card.jam", .unknown)
            }
            if station == .print, !state.cells[cell].hopper.isEmpty,
                state.fault("swapped", world.profile.swapped, cell)
            {
                state.cells[cell].aside.append(card)
                state.cells[cell].inside = state.cells[cell].hopper.removeFirst()
            }
            state.cells[cell].station = station
            if state.fault("move.untold", world.profile.moveUntold, cell) {
                throw simulatedError("printer.timeout", .unknown)
            }
        }
    }

    func print(_ job: PrintJob) async throws(SakkError) {
        try await gate.pass("print")
        try begin(job)
        for (index, panel) in job.panels.enumerated() {
            try await gate.pass("panel")
            try lay(index, panel, of: job)
            try FaultPoint.pass("plant.print.panel")
        }
        try world.with { (state) throws(SakkError) in
            state.cells[cell].buffer = job.panels
            if state.fault("print.untold", world.profile.printUntold, cell) {
                throw simulatedError("printer.timeout", .unknown)
            }
        }
    }

    private func begin(_ job: PrintJob) throws(SakkError) {
        try world.with { (state) throws(SakkError) in
            try awake(&state)
            guard state.cells[cell].inside != nil, state.cells[cell].station == .print else {
                throw simulatedError("printer.card.none", .notDone)
            }
            if state.cells[cell].ribbonEmpty || state.fault("ribbon.end", world.profile.ribbonEnd, cell) {
                state.cells[cell].ribbonEmpty = true
                throw simulatedError("printer.ribbon.end", .notDone)
            }
        }
    }

    private func lay(_ index: Int, _ panel: PanelRaster, of job: PrintJob) throws(SakkError) {
        try world.with { (state) throws(SakkError) in
            if state.cells[cell].gone { throw simulatedError("usb.gone", .unknown) }
            guard let card = state.cells[cell].inside, state.cells[cell].station == .print else {
                throw simulatedError("printer.card.none", .unknown)
            }
            // once a card each, at a panel of its own
            if index == 3, state.fault("print.torn", world.profile.printTorn, cell) {
                throw simulatedError("printer.timeout", .unknown)
            }
            state.cells[cell].panels += 1
            if index == 1, state.fault("panel.missing", world.profile.panelMissing, cell) { return }
            var laid = panel
            if index == job.panels.count - 1, let old = state.cells[cell].buffer.last,
                state.fault("person.other", world.profile.otherPerson, cell)
            {
                laid = old
            }
            state.with(card) { $0.ink.append(laid) }
        }
    }

    func present(_ side: CardSide) async throws(SakkError) {
        try await gate.pass("present")
        try world.with { (state) throws(SakkError) in
            try awake(&state)
            guard state.cells[cell].inside != nil, state.cells[cell].station == .print else {
                throw simulatedError("printer.card.none", .notDone)
            }
        }
    }

    func eject(_ exit: CardExit) async throws(SakkError) {
        try await gate.pass("eject")
        try world.with { (state) throws(SakkError) in
            try awake(&state)
            guard let card = state.cells[cell].inside, !state.cells[cell].stuck else {
                throw simulatedError("printer.card.none", .notDone)
            }
            if state.fault("eject.fails", world.profile.ejectFails, cell) {
                throw simulatedError("printer.timeout", .unknown)
            }
            if state.fault("jam", world.profile.jam, cell) {
                state.cells[cell].stuck = true
                throw simulatedError("printer.card.jam", .unknown)
            }
            state.cells[cell].inside = nil
            if exit == .good { state.cells[cell].good.append(card) } else { state.cells[cell].reject.append(card) }
            if state.fault("eject.untold", world.profile.ejectUntold, cell) {
                throw simulatedError("printer.timeout", .unknown)
            }
        }
        try FaultPoint.pass("plant.ejected")
    }

    func disconnect() async {}
}
