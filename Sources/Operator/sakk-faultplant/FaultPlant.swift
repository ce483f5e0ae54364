import ArgumentParser
import Foundation
import Ground

@main
struct FaultPlant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sakk-faultplant",
        abstract: "Printer faults at every step of a card, in memory, judged by where the cards lie.")

    @Option(help: "Good cards to make.") var cards = 10_000
    @Option(help: "The same seed gives the same run.") var seed: UInt64 = 1
    @Option(help: "evolis-esc, g-printec-xid, magicard or ixla-xml; may be repeated. Without it: all.") var family:
        [String] = []
    @Option(help: "Percent of the cards that a fault is ordered for.") var faults = 60
    @Flag(help: "The person leaves a doubtful card in the good box: the judge must find it.") var plantBug = false
    @Option(help: "Instead: so many printers at once, one of which jams; what that costs the others.") var pool: Int?
    @Option(help: "Cards of each printer of the pool, in each round.") var poolCards = 8

    func run() async throws {
        if let pool { return try await jam(inPoolOf: pool) }
        let known = ["evolis-esc", "g-printec-xid", "magicard", "ixla-xml"]
        let families = family.isEmpty ? known : family
        for name in families where !known.contains(name) { throw ValidationError("there is no family \(name)") }
        var breached = false
        for name in families {
            let begun = SystemTime().boot().microseconds
            let line = MatrixLine(family: name, cards: cards, seed: seed, leavesDoubt: plantBug)
            for person in 1...cards { await line.make(person, faultPercent: faults) }
            let verdict = Verdict(line, people: cards)
            breached = breached || verdict.isBreached
            let seconds = Double(SystemTime().boot().microseconds - begun) / 1_000_000
            for finding in verdict.findings.prefix(20) { say(finding) }
            print(verdict.document(name, seed: seed))
            say(
                "\(name): \(cards) cards in \(line.tries) tries, \(verdict.faults) faults of \(line.struck.count) kinds "
                    + "at \(verdict.places) places, \(String(format: "%.1f", seconds)) s: "
                    + (verdict.isBreached ? "BREACHED" : "every rule held"))
        }
        if breached { throw ExitCode(5) }
    }

    /// Goal of the issue: the others are delayed by less than 250 ms.
    private func jam(inPoolOf printers: Int) async throws {
        guard (2...64).contains(printers) else { throw ValidationError("--pool is 2 to 64.") }
        let (quiet, disturbed) = try await PoolBench(printers: printers, cards: poolCards).run()
        let added = [0.5, 0.95].map { disturbed.at($0) - quiet.at($0) } + [disturbed.longest - quiet.longest]
        func tenths(_ value: Double) -> String { String(format: "%.1f", value) }
        print(
            JSONValue.object([
                "printers": .integer(Int64(printers)), "cards": .integer(Int64(poolCards)),
                "quiet_p50_us": .integer(Int64(quiet.at(0.5) * 1000)),
                "quiet_p95_us": .integer(Int64(quiet.at(0.95) * 1000)),
                "quiet_longest_us": .integer(Int64(quiet.longest * 1000)),
                "jam_p50_us": .integer(Int64(disturbed.at(0.5) * 1000)),
                "jam_p95_us": .integer(Int64(disturbed.at(0.95) * 1000)),
                "jam_longest_us": .integer(Int64(disturbed.longest * 1000)),
                "jammed_card_us": .integer(Int64(disturbed.jam * 1000)),
            ]).document(schema: "sakk.pool-bench/1"))
        say(
            "pool of \(printers), \(poolCards) cards each: a card \(tenths(quiet.at(0.5))) ms (p95 \(tenths(quiet.at(0.95))), longest "
                + "\(tenths(quiet.longest))); while one is jammed for \(tenths(disturbed.jam)) ms "
                + "\(tenths(disturbed.at(0.5))) ms (p95 \(tenths(disturbed.at(0.95))), longest \(tenths(disturbed.longest))): "
                + "added \(added.map(tenths).joined(separator: ", ")) ms")
        guard disturbed.jam > 1000 else { throw ValidationError("the jam was not felt") }
        if added[1] >= 250 { throw ExitCode(5) }
    }

    private func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}

/// The books against the table.
struct Verdict {
    let doubleIssues: Int
    let missingDocuments: Int
    let lostBlanks: Int
    let wrongExits: Int
    let mixedInk: Int
    let faults: Int
    let places: Int
    private let struck: [String: [String: Int]]
    let findings: [String]
    private let people: Int
    private let tries: Int

    init(_ line: MatrixLine, people: Int) {
        let table = line.table
        self.people = people
        tries = line.tries
        struck = line.struck
        faults = line.struck.values.reduce(0) { $0 + $1.values.reduce(0, +) }
        places = line.struck.values.reduce(0) { $0 + $1.count }
        var owners: [Int: Int] = [:]
        for card in table.good {
            for person in card.people { owners[person, default: 0] += 1 }
        }
        doubleIssues = owners.values.count { $0 > 1 }
        let whole = table.good.filter { card in
            card.people.count == 1 && card.people.allSatisfy { line.issued[$0] == card.number }
                && card.isWhole(card.people.first ?? 0, panels: line.planes)
        }
        missingDocuments = people - whole.count
        let all = table.hopper + table.good + table.reject + table.inside
        let total = people * 2 + 1000
        // every card is somewhere once, and what left the hopper has a fate in the books
        let unbooked = table.reject.count { !line.spoiled.contains($0.number) }
        lostBlanks = total - Set(all.map(\.number)).count + unbooked + table.inside.count
        let booked = Set(line.issued.values)
        wrongExits =
            line.wrongExits + table.good.count { !booked.contains($0.number) }
            + table.reject.count { booked.contains($0.number) }
        mixedInk = all.count { $0.people.count > 1 }
        var found: [String] = []
        func tell(_ card: MatrixCard, _ what: String) {
            found.append(
                "card \(card.number) \(what): fed \(line.story[card.number] ?? []), ink of \(card.people.sorted())")
        }
        for card in table.good where !booked.contains(card.number) { tell(card, "in the good box, not in the books") }
        for card in table.reject where booked.contains(card.number) { tell(card, "in the reject box, issued") }
        for card in table.reject where !line.spoiled.contains(card.number) { tell(card, "in the reject box, no fate") }
        let there = Set(all.map(\.number))
        for number in 1...total where !there.contains(number) { found.append("card \(number) is nowhere") }
        findings = line.claims + found
    }

    var isBreached: Bool {
        doubleIssues > 0 || missingDocuments > 0 || lostBlanks > 0 || wrongExits > 0 || mixedInk > 0
    }

    func document(_ family: String, seed: UInt64) -> String {
        let kinds = struck.mapValues { steps in JSONValue.object(steps.mapValues { .integer(Int64($0)) }) }
        return JSONValue.object([
            "family": .string(family), "seed": .string(String(seed)), "documents": .integer(Int64(people)),
            "tries": .integer(Int64(tries)), "double_issues": .integer(Int64(doubleIssues)),
            "missing_documents": .integer(Int64(missingDocuments)), "lost_blanks": .integer(Int64(lostBlanks)),
            "wrong_exits": .integer(Int64(wrongExits)), "mixed_ink": .integer(Int64(mixedInk)),
            "faults": .object(kinds),
        ]).document(schema: "sakk.fault-matrix/1")
    }
}
