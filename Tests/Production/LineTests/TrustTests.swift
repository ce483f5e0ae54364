import Ground
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// The inspection is tried with cards that are known to be bad.
struct TrustTests {
    /// What the inspection says of a challenge card, and of all others what the plant's says.
    private final class Tried: InspectionStation {
        let inner: any InspectionStation
        let verdicts: @Sendable (String) -> Verdict

        init(_ inner: any InspectionStation, _ verdicts: @escaping @Sendable (String) -> Verdict) {
            self.inner = inner
            self.verdicts = verdicts
        }

        func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult {
            guard request.attempt.rawValue.hasPrefix("challenge-") else { return try await inner.inspect(request) }
            let verdict = verdicts(String(request.attempt.rawValue.dropFirst(10)))
            return InspectionResult(verdict: verdict, seenMRZ: [], annotated: [:], measures: [:])
        }
    }

    private final class Blind: Sendable {
        let name = Mutex<String?>(nil)
    }

    private static let cell = CellID("cell-1")
    private static let set: [String: String] = ["digit": "mrz.character", "scratch": "print.scratch"]

    private static func reject(_ code: String) -> Verdict {
        .reject([Finding(code: code, side: .back, place: RectMM(x: 1, y: 1, width: 1, height: 1), text: "")])
    }

    /// `missed`: the challenge card that the inspection lets through.
    private func factory(
        records: Int = 4, interval: Int = 100, missed: @escaping @Sendable () -> String? = { nil }
    ) async throws -> Factory {
        let factory = try await Factory(records: records, cards: 8)
        factory.adjust = { configuration in
            configuration.challenges = ChallengeSet(
                cards: TrustTests.set.keys.sorted().map {
                    ChallengeSet.Card(name: $0, reasons: [TrustTests.set[$0] ?? ""])
                }, interval: interval
            ) { (_) async throws(SakkError) in
                ChallengeSet.Document(
                    rendered: RenderedDocument(sides: [], panels: [], fields: [], ribbon: "", dpi: 0), mrz: [],
                    portrait: Picture(width: 1, height: 1, rgb: [0, 0, 0]))
            }
        }
        factory.wrap = { stations in
            Lies.with(
                stations,
                inspection: Tried(stations.inspection) { name in
                    missed() == name ? .pass : TrustTests.reject(TrustTests.set[name] ?? "")
                })
        }
        return factory
    }

    /// The person lays the card first, lets it be seen, and takes it out of the reject box.
    @discardableResult
    private func show(_ name: String, _ factory: Factory, _ controller: LineController) async throws -> String {
        factory.plant.world.withLock { world in
            world.cards[900] = MemoryPlant.Card(number: 900, answers: false)
            world.hopper.insert(900, at: 0)
        }
        defer {
            factory.plant.world.withLock { world in
                world.cards[900] = nil
                world.hopper.removeAll { $0 == 900 }
                world.reject.removeAll { $0 == 900 }
            }
        }
        return try await controller.hear(.challenge(name), cell: Self.cell, by: "Ann")
    }

    private func trusted(_ factory: Factory) async throws -> LineController {
        let controller = factory.controller(try await factory.ledger())
        #expect(try await controller.run().code == "line.challenge.due")
        for name in TrustTests.set.keys.sorted() { try await show(name, factory, controller) }
        return controller
    }

    @Test func `Nothing is fed before each challenge card was rejected for its own reason`() async throws {
        let factory = try await factory()
        let controller = factory.controller(try await factory.ledger())
        let summary = try await controller.run()
        #expect(summary.state == .held && summary.code == "line.challenge.due")
        #expect(factory.plant.world.withLock { $0.fed } == 0)
        try await show("digit", factory, controller)
        // half a set is none, also after a restart
        #expect(try await factory.controller(try await factory.ledger()).run().code == "line.challenge.due")
        let next = factory.controller(try await factory.ledger())
        #expect(try await next.run().text.contains("scratch"))
        try await show("scratch", factory, next)
        #expect(try await next.run().state == .complete)
        #expect(try Judge.counts(factory.path) == Judge.Counts(good: 4))
        #expect(try Judge.findings(factory.plant, factory.path) == [])
        _ = try await factory.ledger().verify()
    }

