import Ground
import Ledger
import OpenSSLCrypto
import Stations
import Synchronization

/// Invented people: record `n` has the same zone always, made here and not by the code under test.
enum TestRecord {
    static let product = "iq-national-id"

    static func mrz(_ number: Int) -> [String] {
        let document = "SP" + padded(number, 7)
        let first = "IDUTO" + document + digit(document) + String(repeating: "<", count: 15)
        let birth = "800101"
        let expiry = "340101"
        let middle = birth + digit(birth) + "F" + expiry + digit(expiry) + "UTO" + String(repeating: "<", count: 11)
        let composite = String(first.dropFirst(5)) + birth + digit(birth) + expiry + digit(expiry)
        let second = middle + digit(composite + String(repeating: "<", count: 11))
        let name = "SPECIMEN<<PERSON<" + letters(number)
        return [first, second, name + String(repeating: "<", count: 30 - name.count)]
    }

    static func access(_ mrz: [String]) -> MRZAccess? {
        guard mrz.count == 3 else { return BookletRecord.access(mrz) }
        let first = Array(mrz[0])
        let second = Array(mrz[1])
        return MRZAccess(
            documentNumber: String(first[5..<14]), dateOfBirth: String(second[0..<6]),
            dateOfExpiry: String(second[8..<14]))
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: width - digits.count) + digits
    }

    private static func letters(_ number: Int) -> String {
        String(padded(number, 3).utf8.map { Character(UnicodeScalar($0 - 48 + 65)) })
    }

    /// Doc 9303-3 4.9.
    private static func digit(_ text: String) -> String {
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

    static func intake(_ number: Int) -> IntakeRecord {
        IntakeRecord(
            production: ProductionID("PROD" + padded(number, 3)), requestID: "REQ-\(number)", authority: "UTO-MOI",
            product: product, stock: "id1", numberSpace: "UTO/ID",
            documentNumber: "SP" + padded(number, 7), priorityClass: "normal",
            approvedAt: WallTime(microseconds: Int64(number)),
            envelope: Bytes("\(number)".utf8))
    }

    static func record(_ number: Int) throws(SakkError) -> ApprovedRecord {
        let names = ApprovedRecord.Names(
            given: "PERSON", father: "A", grandfather: "B", surname: "SPECIMEN", motherGiven: "C", motherFather: "D")
        guard let issue = CivilDate(year: 2024, month: 1, day: 1), let expiry = CivilDate(year: 2034, month: 1, day: 1),
            let birth = CivilDate(year: 1980, month: 1, day: 1)
        else { throw SakkError("record.date", source: "test", text: "no such day", remedy: "none") }
        return ApprovedRecord(
            authority: "UTO-MOI", requestID: "REQ-\(number)", issueNumber: 1, product: product, documentType: "ID",
            documentCategory: "national", issuingState: "UTO", nationality: "UTO",
            documentNumber: "SP" + padded(number, 7), dateOfIssue: issue, dateOfExpiry: expiry,
            nationalNumber: padded(number, 12), familyNumber: padded(number, 10),
            names: ApprovedRecord.Scripts(arabic: names, sorani: names, latin: names), sex: .female, dateOfBirth: birth,
            placeOfBirth: ApprovedRecord.Scripts(arabic: "x", sorani: "x", latin: "x"), bloodGroup: nil,
            portrait: ApprovedRecord.Image(format: .jpeg, bytes: [1]), signature: nil, enrolmentSite: "S",
            civilRegister: "R", delivery: ApprovedRecord.Delivery(route: .office, destination: "O"),
            priority: ApprovedRecord.Priority(priorityClass: "normal", reason: nil),
            approvedAt: WallTime(microseconds: Int64(number)))
    }
}

struct MemoryVerification: RecordVerification {
    /// Numbers whose approval is withdrawn.
    var withdrawn: Set<Int> = []

    func verify(_ envelope: Bytes) throws(SakkError) -> ApprovedRecord {
        guard let number = Int(String(decoding: envelope, as: UTF8.self)), !withdrawn.contains(number) else {
            throw SakkError("record.signature", source: "test", text: "not signed", remedy: "none")
        }
        return try TestRecord.record(number)
    }
}

struct MemoryPreparation: DocumentPreparation {
    let plant: MemoryPlant
    /// Records whose name does not fit.
    var overflowing: Set<String> = []

    func prepare(_ record: ApprovedRecord, for attempt: AttemptID) async throws(SakkError) -> PreparedDocument {
        guard !overflowing.contains(record.requestID) else {
            throw SakkError(
                "artwork.text.overflow", source: "artwork", subject: "surname", text: "does not fit", remedy: "none")
        }
        let number = Int(record.documentNumber.dropFirst(2)) ?? 0
        let mrz = TestRecord.mrz(number)
        let bytes = Bytes(mrz.joined(separator: "\n").utf8)
        let serial = plant.world.withLock { world in
            world.prepared += 1
            return world.prepared
        }
        guard let access = TestRecord.access(mrz) else {
            throw SakkError("record.mrz", source: "test", text: "no zone", remedy: "none")
        }
        let colours: [Panel] = [.yellow, .magenta, .cyan, .black, .overlay]
        let front = colours.map {
            PanelRaster(side: .front, panel: $0, width: bytes.count, height: 1, pixels: bytes)
        }
        let back = PanelRaster(side: .back, panel: .black, width: bytes.count, height: 1, pixels: bytes)
        let rendered = RenderedDocument(sides: [], panels: front + [back], fields: [], ribbon: "ymckok", dpi: 300)
        let job = ChipJob(
            attempt: attempt, files: [ChipFile(fileID: 0x0101, bytes: bytes)], access: access,
            sodHash: Digest.sha256(bytes + BigEndian.bytes(UInt32(serial))))
        return PreparedDocument(
            attempt: attempt, record: record, mrz: mrz, chip: job, rendered: rendered,
            portrait: Picture(width: 1, height: 1, rgb: [0, 0, 0]))
    }
}
