import Foundation
import Ground
import Stations
import Testing

@testable import Ledger

/// People, what proves them, approvals and acts, at both stores.
@Suite struct ConformancePeopleTests {
    private static let ann = PersonID("ann")
    private static let bob = PersonID("bob")
    private static let soon = WallTime(microseconds: 4_000_000_000_000_000)

    private static func staffed(_ kind: StoreKind) async throws -> ConformanceBooks {
        let books = try await ConformanceBooks(kind)
        try await books.books.add(Person(id: ann, name: "Ann", roles: [.operator, .logistics]), by: "setup")
        try await books.books.add(
            Person(id: bob, name: "Bob", roles: [.supervisor], language: .sorani), by: "setup")
        return books
    }

    private static func request(
        _ item: String = "id1:B1", digest: Bytes = ApprovalRequest.digest(of: ["to": "line"]),
        expires: WallTime = soon
    ) -> ApprovalRequest {
        ApprovalRequest(
            action: .release, item: item, digest: digest, role: .supervisor, expires: expires, reason: "looks good")
    }

    private static func act(_ person: PersonID? = ann, item: String = "id1:B1") -> PersonAct {
        PersonAct(person: person, act: "stock.release", item: item, station: "console-1")
    }

    private static func use(
        _ id: ApprovalID, _ action: ApprovalAction = .release, _ item: String = "id1:B1",
        _ digest: Bytes = ApprovalRequest.digest(of: ["to": "line"])
    ) -> ApprovalUse {
        ApprovalUse(id: id, action: action, item: item, digest: digest)
    }

    private static let note = Change.note(kind: "test.done", subjects: ["id1:B1"], facts: [:])

    private func perform(
        _ books: Books, _ use: ApprovalUse?, by person: PersonID? = ann, _ changes: [Change] = [note]
    ) async throws(SakkError) {
        try await books.acting(Self.act(person), approval: use)
            .commit(Transition(plant: .vault, actor: person?.rawValue ?? "", changes: changes))
    }

