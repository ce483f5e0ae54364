import Catalog
import DocumentWriter
import Foundation
import GlobalPlatform
import Ground
import OpenSSLCrypto
import Personalisation
import Records
import SmartCard
import Stations
import Synchronization

/// Records that wait for a reader, by their place in the list.
final class RecordQueue: Sendable {
    private let files: [String]
    private let next = Mutex(0)

    init(_ files: [String]) { self.files = files }

    func take() -> (index: Int, file: String)? {
        next.withLock { next in
            guard next < files.count else { return nil }
            next += 1
            return (next - 1, files[next - 1])
        }
    }

    var left: Int { next.withLock { files.count - $0 } }
}

/// Chips of one product, written under test keys at any reader.
struct PersonalisationDesk: Sendable {
    private let profile: ProductProfile
    private let settings: ChipSettings
    private let preparation: TravelDocumentPreparation
    private let master: MasterKey
    private let guardian: KeySetGuard
    private let production: ProductionKeys?
    /// Paths of the certificates that a document is read back with.
    private let trust: [String]
    /// What reads fingers back.
    private let inspection: InspectionSystem?
    private let number: String?
    private let cardAccessNumber: String?

    /// `keys`: a folder like `seeds/test-pki`.
    init(profile: ProductProfile, keys: String, number: String?, cardAccessNumber: String?, waitMS: Int)
        throws(SakkError)
    {
        self.profile = profile
        self.number = number
        self.cardAccessNumber = cardAccessNumber
        var settings = try ChipSettings(path: profile.chipProfile)
        settings.presenceTimeoutMS = waitMS
        self.settings = settings
        let signer = DocumentSigner(
            certificate: try Certificates.read(keys + "/ds.pem"), key: try Certificates.key(keys + "/ds.key.pem"))
        let folder = keys + "/inspection"
        let file = InspectionSystem.keyFile(in: folder)
        guard FileBytes.read(file) == nil || KeyClass.isTest(path: file) else {
            throw SakkError(
                "keys.real", source: folder,
                text: "This folder does not hold test keys, and outside the books no others are used.",
                remedy: "Name a folder whose `inspection` has the file SPECIMEN, too.")
        }
        inspection =
            settings.document.hasFingers && FileBytes.read(file) != nil
            ? try InspectionSystem(folder: folder, key: try Certificates.key(file)) : nil
        let authority = try FingerTrust.authority(
            for: settings, at: keys + "/cvca.cvcert", inspection: inspection.map { _ in folder }, source: keys)
        preparation = TravelDocumentPreparation(
            format: profile.zone, document: settings.document, artwork: nil, signers: SignerRing(signer),
            decode: { (image) throws(SakkError) in try Portraits.decode(image) }, time: SystemTime(),
            fingerAuthority: authority)
        master = try MasterKey(try KeyFile.read(keys + "/transport-master.hex", bytes: 16), scheme: .kdf3)
        let store = try WrongCardFile(folder: nil)
        guardian = KeySetGuard(
            keySet: "transport \(master.checkValue.hex) version \(settings.keyVersion)", store: store)
        production = try PersonalisationDesk.production(keys, settings, store)
        trust = [keys + "/csca.pem"]
    }

    /// The test keys that a product's chips leave with, from `production-master.hex`; read only where the product has some.
    private static func production(
        _ keys: String, _ settings: ChipSettings, _ store: WrongCardFile
    ) throws(SakkError) -> ProductionKeys? {
        guard let version = settings.productionKeyVersion else { return nil }
        let master = try MasterKey(try KeyFile.read(keys + "/production-master.hex", bytes: 16), scheme: .kdf3)
        return ProductionKeys(
            master,
            guarding: KeySetGuard(
                keySet: "production \(master.checkValue.hex) version \(version)", store: store))
    }

