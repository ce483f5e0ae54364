import BorderReader
import Catalog
import DocumentWriter
import Foundation
import GlobalPlatform
import Ground
import LDS
import OpenSSLCrypto
import Personalisation
import PlantChip
import Stations
import Synchronization
import Testing

/// An invented person, the test PKI, and fresh virtual cards.
enum Specimen {
    static let time = WallTime(iso8601: "2026-11-21T09:00:00Z")!
    static let transportMaster = Bytes(hex: "404142434445464748494A4B4C4D4E4F")!
    static let productionMaster = Bytes(hex: "505152535455565758595A5B5C5D5E5F")!

    struct Clock: TimeSource {
        func wall() -> WallTime { Specimen.time }
        func boot() -> BootTime { BootTime(boot: "specimen", microseconds: 0) }
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardizedFileURL

    static func file(_ name: String) throws -> Bytes {
        Bytes(try Data(contentsOf: root.appending(path: "seeds/test-pki").appending(path: name)))
    }

    /// A product of the repository.
    struct Product: Sendable, CustomTestStringConvertible {
        let name: String
        var testDescription: String { name }
        /// The open applet, and the one that is written by STORE DATA.
        static let nationalID = Product(name: "iq-national-id")
        static let passport = Product(name: "iq-passport-regular")
        static let residence = Product(name: "iq-residence-card")
        static let both = [nationalID, passport]
        /// With the one whose chips leave under keys of their own.
        static let all = both + [residence]

        var profile: ProductProfile {
            get throws { try ProductProfile(folder: Specimen.root.appending(path: "profiles/\(name)").path) }
        }
        private static let read = Mutex<[String: ChipSettings]>([:])
        var chip: ChipSettings {
            get throws {
                try Self.read.withLock { read in
                    if let known = read[name] { return known }
                    let settings = try ChipSettings(path: try profile.chipProfile)
                    read[name] = settings
                    return settings
                }
            }
        }
        var zone: MachineReadableZone.Format {
            get throws { try #require(MachineReadableZone.Format(rawValue: try profile.format)) }
        }
    }

    static func signer() throws -> DocumentSigner {
        DocumentSigner(
            certificate: try X509Certificate(pem: file("ds.pem")), key: try PrivateKey(pem: file("ds.key.pem")))
    }

    /// The authority that fingers open to.
    static func fingerAuthority() throws -> Bytes { try file("cvca.cvcert") }

    /// A border with the plant's inspection system, which reads fingers.
    static func inspection() throws -> BorderInspection {
        BorderInspection(
            trust: TrustStore(authorities: [try X509Certificate(pem: file("csca.pem"))]),
            terminal: try TerminalCredentials(folder: root.appending(path: "seeds/test-pki/inspection").path))
    }

    /// Two fingers, long enough for several blocks.
    static func fingers() -> [ApprovedRecord.Finger] {
        [2, 7].map { position in
            let image = FingerImage(
                position: UInt8(position), compression: 2,
                bytes: Bytes([0xFF, 0xA0]) + Bytes(repeating: UInt8(0xC0 + position), count: 700)
                    + Bytes([0xFF, 0xA1]),
                width: 240, height: 320)
            return ApprovedRecord.Finger(position: position, record: image.record)
        }
    }

    static func border() throws -> BorderInspection {
        BorderInspection(trust: [try X509Certificate(pem: file("csca.pem"))])
    }

    static func keys(master: Bytes = transportMaster) throws -> MasterKey {
        var master = master
        return try MasterKey(SecretBytes(wiping: &master), scheme: .kdf3)
    }

    static func personaliser(
        _ product: Product = .nationalID, master: Bytes = transportMaster
    ) throws -> ChipPersonaliser {
        ChipPersonaliser(
            profile: try product.chip, keys: try keys(master: master),
            production: ProductionKeys(try keys(master: productionMaster)))
    }

