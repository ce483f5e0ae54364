import Ground
import OpenSSLCrypto
import Stations
import Synchronization

/// A cell in memory that does everything right and takes its time for it: what is measured is the controller.
final class BenchCell: Sendable {
    struct World {
        var fed = 0
        var inside: Int?
        var station = PrinterStation.contactless
        var ink: [PanelRaster] = []
        var documents: [Int: (mrz: [String], sodHash: Bytes)] = [:]
        var dead: Set<Int> = []
        var frames: UInt64 = 0
    }

    let world = Mutex(World())
    /// Microseconds that the machine is busy with one card, all of it spent while printing.
    let cardTime: Int64
    let meter: BenchMeter

    init(cardTime: Int64, meter: BenchMeter) {
        self.cardTime = cardTime
        self.meter = meter
    }

    static func identity(_ card: Int) -> ChipIdentity { ChipIdentity("BENCHCHIP\(card)") }

    func failure(_ code: SakkError.Code) -> SakkError {
        SakkError(code, source: "bench cell", text: "The bench's cell was used out of order.", remedy: "Report it.")
    }
}

struct BenchPrinter: CardPrinter {
    let cell: BenchCell

    func connect() async throws(SakkError) -> PrinterIdentity {
        PrinterIdentity(family: "bench", model: "bench", serial: "B-1", firmware: "1", connection: "1")
    }

    func status() async throws(SakkError) -> PrinterStatus {
        cell.world.withLock { world in
            PrinterStatus(
                position: world.inside == nil ? .none : .at(world.station), reasons: [],
                counters: PrinterCounters(cards: world.fed, panels: 0, ribbonRemaining: nil), connection: "1")
        }
    }

    func feed(to station: PrinterStation) async throws(SakkError) {
        try cell.world.withLock { (world) throws(SakkError) in
            guard world.inside == nil else { throw cell.failure("printer.card.inside") }
            world.fed += 1
            world.inside = world.fed
            world.station = station
            world.ink = []
        }
        cell.meter.machineBegan()
    }

    func move(to station: PrinterStation) async throws(SakkError) { cell.world.withLock { $0.station = station } }

    func print(_ job: PrintJob) async throws(SakkError) {
        cell.world.withLock { $0.ink += job.panels }
        if cell.cardTime > 0 {
            do { try await Task.sleep(for: .microseconds(cell.cardTime)) } catch { throw cell.failure("line.stopped") }
        }
    }

    func present(_ side: CardSide) async throws(SakkError) {}

    func eject(_ exit: CardExit) async throws(SakkError) {
        cell.world.withLock { $0.inside = nil }
        cell.meter.machineEnded()
    }

    func disconnect() async {}
}

struct BenchChip: ChipStation {
    let cell: BenchCell

    func connect() async throws(SakkError) {}

    func identify() async throws(SakkError) -> ChipPresence {
        cell.world.withLock { world in
            guard world.station == .contactless, let card = world.inside else { return .absent }
            return .answers(identity: BenchCell.identity(card), personalised: world.documents[card] != nil)
        }
    }

    func personalise(_ job: ChipJob, on chip: ChipIdentity, progress: @Sendable (String) -> Void)
        async throws(SakkError)
    {
        try cell.world.withLock { (world) throws(SakkError) in
            guard let card = world.inside, BenchCell.identity(card) == chip else { throw cell.failure("card.other") }
            let zone = String(decoding: job.files.first?.bytes ?? [], as: UTF8.self)
            world.documents[card] = (zone.split(separator: "\n").map(String.init), job.sodHash)
        }
    }

    func read(with access: MRZAccess) async throws(SakkError) -> BorderReport {
        cell.world.withLock { world in
            let document = world.inside.flatMap { world.dead.contains($0) ? nil : world.documents[$0] }
            return BorderReport(
                checks: [BorderCheck(name: "bac", passed: document != nil, detail: "")], mrz: document?.mrz ?? [],
                portrait: [], sodHash: document?.sodHash ?? [], fileHashes: [:])
        }
    }

    func kill() async throws(SakkError) -> ChipDeath {
        cell.world.withLock { world in
            if let card = world.inside { world.dead.insert(card) }
        }
        return .confirmed
    }

    func disconnect() async {}
}

struct BenchCamera: CardCamera {
    let cell: BenchCell

    func connect() async throws(SakkError) {}

    func capture(_ side: CardSide, for attempt: AttemptID) async throws(SakkError) -> Frame {
        let (pixels, number) = cell.world.withLock { world in
            world.frames += 1
            return (world.ink.last { $0.side == side }?.pixels ?? [], world.frames)
        }
        return Frame(
            attempt: attempt, side: side, number: number, width: pixels.count, height: 1, format: .mono8,
            pixels: pixels)
    }

    func disconnect() async {}
}

/// Reads the zone off the back.
struct BenchInspection: InspectionStation {
    func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult {
        let back = request.frames.last { $0.side == .back }?.pixels ?? []
        let seen = String(decoding: back, as: UTF8.self).split(separator: "\n").map(String.init)
        return InspectionResult(verdict: .pass, seenMRZ: seen, annotated: [:], measures: [:])
    }
}
