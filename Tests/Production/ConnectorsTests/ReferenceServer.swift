import Connectors
import Foundation
import Ground
import OpenSSLCrypto
import Testing

/// The repository's reference server, started for one test on a free port; it ends with its standard input.
final class ReferenceServer {
    let folder: TemporaryFolder
    let port: Int
    private let process: Process
    private let input = Pipe()

    /// Authorities and certificates are made once for each text of the program and used by every run of the tests.
    private static let certificates: Result<String, any Error> = Result {
        let text = Bytes(try Data(contentsOf: URL(fileURLWithPath: program)))
        let kept = NSTemporaryDirectory() + "sakk-test-tls-\(Digest.sha256(text).hex.prefix(16))"
        if FileManager.default.fileExists(atPath: kept) { return kept }
        let folder = kept + "-" + UUID().uuidString
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["certificates", folder]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure.certificates }
        // whole or not at all; another run may have been faster
        if rename(folder, kept) != 0 { try FileManager.default.removeItem(atPath: folder) }
        return kept
    }

    private static let program = World.repository + "/scripts/reference-source"
    enum Failure: Error { case certificates, silent }

    static let eventsKey = Bytes("a key for tests only".utf8)

    init(server: String = "server") throws {
        folder = TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/records", withIntermediateDirectories: true)
        try Data(Self.eventsKey.hex.utf8).write(to: URL(fileURLWithPath: folder.path + "/events.hex"))
        process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = [
            "serve", "--records", folder.path + "/records", "--certificates", try Self.certificates.get(), "--server",
            server, "--events-key", folder.path + "/events.hex", "--orders", "--until-eof",
        ]
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while !line.contains(0x0A) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure.silent }
            line += more
        }
        let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let port = Int(words[1]) else { throw Failure.silent }
        self.port = port
    }

    deinit { try? input.fileHandleForWriting.close() }

    /// Ends the server; its port answers no more.
    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    static func tls(client: String = "client", authority: String = "authority") throws -> MutualTLS {
        let folder = try certificates.get()
        return MutualTLS(
            authorities: "\(folder)/\(authority).pem", certificate: "\(folder)/\(client).pem",
            key: "\(folder)/\(client).key.pem")
    }

    func client(
        _ client: String = "client", host: String = "localhost", limits: WebLimits = WebLimits()
    ) throws -> WebClient {
        try WebClient(
            base: "https://\(host):\(port)", tls: try Self.tls(client: client), limits: limits, name: "registry")
    }

    func put(_ name: String, _ content: Bytes) throws {
        try Data(content).write(to: URL(fileURLWithPath: "\(folder.path)/records/\(name).p7m"))
    }

    func order(_ orders: JSONValue) async throws {
        _ = try await client().send(WebRequest("/control", body: orders.canonical))
    }

    /// What the server heard.
    func report() async throws -> JSONValue {
        try JSONValue(parsing: try await client().send(WebRequest("/control")).body)
    }
}

/// A folder for one test, gone afterwards.
final class TemporaryFolder {
    let path: String
    private let keep: Bool

    init(keep: Bool = false) {
        path = NSTemporaryDirectory() + "sakk-connectors-" + UUID().uuidString
        self.keep = keep
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { if !keep { try? FileManager.default.removeItem(atPath: path) } }

    func names(_ inner: String = "") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path + inner)) ?? []).filter { !$0.hasPrefix(".") }
            .sorted()
    }
}