    @Test(arguments: StoreKind.allCases)
    func `people, their roles and what they did follow from the journal`(kind: StoreKind) async throws {
        let books = try await Self.staffed(kind)
        let ledger = books.books
        await refuses("people.known") {
            try await ledger.add(Person(id: Self.ann, name: "Other", roles: [.auditor]), by: "setup")
        }
        for bad in ["A", "Ann", "ann ", "1ann", ""] {
            await refuses("people.form") {
                try await ledger.add(Person(id: PersonID(bad), name: "Other", roles: [.auditor]), by: "setup")
            }
        }
        await refuses("people.unknown") {
            try await ledger.change(Person(id: PersonID("eve"), name: "Eve", roles: [.auditor]), by: "setup")
        }
        try await ledger.change(
            Person(id: Self.bob, name: "Bob Two", roles: [.supervisor, .keyOfficer], language: .english), by: "setup")
        let people = try await ledger.read(PeopleQuery())
        #expect(people.map(\.name) == ["Ann", "Bob Two"] && people[1].roles == [.supervisor, .keyOfficer])
        #expect(people[0].language == .arabic && people[1].language == .english)
        try await ledger.did(Self.act())
        try await ledger.did(
            PersonAct(person: nil, act: "sign.in", item: "-", station: "console-2", refusal: "people.unknown"))
        let acts = try await ledger.read(PersonActsQuery(.item("id1:B1")))
        #expect(acts.map(\.act) == [Self.act()])
        #expect(try await ledger.read(PersonActsQuery(.all)).first?.act.refusal == "people.unknown")
        _ = try await ledger.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `a verifier is in no journal row, belongs to one person and is gone with him`(kind: StoreKind) async throws {
        let books = try await Self.staffed(kind)
        let ledger = books.books
        let secret = "scrypt$ln=17,r=8,p=1$c2FsdA$dmVyaWZpZXI"
        try await ledger.setCredential(.password(scrypt: "old"), of: Self.ann, isOneTime: true, by: "setup")
        try await ledger.setCredential(.password(scrypt: secret), of: Self.ann, by: "ann")
        let digest = Bytes(repeating: 7, count: 32)
        try await ledger.setCredential(.certificate(sha256: digest), of: Self.ann, by: "setup")
        #expect(try await ledger.person(certificate: digest) == Self.ann)
        #expect(try await ledger.person(certificate: Bytes(repeating: 8, count: 32)) == nil)
        await refuses("people.credential.known") {
            try await ledger.setCredential(.certificate(sha256: digest), of: Self.bob, by: "setup")
        }
        let kept = try await ledger.credentials(of: Self.ann)
        #expect(kept.map(\.credential) == [.password(scrypt: secret), .certificate(sha256: digest)])
        #expect(!kept[0].isOneTime && kept.allSatisfy { !"\($0)".contains("scrypt$") })
        let rows = try await books.books.store.read { session in
            try session.rows("SELECT body FROM journal", []).map {
                String(decoding: try $0.blob("body"), as: UTF8.self)
            }
        }
        #expect(rows.allSatisfy { !$0.contains("scrypt$") && !$0.contains(digest.hex) })
        _ = try await ledger.verify()
        // somebody with the file gives Ann another password
        try await books.sql("UPDATE verifier SET verifier = 'mine' WHERE verifier = ?", [.text(secret)])
        await refuses("people.credential.changed") { _ = try await ledger.credentials(of: Self.ann) }
        try await ledger.change(
            Person(id: Self.ann, name: "Ann", roles: [.operator], isActive: false), by: "setup")
        #expect(try await books.count("verifier") == 0)
        #expect(try await ledger.person(certificate: digest) == nil)
        await refuses("people.inactive") {
            try await ledger.setCredential(.password(scrypt: "x"), of: Self.ann, by: "setup")
        }
        _ = try await ledger.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `an approval is given by another person and used once, with its act`(kind: StoreKind) async throws {
        let books = try await Self.staffed(kind)
        let ledger = books.books
        let id = try await ledger.ask(Self.request(), by: Self.ann)
        await refuses("people.approval.open") { try await perform(ledger, Self.use(id)) }
        await refuses("people.approval.same") { try await ledger.give(id, by: Self.ann, station: "console-1") }
        try await ledger.give(id, by: Self.bob, station: "console-2", answer: "seen")
        await refuses("people.approval.answered") {
            try await ledger.give(id, by: Self.bob, station: "console-2")
        }
        for other in [
            Self.use(id, .destroy), Self.use(id, .release, "id1:B2"),
            Self.use(id, .release, "id1:B1", Bytes(repeating: 1, count: 32)),
        ] {
            await refuses("people.approval.other") { try await perform(ledger, other) }
        }
        // an act that is about something else does not use it
        await refuses("people.approval.other") {
            try await perform(
                ledger, Self.use(id), [.note(kind: "test.done", subjects: ["id1:B9"], facts: [:])])
        }
        try await ledger.add(Person(id: PersonID("eve"), name: "Eve", roles: [.supervisor]), by: "setup")
        await refuses("people.approval.stranger") { try await perform(ledger, Self.use(id), by: PersonID("eve")) }
        #expect(try await books.count("journal WHERE kind = 'test.done'") == 0)
        try await perform(ledger, Self.use(id))
        await refuses("people.approval.used") { try await perform(ledger, Self.use(id)) }
        #expect(try await books.count("journal WHERE kind = 'test.done'") == 1)
        let found = try #require(try await ledger.read(ApprovalsQuery(.id(id), now: WallTime(microseconds: 1))).first)
        #expect(found.state == .used && found.people?.first == "Ann (ann)" && found.people?.second == "Bob (bob)")
        let refusals = try await ledger.read(PersonActsQuery(.item(id.rawValue))).map(\.act.refusal)
        #expect(refusals == ["people.approval.answered", nil, "people.approval.same"])
        _ = try await ledger.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `an approval expires, needs a role, and dies with a person who leaves`(kind: StoreKind) async throws {
        let books = try await Self.staffed(kind)
        let ledger = books.books
        await refuses("people.approval.expired") {
            _ = try await ledger.ask(Self.request(expires: WallTime(microseconds: 1)), by: Self.ann)
        }
        let back = try await ledger.ask(Self.request(), by: Self.bob)
        await refuses("people.approval.role") { try await ledger.give(back, by: Self.ann, station: "console-1") }
        try await ledger.refuse(back, by: Self.ann, station: "console-1", answer: "no")
        let now = SystemTime().wall()
        let short = try await ledger.ask(
            Self.request(expires: WallTime(microseconds: now.microseconds + 3_600_000_000)), by: Self.ann)
        #expect(try await ledger.read(ApprovalsQuery(.open, now: now)).map(\.id) == [short])
        try await ledger.give(short, by: Self.bob, station: "console-2")
        let late = Books(
            store: ledger.store, keys: books.keys,
            time: JumpingTime(wall: "2099-01-01T00:00:00Z"))
        await refuses("people.approval.expired") { try await perform(late, Self.use(short)) }
        try await ledger.change(
            Person(id: Self.bob, name: "Bob", roles: [.supervisor], isActive: false), by: "setup")
        await refuses("people.inactive") { try await perform(ledger, Self.use(short)) }
        _ = try await ledger.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `the two of an approval are the two that the rows name`(kind: StoreKind) async throws {
        let books = try await Self.staffed(kind)
        let ledger = books.books
        let lot = LotID(stock: "id1", lot: "L")
        try await ledger.change(.holdLot(lot, reason: "doubt"), by: "ann")
        let digest = ApprovalRequest.digest(of: ["lot": "L"])
        let id = try await ledger.ask(Self.request("L", digest: digest), by: Self.ann)
        try await ledger.give(id, by: Self.bob, station: "console-2")
        let acting = ledger.acting(Self.act(item: "L"), approval: Self.use(id, .release, "L", digest))
        await refuses("people.approval.people") {
            try await acting.change(.releaseLot(lot, reason: "fine", try TwoPeople("Ann", "Eve")), by: "ann")
        }
        try await acting.change(.releaseLot(lot, reason: "fine", try TwoPeople("Bob (bob)", "ann")), by: "ann")
        #expect(try await books.count("lot WHERE hold IS NULL") == 1)
        _ = try await ledger.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `the store itself refuses one's own approval and a second use`(kind: StoreKind) async throws {
        let books = try await Self.staffed(kind)
        let ledger = books.books
        let id = try await ledger.ask(Self.request(), by: Self.ann)
        let given = "UPDATE approval SET given_by = ?, answered = asked WHERE approval = ?"
        await #expect(throws: failure("ledger.rule")) {
            try await books.sql(given, [.text("ann"), .text(id.rawValue)])
        }
        let used = """
            INSERT INTO approval_use (approval, action, item, digest, expires, given_by, used_by, wall)
            SELECT approval, action, ?, digest, expires, 'bob', 'ann', asked FROM approval
            """
        await #expect(throws: failure("ledger.rule")) { try await books.sql(used, [.text("id1:B1")]) }
        try await ledger.give(id, by: Self.bob, station: "console-2")
        await #expect(throws: failure("ledger.rule")) { try await books.sql(used, [.text("id1:B2")]) }
        try await perform(ledger, Self.use(id))
        await #expect(throws: failure("ledger.rule")) { try await books.sql(used, [.text("id1:B1")]) }
    }

    @Test(arguments: StoreKind.allCases)
    func `two who use one approval at the same time do one act`(kind: StoreKind) async throws {
        let books = try await Self.staffed(kind)
        let other = try await books.again()
        let id = try await books.books.ask(Self.request(), by: Self.ann)
        try await books.books.give(id, by: Self.bob, station: "console-2")
        async let first = won(books.books, id, Self.ann)
        async let second = won(other, id, Self.bob)
        let wins = try await [first, second]
        #expect(wins.count(where: { $0 }) == 1)
        #expect(try await books.count("journal WHERE kind = 'test.done'") == 1)
    }

    private func won(_ books: Books, _ id: ApprovalID, _ person: PersonID) async throws -> Bool {
        while true {
            do throws(SakkError) {
                try await perform(books, Self.use(id), by: person)
                return true
            } catch {
                // the other one was not given a processor for the five seconds that a file is waited for: nothing was done
                if error.code == "ledger.busy" { continue }
                #expect(error.code == "people.approval.used")
                return false
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `restored books know no credential and no approval of before`(kind: StoreKind) async throws {
        let books = try await Self.staffed(kind)
        try await books.books.setCredential(.password(scrypt: "x"), of: Self.ann, by: "setup")
        let id = try await books.books.ask(Self.request(), by: Self.ann)
        try await books.books.give(id, by: Self.bob, station: "console-2")
        let backup = books.folder.appendingPathComponent("backup.db").path
        try await books.books.backup(to: backup)
        let restored = try await Books.restore(
            backup, to: books.folder.appendingPathComponent("restored.db").path, keys: books.keys, time: SystemTime(),
            by: "test")
        #expect(try await restored.credentials(of: Self.ann).isEmpty)
        #expect(try await restored.read(PeopleQuery()).count == 2)
        await refuses("people.approval.expired") { try await perform(restored, Self.use(id)) }
        _ = try await restored.verify()
    }

    @Test(arguments: StoreKind.allCases)
    func `books of the format before get the new tables and keep what they have`(kind: StoreKind) async throws {
        let books = try await ConformanceBooks(kind)
        try await books.intake(1...2)
        let additions = try #require(Schema.additions(from: 3, .sqlite)).compactMap(PostgresDialect.tableMade)
        for table in additions.reversed() { try await books.sql("DROP TABLE \(table)") }
        try await books.sql("UPDATE meta SET version = 3")
        let again = try await books.again()
        try await again.add(Person(id: Self.ann, name: "Ann", roles: [.operator]), by: "setup")
        #expect(try await books.count("production") == 2)
        _ = try await again.verify()
    }
}
