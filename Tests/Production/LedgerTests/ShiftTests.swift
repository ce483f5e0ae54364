import Foundation
import Ground
import Ledger
import Testing

/// A shift closes on what people counted without having seen the books, and on nothing else.
struct ShiftTests {
    /// Ten blanks in the hopper of a shift that was opened before they were loaded.
    private struct Floor {
        let books: TestBooks
        let lease: Lease
        let shift: ShiftID
        var ledger: Books { books.ledger }

        init(carriedIn: Int = 0) async throws {
            books = try await StockTests.received("P01..P30")
            lease = try await books.takeOver()
            if carriedIn > 0 { try await Floor.load(books, "P21..P\(20 + carriedIn)") }
            let day = try #require(FactoryDay("2026-11-21"))
            shift = try await books.ledger.openShift(TestBooks.line, day: day, name: "day", by: "Sup")
            try await Floor.load(books, "P01..P10")
        }

        static func load(_ books: TestBooks, _ serials: String) async throws {
            let range = try #require(SerialRange(serials))
            try await books.ledger.issue(
                range, stock: "id1", to: TestBooks.line, cell: TestBooks.cell, by: "vault-1")
        }

        func move(_ serial: String, _ from: Account, _ to: Account) async throws {
            try await books.commit(
                lease, [.move(BlankID("id1:\(serial)"), from: from, to: to, reason: "test", attempt: nil)])
        }

        func count(_ counts: PlaceCounts, by person: String = "Op") async throws {
            try await ledger.countShift(
                ShiftCount(shift: shift, cell: TestBooks.cell, person: person, counts: counts))
        }

        @discardableResult
        func close(
            _ carried: [String] = [], missing: [String] = [], incident: String? = nil, people: TwoPeople? = nil
        ) async throws -> ShiftBalance {
            try await ledger.closeShift(
                ShiftClosing(
                    shift: shift,
                    carried: carried.map { CarriedCard(blank: BlankID("id1:\($0)"), person: "Sup", place: "safe 2") },
                    missing: missing.map { BlankID("id1:\($0)") }, incident: incident, people: people), by: "Sup")
        }
    }

