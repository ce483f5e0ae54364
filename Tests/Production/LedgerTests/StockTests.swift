import Foundation
import Ground
import Ledger
import Testing

/// Expects this error with nothing done, from an act on the books.
func refuses(_ code: SakkError.Code, _ act: () async throws -> Void) async {
    do {
        try await act()
        Issue.record("it was taken; \(code) was expected")
    } catch let error as SakkError {
        #expect(error.code == code && error.outcome == .notDone, "\(error)")
    } catch {
        Issue.record("another error: \(error)")
    }
}

/// Receipt, issue, holds, destruction and supplies, each with what is refused.
struct StockTests {
    static let lot = LotID(stock: "id1", lot: "L-7")

    static func manifest(
        _ ranges: [String], boxes: [(String, String)] = [], count: Int? = nil, lot: LotID = StockTests.lot,
        isEngraved: Bool = false, digest: UInt8 = 7
    ) throws -> StockManifest {
        let serials = try ranges.map { try #require(SerialRange($0)) }
        return try StockManifest(
            id: lot, chipLot: "CHIP-3", transportKey: "tk-2026-1", category: isEngraved ? "regular" : nil,
            isEngraved: isEngraved, serials: serials,
            boxes: try boxes.map { StockManifest.Box(box: $0.0, serials: try #require(SerialRange($0.1))) },
            count: count ?? serials.reduce(0) { $0 + $1.count }, digest: Bytes(repeating: digest, count: 32))
    }

    static func received(_ ranges: String...) async throws -> TestBooks {
        let books = try await TestBooks()
        _ = try await books.ledger.receive(try manifest(ranges), delivered: nil, by: "vault-1")
        return books
    }

    private func range(_ text: String) throws -> SerialRange { try #require(SerialRange(text)) }

    @Test(arguments: ["", "A5..A1", "A1..B5", "A01..A5", "A1..A2..A3", "A 1", "A1..A9000000"])
    func `A range that is none is refused`(text: String) { #expect(SerialRange(text) == nil) }

    @Test func `Gaps and extras of a delivery are named, and only what is on both sides is registered`() async throws {
        let books = try await TestBooks()
        let manifest = try Self.manifest(["P001..P010", "P012..P020"])
        let receipt = try await books.ledger.receive(
            manifest, delivered: [try range("P001..P004"), try range("P006..P022")], by: "vault-1")
        #expect(receipt.registered == 18)
        #expect(receipt.gaps == [try range("P005")])
        #expect(receipt.extras.map(\.description) == ["P011", "P021..P022"])
        #expect(receipt.skipped == [try range("P011")])
        let lots = try await books.ledger.read(LotsQuery())
        #expect(lots.map(\.count) == [18] && lots[0].accounts == [.vault: 18] && lots[0].chipLot == "CHIP-3")
        _ = try await books.ledger.verify()
    }

    @Test func `A manifest that contradicts itself is refused`() async throws {
        await refuses("stock.manifest") { _ = try Self.manifest(["P01..P10"], count: 11) }
        await refuses("stock.manifest") { _ = try Self.manifest(["P01..P10", "P10..P12"]) }
        await refuses("stock.manifest") { _ = try Self.manifest(["P01..P10"], boxes: [("b1", "P01..P09")]) }
        await refuses("stock.manifest") { _ = try Self.manifest(["P01..P10"], boxes: [("b1", "P01..P11")]) }
        await refuses("stock.manifest") {
            _ = try Self.manifest(["P01..P10"], boxes: [("b1", "P01..P10"), ("b2", "P03")])
        }
    }

    @Test func `A serial is received once, and a refused delivery leaves nothing behind`() async throws {
        let books = try await Self.received("P01..P10")
        let other = try Self.manifest(["P10..P20"], lot: LotID(stock: "id1", lot: "L-8"))
        await refuses("stock.serial.known") { _ = try await books.ledger.receive(other, delivered: nil, by: "vault-1") }
        await refuses("stock.lot.known") {
            _ = try await books.ledger.receive(try Self.manifest(["P50"], digest: 8), delivered: nil, by: "vault-1")
        }
        #expect(try await books.ledger.read(LotsQuery()).map(\.count) == [10])
    }

    @Test func `What comes late is received with the same manifest, into a lot that may be held by name already`()
        async throws
    {
        let books = try await TestBooks()
        try await books.ledger.change(.holdLot(Self.lot, reason: "warned of"), by: "quality")
        let manifest = try Self.manifest(["P01..P10"])
        let first = try await books.ledger.receive(manifest, delivered: [try range("P01..P08")], by: "vault-1")
        #expect(first.gaps == [try range("P09..P10")])
        let second = try await books.ledger.receive(manifest, delivered: [try range("P10")], by: "vault-1")
        #expect(second.registered == 1 && second.gaps.map(\.description) == ["P09"])
        let lots = try await books.ledger.read(LotsQuery())
        #expect(lots.map(\.count) == [9] && lots.map(\.hold) == ["warned of"])
        _ = try await books.ledger.verify()
    }

    @Test func `Blanks go by range to a line and a hopper and come back unused`() async throws {
        let books = try await Self.received("P01..P10")
        let ledger = books.ledger
        try await ledger.issue(
            try range("P03..P06"), stock: "id1", to: TestBooks.line, cell: TestBooks.cell, by: "vault-1")
        await refuses("stock.blank.elsewhere") {
            try await ledger.issue(try range("P06..P07"), stock: "id1", to: TestBooks.line, cell: nil, by: "vault-1")
        }
        try await ledger.giveBack(try range("P06"), stock: "id1", reason: "end of batch", by: "vault-1")
        try await ledger.issue(try range("P06"), stock: "id1", to: TestBooks.line, cell: nil, by: "vault-1")
        let hopper = try await ledger.blanks(.hopper(TestBooks.line, TestBooks.cell, limit: 10)).map(\.blank.rawValue)
        #expect(hopper == ["id1:P03", "id1:P04", "id1:P05"])
        _ = try await ledger.verify()
    }

    @Test func `A later load lies behind an earlier one, whatever the serials are`() async throws {
        let books = try await Self.received("P01..P10")
        for serials in ["P07..P08", "P01..P02"] {
            try await books.ledger.issue(
                try range(serials), stock: "id1", to: TestBooks.line, cell: TestBooks.cell, by: "vault-1")
        }
        let hopper = try await books.ledger.blanks(.hopper(TestBooks.line, TestBooks.cell, limit: 10))
        #expect(hopper.map(\.blank.rawValue) == ["id1:P07", "id1:P08", "id1:P01", "id1:P02"])
        _ = try await books.ledger.verify()
    }

    @Test func `A held lot is not issued, not loaded and stops the cell that has some of it`() async throws {
        let books = try await Self.received("P01..P10")
        let ledger = books.ledger
        let query = LotHeldQuery(line: TestBooks.line, cell: TestBooks.cell)
        try await ledger.issue(
            try range("P01..P02"), stock: "id1", to: TestBooks.line, cell: TestBooks.cell, by: "vault-1")
        try await ledger.issue(try range("P03"), stock: "id1", to: TestBooks.line, cell: nil, by: "vault-1")
        #expect(try await ledger.read(query) == nil)
        try await ledger.change(.holdLot(Self.lot, reason: "antennas break"), by: "quality")
        let hold = try await ledger.read(query)
        #expect(hold?.reason == "antennas break" && hold?.blank == BlankID("id1:P01"))
        await refuses("stock.lot.held") {
            try await ledger.issue(try range("P04"), stock: "id1", to: TestBooks.line, cell: nil, by: "vault-1")
        }
        await refuses("stock.lot.held") {
            try await ledger.load(
                try range("P03"), stock: "id1", line: TestBooks.line, cell: TestBooks.cell, by: "vault-1")
        }
        await refuses("stock.people.same") { _ = try TwoPeople("Ann", " ann ") }
        try await ledger.change(.releaseLot(Self.lot, reason: "tested", try TwoPeople("Ann", "Bob")), by: "quality")
        #expect(try await ledger.read(query) == nil)
        await refuses("stock.refused") {
            try await ledger.change(.releaseLot(Self.lot, reason: "again", try TwoPeople("Ann", "Bob")), by: "quality")
        }
        _ = try await ledger.verify()
    }

    @Test func `Spoilage is destroyed once, by two people, from a list`() async throws {
        let books = try await Self.received("P01..P05")
        let ledger = books.ledger
        try await ledger.issue(
            try range("P01..P05"), stock: "id1", to: TestBooks.line, cell: TestBooks.cell, by: "vault-1")
        let lease = try await books.takeOver()
        for serial in ["P01", "P02"] {
            try await books.commit(
                lease, [.move(BlankID("id1:\(serial)"), from: .line, to: .spoiled, reason: "dead", attempt: nil)])
        }
        func paper(_ number: String, _ serials: [String]) throws -> DestructionCertificate {
            DestructionCertificate(
                number: number, blanks: serials.map { BlankID("id1:\($0)") }, consumables: [], method: "shredded",
                place: "room 4", people: try TwoPeople("Ann", "Bob"))
        }
        await refuses("stock.blank.elsewhere") {
            try await ledger.destroy(try paper("D-0", ["P01", "P03"]), by: "Ann")
        }
        try await ledger.destroy(try paper("D-1", ["P01", "P02"]), by: "Ann")
        await refuses("stock.blank.elsewhere") { try await ledger.destroy(try paper("D-2", ["P01"]), by: "Ann") }
        let kept = try #require(try await ledger.read(CertificateQuery("D-1")))
        #expect(kept.paper.blanks.map(\.rawValue) == ["id1:P01", "id1:P02"] && kept.open.isEmpty)
        #expect(kept.paper.people == (try TwoPeople("Ann", "Bob")))
        #expect(try await ledger.read(CertificateQuery("D-2")) == nil)
        await refuses("stock.refused") {
            try await ledger.change(.destroy(BlankID("id1:P03"), from: .line, certificate: "D-1"), by: "Ann")
        }
        _ = try await ledger.verify()
    }

    @Test func `A ribbon is counted from receipt to destruction, and one is mounted at a time`() async throws {
        let books = try await TestBooks()
        let ledger = books.ledger
        let ribbons = ["R1", "R2"].map {
            Consumable(kind: .ribbon, serial: $0, part: "R5F008", lot: "9", capacity: 300)
        }
        for ribbon in ribbons { try await ledger.change(.consumable(ribbon), by: "vault-1") }
        func move(_ ribbon: Consumable, _ from: Consumable.Account, _ to: Consumable.Account) async throws {
            try await ledger.change(
                .consumableMoved(
                    ribbon.id, from: from, to: to, line: TestBooks.line, cell: to == .mounted ? TestBooks.cell : nil,
                    reason: "test", certificate: nil), by: "op")
        }
        try await move(ribbons[0], .vault, .mounted)
        await refuses("stock.refused") { try await move(ribbons[1], .vault, .mounted) }
        await refuses("stock.refused") { try await move(ribbons[0], .vault, .spent) }
        let paper = DestructionCertificate(
            number: "D-1", blanks: [], consumables: [ribbons[0].id], method: "shredded", place: "room 4",
            people: try TwoPeople("Ann", "Bob"))
        await refuses("stock.refused") { try await ledger.destroy(paper, by: "Ann") }
        try await move(ribbons[0], .mounted, .spent)
        try await move(ribbons[1], .vault, .mounted)
        try await ledger.destroy(paper, by: "Ann")
        let rows = try await ledger.read(ConsumablesQuery())
        #expect(rows.map(\.account) == [.destroyed, .mounted])
        _ = try await ledger.verify()
    }

    @Test func `A void booklet stands in the feed once, however often it moves`() async throws {
        let books = try await TestBooks()
        let ledger = books.ledger
        let lot = LotID(stock: "booklet", lot: "B-1")
        _ = try await ledger.receive(
            try Self.manifest(["A100..A109"], lot: lot, isEngraved: true), delivered: nil, by: "vault-1")
        try await ledger.issue(
            try range("A100..A103"), stock: "booklet", to: TestBooks.line, cell: TestBooks.cell, by: "vault-1")
        let lease = try await books.takeOver()
        func move(_ number: String, _ from: Account, _ to: Account) async throws {
            try await books.commit(
                lease, [.move(BlankID("booklet:\(number)"), from: from, to: to, reason: "test", attempt: nil)])
        }
        try await move("A101", .line, .missing)
        try await move("A100", .line, .spoiled)
        try await move("A102", .line, .sample)
        let first = try await ledger.read(VoidNumbersQuery())
        #expect(first.map(\.number) == ["A101", "A100"] && first.allSatisfy { $0.category == "regular" })
        try await move("A100", .spoiled, .destroyed)
        try await ledger.change(.turnedUp(BlankID("booklet:A101"), place: "floor"), by: "op")
        try await move("A101", .quarantine, .spoiled)
        #expect(try await ledger.read(VoidNumbersQuery()) == first)
        #expect(try await ledger.read(VoidNumbersQuery(after: first[0].tick)).map(\.number) == ["A100"])
    }

    @Test func `Quarantine is left before two people only, and a used blank never goes back to the vault`() async throws
    {
        let books = try await Self.received("P01..P05")
        let ledger = books.ledger
        try await ledger.issue(
            try range("P01..P03"), stock: "id1", to: TestBooks.line, cell: TestBooks.cell, by: "vault-1")
        _ = try await ledger.intake([TestBooks.record(1)], batch: TestBooks.batch, cursor: nil)
        let lease = try await books.takeOver()
        let claim = try #require(try await books.claim(lease))
        let used = BlankID("id1:P01")
        try await books.commit(
            lease,
            [
                .move(used, from: .line, to: .cell, reason: "fed", attempt: claim.attempt),
                .bind(claim.attempt, used, ChipIdentity("C1")),
                .move(used, from: .cell, to: .quarantine, reason: "doubt", attempt: claim.attempt),
                .move(BlankID("id1:P02"), from: .line, to: .quarantine, reason: "doubt", attempt: nil),
            ])
        let people = try TwoPeople("Ann", "Bob")
        await refuses("stock.refused") {
            try await ledger.change(.releaseQuarantine(used, to: .vault, reason: "fine", people), by: "Ann")
        }
        try await ledger.change(
            .releaseQuarantine(BlankID("id1:P02"), to: .vault, reason: "sealed all the time", people), by: "Ann")
        try await ledger.change(.releaseQuarantine(used, to: .spoiled, reason: "void", people), by: "Ann")
        #expect(try await ledger.blanks(.blank(used)).first?.account == .spoiled)
        _ = try await ledger.verify()
    }
}
