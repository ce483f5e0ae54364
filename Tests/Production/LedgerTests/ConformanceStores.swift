import Foundation
import Ground
import KeyVault
import PostgresRig
import Stations
import Testing

@testable import Ledger

/// The stores that must behave alike.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, postgres
    var testDescription: String { rawValue }
}

/// Empty books of one test in one of the stores, and what a line does with them.
final class ConformanceBooks: Sendable {
    let kind: StoreKind
    let url: String
    let books: Books
    let folder: URL
    let keys: FileWeekKeys

    static let product = "iq-national-id"
    static let stock = "id1"
    static let line = LineID("line-1")
    static let cell = CellID("cell-1")
    static let batch = BatchHeader(batch: BatchID("batch-1"), authority: "UTO-MOI", product: product)

    init(_ kind: StoreKind) async throws {
        self.kind = kind
        let name = PostgresServer.freshName()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        switch kind {
        case .sqlite: url = folder.appendingPathComponent("ledger.db").path
        case .postgres: url = try PostgresServer.conninfo() + "?sakk_schema=\(name)&sakk_patience=120"
        }
        keys = try FileWeekKeys(folder: folder.appendingPathComponent("keys").path)
        try keys.prepare()
        books = try await Books.open(url, keys: keys, time: SystemTime(), patience: Self.patience)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
        if kind == .postgres { PostgresServer.drop(schema: schema) }
    }

    var schema: String { folder.lastPathComponent }

    /// Another process's view of the same books.
    func again() async throws -> Books { try await open(url) }

    /// Other books with the same keys.
    func open(_ url: String) async throws -> Books {
        try await Books.open(url, keys: keys, time: SystemTime(), patience: Self.patience)
    }

    /// Where many tests share few processors, somebody who holds the file may not get one for seconds.
    private static let patience = Duration.seconds(120)

    // MARK: What a line does

    static func record(
        _ number: Int, class priorityClass: String = "normal", approved: Int64? = nil, headStart: Int64 = 0,
        content: String = "envelope", document: String? = nil, name: String? = nil
    ) -> IntakeRecord {
        IntakeRecord(
            production: ProductionID(name ?? "PROD\(number)"), requestID: name ?? "REQ-\(number)",
            authority: "UTO-MOI", product: product, stock: stock, numberSpace: "UTO/ID",
            documentNumber: document ?? "AA\(1_000_000 + number)", priorityClass: priorityClass, headStart: headStart,
            approvedAt: WallTime(microseconds: approved ?? Int64(number)), envelope: Bytes("\(content) \(number)".utf8))
    }

    func intake(_ numbers: some Sequence<Int>) async throws {
        let outcomes = try await books.intake(numbers.map { Self.record($0) }, batch: Self.batch, cursor: nil)
        try #require(outcomes.allSatisfy { $0 == .taken })
    }

    func takeOver(_ line: LineID = ConformanceBooks.line, host: String = "here", forced: Bool = false)
        async throws(SakkError) -> Lease
    {
        try await books.takeOver(
            line, by: LeaseHolder(name: "controller", host: host, duration: 3_600_000_000, isForced: forced))
    }

    func claim(_ lease: Lease, _ cell: CellID = ConformanceBooks.cell) async throws(SakkError) -> Claim? {
        try await books.claim(Self.request(lease, cell))
    }

