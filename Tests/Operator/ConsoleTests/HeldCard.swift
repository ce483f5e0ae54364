import Foundation
import Ground
import Ledger
import Stations

@testable import Console

extension ConsoleRig {
    /// A card that the machine held for this reason: attempt `P-1-1` on blank `pc-td1:7`.
    func hold(_ reason: String) async throws -> AttemptID {
        let record = IntakeRecord(
            production: ProductionID("P-1"), requestID: "R-1", authority: "UTO-MOI", product: "iq-national-id",
            stock: "pc-td1", numberSpace: "UTO/ID", documentNumber: "N1", priorityClass: "normal",
            approvedAt: WallTime(microseconds: 1), envelope: Bytes("office office-halabja".utf8))
        _ = try await books.intake(
            [record], batch: BatchHeader(batch: BatchID("B-1"), authority: "UTO-MOI", product: "iq-national-id"),
            cursor: nil)
        let lease = try await books.takeOver(line.id, by: LeaseHolder(name: "test", host: "here"))
        let blank = BlankID(stock: "pc-td1", serial: "7")
        try await books.commit(
            Transition(
                plant: .vault, actor: "test",
                changes: [
                    .register(blank, stock: "pc-td1", lot: "L", ordinal: 1),
                    .move(blank, from: .vault, to: .line, reason: "loaded", attempt: nil),
                ]))
        let claim = try await books.claim(
            ClaimRequest(
                lease: lease, cell: CellID("c1"), product: "iq-national-id", stocks: ["pc-td1"], actor: "test"))
        guard let attempt = claim?.attempt, let production = claim?.production else { throw Unclaimed() }
        try await books.commit(
            Transition(
                lease: lease, cell: CellID("c1"), actor: "test",
                changes: [
                    .move(blank, from: .line, to: .cell, reason: "fed", attempt: attempt),
                    .bind(attempt, blank, ChipIdentity("chip-7")), .exit(blank, .reject),
                    .move(blank, from: .cell, to: .held, reason: reason, attempt: attempt),
                    .attempt(attempt, .held, reason: reason), .record(production, .held, reason: reason),
                ]))
        self.lease = lease
        return attempt
    }

    /// What an inspector said at the desk reader, as the line writes it.
    func say(_ verdict: CardVerdict, _ reason: String?, of attempt: AttemptID, by person: String) async throws {
        guard let lease else { throw Unclaimed() }
        let blank = BlankID(stock: "pc-td1", serial: "7")
        try await books.commit(
            Transition(
                lease: lease, cell: CellID("c1"), actor: "test",
                changes: [.verdict(.given(attempt, blank, verdict, reason: reason, by: person))]))
    }

    struct Unclaimed: Error {}

    /// A set of pictures with a known defect; what is in the files is nobody's affair here.
    func placeSet(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: auditFolder, withIntermediateDirectories: true)
        for file in ["\(name)-front-drawn.png", "\(name)-front-seen.jpg"] {
            try Data("picture \(file)".utf8).write(to: URL(fileURLWithPath: "\(auditFolder)/\(file)"))
        }
    }
}
