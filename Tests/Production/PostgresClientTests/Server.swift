import Foundation
import PostgresClient
import Testing

/// The server that scripts/test starts, and schemas in it that are thrown away.
enum Server {
    static func conninfo() throws -> String {
        try #require(
            ProcessInfo.processInfo.environment["SAKK_TEST_POSTGRES"],
            "set SAKK_TEST_POSTGRES to a connection string (scripts/postgres.sh starts a server)")
    }

    static func options() throws -> PostgresOptions { PostgresOptions(try conninfo()) }
    static func connect() throws -> PostgresConnection { try PostgresConnection(options()) }

    /// A connection whose tables live in a schema of their own.
    static func withSchema<Value>(
        _ adjust: (inout PostgresOptions) -> Void = { _ in }, _ body: (PostgresOptions) throws -> Value
    ) throws -> Value {
        let name = "test_" + UUID().uuidString.lowercased().filter { $0 != "-" }
        var options = try options()
        adjust(&options)
        let keeper = try connect()
        try keeper.run("CREATE SCHEMA \(name)")
        defer { try? keeper.run("DROP SCHEMA \(name) CASCADE") }
        options.schema = name
        return try body(options)
    }

    /// Runs functions of scripts/postgres.sh; gives the standard output.
    static func script(_ command: String, file: String = #filePath) throws -> String {
        var root = URL(fileURLWithPath: file)
        while !FileManager.default.fileExists(atPath: root.appendingPathComponent("scripts/postgres.sh").path) {
            try #require(root.path != "/")
            root.deleteLastPathComponent()
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", "set -e; source scripts/postgres.sh; \(command)"]
        process.currentDirectoryURL = root
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(command)")
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
