import Foundation
import Ground
import Ledger
import Testing

@testable import Line

/// The controller dies at each fault point in turn; a new one on the same ledger and the same plant must end with the
/// same good documents.
struct CrashTests {
    /// Runs a batch with a crash at point `n` and judges the end; returns what is wrong.
    static func crash(
        at point: Int, records: Int, cards: Int, faults: Set<MemoryPlant.Fault>, spoiled: Int
    ) async throws -> [String] {
        let factory = try await Factory(records: records, cards: cards, faults: faults)
        try await CrashScope(at: point).run { _ = try await factory.runToTheEnd() }
        var wrong = try Judge.findings(factory.plant, factory.path)
        let counts = try Judge.counts(factory.path)
        if counts.good != records || counts.unknown != 0 || counts.held != 0 { wrong.append("\(counts)") }
        if counts.spoiled > spoiled + 1 { wrong.append("\(counts.spoiled) spoiled, more than one for the crash") }
        return wrong.map { "crash at point \(point): \($0)" }
    }

    @Test(arguments: [
        MemoryPlant.Fault.powerCutAtEject(card: 1), .powerCut(card: 1), .jam(card: 1), .swapped(card: 1),
    ])
    func `A crash at any point around a physical fault loses nothing and doubles nothing`(fault: MemoryPlant.Fault)
        async throws
    {
        let total = try await CrashTests.points(records: 2, cards: 6, faults: [fault])
        var wrong: [String] = []
        for point in stride(from: 1, through: total, by: 3) {
            wrong += try await CrashTests.crash(at: point, records: 2, cards: 6, faults: [fault], spoiled: 2)
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
        print("crash points around \(fault): \(total), every third tried")
    }

    @Test func `Fifty kills at seeded moments of one batch cost at most one card each`() async throws {
        let seed: UInt64 = 20_261_121
        var random = SplitMix(state: seed)
        let factory = try await Factory(records: 20, cards: 90, faults: [.mute(card: 3), .missingPanel(card: 7)])
        factory.adjust = { $0.preparesAhead = true }
        var kills = 0
        while kills < 50, try Judge.counts(factory.path).good < 20 {
            kills += 1
            let scope = CrashScope(at: Int(random.next() % 60) + 1)
            try await scope.run { _ = try await factory.runOnce() }
        }
        _ = try await factory.runToTheEnd(acknowledged: true)
        #expect(try Judge.findings(factory.plant, factory.path) == [])
        let counts = try Judge.counts(factory.path)
        #expect(counts.good == 20 && counts.unknown == 0 && counts.held == 0 && counts.spoiled <= 2 + kills)
        print("seed \(seed): \(kills) kills, \(counts.spoiled) spoiled")
    }

    static func points(records: Int, cards: Int, faults: Set<MemoryPlant.Fault>) async throws -> Int {
        let factory = try await Factory(records: records, cards: cards, faults: faults)
        let scope = CrashScope(at: nil)
        _ = try await scope.run { try await factory.runToTheEnd() }
        return scope.count
    }

    @Test(arguments: 0..<2)
    func `A crash at any point of three records loses nothing and doubles nothing`(half: Int) async throws {
        let faults: Set<MemoryPlant.Fault> = [.mute(card: 1), .missingPanel(card: 3)]
        let total = try await CrashTests.points(records: 3, cards: 8, faults: faults)
        #expect(total > 150)
        var wrong: [String] = []
        for point in 1...total where point % 2 == half {
            wrong += try await CrashTests.crash(at: point, records: 3, cards: 8, faults: faults, spoiled: 2)
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
        print("crash points of 3 records with 2 faults: \(total), each \(half == 0 ? "even" : "odd") one tried")
    }

    @Test func `A crash at points spread over twenty records loses nothing and doubles nothing`() async throws {
        let faults: Set<MemoryPlant.Fault> = [
            .mute(card: 3), .missingPanel(card: 7), .diesWhilePersonalised(card: 40), .blind(card: 9, times: 1),
        ]
        let total = try await CrashTests.points(records: 20, cards: 26, faults: faults)
        var tried = 0
        var wrong: [String] = []
        for point in stride(from: 1, through: total, by: CrashTests.everyNth) {
            tried += 1
            wrong += try await CrashTests.crash(at: point, records: 20, cards: 26, faults: faults, spoiled: 2)
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
        print("crash points of 20 records with 2 faults: \(total), tried \(tried)")
    }

    /// `SAKK_CRASH_STRIDE=1` tries all points of the long batch.
    static var everyNth: Int { ProcessInfo.processInfo.environment["SAKK_CRASH_STRIDE"].flatMap { Int($0) } ?? 97 }
}

/// Sebastiano Vigna's SplitMix64: the same moments on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