    /// `hidesCPLC`: a chip that tells no identity once its passport is locked.
    static func card(
        serial: UInt32 = 0x17, hidesCPLC: Bool = false, master: Bytes = transportMaster, version: UInt8 = 0x30
    ) -> VirtualCard {
        var configuration = VirtualCardConfiguration(
            cplc: CardProductionLifeCycle(serial: serial, batch: 1),
            transportKeys: .init(masterKey: master, version: version), seed: UInt64(serial))
        configuration.hidesCPLCAfterLock = hidesCPLC
        return VirtualCard(configuration: configuration)
    }

    /// The identity of `card(serial:)`, from the maker's own bytes.
    static func identity(serial: UInt32 = 0x17) throws -> ChipIdentity {
        let cplc = CardProductionLifeCycle(serial: serial, batch: 1).bytes
        return ChipIdentity(Digest.sha256(Bytes(cplc[0..<4] + cplc[10..<18])).hex)
    }

    /// A JPEG start and end with filling: long enough for several blocks.
    static let portrait = Bytes([0xFF, 0xD8, 0xFF, 0xE0]) + Bytes(repeating: 0x5A, count: 1500) + Bytes([0xFF, 0xD9])

    static func record(_ product: Product = .nationalID) -> ApprovedRecord {
        let names = ApprovedRecord.Names(
            given: "SALMA", father: "KARIM", grandfather: "JALAL", surname: "SPECIMEN", motherGiven: "HANA",
            motherFather: "OMAR")
        return ApprovedRecord(
            authority: "utopia", requestID: "REQ-1", issueNumber: 1, product: product.name,
            documentType: ["iq-national-id": "ID", "iq-residence-card": "IR"][product.name] ?? "P",
            documentCategory: "national", issuingState: "UTO", nationality: "UTO", documentNumber: "AB1234567",
            dateOfIssue: CivilDate(year: 2026, month: 11, day: 1)!,
            dateOfExpiry: CivilDate(year: 2036, month: 10, day: 31)!, nationalNumber: "199012345678",
            familyNumber: "1", names: .init(arabic: names, sorani: names, latin: names), sex: .female,
            dateOfBirth: CivilDate(year: 1990, month: 4, day: 2)!,
            placeOfBirth: .init(arabic: "UTOPIA", sorani: "UTOPIA", latin: "UTOPIA"), bloodGroup: nil,
            portrait: .init(format: .jpeg, bytes: portrait),
            signature: product.name == "iq-residence-card" ? .init(format: .jpeg, bytes: portrait) : nil,
            fingers: product.name == "iq-residence-card" ? fingers() : [], enrolmentSite: "site-1",
            civilRegister: "register-1", delivery: .init(route: .office, destination: "office-1"),
            priority: .init(priorityClass: "normal", reason: nil), approvedAt: time)
    }

    struct BlankArtwork: ArtworkStation {
        func render(_ record: ApprovedRecord, mrz: [String]) throws(SakkError) -> RenderedDocument {
            RenderedDocument(sides: [], panels: [], fields: [], ribbon: "ymckok", dpi: 300)
        }
    }

    static func preparation(
        _ product: Product = .nationalID, signers: SignerRing? = nil, document: ChipDocument? = nil
    ) throws -> TravelDocumentPreparation {
        TravelDocumentPreparation(
            format: try product.zone, document: try document ?? product.chip.document, artwork: BlankArtwork(),
            signers: try signers ?? SignerRing(signer()),
            decode: { _ throws(SakkError) in Picture(width: 2, height: 3, rgb: Bytes(repeating: 0, count: 18)) },
            time: Clock(), fingerAuthority: try fingerAuthority())
    }

    static func document(
        _ product: Product = .nationalID, attempt: AttemptID = AttemptID("SPECIMEN-1")
    ) async throws -> PreparedDocument {
        try await preparation(product).prepare(record(product), for: attempt)
    }
}
