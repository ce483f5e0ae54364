public import Ground
public import Stations

/// What is in a chip's memory, as the plant's own census reads it.
public struct ChipMemory: Sendable, Equatable {
    /// Lines of the machine readable zone; nil without an application.
    public let mrz: [String]?
    public let sodHash: Bytes
    /// Written to the end and locked.
    public let isWhole: Bool
    public let isDead: Bool
    public let answers: Bool

    public init(mrz: [String]?, sodHash: Bytes, isWhole: Bool, isDead: Bool, answers: Bool) {
        self.mrz = mrz
        self.sodHash = sodHash
        self.isWhole = isWhole
        self.isDead = isDead
        self.answers = answers
    }
}

/// How a chip fails while it is written to.
public enum ChipBreak: Sendable {
    /// It falls silent at some command, for ever.
    case dies
    /// It falls silent at some command, with or without obeying it, until it is powered again.
    case torn
    /// It is written whole, and the last answer is lost.
    case untold
}

/// Chips that are more than a state: the plant's own, with the controller's real code in front of them (size b). One for
/// each world; cards are named by their number in it.
public protocol PlantChips: AnyObject, Sendable {
    func make(_ number: Int, isMute: Bool, isForeign: Bool) -> ChipIdentity
    func memory(_ number: Int) -> ChipMemory

    func identify(_ number: Int) throws(SakkError) -> ChipPresence
    func personalise(
        _ number: Int, _ job: ChipJob, on chip: ChipIdentity, breaks: ChipBreak?, progress: @Sendable (String) -> Void
    ) throws(SakkError)
    func read(_ number: Int, with access: MRZAccess) throws(SakkError) -> BorderReport
    func kill(_ number: Int) throws(SakkError) -> ChipDeath
    func preparation(_ artwork: any ArtworkStation) -> any DocumentPreparation
}

extension World {
    func station(cell: Int, gate: Gate, desk: Bool) -> any ChipStation {
        guard let chips = look({ $0.chips }) else {
            return SimulatedChip(world: self, cell: cell, gate: gate, desk: desk)
        }
        return PlantChipStation(chips: chips, world: self, cell: cell, gate: gate, desk: desk)
    }
}

/// The encoder in a cell, or the desk reader, with a real chip in it.
struct PlantChipStation: ChipStation {
    let chips: any PlantChips
    let world: World
    let cell: Int
    let gate: Gate
    var desk = false

    func connect() async throws(SakkError) { try await gate.pass("reader") }
    func disconnect() async {}

    /// The card that lies at the reader, once the reader works.
    private func present() throws(SakkError) -> Int? {
        try world.with { (state) throws(SakkError) in
            if !desk, state.fault("reader.fails", world.profile.readerFails, cell) {
                throw simulatedError("reader.unavailable", .notDone)
            }
            let now = state.cells[cell]
            if desk { return now.desk }
            return now.station == .contactless && !now.stuck ? now.inside : nil
        }
    }

    /// The world's card becomes what the census says.
    private func settle(_ number: Int) {
        let memory = chips.memory(number)
        world.look { state in
            state.with(number) { card in
                card.answers = memory.answers
                card.killed = memory.isDead
                guard !card.foreign else { return }
                card.document =
                    memory.mrz.map {
                        Card.Document(mrz: $0, sodHash: memory.sodHash, complete: memory.isWhole)
                    } ?? card.document
            }
        }
    }

    func identify() async throws(SakkError) -> ChipPresence {
        try await gate.pass("identify")
        guard let number = try present() else { return .absent }
        return try chips.identify(number)
    }

    func personalise(_ job: ChipJob, on chip: ChipIdentity, progress: @Sendable (String) -> Void)
        async throws(SakkError)
    {
        try await gate.pass("personalise")
        guard let number = try present() else { throw simulatedError("card.other", .notDone) }
        let breaks: ChipBreak? = world.look { state in
            if state.fault("chip.dies", world.profile.chipDies, cell) { return .dies }
            if state.fault("chip.torn", world.profile.chipTorn, cell) { return .torn }
            return state.fault("chip.untold", world.profile.chipUntold, cell) ? .untold : nil
        }
        defer { settle(number) }
        try chips.personalise(number, job, on: chip, breaks: breaks, progress: progress)
    }

    func read(with access: MRZAccess) async throws(SakkError) -> BorderReport {
        try await gate.pass("read")
        guard let number = try present() else {
            return BorderReport(
                checks: [BorderCheck(name: "select", passed: false, detail: "")], mrz: [], portrait: [], sodHash: [],
                fileHashes: [:])
        }
        return try chips.read(number, with: access)
    }

    func kill() async throws(SakkError) -> ChipDeath {
        try await gate.pass("kill")
        guard let number = try present() else { return .unconfirmed }
        defer { settle(number) }
        return try chips.kill(number)
    }
}

/// The print of size b: the zone on every panel, as in size a.
struct SimulatedArtwork: ArtworkStation {
    func render(_ record: ApprovedRecord, mrz: [String]) throws(SakkError) -> RenderedDocument {
        SimulatedPreparation.rendered(mrz)
    }
}
