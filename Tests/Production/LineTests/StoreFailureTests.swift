import Foundation
import Ground
import KeyVault
import Ledger
import Testing

@testable import Line

/// The disk fails at each statement in turn. A ledger that failed is not written again by that process; a new
/// controller on the same file ends with the same good documents.
struct StoreFailureTests {
    private static let faults: Set<MemoryPlant.Fault> = [.mute(card: 1), .missingPanel(card: 3)]

    @Test func `A disk that fails at any statement costs at most one card and never a rule`() async throws {
        let total = try await StoreFailureTests.statements()
        #expect(total > 400)
        var wrong: [String] = []
        var stopped = 0
        // every n of the first document, and of the others each seventh
        for number in Array(1...total / 3) + stride(from: total / 3 + 1, through: total, by: 7) {
            let factory = try await Factory(records: 3, cards: 8, faults: StoreFailureTests.faults)
            let injection = FaultInjection(.sqlStatement, at: number)
            var code: SakkError.Code?
            do {
                _ = try await injection.run { try await factory.runToTheEnd() }
            } catch {
                code = (error as? SakkError)?.code
            }
            if code != nil { stopped += 1 }
            if let code, code != "ledger.unwritable" { wrong.append("statement \(number): \(code)") }
            // a slow machine hears a heartbeat or two more in one run than in another: the last ones may be missing
            if injection.injected != 1, number < total - 3 {
                wrong.append("statement \(number): failed \(injection.injected) times")
            }
            _ = try await factory.runToTheEnd(acknowledged: true)
            let counts = try Judge.counts(factory.path)
            wrong += try Judge.findings(factory.plant, factory.path).map { "statement \(number): \($0)" }
            if counts.good != 3 || counts.unknown != 0 || counts.held != 0 || counts.spoiled > 3 {
                wrong.append("statement \(number): \(counts)")
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(20).joined(separator: "\n"))")
        #expect(stopped > 100)
        print("statements of 3 records with 2 faults: \(total); the line stopped \(stopped) times")
    }

    private static func statements() async throws -> Int {
        let factory = try await Factory(records: 3, cards: 8, faults: faults)
        let counting = FaultInjection(nil)
        _ = try await counting.run { try await factory.runToTheEnd() }
        return counting.counts[.sqlStatement] ?? 0
    }
}