    @Test func `A challenge card that passes stops the cell and calls back what was made since the last good set`()
        async throws
    {
        let blind = Blind()
        let factory = try await self.factory(missed: { blind.name.withLock { $0 } })
        let controller = try await trusted(factory)
        #expect(try await controller.run(target: 2).state == .complete)
        let ledger = try await factory.ledger()
        _ = try await ledger.openShift(
            factory.line, day: try #require(FactoryDay("2026-11-21")), name: "1", by: "Sup")
        // another process, which knows of the two from the books alone
        let next = factory.controller(ledger)
        #expect(try await next.run().code == "line.challenge.due")
        blind.name.withLock { $0 = "digit" }
        #expect(try await show("digit", factory, next).contains("sakk line repaired"))
        let doubted = try await ledger.read(DoubtedDocumentsQuery(line: factory.line))
        #expect(doubted.map(\.attempt.rawValue) == ["PROD001-1", "PROD002-1"])
        #expect(doubted.allSatisfy { $0.account == .held })
        #expect(try await ledger.read(CustodyQuery()).map(\.card.person) == ["Ann", "Ann"])
        let last = factory.controller(try await factory.ledger())
        let stopped = try await last.run()
        #expect(stopped.state == .held && stopped.code == "line.challenge.failed")
        blind.name.withLock { $0 = nil }
        #expect(try await last.hear(.repaired, cell: Self.cell, by: "Eng").contains("tried"))
        for name in TrustTests.set.keys.sorted() { try await show(name, factory, last) }
        // what is due after work at the machine ends with a person's look at the first document
        let first = try await last.run()
        #expect(first.code == "line.article.waiting" && first.done == 1)
        #expect(try await last.hear(.approve, cell: Self.cell, by: "Ann").contains("trusted"))
        #expect(try await last.run().state == .complete)
        _ = try await ledger.verify()
    }

    @Test func `A first document that is refused is called back and the cell stays stopped`() async throws {
        let factory = try await factory()
        let controller = try await trusted(factory)
        #expect(try await controller.run(target: 1).state == .complete)
        try await controller.change(mode: .maintenance, of: Self.cell, by: "Eng")
        try await controller.change(mode: .production, of: Self.cell, by: "Eng")
        #expect(try await controller.run().code == "line.challenge.due")
        for name in TrustTests.set.keys.sorted() { try await show(name, factory, controller) }
        #expect(try await controller.run().code == "line.article.waiting")
        _ = try await controller.hear(.refuse("print.colour"), cell: Self.cell, by: "Ann")
        let ledger = try await factory.ledger()
        let doubted = try await ledger.read(DoubtedDocumentsQuery(line: factory.line))
        #expect(doubted.map(\.attempt.rawValue) == ["PROD002-1"])
        #expect(try await factory.controller(ledger).run().code == "line.article.refused")
    }

    @Test func `A set is due again after so many documents`() async throws {
        let factory = try await factory(interval: 2)
        let controller = try await trusted(factory)
        let summary = try await controller.run()
        #expect(summary.code == "line.challenge.due" && summary.done == 2)
        #expect(try await factory.controller(try await factory.ledger()).run().code == "line.challenge.due")
    }

    @Test func `A blank from the hopper is no challenge card: it is held, and the inspection was not tried`()
        async throws
    {
        let factory = try await factory()
        let controller = factory.controller(try await factory.ledger())
        #expect(try await controller.run().code == "line.challenge.due")
        let refused = await refusal { () async throws(SakkError) in
            _ = try await controller.hear(.challenge("digit"), cell: Self.cell, by: "Ann")
        }
        #expect(refused == "line.challenge.other")
        let ledger = try await factory.ledger()
        #expect(try await ledger.blanks(.account(factory.line, .held, limit: 9)).map(\.reason) == ["challenge.other"])
        #expect(try await ledger.read(DoubtedDocumentsQuery(line: factory.line)).isEmpty)
    }

    @Test func `A line without challenge cards and limits writes nothing of them`() async throws {
        let factory = try await Factory(records: 2, cards: 3)
        try await factory.runToTheEnd()
        let rows = try Judge.strings(
            factory.path,
            "SELECT kind FROM journal WHERE kind LIKE 'challenge.%' OR kind LIKE 'inspect.%' OR kind = 'line.trend'")
        #expect(rows.isEmpty)
        let refused = await refusal { () async throws(SakkError) in
            _ = try await factory.controller(try await factory.ledger()).hear(.repaired, cell: Self.cell, by: "Eng")
        }
        #expect(refused == "line.challenge.none")
    }

    private func refusal(_ act: () async throws(SakkError) -> Void) async -> SakkError.Code? {
        do throws(SakkError) {
            try await act()
            return nil
        } catch {
            return error.code
        }
    }
}
