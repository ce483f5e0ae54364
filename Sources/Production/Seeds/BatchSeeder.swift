public import Ground
internal import OpenSSLCrypto
import Pixels
public import Records
public import Stations

/// Invents approved people and signs them. The same seed, folder and arguments give the same bytes (with an RSA
/// signer); record n is the same whatever the count.
public struct BatchSeeder: Sendable {
    public static let authority = "UTO-CIVIL"

    private let seed: UInt64
    private let folder: SeedFolder
    private let issue: CivilDate

    /// - Parameter issue: day of issue of every record; the approval is up to six days older.
    public init(seed: UInt64, folder: SeedFolder, issue: CivilDate = CivilDate(daysSince1970: 20_513)) {
        self.seed = seed
        self.folder = folder
        self.issue = issue
    }

    /// A batch file (`sakk.batch/1`, tar) of signed records.
    /// - Parameter product: a product of `RecordRules.standard`, for example `iq-national-id`.
    public func make(product: String, count: Int, signer: SeedSigner) throws(SakkError) -> Bytes {
        try batch(product: product, count: count, signer: signer).tar
    }

    public func batch(product: String, count: Int, signer: SeedSigner) throws(SakkError) -> BatchFile {
        var entries: [BatchFile.Entry] = []
        for (index, record) in try makeRecords(product: product, count: count).enumerated() {
            let digits = String(index + 1)
            entries.append(
                BatchFile.Entry(
                    name: String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ".p7m",
                    requestID: record.requestID,
                    envelope: try ApprovalEnvelope.seal(record, signer: signer.certificate, key: signer.key)))
        }
        return BatchFile(
            batchID: BatchID("SPECIMEN-\(product)-\(seed)-\(count)"), authority: BatchSeeder.authority,
            created: WallTime(microseconds: Int64(issue.daysSince1970) * 86_400_000_000), entries: entries)
    }

    public func makeRecords(product: String, count: Int) throws(SakkError) -> [ApprovedRecord] {
        guard let rule = RecordRules.standard.products[product] else {
            throw SakkError(
                "seeds.product", source: "seeds", subject: product, text: "No records can be invented for the product.",
                remedy: "Name one of \(RecordRules.standard.products.keys.sorted().joined(separator: ", ")).")
        }
        var records: [ApprovedRecord] = []
        for index in 0..<count { records.append(try record(product: product, rule: rule, index: index)) }
        return records
    }

    private func record(product: String, rule: RecordRules.Product, index: Int) throws(SakkError) -> ApprovedRecord {
        var random = SeedRandom(seed: seed, stream: UInt64(index))
        let sex: ApprovedRecord.Sex = random.chance(50) ? .female : .male
        let age = random.integer(18...76)
        let birth = CivilDate(daysSince1970: issue.daysSince1970 - age * 365 - age / 4 - random.integer(1...364))
        let own = random.pick(sex == .female ? folder.female : folder.male)
        let names = [
            own, random.pick(folder.male), random.pick(folder.male), random.pick(folder.families),
            random.pick(folder.female), random.pick(folder.male),
        ]
        let offices = folder.offices.filter { $0.kind == .office }
        let home = random.pick(offices)
        let born = random.chance(70) ? home : random.pick(offices)
        let portrait = try portrait(sex: sex, age: age, index: index)
        let serial = number(index, stream: 1, digits: 8)
        let letters = String(
            decoding: (0..<rule.numberLetters).map { _ in random.pick(Array("ABCEHKLMNPRTVX".utf8)) },
            as: UTF8.self)
        let approved =
            Int64(issue.daysSince1970 - random.integer(1...6)) * 86_400 + Int64(random.integer(21_600...50_000))
        return ApprovedRecord(
            authority: BatchSeeder.authority,
            requestID: "S\(seed)-\(padded(index + 1, digits: 6))", issueNumber: 1, product: product,
            documentType: rule.documentType, documentCategory: rule.booklet ?? "ordinary", issuingState: "UTO",
            nationality: "UTO",
            documentNumber: rule.booklet != nil
                ? "" : letters + number(index, stream: 2, digits: rule.numberDigits), dateOfIssue: issue,
            dateOfExpiry: expiry, nationalNumber: padded(birth.year, digits: 4) + serial,
            familyNumber: "1\(padded(random.below(10_000), digits: 4))M\(padded(random.below(1_000_000), digits: 6))"
                + padded(random.below(1_000_000), digits: 6),
            names: .init(
                arabic: parts(names, \.arabic), sorani: parts(names, \.sorani), latin: parts(names, \.latin)),
            sex: sex, dateOfBirth: birth,
            placeOfBirth: .init(arabic: born.arabic, sorani: born.sorani, latin: born.latin),
            bloodGroup: random.chance(85) ? random.pick(RecordDecoder.bloodGroups) : nil, portrait: portrait,
            signature: rule.takesFingers ? try signature(index: index) : nil,
            fingers: rule.takesFingers ? try fingers(index: index) : [], enrolmentSite: home.id,
            civilRegister: "register-\(home.iso.lowercased())",
            delivery: delivery(home, &random), priority: priority(&random),
            approvedAt: WallTime(microseconds: approved * 1_000_000))
    }

