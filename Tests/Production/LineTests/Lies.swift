import Ground
import Stations
import Synchronization

/// Stations that lie or do something on the way: planted bugs that the judge or a second pair of eyes must find.
enum Lies {
    /// Passes every picture, and reads the zone that really is on the card.
    static func blindInspection(_ stations: CellStations, _ plant: MemoryPlant) -> CellStations {
        with(stations, inspection: BlindInspection())
    }

    static func with(
        _ stations: CellStations, printer: (any CardPrinter)? = nil, chip: (any ChipStation)? = nil,
        preparation: (any DocumentPreparation)? = nil, inspection: (any InspectionStation)? = nil,
        standing: (any RecordStanding)? = nil
    ) -> CellStations {
        CellStations(
            printer: printer ?? stations.printer, chip: chip ?? stations.chip, camera: stations.camera,
            preparation: preparation ?? stations.preparation, inspection: inspection ?? stations.inspection,
            verification: stations.verification, standing: standing ?? stations.standing,
            booklets: stations.booklets)
    }

    static func beforePrint(
        _ stations: CellStations, _ body: @escaping @Sendable () async throws(SakkError) -> Void
    ) -> CellStations {
        with(stations, printer: HookedPrinter(inner: stations.printer, beforePrint: body))
    }

    static func beforeEject(
        _ stations: CellStations, _ body: @escaping @Sendable () async throws(SakkError) -> Void
    ) -> CellStations {
        with(stations, printer: HookedPrinter(inner: stations.printer, beforeEject: body))
    }
}

struct BlindInspection: InspectionStation {
    func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult {
        let back = request.frames.first { $0.side == .back }?.pixels.dropFirst() ?? []
        let seen = String(decoding: back, as: UTF8.self).split(separator: "\n").map(String.init)
        return InspectionResult(verdict: .pass, seenMRZ: seen, annotated: [:], measures: [:])
    }
}

struct HookedPrinter: CardPrinter {
    let inner: any CardPrinter
    var beforePrint: @Sendable () async throws(SakkError) -> Void = {}
    var beforeEject: @Sendable () async throws(SakkError) -> Void = {}
    /// What the line is told instead of the truth.
    var told: @Sendable (PrinterStatus) -> PrinterStatus = { $0 }

    func connect() async throws(SakkError) -> PrinterIdentity { try await inner.connect() }
    func status() async throws(SakkError) -> PrinterStatus { told(try await inner.status()) }
    func feed(to station: PrinterStation) async throws(SakkError) { try await inner.feed(to: station) }
    func move(to station: PrinterStation) async throws(SakkError) { try await inner.move(to: station) }
    func print(_ job: PrintJob) async throws(SakkError) {
        try await beforePrint()
        try await inner.print(job)
    }
    func present(_ side: CardSide) async throws(SakkError) { try await inner.present(side) }
    func eject(_ exit: CardExit) async throws(SakkError) {
        try await beforeEject()
        try await inner.eject(exit)
    }
    func disconnect() async { await inner.disconnect() }
}

/// Answers as the inner station does, except where a closure says otherwise.
struct HookedChip: ChipStation {
    let inner: any ChipStation
    var killed: (@Sendable () -> ChipDeath)?
    var seen: @Sendable (ChipPresence) -> ChipPresence = { $0 }
    var judged: @Sendable (BorderReport) -> BorderReport = { $0 }

    func connect() async throws(SakkError) { try await inner.connect() }
    func identify() async throws(SakkError) -> ChipPresence { seen(try await inner.identify()) }
    func personalise(_ job: ChipJob, on chip: ChipIdentity, progress: @Sendable (String) -> Void)
        async throws(SakkError)
    {
        try await inner.personalise(job, on: chip, progress: progress)
    }
    func read(with access: MRZAccess) async throws(SakkError) -> BorderReport {
        judged(try await inner.read(with: access))
    }
    func kill() async throws(SakkError) -> ChipDeath {
        if let killed { return killed() }
        return try await inner.kill()
    }
    func disconnect() async { await inner.disconnect() }
}

struct HookedPreparation: DocumentPreparation {
    let inner: any DocumentPreparation
    let before: @Sendable (AttemptID) async throws(SakkError) -> Void
    func prepare(_ record: ApprovedRecord, for attempt: AttemptID) async throws(SakkError) -> PreparedDocument {
        try await before(attempt)
        return try await inner.prepare(record, for: attempt)
    }
}
