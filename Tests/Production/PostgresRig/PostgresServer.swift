import Foundation
public import PostgresClient

/// The server that scripts/test starts, and schemas in it that are thrown away.
public enum PostgresServer {
    public struct Missing: Error, CustomStringConvertible {
        public let what: String
        public var description: String { "missing: \(what)" }
    }

    /// `SAKK_TEST_POSTGRES`; a test without a server fails.
    public static func conninfo() throws -> String {
        guard let conninfo = ProcessInfo.processInfo.environment["SAKK_TEST_POSTGRES"] else {
            throw Missing(what: "SAKK_TEST_POSTGRES, a connection string (scripts/postgres.sh starts a server)")
        }
        return conninfo
    }

    /// With limits that a busy machine does not reach: a test that is about a limit sets its own.
    public static func options() throws -> PostgresOptions {
        var options = PostgresOptions(try conninfo())
        options.wait(.seconds(120))
        return options
    }

    public static func connect() throws -> PostgresConnection { try PostgresConnection(options()) }

    public static func freshName() -> String { "test_" + UUID().uuidString.lowercased().filter { $0 != "-" } }

    public static func drop(schema: String) {
        try? connect().run("DROP SCHEMA IF EXISTS \"\(schema)\" CASCADE")
    }

    /// Connections made with these options have their tables in a schema of their own.
    public static func withSchema<Value>(
        _ adjust: (inout PostgresOptions) -> Void = { _ in }, _ body: (PostgresOptions) throws -> Value
    ) throws -> Value {
        let name = freshName()
        var options = try options()
        adjust(&options)
        try connect().run("CREATE SCHEMA \(name)")
        defer { drop(schema: name) }
        options.schema = name
        return try body(options)
    }

    /// Runs functions of scripts/postgres.sh; gives the standard output.
    public static func script(_ command: String, file: String = #filePath) throws -> String {
        var root = URL(fileURLWithPath: file)
        while !FileManager.default.fileExists(atPath: root.appendingPathComponent("scripts/postgres.sh").path) {
            guard root.path != "/" else { throw Missing(what: "scripts/postgres.sh") }
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
        guard process.terminationStatus == 0 else { throw Missing(what: "a result of \(command)") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

extension PostgresOptions {
    /// All limits at once.
    public mutating func wait(_ limit: Duration) {
        connectTimeout = limit
        statementTimeout = limit
        answerTimeout = limit + .seconds(10)
        lockTimeout = limit
        // a test's threads meet within a transaction, and wait ten minutes for each other
        idleInTransactionTimeout = limit + .seconds(600)
    }
}
