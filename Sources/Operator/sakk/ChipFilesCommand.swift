import ArgumentParser
import BorderReader
import Foundation
import Ground
import LDS
import SmartCard

struct ChipFilesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files", abstract: "Judges a document's files that were read elsewhere, as a border would.",
        discussion: """
            Files are known by what is in them, whatever they are called. What needs the chip (its keys, access control) is not \
            judged. Prints personal data of the document on stdout. Exit 1 when a check fails.
            """)

    @Argument(help: "Files of one document, or folders with them.") var paths: [String]
    @Option(help: "DOCUMENT,BIRTH,EXPIRY as in the machine readable zone, to compare EF.DG1 with.") var mrz: String?
    @Option(
        help:
            "Folder with country signing certificates, revocation and master lists, or one certificate; may be repeated."
    ) var csca: [String] = []
    @Option(help: "Judge certificates at this moment (2008-06-01T12:00:00Z); without it, now.") var at: String?
    @Flag(help: "One JSON object (sakk.document-check/1).") var json = false

    func run() throws {
        let time = try ChipMoment.of(at)
        let access = DocumentAccess(mrz: mrz, can: nil)
        guard mrz == nil || access != nil else { throw ValidationError("give --mrz DOCUMENT,YYMMDD,YYMMDD") }
        let document = try DocumentFiles(paths: paths)
        for stranger in document.strangers { Words.say("note: \(stranger): not a file of a document") }
        let trust = try TrustStore(paths: csca, at: time)
        for warning in trust.warnings { Words.say("note: \(warning)") }
        let reading = BorderInspection(trust: trust).judge(document, access: access, at: time)
        if json {
            print(reading.document(files: document))
        } else {
            for line in reading.lines { print(line) }
        }
        if !reading.passed { throw Exit.rejected }
    }
}

/// When certificates are judged.
enum ChipMoment {
    static func of(_ text: String?) throws -> WallTime {
        guard let text else { return SystemTime().wall() }
        guard let time = WallTime(iso8601: text) else { throw ValidationError("--at takes 2008-06-01T12:00:00Z") }
        return time
    }
}
