import Foundation
import Ground
import Ledger
import Shipping
import Stations

@testable import Console

extension ConsoleRig {
    static let seeds = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/seeds"

    static func desk(_ books: Books, _ time: any TimeSource) throws -> ShippingDesk {
        ShippingDesk(
            books: books, plan: try LogisticsPlan(seeds: seeds), verification: AddressOnly(), standing: nil, time: time)
    }

    /// Good documents in the good box, `G:1`, `G:2` and so on, each for its address (`ROUTE PLACE`).
    func produce(_ addresses: [String]) async throws {
        let line = LineID("l1")
        let records = addresses.enumerated().map { index, address in
            IntakeRecord(
                production: ProductionID("P-\(index + 1)"), requestID: "R-\(index + 1)", authority: "UTO-MOI",
                product: "iq-national-id", stock: "G", numberSpace: "UTO/ID", documentNumber: "N\(index + 1)",
                priorityClass: "normal", approvedAt: WallTime(microseconds: 1), envelope: Bytes(address.utf8))
        }
        _ = try await books.intake(
            records, batch: BatchHeader(batch: BatchID("B-1"), authority: "UTO-MOI", product: "iq-national-id"),
            cursor: nil)
        let lease = try await books.takeOver(line, by: LeaseHolder(name: "test", host: "here"))
        var changes: [Change] = []
        for index in addresses.indices {
            let blank = BlankID(stock: "G", serial: "\(index + 1)")
            changes += [
                .register(blank, stock: "G", lot: "L", ordinal: 1),
                .move(blank, from: .vault, to: .line, reason: "loaded", attempt: nil),
            ]
        }
        try await books.commit(Transition(plant: .vault, actor: "test", changes: changes))
        changes = []
        for index in addresses.indices {
            var request = ClaimRequest(
                lease: lease, cell: CellID("c1"), product: "iq-national-id", stocks: ["G"], actor: "test")
            // each in a cell of its own, so that the cell is not given the same one again
            request.cell = CellID("c-\(index)")
            guard let claim = try await books.claim(request) else { continue }
            let blank = BlankID(stock: "G", serial: String(claim.production.rawValue.dropFirst(2)))
            changes += [
                .move(blank, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                .bind(claim.attempt, blank, ChipIdentity("chip-\(blank)")),
                .attempt(claim.attempt, .produced, reason: nil), .record(claim.production, .produced, reason: nil),
                .move(blank, from: .cell, to: .good, reason: "produced", attempt: claim.attempt),
            ]
        }
        try await books.commit(Transition(lease: lease, cell: CellID("c1"), actor: "test", changes: changes))
    }
}

/// The envelope of the record is its address alone.
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
