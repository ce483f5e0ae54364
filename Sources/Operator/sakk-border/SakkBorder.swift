import ArgumentParser
import BorderReader
import Foundation
import Glibc
import Ground
import LDS
import SmartCard
import Workers

/// The border check as a program: reader, zone or card access number, and trust. Nothing else of the plant is known here.
@main
struct SakkBorder: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sakk-border", abstract: "Opens a document the way a border does and judges it.",
        discussion: """
            Prints the machine readable zone of the document on stdout. Exit 0 passed, 1 rejected. With --serve it is a line's \
            read-back: zones come in and answers go out on its socket, and it has given up all that this does not need.
            """)

    @Option(help: "Name of the reader.") var reader: String
    @Option(help: "DOCUMENT,BIRTH,EXPIRY as in the machine readable zone (dates YYMMDD).") var mrz: String?
    @Option(help: "Card access number, as printed.") var can: String?
    @Option(help: "Folder with country signing certificates, revocation lists and master lists, or one such file.")
    var csca: [String]
    @Option(help: "Folder with the certificates (*.cvcert) and key (key.pem) of an inspection system.")
    var terminal: String?
    @Option(help: "With --serve: a certificate of an inspection system; who asks has its key, and signs.")
    var certificate: [String] = []
    @Option(help: "Write each file as it was read to this folder.") var files: String?
    @Option(help: "Wait so many milliseconds for a document.") var waitMs = 5000
    @Flag(help: "One JSON object (sakk.border-check/1).") var json = false
    @Flag(help: "Answer the requests of sakk run.") var serve = false

    func run() async throws {
        let clock = SystemTime()
        guard let access = DocumentAccess(mrz: mrz, can: can) else {
            throw ValidationError("give --mrz DOCUMENT,YYMMDD,YYMMDD or --can NUMBER")
        }
        let trust = try TrustStore(paths: csca, at: clock.wall())
        for warning in trust.warnings { Self.say("note: \(warning)") }
        let inspection = BorderInspection(trust: trust, terminal: try terminal.map(TerminalCredentials.init(folder:)))
        let device = PCSCReader(name: reader)
        try await device.connect()
        let check = BorderControl(inspection: inspection, access: access, waitMS: waitMs)
        let reading = try await check.run(on: device, clock: clock)
        await device.disconnect()
        if let files { try write(reading, to: files) }
        if json {
            print(reading.document(reader: reader))
        } else {
            for line in reading.lines { print(line) }
        }
        if !reading.passed { throw ExitCode(1) }
    }

    func validate() throws {
        guard serve ? terminal == nil : certificate.isEmpty else {
            throw ValidationError("--terminal is for a person, --certificate for --serve, which is given no key")
        }
    }

    /// The line's inspection system: certificates here, the key on the other side of the socket.
    private var asked: TerminalCredentials? {
        get throws(SakkError) {
            guard !certificate.isEmpty else { return nil }
            return try TerminalCredentials(chain: try TerminalCredentials.read(certificate)) {
                (message) throws(SakkError) in
                let signature = WorkerDesk.inquire(TerminalQuestion.encoded(message)) ?? []
                guard !signature.isEmpty else {
                    throw SakkError(
                        "border.terminal.unsigned", source: "border check",
                        text: "The line did not sign for its inspection system.",
                        remedy: "Look at the token that holds the inspection system's key.")
                }
                return signature
            }
        }
    }

    /// A trust that cannot be read is the answer to every request: nobody reads what a worker says elsewhere.
    private func answer(_ order: FaultOrder?) async {
        let clock = SystemTime()
        do throws(SakkError) {
            let inspection = BorderInspection(
                trust: try TrustStore(paths: csca, at: clock.wall()), terminal: try asked)
            let desk = BorderDesk(inspection, at: PCSCReader(name: reader), clock: clock)
            guard let order else { return await WorkerDesk.serve { await desk.answer($0) } }
            await WorkerDesk.serve { request in await order.run { await desk.answer(request) } }
        } catch {
            let answer = BorderAnswer.encoded(error)
            await WorkerDesk.serve { _ in answer }
        }
    }

    private func write(_ reading: BorderReading, to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (fileID, bytes) in reading.files {
            let known = [ElementaryFile.common, .securityObject] + (1...16).compactMap(ElementaryFile.dataGroup)
            let name = known.first { $0.fileID == fileID }?.name ?? BigEndian.bytes(fileID).hex
            try Data(bytes).write(to: URL(filePath: folder).appending(path: "\(name).bin"))
        }
        for (name, bytes) in [("EF.CardAccess", reading.cardAccess), ("EF.CardSecurity", reading.cardSecurity)] {
            if !bytes.isEmpty { try Data(bytes).write(to: URL(filePath: folder).appending(path: "\(name).bin")) }
        }
    }

    private static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    static func main() {
        if let command = try? parseAsRoot() as? SakkBorder, command.serve {
            let order = FaultOrder()
            WorkerDesk.run("sakk-border", at: .local(reading: command.csca + command.certificate)) {
                await command.answer(order)
            }
        }
        Task.detached { await asked() }
        while true { pause() }
    }

    /// By a person, or a script.
    private static func asked() async {
        // a core file would hold session keys and personal data
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            Glibc.exit(0)
        } catch let error as SakkError {
            say("sakk-border: \(error.text)")
            say("             \(error.remedy)")
            say("             [\(error.code)] \(error.source)")
            let isMissing = ["reader.", "border.trust", "border.terminal"].contains {
                error.code.rawValue.hasPrefix($0)
            }
            Glibc.exit(isMissing && error.outcome != .unknown ? 3 : 4)
        } catch let code as ExitCode {
            Glibc.exit(code.rawValue)
        } catch {
            let code = exitCode(for: error)
            if code == .success {
                print(message(for: error))
                Glibc.exit(0)
            }
            say(fullMessage(for: error))
            Glibc.exit(code == .validationFailure ? 2 : 70)
        }
    }
}
