import ArgumentParser
import BorderReader
import Foundation
import Ground
import LDS
import OpenSSLCrypto
import Personalisation
import SmartCard
import Stations

struct ChipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chip", abstract: "Chips on any PC/SC reader.", subcommands: [ChipReadCommand.self])
}

struct ChipReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Opens a document the way a border does, reads and checks everything.",
        discussion: "Prints personal data of the document on stdout. Exit 1 when a check fails.")

    @Option(help: "Name of the reader.") var reader: String
    @Option(help: "DOCUMENT,BIRTH,EXPIRY as in the machine readable zone (dates YYMMDD).") var mrz: String
    @Option(help: "Country signing certificate (PEM); may be given several times.") var csca: [String] = []
    @Option(help: "Write each file as it was read to this folder.") var files: String?
    @Option(help: "Wait so many milliseconds for a card.") var waitMs = 5000
    @Flag(help: "One JSON object (sakk.chip-read/1).") var json = false

    func run() async throws {
        let parts = mrz.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[1].count == 6, parts[2].count == 6 else {
            throw ValidationError("--mrz takes DOCUMENT,YYMMDD,YYMMDD")
        }
        let inspection = BorderInspection(trust: try Certificates.read(all: csca))
        let device = PCSCReader(name: reader)
        try await device.connect()
        let reading = try await read(device, inspection, parts)
        await device.disconnect()
        if let files { try write(reading, to: files) }
        if json {
            print(reading.json.document(schema: "sakk.chip-read/1"))
        } else {
            for line in reading.mrz { print(line) }
            for check in reading.checks { print("\(check.passed ? "ok  " : "FAIL") \(check.name)  \(check.detail)") }
            for warning in reading.warnings { print("note \(warning)") }
        }
        if !reading.passed { throw Exit.rejected }
    }

    /// pcscd looks every 400 ms: a card that was laid down between two looks is silent until it is seen as a new one.
    private func read(
        _ device: PCSCReader, _ inspection: BorderInspection, _ access: [String]
    ) async throws(SakkError) -> BorderReading {
        var last = SakkError(
            "chip.absent", source: "reader \(reader)", text: "No card that answers lies on the reader.",
            remedy: "Lay the card on the reader; a mute chip cannot be read.")
        for _ in 0..<4 {
            guard case .present = try await device.waitForCard(timeoutMS: waitMs) else { throw last }
            do throws(SakkError) {
                return try await device.withCard(leaving: .unpower) { channel throws(SakkError) in
                    try inspection.read(
                        on: channel, documentNumber: access[0], dateOfBirth: access[1], dateOfExpiry: access[2],
                        at: SystemTime().wall())
                }
            } catch {
                guard error.code.rawValue.hasPrefix("chip.") else { throw error }
                last = error
                _ = try await device.waitForRemoval(timeoutMS: 500)
            }
        }
        throw last
    }

    private func write(_ reading: BorderReading, to folder: String) throws(SakkError) {
        try OutputFolder.make(folder)
        for (fileID, bytes) in reading.files {
            let known = [ElementaryFile.common, .securityObject] + (1...16).compactMap(ElementaryFile.dataGroup)
            let name = known.first { $0.fileID == fileID }?.name ?? Hex.digits(of: BigEndian.bytes(fileID))
            try OutputFolder.write(bytes, to: "\(folder)/\(name).bin")
        }
    }
}

extension BorderReading {
    var json: JSONValue {
        let hashes = Dictionary(
            uniqueKeysWithValues: files.map { fileID, bytes in
                (Hex.digits(of: BigEndian.bytes(fileID)), JSONValue.string(Digest.sha256(bytes).hex))
            })
        return [
            "passed": .bool(passed), "mrz": .array(mrz.map(JSONValue.string)),
            "checks": .array(
                checks.map { ["name": .string($0.name), "passed": .bool($0.passed), "detail": .string($0.detail)] }),
            "warnings": .array(warnings.map(JSONValue.string)), "sod_sha256": .string(sodHash.hex),
            "portrait_format": .string(portraitFormat), "portrait_bytes": .integer(Int64(portrait.count)),
            "file_sha256": .object(hashes),
        ]
    }
}
