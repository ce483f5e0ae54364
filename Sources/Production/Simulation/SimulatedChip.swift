import Ground
import Stations

/// The encoder in a cell, or the desk reader beside it.
struct SimulatedChip: ChipStation {
    let world: World
    let cell: Int
    let gate: Gate
    var desk = false

    func connect() async throws(SakkError) { try await gate.pass("reader") }

    private func present(_ state: World.State) -> Int? {
        let now = state.cells[cell]
        if desk { return now.desk }
        return now.station == .contactless && !now.stuck ? now.inside : nil
    }

    private func fails(_ state: inout World.State) throws(SakkError) {
        if !desk, state.fault("reader.fails", world.profile.readerFails, cell) {
            throw simulatedError("reader.unavailable", .notDone)
        }
    }

    func identify() async throws(SakkError) -> ChipPresence {
        try await gate.pass("identify")
        return try world.with { (state) throws(SakkError) in
            try fails(&state)
            guard let number = present(state) else { return .absent }
            let card = state.card(number)
            return card.answers ? .answers(identity: card.chip, personalised: card.document != nil) : .mute
        }
    }

    func personalise(_ job: ChipJob, on chip: ChipIdentity, progress: @Sendable (String) -> Void)
        async throws(SakkError)
    {
        try await gate.pass("personalise")
        try world.with { (state) throws(SakkError) in try fails(&state) }
        let zone = String(decoding: job.files.first?.bytes ?? [], as: UTF8.self)
        let mrz = zone.split(separator: "\n").map(String.init)
        try change(chip) { (state, number) throws(SakkError) in
            guard state.card(number).document == nil, !state.card(number).killed else {
                throw simulatedError("chip.installed", .notDone)
            }
            state.with(number) { $0.document = Card.Document(mrz: mrz, sodHash: job.sodHash, complete: false) }
        }
        try FaultPoint.pass("plant.chip.installed")
        try await gate.pass("files")
        try change(chip) { (state, number) throws(SakkError) in
            if state.fault("chip.dies", world.profile.chipDies, cell) {
                state.with(number) { $0.answers = false }
                throw simulatedError("card.removed", .unknown)
            }
            if state.fault("chip.torn", world.profile.chipTorn, cell) {
                throw simulatedError("card.removed", .unknown)
            }
            state.with(number) { $0.document?.complete = true }
            if state.fault("chip.untold", world.profile.chipUntold, cell) {
                throw simulatedError("card.timeout", .unknown)
            }
        }
        try FaultPoint.pass("plant.chip.locked")
    }

    private func change(
        _ chip: ChipIdentity, _ body: (inout World.State, Int) throws(SakkError) -> Void
    ) throws(SakkError) {
        try world.with { (state) throws(SakkError) in
            guard let number = present(state), state.card(number).answers, state.card(number).chip == chip else {
                throw simulatedError("card.other", .notDone)
            }
            try body(&state, number)
        }
    }

    func read(with access: MRZAccess) async throws(SakkError) -> BorderReport {
        try await gate.pass("read")
        return try world.with { (state) throws(SakkError) in
            try fails(&state)
            func failed(_ name: String) -> BorderReport {
                BorderReport(
                    checks: [BorderCheck(name: name, passed: false, detail: "")], mrz: [], portrait: [], sodHash: [],
                    fileHashes: [:])
            }
            guard let number = present(state), state.card(number).answers, let document = state.card(number).document
            else { return failed("select") }
            guard !state.card(number).killed, document.complete, SimulatedPeople.access(document.mrz) == access else {
                return failed("bac")
            }
            return BorderReport(
                checks: [BorderCheck(name: "bac", passed: true, detail: "")], mrz: document.mrz, portrait: [],
                sodHash: document.sodHash, fileHashes: [:])
        }
    }

    func kill() async throws(SakkError) -> ChipDeath {
        try await gate.pass("kill")
        return try world.with { (state) throws(SakkError) in
            guard let number = present(state), state.card(number).answers else { return .unconfirmed }
            state.with(number) { $0.killed = true }
            return .confirmed
        }
    }

    func disconnect() async {}
}