    /// Where the others were not given a processor for the five seconds that a file is waited for, nothing was done.
    static func patiently<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        while true {
            do {
                return try await work()
            } catch let error as SakkError where error.code == "ledger.busy" && error.outcome == .notDone {
                continue
            }
        }
    }

    static func request(_ lease: Lease, _ cell: CellID = ConformanceBooks.cell) -> ClaimRequest {
        ClaimRequest(lease: lease, cell: cell, product: product, stocks: [stock], actor: "test")
    }

    func commit(_ lease: Lease, _ changes: [Change], cell: CellID = ConformanceBooks.cell) async throws(SakkError) {
        try await books.commit(Transition(lease: lease, cell: cell, actor: "test", changes: changes))
    }

    /// Blanks `B1`, `B2`, … in the hopper of the cell.
    func load(_ lease: Lease, _ numbers: ClosedRange<Int>, cell: CellID = ConformanceBooks.cell) async throws {
        try await books.commit(
            Transition(
                plant: .vault, actor: "test",
                changes: numbers.flatMap { number -> [Change] in
                    let blank = Self.blank(number)
                    return [
                        .register(blank, stock: Self.stock, lot: "LOT", ordinal: number),
                        .move(blank, from: .vault, to: .line, reason: "issued", attempt: nil),
                        .hopper(blank, lease.line, cell),
                    ]
                }))
    }

    static func blank(_ number: Int) -> BlankID { BlankID("B\(number)") }
    static func chip(_ number: Int) -> ChipIdentity { ChipIdentity("C\(number)") }

    /// Claims the next record and binds it to blank and chip `number`.
    func bound(_ lease: Lease, _ number: Int, chip: Int? = nil, cell: CellID = ConformanceBooks.cell) async throws
        -> Claim
    {
        let claim = try #require(try await claim(lease, cell))
        let blank = Self.blank(number)
        let feed = StepKey(claim.attempt, .feed, try: 1)
        try await commit(lease, [.intend(feed, facts: [:])], cell: cell)
        try await commit(
            lease,
            [
                .conclude(feed, outcome: .done, facts: [:]),
                .move(blank, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                .bind(claim.attempt, blank, Self.chip(chip ?? number)),
            ], cell: cell)
        return claim
    }

    /// One record in work, on blank and chip 1; the books, their line's lease and the claim.
    static func working(_ kind: StoreKind) async throws -> (ConformanceBooks, Lease, Claim) {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...1)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...2)
        return (books, lease, try await books.bound(lease, 1))
    }

    /// Claims what comes next, at most so often, and holds it; `number stock` of each. What is made on other blanks than
    /// the hopper's is given back, and is the last one.
    static func order(_ books: Books, _ request: ClaimRequest, most: Int = 99) async throws -> [String] {
        var order: [String] = []
        while order.count < most, let claim = try await books.claim(request) {
            order.append("\(claim.production.rawValue) \(claim.stock)")
            let isOther = claim.product != request.product
            let end: [Change] =
                isOther
                ? [.release(claim.attempt, claim.production)]
                : [
                    .attempt(claim.attempt, .dropped, reason: "test"),
                    .record(claim.production, .held, reason: "test"),
                ]
            try await books.commit(
                Transition(lease: request.lease, cell: request.cell, actor: "test", changes: end))
            if isOther { break }
        }
        return order
    }

    /// The card that waits for an inspector: by the reject exit, for `reason`.
    func putAside(_ lease: Lease, _ claim: Claim, _ number: Int = 1, reason: String) async throws(SakkError) {
        let blank = Self.blank(number)
        try await commit(
            lease,
            [
                .exit(blank, .reject), .move(blank, from: .cell, to: .held, reason: reason, attempt: claim.attempt),
                .attempt(claim.attempt, .held, reason: reason), .record(claim.production, .held, reason: reason),
            ])
    }

    /// The card is thrown out. Its record comes again, or waits while the chip may live.
    func spoil(_ lease: Lease, _ claim: Claim, _ number: Int = 1, death: ChipDeath = .confirmed) async throws(SakkError)
    {
        try await commit(
            lease,
            [
                .move(Self.blank(number), from: .cell, to: .spoiled, reason: "print", attempt: claim.attempt),
                .death(claim.attempt, death), .attempt(claim.attempt, .spoiled, reason: "print"),
                death == .confirmed
                    ? .record(claim.production, .queued, reason: "remake")
                    : .record(claim.production, .held, reason: "chip.death.unconfirmed"),
            ])
    }

    /// The document is good.
    func produce(_ lease: Lease, _ claim: Claim, _ number: Int) async throws(SakkError) {
        try await commit(
            lease,
            [
                .attempt(claim.attempt, .produced, reason: nil), .record(claim.production, .produced, reason: nil),
                .move(Self.blank(number), from: .cell, to: .good, reason: "good", attempt: claim.attempt),
                .exit(Self.blank(number), .good),
            ])
    }

    /// The authority takes the approval back.
    func withdraw(_ production: ProductionID) async throws(SakkError) {
        try await books.commit(
            Transition(plant: .queue, actor: "authority", changes: [.withdraw(production, reason: "death")]))
    }

    // MARK: What anybody with a connection could do

    func sql(_ statement: String, _ arguments: [SQLValue] = []) async throws(SakkError) {
        _ = try await books.store.write { session in try session.execute(statement, arguments) }
    }

    /// Every row of a table, in words.
    func rows(_ table: String, by key: String) async throws(SakkError) -> [String] {
        try await books.store.read { session in
            try session.rows("SELECT * FROM \(table) ORDER BY \(key)", []).map { row in
                row.columns.keys.sorted().map { "\($0) \(row[$0])" }.joined(separator: ", ")
            }
        }
    }

    func count(_ tableAndCondition: String) async throws -> Int {
        try await books.store.read { session in
            try session.row("SELECT COUNT(*) AS n FROM \(tableAndCondition)")?.count("n") ?? -1
        }
    }
}

/// Equality of errors is by code.
func failure(_ code: SakkError.Code) -> SakkError { SakkError(code, source: "", text: "", remedy: "") }
