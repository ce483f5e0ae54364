import Foundation
import GRDB
import Ground
import KeyVault
import Ledger

/// A ledger file of one test, and a second connection that looks at it with plain SQL.
final class TestBooks {
    let folder: URL
    let path: String
    let ledger: Books
    static let line = LineID("line-1")
    static let cell = CellID("cell-1")
    static let batch = BatchHeader(
        batch: BatchID("batch-1"), authority: "UTO-MOI", product: "iq-national-id")

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("ledger.db").path
        ledger = try await TestBooks.open(path)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// `vault` is a folder beside the file; another one holds other keys.
    static func open(_ path: String, vault: String = "vault") async throws(SakkError) -> Books {
        let keys = try FileWeekKeys(folder: path + "." + vault)
        try keys.prepare()
        return try await Books.open(path, keys: keys, time: SystemTime())
    }

    static func record(
        _ number: Int, headStart: Int64 = 0, priorityClass: String = "normal", approved: Int64? = nil,
        content: String = "envelope", document: String? = nil
    ) -> IntakeRecord {
        IntakeRecord(
            production: ProductionID("PROD\(number)"), requestID: "REQ-\(number)", authority: "UTO-MOI",
            product: "iq-national-id", stock: "id1", numberSpace: "UTO/ID",
            documentNumber: document ?? "AA000000\(number)", priorityClass: priorityClass, headStart: headStart,
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

    func commit(_ lease: Lease, _ changes: [Change]) async throws(SakkError) {
        try await ledger.commit(
            Transition(lease: lease, cell: TestBooks.cell, actor: "test", changes: changes))
    }

    func claim(_ lease: Lease, quotas: [String: Int] = [:]) async throws(SakkError) -> Claim? {
        try await ledger.claim(
            ClaimRequest(
                lease: lease, cell: TestBooks.cell, product: "iq-national-id", stocks: ["id1"], quotas: quotas,
                actor: "test"))
    }

    func takeOver(by name: String = "test") async throws(SakkError) -> Lease {
        try await ledger.takeOver(TestBooks.line, by: LeaseHolder(name: name, host: "host"))
    }
}
