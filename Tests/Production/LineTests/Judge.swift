import Foundation
import GRDB
import Ground
import Stations
import Synchronization

/// Compares what lies in the plant with what stands in the ledger file, by SQL alone. It shares nothing with the
/// controller.
enum Judge {
    struct Counts: Equatable {
        var good = 0
        var spoiled = 0
        var held = 0
        var unknown = 0
    }

    static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Sentences about what does not agree; empty when the books are right.
    static func findings(_ plant: MemoryPlant, _ path: String) throws -> [String] {
        let world = plant.world.withLock { $0 }
        return try open(path).read { db in
            try goodCards(db, world) + blanks(db, world) + chips(db, world) + steps(db)
        }
    }

    static func counts(_ path: String) throws -> Counts {
        try open(path).read { db in
            func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql) ?? -1 }
            return Counts(
                good: try count("SELECT COUNT(*) FROM production WHERE state = 'produced'"),
                spoiled: try count("SELECT COUNT(*) FROM blank WHERE account IN ('spoiled', 'destroyed')"),
                held: try count("SELECT COUNT(*) FROM production WHERE state = 'held'"),
                unknown: try count(
                    "SELECT (SELECT COUNT(*) FROM attempt WHERE state = 'unknown') + "
                        + "(SELECT COUNT(*) FROM intent WHERE open = 1)"))
        }
    }

    static func strings(_ path: String, _ sql: String) throws -> [String] {
        try open(path).read { try String.fetchAll($0, sql: sql) }
    }

    private static func goodCards(_ db: Database, _ world: MemoryPlant.World) throws -> [String] {
        var findings: [String] = []
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT p.production, p.request, a.chip, a.sod_hash, a.attempt FROM production p
                LEFT JOIN attempt a ON a.production = p.production AND a.state = 'produced' WHERE p.state = 'produced'
                """)
        var expected: Set<String> = []
        for row in rows {
            let production: String = row["production"]
            guard let chip = row["chip"] as String? else {
                findings.append("\(production) is produced and has no good attempt")
                continue
            }
            expected.insert(chip)
            guard let card = world.cards.values.first(where: { $0.identity.rawValue == chip }) else {
                findings.append("\(production): no card has the chip \(chip)")
                continue
            }
            let number = Int((row["request"] as String).dropFirst(4)) ?? 0
            let mrz = TestRecord.mrz(number)
            let ink = Bytes(mrz.joined(separator: "\n").utf8)
            if !world.good.contains(card.number) { findings.append("\(production): its card is not in the good box") }
            if card.document?.mrz != mrz || card.document?.complete != true {
                findings.append("\(production): its chip is not this person's")
            }
            if card.dead { findings.append("\(production): its chip is dead") }
            if card.document?.sodHash != (row["sod_hash"] as Data?).map({ Bytes($0) }) {
                findings.append("\(production): its chip holds another document than the books say")
            }
            if card.ink.count != 6 || card.ink.contains(where: { $0.pixels != ink }) {
                findings.append("\(production): its print is not this person's, whole and once")
            }
            let inspected = try Int.fetchOne(
                db,
                sql: """
                    SELECT COUNT(*) FROM intent i JOIN result r USING (attempt, step, try) WHERE i.attempt = ?
                    AND i.step = 'inspect' AND r.outcome = 'done'
                    """, arguments: [row["attempt"] as String])
            if inspected == 0 { findings.append("\(production): it was never inspected") }
        }
        // withdrawn when it lay in the box: void, it waits there for its destruction
        expected.formUnion(try String.fetchAll(db, sql: "SELECT chip FROM attempt WHERE state = 'voided'"))
        for number in world.good {
            let chip = world.cards[number]?.identity.rawValue ?? ""
            if !expected.contains(chip) {
                findings.append("card \(number) lies in the good box and is no good document")
            }
        }
        if Set(world.good).count != world.good.count { findings.append("a card lies twice in the good box") }
        return findings
    }

    /// Every card has a row, and lies where the row says.
    private static func blanks(_ db: Database, _ world: MemoryPlant.World) throws -> [String] {
        var findings: [String] = []
        let all = try Row.fetchAll(db, sql: "SELECT blank, account, chip FROM blank")
        func cards(_ place: [Int]) -> [MemoryPlant.Card] { place.compactMap { world.cards[$0] } }
        func rows(_ accounts: Set<String>) -> [Row] { all.filter { accounts.contains($0["account"]) } }
        let known = Set(all.compactMap { $0["chip"] as String? })
        let fresh = world.hopper.filter { !known.contains(world.cards[$0]?.identity.rawValue ?? "") }
        if rows(["line"]).count != fresh.count {
            findings.append("\(rows(["line"]).count) blanks in the books of the line, \(fresh.count) in the hopper")
        }
        if !rows(["vault", "cell", "missing"]).isEmpty { findings.append("a blank has no settled fate") }
        let out = cards(world.reject + world.hands)
        let offBooks: Set<String> = ["spoiled", "held", "quarantine", "destroyed"]
        for card in out where card.answers {
            let account = all.first { $0["chip"] as String? == card.identity.rawValue }?["account"] as String?
            if !offBooks.contains(account ?? "") {
                findings.append("card \(card.number) has the account \(account ?? "none")")
            }
        }
        let mutePlaces = out.count { !$0.answers }
        let muteRows = rows(offBooks).count { row in
            guard let chip = row["chip"] as String? else { return true }
            return world.cards.values.contains { $0.identity.rawValue == chip && !$0.answers }
        }
        if mutePlaces != muteRows { findings.append("\(mutePlaces) mute cards in the boxes, \(muteRows) in the books") }
        if world.inside != nil { findings.append("a card lies in the machine") }
        let moves = try Row.fetchAll(
            db,
            sql: """
                SELECT b.blank FROM blank b WHERE b.account IS NOT
                (SELECT to_account FROM movement m JOIN journal j USING (log, seq) WHERE m.blank = b.blank
                  ORDER BY j.tick DESC LIMIT 1)
                """)
        if !moves.isEmpty { findings.append("\(moves.count) blanks are not where their last movement says") }
        return findings
    }

    /// No living document outside the good box, no two of one person.
    private static func chips(_ db: Database, _ world: MemoryPlant.World) throws -> [String] {
        var findings: [String] = []
        let living = world.cards.values.filter { $0.answers && !$0.dead && $0.document != nil }
        for card in living where !world.good.contains(card.number) {
            let held = try Int.fetchOne(
                db, sql: "SELECT COUNT(*) FROM blank WHERE chip = ? AND account = 'held'",
                arguments: [card.identity.rawValue])
            if held != 1 { findings.append("card \(card.number) lives outside the good box") }
        }
        for (mrz, cards) in Dictionary(grouping: living, by: { $0.document?.mrz.first ?? "" }) where cards.count > 1 {
            findings.append("\(cards.count) living documents carry \(mrz.prefix(5))...")
        }
        let bound = try String.fetchAll(db, sql: "SELECT chip FROM attempt WHERE chip IS NOT NULL")
        for card in world.cards.values where card.document != nil && !bound.contains(card.identity.rawValue) {
            findings.append("card \(card.number) was written to and is bound to no attempt")
        }
        return findings
    }

    private static func steps(_ db: Database) throws -> [String] {
        var findings: [String] = []
        let open = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM intent WHERE open = 1") ?? -1
        if open != 0 { findings.append("\(open) intents are open") }
        let unknown = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM attempt WHERE state = 'unknown'") ?? -1
        if unknown != 0 { findings.append("\(unknown) attempts are unknown") }
        let gaps =
            try Int.fetchOne(
                db, sql: "SELECT COUNT(*) FROM (SELECT log FROM journal GROUP BY log HAVING COUNT(*) <> MAX(seq))")
            ?? -1
        if gaps != 0 { findings.append("the journal has gaps") }
        return findings
    }
}