    /// Card after card on one reader until no record is left; between two cards it waits for the first to be taken away.
    static func serve(_ name: String, _ desk: PersonalisationDesk, _ queue: RecordQueue) async -> [DeskResult] {
        let reader = PCSCReader(name: name)
        let station = PCSCChipStation(
            reader: reader, profile: desk.settings, keys: desk.master, guarding: desk.guardian,
            production: desk.production,
            border: BorderProcess(reader: name, trust: desk.trust, inspection: desk.inspection))
        var results: [DeskResult] = []
        while let (index, file) = queue.take() {
            var result = DeskResult(index: index, reader: name, file: file)
            do throws(SakkError) {
                if results.isEmpty {
                    try await station.connect()
                } else if case .present = try await reader.waitForRemoval(timeoutMS: desk.settings.presenceTimeoutMS) {
                    throw SakkError(
                        "chip.absent", source: "reader \(name)", text: "The card before was not taken away.",
                        remedy: "Take it away and begin the rest again.")
                }
                try await desk.make(file, at: station, &result)
            } catch {
                result.failure = error
            }
            results.append(result)
            // a reader that does not work takes no further record
            if let code = result.failure?.code.rawValue, code.hasPrefix("reader.") || code == "chip.absent" { break }
        }
        await station.disconnect()
        return results
    }

    private func make(
        _ file: String, at station: PCSCChipStation, _ result: inout DeskResult
    ) async throws(SakkError) {
        let record = try record(file)
        guard case .answers(let chip, let personalised) = try await station.identify() else {
            throw SakkError(
                "chip.absent", source: "reader \(result.reader)", text: "No chip that answers lies on the reader.",
                remedy: "Lay a blank card on it.")
        }
        result.chip = chip
        guard !personalised else {
            throw SakkError(
                "chip.occupied", source: "reader \(result.reader)", subject: chip.rawValue,
                text: "There is a document on this chip already.", remedy: "Lay a blank card on the reader.")
        }
        let clock = ContinuousClock()
        let start = clock.now
        let prepared = try await preparation.prepare(record, for: AttemptID("desk-\(result.index + 1)")).chip
        let job = ChipJob(
            attempt: prepared.attempt, files: prepared.files, access: prepared.access,
            cardAccessNumber: cardAccessNumber.map { CardAccessNumber($0) }, keys: prepared.keys,
            fingerAuthority: prepared.fingerAuthority, signer: prepared.signer, sodHash: prepared.sodHash)
        let steps = Mutex(0)
        do {
            try await station.personalise(job, on: chip) { _ in steps.withLock { $0 += 1 } }
            result.steps = steps.withLock { $0 }
            let report = try await station.read(with: job.access)
            result.checks = report.checks
            result.sodHash = report.sodHash
            result.checks.append(
                BorderCheck(
                    name: "sod.written", passed: report.sodHash == job.sodHash,
                    detail: "the security object that was signed for this chip"))
        } catch {
            result.failure = error
        }
        result.milliseconds = Int((clock.now - start) / .milliseconds(1))
        // a chip that nothing was sent to stays a blank; and never is another's killed that lies there by now
        if !result.isGood, result.failure?.outcome != .notDone, try await isStillThere(chip, at: station) {
            result.death = try await station.kill()
        }
    }

    /// A chip that tells no identity (a dead one, or one that hides it) may be the one.
    private func isStillThere(_ chip: ChipIdentity, at station: PCSCChipStation) async throws(SakkError) -> Bool {
        if case .answers(let other, _) = try await station.identify() { return other == chip }
        return true
    }

    private func record(_ file: String) throws(SakkError) -> ApprovedRecord {
        guard let bytes = FileBytes.read(file) else {
            throw SakkError("file.missing", source: file, text: "The record cannot be read.", remedy: "Check the path.")
        }
        switch RecordDecoder().decode(bytes, name: file) {
        case .record(var record):
            if record.documentNumber.isEmpty { record.documentNumber = number ?? "" }
            guard record.product == profile.product else {
                throw SakkError(
                    "record.product", source: file, text: "The record is for \(record.product).",
                    remedy: "Name its product with --product.")
            }
            guard !record.documentNumber.isEmpty else {
                throw SakkError(
                    "record.number.missing", source: file,
                    text: "The record has no document number; its booklet has one.",
                    remedy: "Give it with --number.")
            }
            return record
        case .refused(let problems):
            throw SakkError(
                "record.refused", source: file, text: problems.map { "\($0)" }.joined(separator: "; "),
                remedy: "Correct the record.")
        }
    }
}
