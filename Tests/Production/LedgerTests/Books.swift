import Foundation
import GRDB
import Ground
import Ledger

/// A ledger file of one test, and a second connection that looks at it with plain SQL.
final class Books {
    let folder: URL
    let path: String
    let ledger: SQLiteLedger
    static let line = LineID("line-1")
    static let cell = CellID("cell-1")
    static let batch = BatchHeader(
        batch: BatchID("batch-1"), authority: "UTO-MOI", product: "iq-national-id", line: line)

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("ledger.db").path
        ledger = try Books.open(path)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    static func open(_ path: String, key: UInt8 = 7) throws(SakkError) -> SQLiteLedger {
        var bytes = Bytes(repeating: key, count: 32)
        return try SQLiteLedger(path: path, plantKey: SecretBytes(wiping: &bytes), time: SystemTime())
    }

    static func record(
        _ number: Int, priority: Int = 5, approved: Int64? = nil, content: String = "envelope", document: String? = nil
    ) -> IntakeRecord {
        IntakeRecord(
            production: ProductionID("PROD\(number)"), requestID: "REQ-\(number)", authority: "UTO-MOI",
            product: "iq-national-id", numberSpace: "UTO/ID", documentNumber: document ?? "AA000000\(number)",
            priority: priority, priorityClass: "normal",
            approvedAt: WallTime(microseconds: approved ?? Int64(number)), envelope: Bytes("\(content) \(number)".utf8))
    }

    /// Runs SQL as any program with the file could.
    @discardableResult
    func sql(_ statement: String, _ arguments: StatementArguments = []) throws -> [Row] {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        return try queue.writeWithoutTransaction { try Row.fetchAll($0, sql: statement, arguments: arguments) }
    }

    func commit(_ epoch: Int64, _ changes: [Change]) async throws(SakkError) {
        try await ledger.commit(
            Transition(line: Books.line, epoch: epoch, cell: Books.cell, actor: "test", changes: changes))
    }

    func claim(_ epoch: Int64) async throws(SakkError) -> Claim? {
        try await ledger.claim(
            line: Books.line, epoch: epoch, cell: Books.cell, product: "iq-national-id", by: "test")
    }
}
