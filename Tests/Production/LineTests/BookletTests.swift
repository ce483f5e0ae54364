import Ground
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// Passports: the booklet's own number is read and bound before anything is written, and what is not right is named.
struct BookletTests {
    @Test func `Each passport gets the number of its booklet, in chip and print`() async throws {
        let factory = try await BookletFactory(records: 3, cards: 4)
        try await factory.runToTheEnd()
        #expect(factory.holds == [])
        #expect(try factory.findings() == [])
        #expect(
            try factory.strings("SELECT engraved FROM attempt ORDER BY engraved")
                == [1, 2, 3].map(BookletPlant.number))
        // bound in the transaction that closes the feed; written to only in a later one
        let order = try factory.strings(
            """
            SELECT kind || ' ' || COALESCE(CASE WHEN kind LIKE 'step.%' THEN json_extract(body, '$.step') END, '')
            FROM journal WHERE log = 'line-1' AND (kind IN ('attempt.bound', 'attempt.numbered', 'attempt.document')
              OR kind LIKE 'step.%') ORDER BY seq LIMIT 6
            """)
        #expect(
            order == [
                "step.intent feed", "step.result feed", "attempt.bound ", "attempt.numbered ", "attempt.document ",
                "step.intent personalise",
            ])
        _ = try await factory.ledger().verify()
    }

    @Test func `A remake takes another booklet and its number, and the old number is void`() async throws {
        let factory = try await BookletFactory(records: 2, cards: 4, faults: [.missingPanel(card: 1)])
        try await factory.runToTheEnd()
        #expect(try factory.findings() == [])
        #expect(try factory.strings("SELECT number FROM void_number") == [BookletPlant.number(1)])
        let first = try factory.strings(
            "SELECT engraved FROM attempt WHERE production = 'PASS1' ORDER BY number")
        #expect(first.count == 2 && Set(first).count == 2 && first[0] == BookletPlant.number(1))
    }

    /// What is wrong with the first booklet, the reason that is told, and what became of its row.
    struct Wrong: Sendable, CustomTestStringConvertible {
        let reason: String
        let account: String
        let change: @Sendable (BookletPlant) -> Void
        var testDescription: String { reason }
    }

    static let wrongs: [Wrong] = [
        Wrong(reason: "booklet.number.other", account: "held") { booklets in
            booklets.change(1) { $0.number = BookletPlant.number(2) }
            booklets.change(2) { $0.number = BookletPlant.number(1) }
        },
        Wrong(reason: "booklet.number.unknown", account: "none") { $0.change(1) { $0.number = "B99999999" } },
        Wrong(reason: "booklet.number.elsewhere", account: "held") { $0.change(1) { $0.number = "B10000012" } },
        Wrong(reason: "booklet.category.other", account: "held") { booklets in
            booklets.change(1) { face in
                face.number = "D10000003"
                face.category = "diplomatic"
            }
        },
        Wrong(reason: "booklet.page", account: "held") { $0.change(1) { $0.page = .other } },
        Wrong(reason: "booklet.unreadable", account: "held") { $0.change(1) { $0.isReadable = false } },
    ]

    @Test(arguments: wrongs)
    func `A wrong booklet is named and placed, nothing is written to it, and the cell holds`(wrong: Wrong) async throws
    {
        let factory = try await BookletFactory(records: 2, cards: 5)
        wrong.change(factory.booklets)
        let summary = try await factory.run()
        #expect(summary.code == wrong.reason && summary.state == .held && summary.done == 0)
        #expect(try factory.strings("SELECT engraved FROM attempt WHERE engraved IS NOT NULL") == [])
        #expect(factory.plant.world.withLock { $0.cards[1]?.document == nil && $0.reject == [1] })
        let number = try #require(factory.booklets.face(1)?.number)
        let row = try factory.strings("SELECT account FROM blank WHERE number = '\(number)'")
        #expect((row.first ?? "none") == wrong.account)
        let trays = try factory.strings(
            "SELECT blank FROM blank WHERE exit = 'reject' AND account IN ('held','quarantine')")
        let name = try #require(trays.first)
        #expect(trays.count == 1 && (summary.text.contains(name) || summary.text.contains(number)))
        // the hold is a person's to end, and a run without one changes nothing
        #expect(try await factory.run(acknowledged: false).code == wrong.reason)
        #expect(try factory.strings("SELECT attempt FROM intent WHERE open = 1") == [])
        guard wrong.reason != "booklet.number.unknown", wrong.reason != "booklet.number.elsewhere",
            wrong.reason != "booklet.category.other"
        else { return }
        try await factory.help(factory.controller(try await factory.ledger()))
        try await factory.runToTheEnd()
        #expect(try factory.findings() == [])
        #expect(try factory.strings("SELECT production FROM production WHERE state = 'produced'").count == 2)
    }

    @Test func `A category that only the cover shows is enough`() async throws {
        let factory = try await BookletFactory(records: 1, cards: 2)
        factory.booklets.change(1) { $0.category = "service" }
        #expect(try await factory.run().code == "booklet.category.other")
    }

    @Test func `A used booklet from the reject box, and a second one with its number`() async throws {
        let factory = try await BookletFactory(records: 2, cards: 6, faults: [.missingPanel(card: 1)])
        try await factory.runToTheEnd()
        try await factory.again(3)
        factory.plant.putBack(1)
        let used = try await factory.run()
        #expect(used.code == "booklet.number.used" && used.text.contains(BookletPlant.number(1)))
        factory.booklets.change(4) { $0.number = BookletPlant.number(2) }
        let twin = try await factory.run()
        #expect(twin.code == "booklet.number.duplicate" && twin.text.contains(BookletPlant.number(2)))
        #expect(try factory.strings("SELECT chip FROM blank WHERE account = 'quarantine'") == ["CHIP4"])
        // the good one is where it was
        #expect(
            try factory.strings("SELECT account FROM blank WHERE number = '\(BookletPlant.number(2))'") == ["good"])
    }

    @Test func `A machine that says it took one in and is empty stops before anything is written`() async throws {
        let factory = try await BookletFactory(records: 2, cards: 4)
        let printer = AiryPrinter(inner: MemoryPrinter(plant: factory.plant))
        factory.wrap = { Lies.with($0, printer: printer) }
        let summary = try await factory.run()
        #expect(summary.code == "booklet.absent" && summary.text.contains(BookletPlant.number(1)))
        #expect(try factory.strings("SELECT account FROM blank WHERE number = '\(BookletPlant.number(1))'") == ["held"])
        printer.isAiry.go(2)
        #expect(try await factory.run().code == "line.card.search")
        let controller = factory.controller(try await factory.ledger())
        // it lies in the hopper still: taken from the top and laid behind
        await #expect(throws: SakkError.self) {
            _ = try await controller.settleBooklet(
                BookletPlant.number(1), again: BookletPlant.number(2), goesBack: true, by: "operator")
        }
        let settled = try await controller.settleBooklet(
            BookletPlant.number(1), again: BookletPlant.number(1), goesBack: true, by: "operator")
        #expect(settled.decision == .back)
        factory.plant.world.withLock { $0.hopper = [2, 3, 4, 1] }
        try await factory.runToTheEnd()
        #expect(try factory.findings() == [] && factory.holds == [])
    }

    @Test func `An unreadable booklet is another than was expected: the typed number says so`() async throws {
        let factory = try await BookletFactory(records: 1, cards: 3)
        factory.booklets.change(1) { face in
            face.number = BookletPlant.number(2)
            face.isReadable = false
        }
        factory.booklets.change(2) { $0.number = BookletPlant.number(1) }
        #expect(try await factory.run().code == "booklet.unreadable")
        let controller = factory.controller(try await factory.ledger())
        _ = try await controller.settleBooklet(
            BookletPlant.number(2), again: BookletPlant.number(2), by: "operator")
        let accounts = try factory.strings("SELECT account FROM blank WHERE hopper = 'cell-1' ORDER BY number")
        #expect(accounts == ["line", "spoiled", "line"])
        try await factory.runToTheEnd()
        #expect(try factory.findings() == [] && factory.holds == [])
    }

    @Test func `A booklet that a power cut threw out unread is another than was expected: its number says so`()
        async throws
    {
        let factory = try await BookletFactory(records: 1, cards: 3)
        factory.booklets.change(1) { $0.number = BookletPlant.number(2) }
        factory.booklets.change(2) { $0.number = BookletPlant.number(1) }
        let plant = factory.plant
        factory.wrap = { Lies.with($0, printer: PowerCutAtFeed(inner: MemoryPrinter(plant: plant), plant: plant)) }
        #expect(try await factory.run().code == "line.card.search")
        factory.wrap = { $0 }
        let controller = factory.controller(try await factory.ledger())
        let settled = try await controller.settleBooklet(
            BookletPlant.number(2), again: BookletPlant.number(2), goesBack: true, by: "operator")
        #expect(settled.decision == .back)
        // both lie in the hopper now, and nothing is looked for
        #expect(
            try factory.strings("SELECT account FROM blank WHERE hopper = 'cell-1' ORDER BY number")
                == ["line", "line", "line"])
        plant.world.withLock { world in
            world.good = []
            world.hopper.append(1)
        }
        try await factory.runToTheEnd()
        #expect(try factory.findings() == [] && factory.holds == [])
    }

    @Test func `A booklet of another line that a power cut threw out unread goes back to its line`() async throws {
        let factory = try await BookletFactory(records: 1, cards: 3)
        let stray = BookletPlant.number(4)
        let range = try #require(SerialRange("\(stray)..\(stray)"))
        try await factory.ledger().issue(
            range, stock: BookletRecord.stock, to: LineID("line-2"), cell: CellID("cell-1"), by: "vault")
        factory.booklets.change(1) { $0.number = stray }
        let plant = factory.plant
        factory.wrap = { Lies.with($0, printer: PowerCutAtFeed(inner: MemoryPrinter(plant: plant), plant: plant)) }
        #expect(try await factory.run().code == "line.card.search")
        let controller = factory.controller(try await factory.ledger())
        let settled = try await controller.settleBooklet(stray, again: stray, goesBack: true, by: "operator")
        #expect(settled.decision == .back && settled.text.contains("line-2"))
        #expect(try factory.strings("SELECT line FROM blank WHERE number = '\(stray)'") == ["line-2"])
        #expect(
            try factory.strings("SELECT account FROM blank WHERE line LIKE 'line-%' ORDER BY number")
                == ["line", "line", "line", "line"])
    }

    @Test func `A leaf that turned before the print costs the booklet and not the document`() async throws {
        let factory = try await BookletFactory(records: 1, cards: 3)
        let booklets = factory.booklets
        factory.wrap = { stations in
            Lies.with(stations, chip: TurningChip(inner: stations.chip) { booklets.change(1) { $0.page = .other } })
        }
        try await factory.runToTheEnd()
        #expect(try factory.strings("SELECT reason FROM attempt WHERE state = 'spoiled'") == ["booklet.page"])
        #expect(factory.plant.world.withLock { $0.cards[1]?.ink.isEmpty == true && $0.cards[1]?.dead == true })
        #expect(try factory.findings() == [])
    }

    @Test func `A record that no booklet can take is held after one, with its number void`() async throws {
        let factory = try await BookletFactory(records: 2, cards: 4)
        factory.overflowing = ["REQ-1"]
        try await factory.runToTheEnd()
        #expect(
            try factory.strings("SELECT reason FROM production WHERE state = 'held'")
                == ["record.content:artwork.text.overflow"])
        #expect(try factory.findings() == [])
    }

    @Test func `A preparation that takes another number is stopped before the write`() async throws {
        let factory = try await BookletFactory(records: 1, cards: 3)
        let plant = factory.plant
        factory.wrap = {
            Lies.with($0, preparation: BookletPreparation(plant: plant) { _ in BookletPlant.number(3) })
        }
        let summary = try await factory.run()
        #expect(summary.code == "line.booklet.number" && summary.state == .held)
        #expect(plant.world.withLock { $0.cards[1]?.document == nil })
        factory.wrap = { $0 }
        try await factory.runToTheEnd()
        #expect(try factory.findings() == [])
    }

    @Test func `A controller that forgets to bind the number is refused by the books before the write`() async throws {
        let factory = try await BookletFactory(records: 1, cards: 3)
        factory.wrapStore = { Forgetful(inner: $0) }
        await #expect(throws: SakkError("ledger.rule", source: "", text: "", remedy: "")) {
            _ = try await factory.run()
        }
        #expect(factory.plant.world.withLock { $0.cards[1]?.document == nil })
    }

    @Test func `Product and machine that do not belong together are refused`() async throws {
        let factory = try await BookletFactory(records: 1, cards: 2)
        factory.adjust = { $0.booklets = nil }
        await #expect(throws: SakkError("line.booklet.reader", source: "", text: "", remedy: "")) {
            _ = try await factory.run()
        }
    }

    @Test(arguments: 0..<2)
    func `A crash at any point of passports with a reject, a wrong turn and an unreadable one`(half: Int) async throws {
        func made() async throws -> BookletFactory {
            let factory = try await BookletFactory(records: 3, cards: 9, faults: [.missingPanel(card: 1)])
            factory.booklets.change(2) { $0.number = BookletPlant.number(3) }
            factory.booklets.change(3) { $0.number = BookletPlant.number(2) }
            factory.booklets.change(4) { $0.isReadable = false }
            return factory
        }
        let whole = try await made()
        let scope = CrashScope(at: nil)
        try await scope.run { try await whole.runToTheEnd() }
        #expect(scope.count > 150)
        #expect(try whole.findings() == [])
        var wrong: [String] = []
        for point in stride(from: 1 + half, through: scope.count, by: 2) {
            let factory = try await made()
            do {
                try await CrashScope(at: point).run { try await factory.runToTheEnd() }
                wrong += try factory.findings().map { "crash at point \(point): \($0)" }
            } catch {
                wrong.append("crash at point \(point): \(error)")
            }
            let good = try factory.strings("SELECT production FROM production WHERE state = 'produced'").count
            if good != 3 { wrong.append("crash at point \(point): \(good) good") }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(20).joined(separator: "\n"))")
        print("crash points of 3 passports: \(scope.count), each \(half == 0 ? "odd" : "even") one tried")
    }
}

