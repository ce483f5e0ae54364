import Foundation
import Ground
import KeyVault
import Ledger
import PostgresRig
import Shipping
import Stations

/// The stores that must behave alike.
enum StoreKind: String, CaseIterable, Sendable { case sqlite, postgres }

/// Books with good documents in the good box, and a desk on them.
final class ShippingBooks: Sendable {
    let kind: StoreKind
    let url: String
    let books: Books
    let desk: ShippingDesk
    let folder: URL
    let keys: FileWeekKeys
    static let line = LineID("line-1")
    static let cell = CellID("cell-1")

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
        books = try await Books.open(url, keys: keys, time: SystemTime(), patience: .seconds(120))
        desk = try ShippingBooks.desk(books)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
        if kind == .postgres { PostgresServer.drop(schema: folder.lastPathComponent) }
    }

    static func desk(_ books: Books, standing: (any RecordStanding)? = nil, time: any TimeSource = FixedTime())
        throws -> ShippingDesk
    {
        ShippingDesk(
            books: books, plan: try PlanTests.plan.get(), verification: AddressOnly(), standing: standing, time: time)
    }

    func again() async throws -> Books {
        try await Books.open(url, keys: keys, time: SystemTime(), patience: .seconds(120))
    }

    /// Good documents: taken in, each made on its blank, in the good box.
    func produce(_ documents: [ReleasedDocument]) async throws {
        for (batch, part) in Dictionary(grouping: documents, by: \.batch).sorted(by: { $0.key < $1.key }) {
            for start in stride(from: 0, to: part.count, by: 500) {
                try await produce(Array(part[start..<min(start + 500, part.count)]), batch)
            }
        }
    }

    private func produce(_ documents: [ReleasedDocument], _ batch: BatchID) async throws {
        let records = documents.map { document in
            IntakeRecord(
                production: document.production, requestID: document.production.rawValue, authority: "UTO-MOI",
                product: "iq-national-id", stock: "NID", numberSpace: "UTO/ID",
                documentNumber: "N\(document.production)", priorityClass: "normal",
                approvedAt: WallTime(microseconds: 1),
                envelope: Bytes("\(document.address.route.rawValue) \(document.address.place)".utf8))
        }
        _ = try await books.intake(
            records, batch: BatchHeader(batch: batch, authority: "UTO-MOI", product: "iq-national-id"), cursor: nil)
        let lease = try await books.takeOver(
            Self.line, by: LeaseHolder(name: "test", host: "here", duration: 3_600_000_000))
        let byProduction = Dictionary(uniqueKeysWithValues: documents.map { ($0.production, $0) })
        var changes: [Change] = []
        for document in documents {
            changes += [
                .register(document.blank, stock: "NID", lot: "L", ordinal: 1),
                .move(document.blank, from: .vault, to: .line, reason: "loaded", attempt: nil),
            ]
        }
        try await books.commit(Transition(plant: .vault, actor: "test", changes: changes))
        changes = []
        let request = ClaimRequest(
            lease: lease, cell: Self.cell, product: "iq-national-id", stocks: ["NID"], actor: "test")
        for number in documents.indices {
            // each in a cell of its own, so that the cell is not given the same one again
            var mine = request
            mine.cell = CellID("cell-\(number)")
            guard let claim = try await books.claim(mine), let document = byProduction[claim.production] else {
                continue
            }
            changes += [
                .move(document.blank, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                .bind(claim.attempt, document.blank, ChipIdentity("chip-\(document.blank)")),
                .attempt(claim.attempt, .produced, reason: nil), .record(claim.production, .produced, reason: nil),
                .move(document.blank, from: .cell, to: .good, reason: "produced", attempt: claim.attempt),
            ]
        }
        try await books.commit(Transition(lease: lease, cell: Self.cell, actor: "test", changes: changes))
    }

    struct Answer: Sendable {
        var facts: [ShippingFact] = []
        var refusal: SakkError.Code?
    }

    /// The act by its answer: facts, or the code of the refusal.
    func answer(_ act: ShippingAct, _ other: ShippingDesk? = nil) async -> Answer {
        let table = other ?? desk
        do {
            return Answer(facts: try await table.perform(act, by: "amal"))
        } catch {
            return Answer(refusal: error.code)
        }
    }

    func count(_ tableAndCondition: String) async throws -> Int {
        try await books.read(CountQuery(sql: "SELECT COUNT(*) AS n FROM \(tableAndCondition)"))
    }
}

struct CountQuery: LedgerQuery {
    let sql: String
    func answer(_ books: BooksReader) throws -> Int { try books.row(sql)?.count("n") ?? -1 }
}

/// The time of `Table`.
struct FixedTime: TimeSource {
    func wall() -> WallTime { Table.now }
    func boot() -> BootTime { BootTime(boot: "boot-1", microseconds: 1) }
}

/// A record whose envelope says where its document goes, and nothing else.
struct AddressOnly: RecordVerification {
    func verify(_ envelope: Bytes) throws(SakkError) -> ApprovedRecord {
        let words = String(decoding: envelope, as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count == 2, let route = ApprovedRecord.DeliveryRoute(rawValue: words[0]) else {
            throw SakkError("record.signature", source: "test", text: "No record.", remedy: "None.")
        }
        let day = CivilDate(daysSince1970: 20_000)
        let names = ApprovedRecord.Names(
            given: "A", father: "B", grandfather: "", surname: "SPECIMEN", motherGiven: "C", motherFather: "D")
        let place = ApprovedRecord.Scripts(arabic: "X", sorani: "X", latin: "X")
        return ApprovedRecord(
            authority: "UTO-MOI", requestID: "R", issueNumber: 1, product: "iq-national-id", documentType: "ID",
            documentCategory: "national", issuingState: "UTO", nationality: "UTO", documentNumber: "N",
            dateOfIssue: day, dateOfExpiry: day, nationalNumber: "1", familyNumber: "1",
            names: ApprovedRecord.Scripts(arabic: names, sorani: names, latin: names), sex: .female, dateOfBirth: day,
            placeOfBirth: place, bloodGroup: nil, portrait: ApprovedRecord.Image(format: .jpeg, bytes: [1]),
            signature: nil, enrolmentSite: "S", civilRegister: "R",
            delivery: ApprovedRecord.Delivery(route: route, destination: words[1]),
            priority: ApprovedRecord.Priority(priorityClass: "normal", reason: nil),
            approvedAt: WallTime(microseconds: 1))
    }
}
