import BorderReader
import Catalog
import DocumentWriter
import GlobalPlatform
import Ground
import LDS
import OpenSSLCrypto
import Personalisation
import Pixels
import SmartCard
import Stations

/// Whole documents: prepared, written, opened as a border does, and deleted again so that the card serves for the next.
struct BenchChipDocuments {
    struct Times {
        var preparing: Int64
        var writing: Int64
        var border: Int64
        var whole: Int64 { preparing + writing + border }
    }

    private let reader: PCSCReader
    private let settings: ChipSettings
    private let personaliser: ChipPersonaliser
    private let station: PCSCChipStation
    private let preparation: TravelDocumentPreparation
    private let record: ApprovedRecord
    /// Bytes of the portrait.
    var portraitBytes: Int { record.portrait.bytes.count }

    init(reader: String, product folder: String, line: LineProfile) throws {
        let product = try ProductProfile(folder: folder)
        settings = try ChipSettings(path: product.chipProfile)
        let keys = try IssuerKeys.cards(line.keys.transportMaster)
        let production = try IssuerKeys.production(line, for: settings, wrongCards: nil)
        personaliser = ChipPersonaliser(profile: settings, keys: keys, production: production)
        self.reader = PCSCReader(name: reader)
        station = PCSCChipStation(
            reader: self.reader, profile: settings, keys: keys, production: production,
            border: BorderInspection(trust: try Certificates.read(all: line.trust.countrySigning)), time: SystemTime())
        let picture = Self.picture
        preparation = TravelDocumentPreparation(
            format: product.zone, document: settings.document, artwork: nil,
            signers: try IssuerKeys.signers(line, used: [:]),
            decode: { _ in picture }, time: SystemTime(),
            fingerAuthority: try FingerTrust.authority(
                for: settings, at: line.trust.terminalAuthority, inspection: nil, source: line.path))
        record = try Self.record(of: product)
    }

    /// An invented person with a portrait of about 20 kB.
    private static func record(of product: ProductProfile) throws -> ApprovedRecord {
        var record = try BenchRecords().verify(Bytes("1".utf8))
        let names = ApprovedRecord.Names(
            given: "SARA", father: "A", grandfather: "B", surname: "SPECIMEN", motherGiven: "C", motherFather: "D")
        let arabic = ApprovedRecord.Names(
            given: "\u{0633}\u{0627}\u{0631}\u{0629}", father: "\u{0639}\u{0644}\u{064A}",
            grandfather: "\u{062D}\u{0633}\u{0646}", surname: "\u{0639}\u{064A}\u{0646}\u{0629}",
            motherGiven: "\u{0645}",
            motherFather: "\u{0645}")
        record.names = ApprovedRecord.Scripts(arabic: arabic, sorani: arabic, latin: names)
        record.product = product.product
        record.documentType = product.zone == .td3 ? "P" : "ID"
        record.documentNumber = "B12345678"
        record.placeOfBirth = ApprovedRecord.Scripts(arabic: "UTOPIA", sorani: "UTOPIA", latin: "UTOPIA")
        record.nationalNumber = "199900001234"
        let image = RGBImage(width: picture.width, height: picture.height, rgb: picture.rgb)
        var best = try JPEG.encode(image, quality: 95)
        for quality in [90, 85, 80, 70, 60, 50, 40] {
            let next = try JPEG.encode(image, quality: quality)
            if abs(next.count - 20_000) < abs(best.count - 20_000) { best = next }
        }
        record.portrait = ApprovedRecord.Image(format: .jpeg, bytes: best)
        return record
    }

    /// Colours that a JPEG cannot make small.
    private static var picture: Picture {
        var noise: UInt32 = 7
        let rgb = (0..<240 * 320 * 3).map { index -> UInt8 in
            noise = noise &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: UInt32(index / 9600) * 2 + noise >> 26)
        }
        return Picture(width: 240, height: 320, rgb: rgb)
    }

    func connect() async throws(SakkError) { try await station.connect() }
    func disconnect() async { await station.disconnect() }

    /// One document; throws when the border finds a fault.
    func make(_ number: Int) async throws -> Times {
        let begun = BenchChipExchanges.now
        let attempt = AttemptID("BENCH\(number)-1")
        let prepared = try await preparation.prepare(record, for: attempt)
        let ready = BenchChipExchanges.now
        guard case .answers(let chip, _) = try await station.identify() else {
            throw SakkError(
                "chip.mute", source: "bench", text: "The chip does not answer.", remedy: "Lay another card in.")
        }
        try await station.personalise(prepared.chip, on: chip) { _ in }
        let written = BenchChipExchanges.now
        let report = try await station.read(with: prepared.chip.access)
        let read = BenchChipExchanges.now
        guard report.passed else {
            let failed = report.checks.filter { !$0.passed }.map { "\($0.name): \($0.detail)" }.joined(separator: "; ")
            throw SakkError(
                "chip.border", source: "bench", text: "The border check found: \(failed).",
                remedy: "A document of the bench passes, or its figures mean nothing.")
        }
        try await remove()
        return Times(preparing: ready - begun, writing: written - ready, border: read - written)
    }

    private func remove() async throws(SakkError) {
        try await reader.withCard { channel throws(SakkError) in
            let manager = CardManager(channel)
            _ = try manager.select(settings.issuerSecurityDomain)
            let secure = try personaliser.openSecureChannel(on: channel)
            try CardManager(secure).delete(settings.instance)
        }
    }
}

/// Security objects signed in a token.
struct BenchChipSignatures {
    /// Bytes of the data groups of a passport: DG1, DG2, DG11, DG14, DG15.
    static let groups: [(number: Int, bytes: Int)] = [(1, 93), (2, 20_000), (11, 160), (14, 420), (15, 96)]

    let signer: DocumentSigner

    /// Nanoseconds, of the clock and of the processor, for so many: each group hashed, the object made and signed.
    func sign(_ count: Int) throws(SakkError) -> (elapsed: Int64, processor: Int64) {
        let files = Self.groups.map { (number: $0.number, bytes: Bytes(repeating: 0x5A, count: $0.bytes)) }
        let time = SystemTime().wall()
        let (begun, worked) = (BenchChipExchanges.now, BenchMeter.cpu)
        for _ in 0..<count {
            let object = LDSSecurityObject(files: files, version: .v1(ldsVersion: "0108", unicodeVersion: "040000"))
            _ = try SecurityObject(over: object, signer: signer, at: time)
        }
        return (BenchChipExchanges.now - begun, (BenchMeter.cpu - worked) * 1000)
    }
}