    @Test func `An even shift closes, and the next one carries in what it carried out`() async throws {
        let floor = try await Floor(carriedIn: 2)
        try await floor.move("P01", .line, .good)
        try await floor.move("P02", .line, .spoiled)
        try await floor.move("P03", .line, .sample)
        try await floor.ledger.giveBack(
            try #require(SerialRange("P10")), stock: "id1", reason: "rest", by: "vault-1")
        try await floor.count(PlaceCounts(hopper: 8, good: 1, reject: 1))
        let balance = try await floor.close()
        #expect(balance.carriedIn == 2 && balance.taken == 10 && balance.isEven)
        #expect(balance[.good] == 1 && balance[.spoiled] == 1 && balance[.sample] == 1 && balance[.returned] == 1)
        #expect(balance[.carried] == 8 && balance[.missing] == 0)
        let day = try #require(FactoryDay("2026-11-21"))
        await refuses("shift.known") {
            _ = try await floor.ledger.openShift(TestBooks.line, day: day, name: "day", by: "Sup")
        }
        let next = try await floor.ledger.openShift(TestBooks.line, day: day, name: "night", by: "Sup")
        #expect(try await floor.ledger.read(ShiftStateQuery(next)).carriedIn == 8)
        await refuses("shift.open") {
            _ = try await floor.ledger.openShift(TestBooks.line, day: day, name: "late", by: "Sup")
        }
        _ = try await floor.ledger.verify()
    }

    @Test func `Nobody sees what the books expect before every cell is counted`() async throws {
        let floor = try await Floor()
        await refuses("shift.count.first") { _ = try await floor.ledger.read(ShiftComparisonQuery(floor.shift)) }
        await refuses("shift.count.first") { try await floor.close() }
        try await floor.count(PlaceCounts(hopper: 9))
        let seen = try await floor.ledger.read(ShiftComparisonQuery(floor.shift))
        #expect(seen.cells.map(\.expected.hopper) == [10] && seen.cells.map(\.counted.hopper) == [9])
        #expect(seen.hoppers.map(\.description) == ["P01..P10"])
        await refuses("shift.count.same") { try await floor.count(PlaceCounts(hopper: 10), by: "op ") }
        try await floor.count(PlaceCounts(hopper: 10), by: "Eve")
        try await floor.close()
    }

    @Test func `A count is old as soon as a card moves`() async throws {
        let floor = try await Floor()
        try await floor.count(PlaceCounts(hopper: 10))
        try await floor.move("P01", .line, .good)
        await refuses("shift.count.stale") { try await floor.close() }
        try await floor.count(PlaceCounts(hopper: 9, good: 1), by: "Eve")
        try await floor.close()
        await refuses("shift.closed") { try await floor.count(PlaceCounts(), by: "Dan") }
    }

    @Test func `A card taken unseen is found by the blind count and leaves with an incident and two people`()
        async throws
    {
        let floor = try await Floor()
        // the hopper holds nine, the books ten
        try await floor.count(PlaceCounts(hopper: 9))
        await refuses("shift.count.differs") { try await floor.close() }
        await refuses("shift.incident") { try await floor.close(missing: ["P04"]) }
        let people = try TwoPeople("Sup", "Guard")
        await refuses("shift.incident") { try await floor.close(missing: ["P04"], people: people) }
        await refuses("shift.incident") { try await floor.close(missing: ["P04"], incident: "door open") }
        await refuses("shift.count.differs") {
            try await floor.close(missing: ["P04", "P05"], incident: "door open", people: people)
        }
        await refuses("shift.card.elsewhere") {
            try await floor.close(missing: ["P25"], incident: "door open", people: people)
        }
        let balance = try await floor.close(missing: ["P04"], incident: "door open", people: people)
        #expect(balance[.missing] == 1 && balance[.carried] == 9 && balance.isEven)
        #expect(try await floor.ledger.blanks(.blank(BlankID("id1:P04"))).first?.account == .missing)
        let report = try #require(try await floor.ledger.read(ShiftReportQuery(floor.shift)))
        #expect(report.missing == [BlankID("id1:P04")] && report.incident == "door open")
        _ = try await floor.ledger.verify()
    }

    @Test func `A blank that was issued and lies in no hopper is named, and once it is laid in it is counted there`()
        async throws
    {
        let floor = try await Floor()
        let rest = try #require(SerialRange("P11..P12"))
        try await floor.ledger.issue(rest, stock: "id1", to: TestBooks.line, cell: nil, by: "vault-1")
        try await floor.count(PlaceCounts(hopper: 10))
        let seen = try await floor.ledger.read(ShiftComparisonQuery(floor.shift))
        #expect(seen.toName.map(\.blank.rawValue) == ["id1:P11", "id1:P12"])
        #expect(seen.hoppers.map(\.description) == ["P01..P10"])
        await refuses("shift.card.unnamed") { try await floor.close() }
        await refuses("shift.card.unnamed") { try await floor.close(["P11"]) }
        let people = try TwoPeople("Sup", "Guard")
        let balance = try await floor.close(["P11"], missing: ["P12"], incident: "not in the box", people: people)
        #expect(balance[.carried] == 11 && balance[.missing] == 1)
        let day = try #require(FactoryDay("2026-11-21"))
        let night = try await floor.ledger.openShift(TestBooks.line, day: day, name: "night", by: "Sup")
        try await floor.ledger.load(
            try #require(SerialRange("P11")), stock: "id1", line: TestBooks.line, cell: TestBooks.cell, by: "Op")
        try await floor.ledger.countShift(
            ShiftCount(shift: night, cell: TestBooks.cell, person: "Op", counts: PlaceCounts(hopper: 11)))
        let later = try await floor.ledger.read(ShiftComparisonQuery(night))
        #expect(later.cells.map(\.expected.hopper) == [11] && later.toName.isEmpty)
        _ = try await floor.ledger.verify()
    }

    @Test func `One card in a cell, one missing and one unreadable: the shift closes only by naming them`() async throws
    {
        let floor = try await Floor()
        try await floor.move("P01", .line, .cell)
        try await floor.move("P02", .line, .cell)
        try await floor.move("P02", .cell, .held)
        try await floor.count(PlaceCounts(hopper: 7, held: 1))
        let people = try TwoPeople("Sup", "Guard")
        for carried in [[], ["P01"], ["P02"]] {
            await refuses("shift.card.unnamed") {
                try await floor.close(carried, missing: ["P03"], incident: "looked for", people: people)
            }
        }
        await refuses("shift.count.differs") { try await floor.close(["P01", "P02"]) }
        await refuses("shift.card.elsewhere") {
            try await floor.close(["P01", "P02", "P05"], missing: ["P03"], incident: "looked for", people: people)
        }
        let balance = try await floor.close(["P01", "P02"], missing: ["P03"], incident: "looked for", people: people)
        #expect(balance[.carried] == 9 && balance[.missing] == 1)
        let custody = try await floor.ledger.read(CustodyQuery())
        #expect(custody.map(\.card.blank.rawValue) == ["id1:P01", "id1:P02"])
        // where it goes next ends the custody
        try await floor.move("P02", .held, .spoiled)
        #expect(try await floor.ledger.read(CustodyQuery()).count == 1)
        _ = try await floor.ledger.verify()
    }

    @Test func `A card in somebody's hands is not looked for in the tray`() async throws {
        let floor = try await Floor()
        try await floor.move("P01", .line, .held)
        await refuses("stock.refused") {
            try await floor.ledger.change(.custody(BlankID("id1:P01"), person: " ", place: "lab"), by: "Op")
        }
        await refuses("stock.refused") {
            try await floor.ledger.change(.custody(BlankID("id1:P20"), person: "Eve", place: "lab"), by: "Op")
        }
        try await floor.ledger.change(.custody(BlankID("id1:P01"), person: "Eve", place: "lab"), by: "Op")
        try await floor.count(PlaceCounts(hopper: 9))
        let seen = try await floor.ledger.read(ShiftComparisonQuery(floor.shift))
        #expect(seen.toName.map(\.person) == ["Eve"])
        try await floor.close(["P01"])
    }

    @Test(arguments: ["2026-02-29", "2026-13-01", "26-01-01", "2026-1-01", "2026-04-31", "2026/01/01"])
    func `A day that is none is refused`(text: String) { #expect(FactoryDay(text) == nil) }

    @Test(arguments: [11, 22, 33] as [UInt64])
    func `The balance is even after any movements, and the journal gives the same books`(seed: UInt64) async throws {
        var random = ShiftRandom(state: seed)
        let floor = try await Floor(carriedIn: 5)
        let serials = (1...10).map { $0 < 10 ? "P0\($0)" : "P10" } + (21...25).map { "P\($0)" }
        let next: [Account: [Account]] = [
            .line: [.cell, .cell, .cell, .sample, .setup, .vault], .cell: [.good, .good, .spoiled, .held],
            .held: [.good, .spoiled, .quarantine], .quarantine: [.spoiled], .good: [.held, .dispatched],
            .spoiled: [.destroyed], .vault: [.line],
        ]
        var place = Dictionary(uniqueKeysWithValues: serials.map { ($0, Account.line) })
        for _ in 0..<60 {
            let serial = serials[Int(random.next() % UInt64(serials.count))]
            guard let from = place[serial], let choices = next[from] else { continue }
            let to = choices[Int(random.next() % UInt64(choices.count))]
            let one = try #require(SerialRange(serial))
            switch (from, to) {
            case (.vault, _):
                try await Floor.load(floor.books, serial)
            case (_, .vault): try await floor.ledger.giveBack(one, stock: "id1", reason: "rest", by: "vault-1")
            default: try await floor.move(serial, from, to)
            }
            place[serial] = to
        }
        func lie(_ accounts: Account...) -> [String] { serials.filter { accounts.contains(place[$0] ?? .vault) } }
        try await floor.count(
            PlaceCounts(
                hopper: lie(.line).count, good: lie(.good).count, reject: lie(.spoiled).count,
                held: lie(.held, .quarantine).count))
        let balance = try await floor.close(lie(.cell, .held, .quarantine))
        print("seed \(seed): \(balance.carriedIn) + \(balance.taken) = \(balance.fates.map { "\($0)" }.sorted())")
        #expect(balance.isEven && balance.carriedIn == 5 && balance.taken == 10)
        #expect(balance[.good] == lie(.good, .dispatched).count && balance[.returned] == lie(.vault).count)
        #expect(balance[.spoiled] == lie(.spoiled, .destroyed).count)
        #expect(balance[.carried] == lie(.line, .cell, .held, .quarantine).count)
        let total = try await floor.ledger.read(StockAccountsQuery()).reduce(0) { $0 + $1.count }
        #expect(total == 30)
        _ = try await floor.ledger.verify()
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct ShiftRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