/// Turns a leaf after the chip was read, once.
private struct TurningChip: ChipStation {
    let inner: any ChipStation
    let turn: @Sendable () -> Void

    func connect() async throws(SakkError) { try await inner.connect() }
    func identify() async throws(SakkError) -> ChipPresence { try await inner.identify() }
    func personalise(_ job: ChipJob, on chip: ChipIdentity, progress: @Sendable (String) -> Void)
        async throws(SakkError)
    {
        try await inner.personalise(job, on: chip, progress: progress)
        turn()
    }
    func read(with access: MRZAccess) async throws(SakkError) -> BorderReport { try await inner.read(with: access) }
    func kill() async throws(SakkError) -> ChipDeath { try await inner.kill() }
    func disconnect() async {}
}

/// A planted bug: the number is not bound.
private struct Forgetful: LedgerStore {
    let inner: any LedgerStore

    func intake(_ records: [IntakeRecord], batch: BatchHeader, cursor: SourceCursor?) async throws(SakkError)
        -> [IntakeOutcome]
    { try await inner.intake(records, batch: batch, cursor: cursor) }
    func takeOver(_ line: LineID, by holder: LeaseHolder) async throws(SakkError) -> Lease {
        try await inner.takeOver(line, by: holder)
    }
    func extend(_ lease: Lease) async throws(SakkError) -> Lease { try await inner.extend(lease) }
    func release(_ lease: Lease) async throws(SakkError) { try await inner.release(lease) }
    func zoneTag(_ lines: [String]) throws(SakkError) -> Bytes { try inner.zoneTag(lines) }
    func claim(_ request: ClaimRequest) async throws(SakkError) -> Claim? { try await inner.claim(request) }
    func commit(_ transition: Transition) async throws(SakkError) {
        guard let lease = transition.lease, let cell = transition.cell else {
            return try await inner.commit(transition)
        }
        try await inner.commit(
            Transition(
                lease: lease, cell: cell, actor: transition.actor,
                changes: transition.changes.filter { if case .number = $0 { false } else { true } }))
    }
    func envelope(of production: ProductionID) async throws(SakkError) -> Bytes {
        try await inner.envelope(of: production)
    }
    func read<Query: LedgerQuery>(_ query: Query) async throws(SakkError) -> Query.Answer {
        try await inner.read(query)
    }
}
