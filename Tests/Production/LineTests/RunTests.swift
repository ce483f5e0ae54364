import Foundation
import Ground
import Ledger
import Testing

@testable import Line

struct RunTests {
    @Test func `Twenty records with a dead chip and a missing panel become twenty good documents`() async throws {
        let factory = try await Factory(
            records: 20, cards: 26, faults: [.mute(card: 3), .missingPanel(card: 7), .diesWhilePersonalised(card: 90)])
        factory.adjust = { $0.preparesAhead = true }
        let summary = try await factory.runToTheEnd()
        #expect(summary.done == 20 && summary.rejects == 2)
        #expect(try Judge.findings(factory.plant, factory.path) == [])
        #expect(try Judge.counts(factory.path) == Judge.Counts(good: 20, spoiled: 2, held: 0, unknown: 0))
        let report = try await factory.ledger().batchReport(factory.batch)
        #expect(report.totals.good == 20 && report.totals.spoiled == 2 && report.totals.records == 20)
        #expect(report.blanks == [.good: 20, .spoiled: 2])
    }

    @Test func `A good card takes eight commits, the claim included`() async throws {
        let factory = try await Factory(records: 4, cards: 6)
        let commits = try await [1, 4].asyncMap { count in
            let factory = try await Factory(records: count, cards: 6)
            let scope = CrashScope(at: nil)
            _ = try await scope.run { try await factory.runToTheEnd() }
            return scope.count("ledger.commit.before")
        }
        #expect(commits[1] - commits[0] == 3 * 8)
        _ = factory
    }
}

extension Sequence {
    func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
