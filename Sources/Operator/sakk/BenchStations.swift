import Dispatch
import Ground
import OpenSSLCrypto
import Stations
import Synchronization

/// A cell in memory that does everything right and takes its time for it: what is measured is the controller.
final class BenchCell: Sendable {
    struct World {
        var fed = 0
        var panels = 0
        var inside: Int?
        var station = PrinterStation.contactless
        var ink: [PanelRaster] = []
        /// What is on the chip of the card inside.
        var document: (mrz: [String], sodHash: Bytes)?
        var isDead = false
        var frames: UInt64 = 0
        /// Microseconds that the stations themselves took, by their data sheet.
        var busy: Int64 = 0
        var began: Int64?
        var ended: Int64 = 0
    }

    let world = Mutex(World())
    let name: String
    let pace: BenchPace

    init(_ name: String, pace: BenchPace) {
        self.name = name
        self.pace = pace
    }

    func identity(_ card: Int) -> ChipIdentity { ChipIdentity("BENCHCHIP-\(name)-\(card)") }

    func failure(_ code: SakkError.Code) -> SakkError {
        SakkError(code, source: "bench cell", text: "The bench's cell was used out of order.", remedy: "Report it.")
    }

    /// The station works. Only what the data sheet says counts as its work: what it takes longer because the machine
    /// that measures is busy is time in which the cell waited.
    func works(_ act: BenchPace.Act) async throws(SakkError) {
        let time = pace.time(act)
        world.withLock { world in
            world.busy += time
            if world.began == nil { world.began = BenchMeter.now }
        }
        if time > 0 {
            do { try await Task.sleep(for: .microseconds(time), tolerance: .zero) } catch {
                throw failure("line.stopped")
            }
        }
        world.withLock { $0.ended = BenchMeter.now }
    }
}

struct BenchPrinter: CardPrinter {
    let cell: BenchCell

    func connect() async throws(SakkError) -> PrinterIdentity {
        PrinterIdentity(family: "bench", model: "bench", serial: "B-\(cell.name)", firmware: "1", connection: "1")
    }

    func status() async throws(SakkError) -> PrinterStatus {
        cell.world.withLock { world in
            PrinterStatus(
                position: world.inside == nil ? .none : .at(world.station), reasons: [],
                counters: PrinterCounters(cards: world.fed, panels: world.panels, ribbonRemaining: nil), connection: "1"
            )
        }
    }

    func feed(to station: PrinterStation) async throws(SakkError) {
        try cell.world.withLock { (world) throws(SakkError) in
            guard world.inside == nil else { throw cell.failure("printer.card.inside") }
            world.fed += 1
            world.inside = world.fed
            world.station = station
            world.ink = []
            world.document = nil
            world.isDead = false
        }
        try await cell.works(.feed)
    }

    func move(to station: PrinterStation) async throws(SakkError) {
        try await cell.works(.move)
        cell.world.withLock { $0.station = station }
    }

    func print(_ job: PrintJob) async throws(SakkError) {
        cell.world.withLock { $0.ink += job.panels }
        try await cell.works(.print)
        cell.world.withLock { $0.panels += job.panels.count }
    }

    func present(_ side: CardSide) async throws(SakkError) { if side == .back { try await cell.works(.turn) } }

    func eject(_ exit: CardExit) async throws(SakkError) {
        try await cell.works(.eject)
        cell.world.withLock { $0.inside = nil }
    }

    func disconnect() async {}
}

struct BenchChip: ChipStation {
    let cell: BenchCell

    func connect() async throws(SakkError) {}

    func identify() async throws(SakkError) -> ChipPresence {
        cell.world.withLock { world in
            guard world.station == .contactless, let card = world.inside else { return .absent }
            return .answers(identity: cell.identity(card), personalised: world.document != nil)
        }
    }

    func personalise(_ job: ChipJob, on chip: ChipIdentity, progress: @Sendable (String) -> Void)
        async throws(SakkError)
    {
        try cell.world.withLock { (world) throws(SakkError) in
            guard let card = world.inside, cell.identity(card) == chip else { throw cell.failure("card.other") }
            let zone = String(decoding: job.files.first?.bytes ?? [], as: UTF8.self)
            world.document = (zone.split(separator: "\n").map(String.init), job.sodHash)
        }
        try await cell.works(.personalise)
    }

    func read(with access: MRZAccess) async throws(SakkError) -> BorderReport {
        try await cell.works(.read)
        return cell.world.withLock { world in
            let document = world.isDead ? nil : world.document
            return BorderReport(
                checks: [BorderCheck(name: "bac", passed: document != nil, detail: "")], mrz: document?.mrz ?? [],
                portrait: [], sodHash: document?.sodHash ?? [], fileHashes: [:])
        }
    }

    func kill() async throws(SakkError) -> ChipDeath {
        cell.world.withLock { $0.isDead = true }
        return .confirmed
    }

    func disconnect() async {}
}

struct BenchCamera: CardCamera {
    let cell: BenchCell

    func connect() async throws(SakkError) {}

    func capture(_ side: CardSide, for attempt: AttemptID) async throws(SakkError) -> Frame {
        try await cell.works(.capture)
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

/// Reads the zone off the back. What stands for judging runs on a thread of its own, as a line's pictures are judged by a
/// process of their own for each cell: the threads that all other work waits for are free.
struct BenchInspection: InspectionStation {
    private let pace: BenchPace
    private let worker = DispatchQueue(label: "inspection")

    init(pace: BenchPace = BenchPace(card: 0)) { self.pace = pace }

    func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult {
        let time = pace.inspection
        if time > 0 {
            await withCheckedContinuation { judged in
                worker.async {
                    BenchPace.burn(time)
                    judged.resume()
                }
            }
        }
        let back = request.frames.last { $0.side == .back }?.pixels ?? []
        let seen = String(decoding: back, as: UTF8.self).split(separator: "\n").map(String.init)
        return InspectionResult(verdict: .pass, seenMRZ: seen, annotated: [:], measures: [:])
    }
}
