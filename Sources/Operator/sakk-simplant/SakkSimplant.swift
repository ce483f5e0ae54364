import ArgumentParser
import BorderReader
import Catalog
import DocumentWriter
import Foundation
import GlobalPlatform
import Glibc
import Ground
import OpenSSLCrypto
import Personalisation
import Simulation

/// Size b of `sakk simulate`: real personalisation against the plant's chips in memory.
@main
struct SakkSimplant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sakk-simplant", abstract: "Simulated plants with real chips and real personalisation.")

    @Option(help: "Approved records.") var documents = 200
    @Option(help: "Cells of each world.") var cells = 1
    @Option(help: "Faults: none, typical, harsh or hands.") var faults = "typical"
    @Option(help: "One kill in so many documents on average; 0 kills never.") var killEvery = 10
    @Option(help: "All else follows from it.") var seed: UInt64 = 1
    @Option(help: "Worlds at the same time.") var jobs = 2
    @Option(help: "Documents of one world.") var world = 200
    @Option(help: "Folder with the test certificates and the signer's key.") var pki = "seeds/test-pki"
    @Option(help: "What is written to the chips.") var chip = "profiles/iq-national-id/chip.yaml"
    @Option(help: "Folder for the ledgers of worlds with a breach.") var keep: String?
    @Flag(help: "Say on stderr what happens.") var trace = false
    @Flag(help: "One JSON object (sakk.simulation/1).") var json = false

    /// The makers' published test key (GlobalPlatform): no real card has it.
    private static let transport = Bytes(hex: "404142434445464748494A4B4C4D4E4F") ?? []

    private func file(_ name: String) throws -> Bytes {
        Bytes(try Data(contentsOf: URL(filePath: pki).appending(path: name)))
    }

    private func authority() throws -> RealChips.Authority {
        var master = SakkSimplant.transport
        let settings = try ChipSettings(path: chip)
        return RealChips.Authority(
            master: try MasterKey(SecretBytes(wiping: &master), scheme: .kdf3),
            production: try settings.productionKeyVersion.map { _ in ProductionKeys(try production()) },
            chip: settings, transport: SakkSimplant.transport,
            signer: DocumentSigner(
                certificate: try X509Certificate(pem: file("ds.pem")), key: try PrivateKey(pem: file("ds.key.pem"))),
            border: BorderInspection(trust: [try X509Certificate(pem: file("csca.pem"))]),
            time: WallTime(iso8601: "2026-11-21T09:00:00Z") ?? WallTime(microseconds: 0),
            fingers: settings.document.hasFingers ? try file("cvca.cvcert") : nil)
    }

    private func production() throws -> MasterKey {
        let digits = String(decoding: try file("production-master.hex"), as: UTF8.self)
        guard var key = Bytes(hex: digits.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw ValidationError("production-master.hex holds no hexadecimal digits")
        }
        return try MasterKey(SecretBytes(wiping: &key), scheme: .kdf3)
    }

    func run() async throws {
        var options = SimulationOptions()
        options.documents = documents
        options.cells = cells
        options.profile = FaultProfile.named(faults) ?? .typical
        options.killEvery = killEvery
        options.seed = seed
        options.jobs = jobs
        options.worldSize = world
        options.keep = keep
        options.size = "b"
        if trace { options.trace = { SakkSimplant.say($0) } }
        let authority = try authority()
        options.chips = { RealChips(authority, seed: $0) }
        let clock = ContinuousClock()
        let start = clock.now
        let balance = await SimulatedPlants.run(options) { sum in
            SakkSimplant.say(
                "\(sum.documents) documents, \(sum.crashes) crash points, \(sum.breaches) breaches, "
                    + "\((clock.now - start).components.seconds) s")
        }
        let report = SimulationReport(
            options: options, balance: balance, seconds: Double((clock.now - start).components.seconds))
        print(json ? report.json : report.table, terminator: json ? "\n" : "")
        if balance.breaches > 0 { Glibc.exit(5) }
    }

    private static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
