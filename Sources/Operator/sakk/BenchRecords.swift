import Ground
import Ledger
import OpenSSLCrypto
import Stations

/// Invented people for a benchmark: an envelope is nothing but its number.
struct BenchRecords: RecordVerification, DocumentPreparation {
    static let product = "bench-id1"

    /// Processor time that the preparation of a document is to take, microseconds.
    var preparation: Int64 = 0

    static func intake(_ number: Int) -> IntakeRecord {
        IntakeRecord(
            production: ProductionID("BENCH\(number)"), requestID: "R-\(number)", authority: "UTO-BENCH",
            product: product, stock: "id1", numberSpace: "UTO/BENCH", documentNumber: documentNumber(number),
            priorityClass: "normal", approvedAt: WallTime(microseconds: 1_700_000_000_000_000 + Int64(number) * 1000),
            office: "O\(number % 300)", governorate: "G\(number % 18)", envelope: Bytes("\(number)".utf8))
    }

    /// These records into the queue, page by page.
    static func fill(_ books: Books, _ numbers: Range<Int>) async throws(SakkError) {
        let header = BatchHeader(batch: BatchID("bench"), authority: "UTO-BENCH", product: product)
        for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: page) {
            let records = (start..<min(start + page, numbers.upperBound)).map(intake)
            _ = try await books.intake(records, batch: header, cursor: nil)
        }
    }

    /// Blanks into a hopper, box by box.
    static func load(_ books: Books, _ count: Int, _ line: LineID, _ cell: CellID) async throws(SakkError) {
        for start in stride(from: 0, to: count, by: page) {
            _ = try await books.load(
                count: min(page, count - start), stock: "id1", lot: "B", line: line, cell: cell, by: "bench")
        }
    }

    private static let page = 1000

    private static func documentNumber(_ number: Int) -> String {
        let digits = String(number)
        return "SP" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits
    }

    func verify(_ envelope: Bytes) throws(SakkError) -> ApprovedRecord {
        let names = ApprovedRecord.Names(
            given: "PERSON", father: "A", grandfather: "B", surname: "SPECIMEN", motherGiven: "C", motherFather: "D")
        guard let number = Int(String(decoding: envelope, as: UTF8.self)),
            let issue = CivilDate(year: 2024, month: 1, day: 1),
            let expiry = CivilDate(year: 2034, month: 1, day: 1), let birth = CivilDate(year: 1980, month: 1, day: 1)
        else {
            throw SakkError(
                "record.envelope", source: "bench", text: "This is no record of the bench.", remedy: "Report it.")
        }
        return ApprovedRecord(
            authority: "UTO-BENCH", requestID: "R-\(number)", issueNumber: 1, product: Self.product,
            documentType: "ID", documentCategory: "national", issuingState: "UTO", nationality: "UTO",
            documentNumber: Self.documentNumber(number), dateOfIssue: issue, dateOfExpiry: expiry,
            nationalNumber: "000000000000", familyNumber: "0000000000",
            names: ApprovedRecord.Scripts(arabic: names, sorani: names, latin: names), sex: .female,
            dateOfBirth: birth, placeOfBirth: ApprovedRecord.Scripts(arabic: "x", sorani: "x", latin: "x"),
            bloodGroup: nil, portrait: ApprovedRecord.Image(format: .jpeg, bytes: [1]), signature: nil,
            enrolmentSite: "S", civilRegister: "R", delivery: ApprovedRecord.Delivery(route: .office, destination: "O"),
            priority: ApprovedRecord.Priority(priorityClass: "normal", reason: nil),
            approvedAt: WallTime(microseconds: 1_700_000_000_000_000))
    }

    func prepare(_ record: ApprovedRecord, for attempt: AttemptID) async throws(SakkError) -> PreparedDocument {
        BenchPace.burn(preparation)
        let zone = Self.zone(record.documentNumber)
        let bytes = Bytes(zone.joined(separator: "\n").utf8)
        let panels = [CardSide.front, .back].map {
            PanelRaster(side: $0, panel: .black, width: bytes.count, height: 1, pixels: bytes)
        }
        let job = ChipJob(
            attempt: attempt, files: [ChipFile(fileID: 0x0101, bytes: bytes)],
            access: MRZAccess(documentNumber: record.documentNumber, dateOfBirth: "800101", dateOfExpiry: "340101"),
            sodHash: Digest.sha256(bytes + Bytes(attempt.rawValue.utf8)))
        return PreparedDocument(
            attempt: attempt, record: record, mrz: zone, chip: job,
            rendered: RenderedDocument(sides: [], panels: panels, fields: [], ribbon: "ymckok", dpi: 300),
            portrait: Picture(width: 1, height: 1, rgb: [0, 0, 0]))
    }

    /// TD1 (Doc 9303-5).
    private static func zone(_ document: String) -> [String] {
        let first = "IDUTO" + document + digit(document) + String(repeating: "<", count: 15)
        let dates = "800101" + digit("800101") + "F" + "340101" + digit("340101")
        let composite = first.dropFirst(5) + "800101" + digit("800101") + "340101" + digit("340101")
        let fill = String(repeating: "<", count: 11)
        let name = "SPECIMEN<<PERSON"
        return [
            first, dates + "UTO" + fill + digit(composite + fill),
            name + String(repeating: "<", count: 30 - name.count),
        ]
    }

    /// Check digit (Doc 9303-3, 4.9).
    private static func digit(_ text: some StringProtocol) -> String {
        let values = text.utf8.map { byte -> Int in
            switch byte {
            case 48...57: Int(byte) - 48
            case 65...90: Int(byte) - 55
            default: 0
            }
        }
        let weights = [7, 3, 1]
        return String(values.enumerated().reduce(0) { $0 + $1.element * weights[$1.offset % 3] } % 10)
    }
}
