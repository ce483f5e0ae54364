import ArgumentParser
import BorderReader
import Foundation
import Ground
import LDS
import SmartCard

struct ChipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chip", abstract: "Chips on any PC/SC reader.",
        subcommands: [
            ChipReadCommand.self, ChipPersonaliseCommand.self, ChipFilesCommand.self, ChipTrustCommand.self,
        ])
}

struct ChipReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Opens a document the way a border does, reads and checks everything.",
        discussion: """
            Prints personal data of the document on stdout. Exit 1 when a check fails. With several readers one line for \
            each, in the order of the readers. The same check as a program of its own is sakk-border.
            """)

    @Option(help: "Name of the reader; may be given several times.") var reader: [String]
    @Option(help: "DOCUMENT,BIRTH,EXPIRY as in the machine readable zone (dates YYMMDD).") var mrz: String?
    @Option(help: "Card access number, as printed.") var can: String?
    @Option(
        help:
            "Folder with country signing certificates, revocation and master lists, or one certificate; may be repeated."
    ) var csca: [String] = []
    @Option(help: "Folder with the certificates (*.cvcert) and key (key.pem) of an inspection system, for fingers.")
    var terminal: String?
    @Option(help: "Write each file as it was read to this folder.") var files: String?
    @Option(help: "Wait so many milliseconds for a card.") var waitMs = 5000
    @Flag(help: "One JSON object for each reader (sakk.border-check/1).") var json = false

    func run() async throws {
        guard let access = DocumentAccess(mrz: mrz, can: can) else {
            throw ValidationError("give --mrz DOCUMENT,YYMMDD,YYMMDD or --can NUMBER")
        }
        guard !reader.isEmpty, reader.count == 1 || files == nil else {
            throw ValidationError("--files takes one --reader")
        }
        let trust = try TrustStore(paths: csca, at: SystemTime().wall())
        for warning in trust.warnings { Words.say("note: \(warning)") }
        let inspection = BorderInspection(trust: trust, terminal: try terminal.map(TerminalCredentials.init(folder:)))
        let check = BorderControl(inspection: inspection, access: access, waitMS: waitMs)
        let results = await withTaskGroup(of: (Int, Result<BorderReading, SakkError>).self) { group in
            for (index, name) in reader.enumerated() {
                group.addTask { (index, await ChipReadCommand.read(name, check)) }
            }
            var all: [(Int, Result<BorderReading, SakkError>)] = []
            for await result in group { all.append(result) }
            return all.sorted { $0.0 < $1.0 }
        }
        var rejected = false
        var failures: [SakkError] = []
        for (index, result) in results {
            // one reader's failure hides no other's document
            guard case .success(let reading) = result else {
                if case .failure(let error) = result { failures.append(error) }
                continue
            }
            rejected = rejected || !reading.passed
            if let files { try write(reading, to: files) }
            if json {
                print(reading.document(reader: reader[index]))
            } else {
                if reader.count > 1 { print("reader \(reader[index])") }
                for line in reading.lines { print(line) }
            }
        }
        for error in failures.dropFirst() {
            Words.say("\(error.source): \(error.text) \(error.remedy) [\(error.code)]")
        }
        if let first = failures.first { throw first }
        if rejected { throw Exit.rejected }
    }

    private static func read(_ name: String, _ check: BorderControl) async -> Result<BorderReading, SakkError> {
        let device = PCSCReader(name: name)
        do throws(SakkError) {
            try await device.connect()
            let reading = try await check.run(on: device, clock: SystemTime())
            await device.disconnect()
            return .success(reading)
        } catch {
            return .failure(error)
        }
    }

    private func write(_ reading: BorderReading, to folder: String) throws(SakkError) {
        try OutputFolder.make(folder)
        for (fileID, bytes) in reading.files {
            let known = [ElementaryFile.common, .securityObject] + (1...16).compactMap(ElementaryFile.dataGroup)
            let name = known.first { $0.fileID == fileID }?.name ?? Hex.digits(of: BigEndian.bytes(fileID))
            try OutputFolder.write(bytes, to: "\(folder)/\(name).bin")
        }
        for (name, bytes) in [("EF.CardAccess", reading.cardAccess), ("EF.CardSecurity", reading.cardSecurity)] {
            if !bytes.isEmpty { try OutputFolder.write(bytes, to: "\(folder)/\(name).bin") }
        }
    }
}