    /// Ten years, less a day.
    private var expiry: CivilDate {
        let day = CivilDate(year: issue.year + 10, month: issue.month, day: min(issue.day, 28))
        return CivilDate(daysSince1970: (day ?? issue).daysSince1970 - 1)
    }

    /// Every third sitter or so is approved as JPEG 2000.
    private func portrait(sex: ApprovedRecord.Sex, age: Int, index: Int) throws(SakkError) -> ApprovedRecord.Image {
        var random = SeedRandom(seed: seed ^ 0x506F_7274_7261_6974, stream: UInt64(index))
        let sitter = Sitter(sex: sex, age: age, random: &random)
        let picture = PortraitPainter(sitter).paint(random: &random)
        if index % 3 == 2 {
            return ApprovedRecord.Image(format: .jpeg2000, bytes: try JPEG2000.encode(picture, ratio: 40))
        }
        return ApprovedRecord.Image(format: .jpeg, bytes: try JPEG.encode(picture, quality: 76))
    }

    /// Both index fingers; every eighth person has none to give.
    private func fingers(index: Int) throws(SakkError) -> [ApprovedRecord.Finger] {
        guard index % 8 != 7 else { return [] }
        var random = SeedRandom(seed: seed ^ 0x4669_6E67_6572_7300, stream: UInt64(index))
        var fingers: [ApprovedRecord.Finger] = []
        for position in [2, 7] {
            let image = FingerPainter(random: &random).paint(random: &random)
            let record = FingerPainter.record(
                try JPEG2000.encode(image, ratio: 10), position: position, width: image.width, height: image.height)
            fingers.append(ApprovedRecord.Finger(position: position, record: record))
        }
        return fingers
    }

    /// One stroke of an invented hand.
    private func signature(index: Int) throws(SakkError) -> ApprovedRecord.Image {
        var random = SeedRandom(seed: seed ^ 0x5369_676E_6174_7572, stream: UInt64(index))
        let canvas = Canvas(width: 360, height: 120)
        canvas.rectangle(0, 0, 360, 120)
        canvas.fill(Colour(0xFFFFFF))
        var (x, y) = (random.real(20...50), random.real(60...85))
        canvas.move(x, y)
        while x < 320 {
            let next = (x + random.real(25...55), random.real(35...90))
            canvas.curve(x + 20, random.real(5...115), next.0 - 25, random.real(5...115), next.0, next.1)
            (x, y) = next
        }
        canvas.stroke(Colour(0x1A1A40), width: 3)
        return ApprovedRecord.Image(
            format: .jpeg, bytes: try JPEG.encode(canvas.image(noise: 0, random: &random), quality: 70))
    }

    private func delivery(_ home: SeedOffice, _ random: inout SeedRandom) -> ApprovedRecord.Delivery {
        let draw = random.below(100)
        let missions = folder.offices.filter { $0.kind == .mission }
        let stations = folder.offices.filter { $0.kind == .mobileStation }
        switch draw {
        case 0..<25: return .init(route: .home, destination: home.id)
        case 25..<85: return .init(route: .office, destination: home.id)
        case 85..<93: return .init(route: .mission, destination: random.pick(missions).id)
        default: return .init(route: .mobileStation, destination: random.pick(stations).id)
        }
    }

    private func priority(_ random: inout SeedRandom) -> ApprovedRecord.Priority {
        switch random.below(100) {
        case 0..<6: .init(priorityClass: "martyrs_family", reason: "decree of the council, class 1")
        case 6..<12: .init(priorityClass: "campaign", reason: "school enrolment campaign")
        case 12..<16: .init(priorityClass: "urgent", reason: "medical journey")
        default: .init(priorityClass: "normal", reason: nil)
        }
    }

    private func parts(_ names: [SeedFolder.Name], _ script: KeyPath<SeedFolder.Name, String>) -> ApprovedRecord.Names {
        ApprovedRecord.Names(
            given: names[0][keyPath: script], father: names[1][keyPath: script], grandfather: names[2][keyPath: script],
            surname: names[3][keyPath: script], motherGiven: names[4][keyPath: script],
            motherFather: names[5][keyPath: script])
    }

    /// Counts up from a start that the seed chooses: never twice in a batch.
    private func number(_ index: Int, stream: UInt64, digits: Int) -> String {
        var range = 1
        for _ in 0..<digits { range *= 10 }
        var random = SeedRandom(seed: seed &+ stream, stream: 0x4E75_6D62)
        return padded((random.below(range) + index) % range, digits: digits)
    }

    private func padded(_ value: Int, digits: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
