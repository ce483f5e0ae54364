import Ground
import Ledger
import OpenSSLCrypto
import Stations
import Synchronization

@testable import Line

/// What is perforated in the booklets of a `MemoryPlant`, card `n` being the n-th booklet.
final class BookletPlant: Sendable {
    struct Face: Sendable {
        var number: String
        var category: String? = "regular"
        var page = BookletIdentity.Page.data
        var isReadable = true
    }

    let plant: MemoryPlant
    private let faces: Mutex<[Int: Face]>

    init(_ plant: MemoryPlant, cards: Int) {
        self.plant = plant
        var faces: [Int: Face] = [:]
        for card in 1...cards { faces[card] = Face(number: BookletPlant.number(card)) }
        self.faces = Mutex(faces)
    }

    /// Nine characters, as on the passports of series B: a letter and digits.
    static func number(_ card: Int) -> String { "B\(10_000_000 + card)" }

    func face(_ card: Int) -> Face? { faces.withLock { $0[card] } }
    func change(_ card: Int, _ body: (inout Face) -> Void) {
        faces.withLock { faces in
            guard var face = faces[card] else { return }
            body(&face)
            faces[card] = face
        }
    }
    var all: [Int: Face] { faces.withLock { $0 } }
}

struct MemoryBookletReader: BookletReader {
    let booklets: BookletPlant

    func connect() async throws(SakkError) {}
    func disconnect() async {}

    func read() async throws(SakkError) -> BookletReading {
        let inside = booklets.plant.world.withLock { $0.stuck ? nil : $0.inside }
        guard let inside, let face = booklets.face(inside) else { return .absent }
        return .booklet(
            BookletIdentity(number: face.isReadable ? face.number : nil, category: face.category, page: face.page))
    }
}

/// Says that it took a booklet in when its hopper gave none, the first time: a mark on this machine is a mark in the air.
struct AiryPrinter: CardPrinter {
    let inner: MemoryPrinter
    let isAiry = Once()

    final class Once: Sendable {
        private let state = Mutex(0)
        /// 0 before, 1 while it says that there is one, 2 after.
        var now: Int { state.withLock { $0 } }
        func go(_ next: Int) { state.withLock { $0 = next } }
    }

    func connect() async throws(SakkError) -> PrinterIdentity { try await inner.connect() }
    func status() async throws(SakkError) -> PrinterStatus {
        let status = try await inner.status()
        guard isAiry.now == 1 else { return status }
        return PrinterStatus(
            position: .at(.contactless), reasons: status.reasons, counters: status.counters,
            connection: status.connection)
    }
    func feed(to station: PrinterStation) async throws(SakkError) {
        guard isAiry.now != 0 else { return isAiry.go(1) }
        try await inner.feed(to: station)
    }
    func move(to station: PrinterStation) async throws(SakkError) {
        if isAiry.now != 1 { try await inner.move(to: station) }
    }
    func print(_ job: PrintJob) async throws(SakkError) { try await inner.print(job) }
    func present(_ side: CardSide) async throws(SakkError) { try await inner.present(side) }
    func eject(_ exit: CardExit) async throws(SakkError) { try await inner.eject(exit) }
    func disconnect() async {}
}

/// Invented people whose passports get the number of their booklet.
enum BookletRecord {
    static let product = "iq-passport-regular"
    static let stock = "passport-b-regular"

    /// TD3 (ICAO Doc 9303-4 4.2), made here and not by the code under test.
    static func mrz(_ person: Int, _ number: String) -> [String] {
        func fill(_ text: String, _ count: Int) -> String { text + String(repeating: "<", count: count - text.count) }
        let letters = String(String(1000 + person).utf8.map { Character(UnicodeScalar($0 + 17)) })
        let first = fill("P<UTOSPECIMEN<<PERSON<" + letters, 44)
        let document = number + digit(number)
        let birth = "800101" + digit("800101")
        let expiry = "340101" + digit("340101")
        let optional = String(repeating: "<", count: 14) + "0"
        return [
            first, document + "UTO" + birth + "F" + expiry + optional + digit(document + birth + expiry + optional),
        ]
    }

    static func access(_ mrz: [String]) -> MRZAccess? {
        guard mrz.count == 2 else { return nil }
        let second = Array(mrz[1])
        return MRZAccess(
            documentNumber: String(second[0..<9]), dateOfBirth: String(second[13..<19]),
            dateOfExpiry: String(second[21..<27]))
    }

    private static func digit(_ text: String) -> String {
        let values = text.utf8.map { $0 == 60 ? 0 : Int($0) - ($0 < 58 ? 48 : 55) }
        let weights = [7, 3, 1]
        return String(values.enumerated().reduce(0) { $0 + $1.element * weights[$1.offset % 3] } % 10)
    }

    static func intake(_ number: Int) -> IntakeRecord {
        IntakeRecord(
            production: ProductionID("PASS\(number)"), requestID: "REQ-\(number)", authority: "UTO-MOI",
            product: product, stock: stock, numberSpace: "UTO/P", documentNumber: nil, priorityClass: "normal",
            approvedAt: WallTime(microseconds: Int64(number)), envelope: Bytes("\(number)".utf8))
    }
}

struct BookletVerification: RecordVerification {
    func verify(_ envelope: Bytes) throws(SakkError) -> ApprovedRecord {
        var record = try MemoryVerification().verify(envelope)
        record.product = BookletRecord.product
        record.documentType = "P"
        record.documentCategory = "regular"
        record.documentNumber = ""
        return record
    }
}

struct BookletPreparation: DocumentPreparation {
    let plant: MemoryPlant
    var overflowing: Set<String> = []
    /// A planted bug: what another number than the booklet's becomes.
    var number: @Sendable (String) -> String = { $0 }

    func prepare(_ record: ApprovedRecord, for attempt: AttemptID) async throws(SakkError) -> PreparedDocument {
        guard !overflowing.contains(record.requestID) else {
            throw SakkError("artwork.text.overflow", source: "artwork", text: "does not fit", remedy: "none")
        }
        let mrz = BookletRecord.mrz(Int(record.requestID.dropFirst(4)) ?? 0, number(record.documentNumber))
        let bytes = Bytes(mrz.joined(separator: "\n").utf8)
        let serial = plant.world.withLock { world in
            world.prepared += 1
            return world.prepared
        }
        guard let access = BookletRecord.access(mrz) else {
            throw SakkError("record.mrz", source: "test", text: "no zone", remedy: "none")
        }
        let colours: [Panel] = [.yellow, .magenta, .cyan, .black, .overlay]
        let front = colours.map { PanelRaster(side: .front, panel: $0, width: bytes.count, height: 1, pixels: bytes) }
        let back = PanelRaster(side: .back, panel: .black, width: bytes.count, height: 1, pixels: bytes)
        let job = ChipJob(
            attempt: attempt, files: [ChipFile(fileID: 0x0101, bytes: bytes)], access: access,
            sodHash: Digest.sha256(bytes + BigEndian.bytes(UInt32(serial))))
        return PreparedDocument(
            attempt: attempt, record: record, mrz: mrz, chip: job,
            rendered: RenderedDocument(sides: [], panels: front + [back], fields: [], ribbon: "ymckok", dpi: 300),
            portrait: Picture(width: 1, height: 1, rgb: [0, 0, 0]))
    }
}
