import Foundation
import Ground
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// Approvals that are taken back while their documents are made (DESIGN rule 8).
struct StandingTests {
    static let first = ProductionID("PROD001")

    static func withdraw(_ ledger: Books) async throws(SakkError) {
        try await ledger.commit(
            Transition(plant: .queue, actor: "authority", changes: [.withdraw(first, reason: "death of the holder")]))
    }

    private func records(_ factory: Factory) async throws -> [RecordReport] {
        try await factory.ledger().batchReport(factory.batch).records
    }

    @Test func `A record withdrawn after its claim and before its blank uses no blank`() async throws {
        let factory = try await Factory(records: 2, cards: 3)
        let ledger = try await factory.ledger()
        factory.wrap = { stations in
            Lies.with(
                stations,
                preparation: HookedPreparation(inner: stations.preparation) { (attempt) throws(SakkError) in
                    if attempt == AttemptID("PROD001-1") { try await StandingTests.withdraw(ledger) }
                })
        }
        let summary = try await factory.controller(ledger).run()
        #expect(summary.state == .complete && summary.done == 1 && summary.rejects == 0)
        let records = try await records(factory)
        #expect(records.map(\.state) == [.withdrawn, .produced] && records[0].attempts.map(\.state) == [.dropped])
        #expect(factory.plant.world.withLock { $0.fed } == 1)
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test func `A record withdrawn while its card is printed is killed, thrown out and never made again`() async throws
    {
        let factory = try await Factory(records: 2, cards: 4)
        let ledger = try await factory.ledger()
        let once = Mutex(true)
        factory.wrap = { stations in
            Lies.beforePrint(stations) { () async throws(SakkError) in
                let first = once.withLock { once in
                    defer { once = false }
                    return once
                }
                if first { try await StandingTests.withdraw(ledger) }
            }
        }
        let summary = try await factory.controller(ledger).run()
        #expect(summary.state == .complete && summary.done == 1 && summary.rejects == 1)
        let records = try await records(factory)
        #expect(records.map(\.state) == [.withdrawn, .produced] && records[0].attempts.map(\.state) == [.spoiled])
        #expect(factory.plant.world.withLock { $0.cards[1]?.dead == true && $0.reject == [1] })
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test(arguments: ["line.feed.after", "line.personalise.before", "line.print.before", "line.eject.good.before"])
    func `A record withdrawn while the controller was dead is not gone on with`(point: String) async throws {
        let factory = try await Factory(records: 2, cards: 4)
        try await CrashScope(at: 1, name: point).run { try await factory.runOnce() }
        try await StandingTests.withdraw(try await factory.ledger())
        try await factory.runToTheEnd()
        let records = try await records(factory)
        #expect(records.map(\.state) == [.withdrawn, .produced])
        #expect(factory.plant.world.withLock { $0.good } == [2])
        #expect(factory.plant.world.withLock { ($0.cards[1]?.document == nil || $0.cards[1]?.dead == true) })
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test(arguments: ["record.standing.old", "record.standing.unreachable"])
    func `While nobody can say whether an approval stands the cell waits with the card inside`(code: String)
        async throws
    {
        let factory = try await Factory(records: 2, cards: 3)
        let source = SilentStanding(code: SakkError.Code(stringLiteral: code), answersBefore: 1)
        factory.wrap = { Lies.with($0, standing: source) }
        let summary = try await factory.controller(factory.ledger()).run()
        #expect(summary.state == .suspended && summary.code == code)
        #expect(factory.plant.world.withLock { $0.inside } == 1)
        source.speak()
        try await factory.runToTheEnd()
        #expect(factory.holds == [])
        #expect(try Judge.counts(factory.path) == Judge.Counts(good: 2, spoiled: 0, held: 0, unknown: 0))
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test(arguments: [Fate.kill, .afterCrash])
    func `A withdrawal after the last question is refused the good exit by the store itself`(fate: Fate) async throws {
        let factory = try await Factory(records: 2, cards: 4)
        let ledger = try await factory.ledger()
        // asked before the feed and before the good exit; after a crash once more before the eject is ordered again
        let last = fate == .kill ? 2 : 1
        if fate == .afterCrash {
            try await CrashScope(at: 1, name: "line.eject.good.before").run { try await factory.runOnce() }
        }
        factory.wrap = { stations in
            Lies.with(
                stations,
                standing: HookedStanding { (question) throws(SakkError) in
                    if question == last { try await StandingTests.withdraw(ledger) }
                })
        }
        try await factory.runToTheEnd()
        let records = try await records(factory)
        #expect(records.map(\.state) == [.withdrawn, .produced] && records[0].attempts.map(\.state) == [.spoiled])
        #expect(factory.plant.world.withLock { $0.cards[1]?.dead == true && $0.reject == [1] && $0.good == [2] })
        #expect(factory.holds == [])
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    enum Fate { case kill, afterCrash }

    @Test func `A withdrawal while the card drops into the good box makes the document void`() async throws {
        let factory = try await Factory(records: 2, cards: 4)
        let ledger = try await factory.ledger()
        let once = Mutex(true)
        factory.wrap = { stations in
            Lies.beforeEject(stations) { () async throws(SakkError) in
                let first = once.withLock { once in
                    defer { once = false }
                    return once
                }
                if first { try await StandingTests.withdraw(ledger) }
            }
        }
        #expect(try await factory.controller(ledger).run().state == .complete)
        let records = try await records(factory)
        #expect(records.map(\.state) == [.withdrawn, .produced] && records[0].attempts.map(\.state) == [.voided])
        #expect(records[0].attempts[0].blank?.account == .good)
        #expect(factory.plant.world.withLock { $0.good } == [1, 2])
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test func `A remake goes to another cell while there is other work`() async throws {
        let factory = try await Factory(records: 16, cards: 20, faults: [.missingPanel(card: 1)], cells: 2)
        let summary = try await factory.controller(factory.ledger()).run()
        #expect(summary.done == 16 && summary.rejects == 1)
        let remade = try await records(factory).filter { $0.attempts.count == 2 }
        #expect(remade.map { $0.attempts.map(\.cell.rawValue) } == [["cell-1", "cell-2"]])
    }
}

/// Says valid, and lets something happen right after it was asked.
final class HookedStanding: RecordStanding {
    private let after: @Sendable (Int) async throws(SakkError) -> Void
    private let asked = Mutex(0)

    /// `after` gets the number of the question, from 1.
    init(_ after: @escaping @Sendable (Int) async throws(SakkError) -> Void) { self.after = after }

    func standing(of production: ProductionID) async throws(SakkError) -> Standing {
        let number = asked.withLock { asked in
            asked += 1
            return asked
        }
        try await after(number)
        return .valid
    }
}

/// Answers a few times and then not, until it is made to speak.
final class SilentStanding: RecordStanding {
    private let code: SakkError.Code
    private let left: Mutex<Int?>
    private let questions = Mutex(0)
    /// How often it was asked.
    var asked: Int { questions.withLock { $0 } }

    init(code: SakkError.Code, answersBefore: Int) {
        self.code = code
        left = Mutex(answersBefore)
    }

    func speak() { left.withLock { $0 = nil } }

    func standing(of production: ProductionID) async throws(SakkError) -> Standing {
        questions.withLock { $0 += 1 }
        let answers = left.withLock { left -> Bool in
            guard let count = left else { return true }
            left = max(0, count - 1)
            return count > 0
        }
        guard answers else { throw SakkError(code, source: "test", text: "no answer", remedy: "none") }
        return .valid
    }
}
