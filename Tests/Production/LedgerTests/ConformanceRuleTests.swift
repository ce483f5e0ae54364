import Ground
import Stations
import Testing

@testable import Ledger

/// The rules of DESIGN 2 that the schema keeps, at both stores: through the controller's own door, and against anybody
/// who writes SQL.
@Suite struct ConformanceRuleTests {
    @Test(arguments: StoreKind.allCases)
    func `a record has one good document`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...1)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...2)
        let claim = try await books.bound(lease, 1)
        try await books.produce(lease, claim, 1)
        #expect(try await books.claim(lease) == nil)
        await #expect(throws: failure("ledger.rule")) { try await books.produce(lease, claim, 1) }
        await #expect(throws: failure("ledger.rule")) {
            try await books.sql(
                """
                INSERT INTO attempt (attempt, production, number, line, cell, epoch, state, started, blank, chip)
                VALUES ('other', 'PROD1', 2, 'line-1', 'cell-1', 1, 'produced', 0, 'B2', 'C2')
                """)
        }
        #expect(try await books.count("attempt WHERE state = 'produced'") == 1)
        #expect(try await books.count("production WHERE state = 'produced'") == 1)
    }

    @Test(arguments: StoreKind.allCases)
    func `a record has one live attempt`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...1)
        let lease = try await books.takeOver()
        let first = try await books.claim(lease)
        #expect(try await books.claim(lease, CellID("cell-2")) == nil)
        // the same cell gets its own attempt back
        #expect(try await books.claim(lease) == first)
        await #expect(throws: failure("ledger.rule")) {
            try await books.sql(
                """
                INSERT INTO attempt (attempt, production, number, line, cell, epoch, state, started)
                VALUES ('other', 'PROD1', 2, 'line-1', 'cell-2', 1, 'claimed', 0)
                """)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a withdrawn document is not ordered out by the good exit`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...1)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...1)
        let claim = try await books.bound(lease, 1)
        try await books.withdraw(claim.production)
        let eject = StepKey(claim.attempt, .eject, try: 1)
        await #expect(throws: failure("record.withdrawn")) {
            try await books.commit(
                lease,
                [
                    .attempt(claim.attempt, .passed, reason: nil),
                    .intend(eject, facts: ["exit": "good", "fate": "good"]),
                ]
            )
        }
        #expect(try await books.count("attempt WHERE state = 'bound'") == 1)
        try await books.commit(lease, [.intend(eject, facts: ["exit": "reject", "fate": "spoil"])])
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `a withdrawal between order and obedience makes the document void`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...1)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...1)
        let claim = try await books.bound(lease, 1)
        let eject = StepKey(claim.attempt, .eject, try: 1)
        try await books.commit(lease, [.intend(eject, facts: ["exit": "good", "fate": "good"])])
        try await books.withdraw(claim.production)
        try await books.commit(lease, [.conclude(eject, outcome: .done, facts: [:])])
        try await books.produce(lease, claim, 1)
        #expect(try await books.count("attempt WHERE state = 'voided'") == 1)
        #expect(try await books.count("production WHERE state = 'withdrawn'") == 1)
        _ = try await books.books.verify()
    }

    /// However the two meet: never a good exit after a withdrawal, and never a good document of a withdrawn record.
    @Test(arguments: StoreKind.allCases)
    func `withdrawals that race with good exits leave no withdrawn document good`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        let count = 12
        try await books.intake(1...count)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...count)
        let other = try await books.again()
        var refused = 0
        for number in 1...count {
            let claim = try await books.bound(lease, number)
            let eject = StepKey(claim.attempt, .eject, try: 1)
            async let taken: Void = other.commit(
                Transition(plant: .queue, actor: "authority", changes: [.withdraw(claim.production, reason: "death")]))
            do {
                try await books.commit(lease, [.intend(eject, facts: ["exit": "good", "fate": "good"])])
                try await books.commit(lease, [.conclude(eject, outcome: .done, facts: [:])])
                try await books.produce(lease, claim, number)
            } catch {
                #expect(error.code == "record.withdrawn")
                refused += 1
                try await books.commit(
                    lease,
                    [
                        .attempt(claim.attempt, .spoiled, reason: "record.withdrawn"),
                        .record(claim.production, .withdrawn, reason: "record.withdrawn"),
                    ])
            }
            try await taken
        }
        #expect(try await books.count("production WHERE state = 'withdrawn'") == count)
        #expect(try await books.count("attempt WHERE state = 'voided'") == count - refused)
        _ = try await books.books.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `a blank is used once, and so is a chip`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...2)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...2)
        _ = try await books.bound(lease, 1)
        let second = CellID("cell-2")
        let claim = try #require(try await books.claim(lease, second))
        await #expect(throws: failure("ledger.rule")) {
            try await books.commit(
                lease, [.bind(claim.attempt, ConformanceBooks.blank(1), ConformanceBooks.chip(1))], cell: second)
        }
        await #expect(throws: failure("ledger.rule")) {
            try await books.commit(
                lease, [.bind(claim.attempt, ConformanceBooks.blank(2), ConformanceBooks.chip(1))], cell: second)
        }
        await #expect(throws: failure("ledger.rule")) {
            try await books.commit(lease, [.identify(ConformanceBooks.blank(2), ConformanceBooks.chip(1))])
        }
        try await books.commit(
            lease, [.bind(claim.attempt, ConformanceBooks.blank(2), ConformanceBooks.chip(2))], cell: second)
        #expect(try await books.count("attempt WHERE state = 'bound'") == 2)
    }

    @Test(arguments: StoreKind.allCases)
    func `a document number is used once, and a known record changes nothing`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        let record = ConformanceBooks.record(1)
        let batch = ConformanceBooks.batch
        #expect(try await books.books.intake([record, record], batch: batch, cursor: nil) == [.taken, .known])
        let rows = try await books.count("journal")
        #expect(try await books.books.intake([record], batch: batch, cursor: nil) == [.known])
        #expect(try await books.count("journal") == rows)
        let outcomes = try await books.books.intake(
            [
                ConformanceBooks.record(2, document: record.documentNumber),
                ConformanceBooks.record(1, content: "another"),
            ], batch: batch, cursor: nil)
        #expect(outcomes == [.refused(failure("record.number.used")), .refused(failure("record.conflict"))])
        #expect(try await books.count("production") == 1)
        await #expect(throws: failure("ledger.rule")) {
            try await books.sql("INSERT INTO number (tag, production) SELECT tag, 'PROD9' FROM number")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a result answers an intent, once`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...1)
        let lease = try await books.takeOver()
        let claim = try #require(try await books.claim(lease))
        let feed = StepKey(claim.attempt, .feed, try: 1)
        await #expect(throws: failure("ledger.rule")) {
            try await books.commit(lease, [.conclude(feed, outcome: .done, facts: [:])])
        }
        try await books.commit(lease, [.intend(feed, facts: [:])])
        await #expect(throws: failure("ledger.rule")) { try await books.commit(lease, [.intend(feed, facts: [:])]) }
        // one open act per cell
        await #expect(throws: failure("ledger.rule")) {
            try await books.commit(lease, [.intend(StepKey(claim.attempt, .print, try: 1), facts: [:])])
        }
        try await books.commit(lease, [.conclude(feed, outcome: .unknown, facts: [:])])
        await #expect(throws: failure("ledger.rule")) {
            try await books.commit(lease, [.conclude(feed, outcome: .done, facts: [:])])
        }
        await #expect(throws: failure("ledger.rule")) { try await books.sql("UPDATE result SET outcome = 'done'") }
        await #expect(throws: failure("ledger.rule")) {
            try await books.sql(
                "INSERT INTO result (attempt, step, try, outcome, seq, wall, facts) VALUES (?, 'print', 1, 'done', 1, 1, ?)",
                [.text(claim.attempt.rawValue), .blob([])])
        }
        #expect(try await books.count("result WHERE outcome = 'unknown'") == 1)
    }

    @Test(arguments: StoreKind.allCases)
    func `a blank moves from where it is, or nothing happens`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...2)
        let rows = try await books.count("journal")
        await #expect(throws: failure("ledger.rule")) {
            try await books.commit(
                lease,
                [
                    .move(ConformanceBooks.blank(1), from: .line, to: .cell, reason: "fed", attempt: nil),
                    .move(ConformanceBooks.blank(2), from: .good, to: .dispatched, reason: "sent", attempt: nil),
                ])
        }
        // all of the transition or none
        #expect(try await books.count("blank WHERE account = 'line'") == 2)
        #expect(try await books.count("movement WHERE to_account = 'cell'") == 0)
        #expect(try await books.count("journal") == rows)
        await #expect(throws: failure("ledger.rule")) {
            try await books.commit(
                lease, [.move(BlankID("nobody"), from: .line, to: .cell, reason: "fed", attempt: nil)])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `journal rows stay as they are`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...1)
        for statement in [
            "UPDATE journal SET kind = 'other'", "DELETE FROM journal", "UPDATE journal SET seq = seq + 100",
        ] {
            await #expect(throws: failure("ledger.rule"), "\(statement)") { try await books.sql(statement) }
        }
        #expect(try await books.count("journal WHERE kind = 'record.taken'") == 1)
    }

    /// Each of them breaks one CHECK, key or reference.
    private static let wrongWords = [
        "UPDATE production SET state = 'printed twice'", "UPDATE production SET remake = 2",
        "UPDATE production SET digest = x", "UPDATE attempt SET state = 'finished'",
        "UPDATE attempt SET death = 'perhaps'", "UPDATE attempt SET number = 0",
        "UPDATE attempt SET state = 'printed'", "UPDATE blank SET account = 'pocket'",
        "UPDATE blank SET exit = 'window', place = 1", "UPDATE blank SET place = 1",
        "UPDATE movement SET to_account = 'pocket'", "UPDATE movement SET from_account = 'pocket'",
        "UPDATE intent SET step = 'dance'", "UPDATE intent SET open = 2", "UPDATE cell SET state = 'asleep'",
        "UPDATE cell SET mode = 'fun'", "UPDATE log SET epoch = -1", "UPDATE meta SET generation = 0",
        "UPDATE meta SET purpose = 'fun'", "UPDATE production SET batch = 'nowhere'",
        "DELETE FROM production", "DELETE FROM blank",
        "INSERT INTO result VALUES ('PROD1.1', 'feed', 1, 'perhaps', 1, 1, x)",
    ]

    @Test(arguments: StoreKind.allCases)
    func `the schema knows its words`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...1)
        let lease = try await books.takeOver()
        try await books.load(lease, 1...1)
        let claim = try #require(try await books.claim(lease))
        try await books.commit(
            lease,
            [
                .intend(StepKey(claim.attempt, .feed, try: 1), facts: [:]),
                .machine(.execute, code: nil, text: "", remedy: ""),
            ])
        for statement in Self.wrongWords {
            // a short blob, and the attempt's own name
            let words = statement.replacing("= x", with: "= ?").replacing("1, x)", with: "1, ?)")
                .replacing("PROD1.1", with: claim.attempt.rawValue)
            await #expect(throws: failure("ledger.rule"), "\(statement)") {
                try await books.sql(words, words.contains("?") ? [.blob([1, 2])] : [])
            }
        }
    }
}
