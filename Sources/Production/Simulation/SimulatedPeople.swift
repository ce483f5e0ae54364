import Ground
import Ledger
import OpenSSLCrypto
import Stations

/// Invented people of the state UTO: record `n` of a world always has the same zone, made here and not by the code that
/// is judged.
enum SimulatedPeople {
    static let product = "simulated-id"
    static let stock = "SIM"
    static let bookletStock = "SIM-BOOKLET"
    static let authority = "UTO-SIM"

    /// First and last bytes of a JPEG with filling: several blocks on a chip.
    private static let portrait =
        Bytes([0xFF, 0xD8, 0xFF, 0xE0]) + Bytes(repeating: 0x5A, count: 1500) + Bytes([0xFF, 0xD9])

    static func number(_ person: Int) -> String { "SP" + padded(person, 7) }

    /// TD1 (ICAO Doc 9303-5 4.2).
    /// - Parameter booklet: the number of the booklet, when it is not the record's.
    static func mrz(_ person: Int, booklet: String? = nil) -> [String] {
        let document = booklet ?? number(person)
        let first = "IDUTO" + document + digit(document) + national(person) + filler(3)
        let birth = "800101"
        let expiry = "340101"
        let middle = birth + digit(birth) + "F" + expiry + digit(expiry) + "UTO" + filler(11)
        let composite = String(first.dropFirst(5)) + birth + digit(birth) + expiry + digit(expiry)
        let second = middle + digit(composite + filler(11))
        let name = "SPECIMEN<<PERSON<" + letters(person)
        return [first, second, name + filler(30 - name.utf8.count)]
    }

    static func access(_ mrz: [String]) -> MRZAccess? {
        guard mrz.count == 3 else { return nil }
        let first = Array(mrz[0].utf8)
        let second = Array(mrz[1].utf8)
        func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
        return MRZAccess(
            documentNumber: text(first[5..<14]), dateOfBirth: text(second[0..<6]), dateOfExpiry: text(second[8..<14]))
    }

    private static func national(_ person: Int) -> String { padded(person, 12) }

    private static func filler(_ count: Int) -> String { String(repeating: "<", count: count) }

    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func letters(_ number: Int) -> String {
        String(decoding: padded(number, 3).utf8.map { $0 + 17 }, as: UTF8.self)
    }

    /// Doc 9303-3 4.9.
    private static func digit(_ text: String) -> String {
        let weights = [7, 3, 1]
        var sum = 0
        for (index, byte) in text.utf8.enumerated() {
            let value =
                switch byte {
                case 48...57: Int(byte) - 48
                case 65...90: Int(byte) - 55
                default: 0
                }
            sum += value * weights[index % 3]
        }
        return String(sum % 10)
    }

    static func record(_ person: Int) throws(SakkError) -> ApprovedRecord {
        let names = ApprovedRecord.Names(
            given: "PERSON", father: letters(person), grandfather: "", surname: "SPECIMEN", motherGiven: "C",
            motherFather: "D")
        let place = ApprovedRecord.Scripts(arabic: "X", sorani: "X", latin: "X")
        return ApprovedRecord(
            authority: authority, requestID: "REQ-\(person)", issueNumber: 1, product: product, documentType: "ID",
            documentCategory: "national", issuingState: "UTO", nationality: "UTO", documentNumber: number(person),
            dateOfIssue: CivilDate(daysSince1970: 19_723), dateOfExpiry: CivilDate(daysSince1970: 23_376),
            nationalNumber: national(person), familyNumber: padded(person, 10),
            names: ApprovedRecord.Scripts(arabic: names, sorani: names, latin: names), sex: .female,
            dateOfBirth: CivilDate(daysSince1970: 3652), placeOfBirth: place, bloodGroup: nil,
            portrait: ApprovedRecord.Image(format: .jpeg, bytes: portrait), signature: nil, enrolmentSite: "S",
            civilRegister: "R", delivery: ApprovedRecord.Delivery(route: .office, destination: "O"),
            priority: ApprovedRecord.Priority(priorityClass: "normal", reason: nil),
            approvedAt: WallTime(microseconds: Int64(person)))
    }
}

/// The envelope of a simulated record is its person's number.
struct SimulatedVerification: RecordVerification {
    /// The number is that of the booklet.
    let product: String
    var isBooklets = false

    func verify(_ envelope: Bytes) throws(SakkError) -> ApprovedRecord {
        guard let person = Int(String(decoding: envelope, as: UTF8.self)) else {
            throw SakkError("record.signature", source: "simulation", text: "No such person.", remedy: "None.")
        }
        var record = try SimulatedPeople.record(person)
        record.product = product
        if isBooklets { record.documentNumber = "" }
        return record
    }
}

/// One byte of ink a panel is enough: the zone of the person, so that a wrong print is another person's.
struct SimulatedPreparation: DocumentPreparation {
    let world: World

    func prepare(_ record: ApprovedRecord, for attempt: AttemptID) async throws(SakkError) -> PreparedDocument {
        let person = Int(record.requestID.dropFirst(4)) ?? 0
        let mrz = SimulatedPeople.mrz(person, booklet: record.documentNumber)
        guard let access = SimulatedPeople.access(mrz) else {
            throw SakkError("record.mrz", source: "simulation", text: "No zone.", remedy: "None.")
        }
        let bytes = Bytes(mrz.joined(separator: "\n").utf8)
        // fresh keys each time: a document that is prepared again is another one
        let serial = world.nextPreparation()
        let job = ChipJob(
            attempt: attempt, files: [ChipFile(fileID: 0x0101, bytes: bytes)], access: access,
            sodHash: Digest.sha256(bytes + BigEndian.bytes(UInt64(serial))))
        return PreparedDocument(
            attempt: attempt, record: record, mrz: mrz, chip: job,
            rendered: SimulatedPreparation.rendered(mrz),
            portrait: Picture(width: 1, height: 1, rgb: [0, 0, 0]))
    }

    static func rendered(_ mrz: [String]) -> RenderedDocument {
        let bytes = Bytes(mrz.joined(separator: "\n").utf8)
        let colours: [Panel] = [.yellow, .magenta, .cyan, .black, .overlay]
        let front = colours.map {
            PanelRaster(side: .front, panel: $0, width: bytes.count, height: 1, pixels: bytes)
        }
        let back = PanelRaster(side: .back, panel: .black, width: bytes.count, height: 1, pixels: bytes)
        return RenderedDocument(sides: [], panels: front + [back], fields: [], ribbon: "ymckok", dpi: 300)
    }
}
