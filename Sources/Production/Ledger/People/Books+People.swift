public import Ground
import Stations

extension Books {
    /// These books in the hand of a person: each transaction begins with the row "person did X to Y at station Z", and
    /// uses the approval, which therefore is used up exactly when the act is done. Rows that name two people must name
    /// the two of the approval.
    ///
    /// An act with an approval is one transaction. Errors beside those of the act: `people.approval.*`.
    public func acting(_ act: PersonAct, approval: ApprovalUse? = nil) -> Books {
        Books(store: store, vault: vault, time: time, acting: Acting(act: act, approval: approval))
    }

    /// What a page did or showed, when nothing else changes; a refused attempt too.
    public func did(_ act: PersonAct) async throws(SakkError) {
        _ = try await people(by: act.person?.rawValue ?? "") { books in
            try books.append([PeopleChange.did(act).entry], to: .people, epoch: 0, actor: act.person?.rawValue ?? "")
        }
    }

    /// `people.known`, `people.form`.
    public func add(_ person: Person, by actor: String) async throws(SakkError) {
        try Books.check(person, store.source)
        try await people(by: actor) { books in
            let known = try books.session.row(
                "SELECT 1 FROM person WHERE person = ?", [.text(person.id.rawValue)])
            guard known == nil else { throw books.projector.refusal("people.known", person.id.rawValue) }
            try books.append([PeopleChange.add(person).entry], to: .people, epoch: 0, actor: actor)
        }
    }

    /// Name, roles, language, active or not. Who is no longer active loses what proves him: it does not come back with
    /// him. `people.unknown`, `people.form`.
    public func change(_ person: Person, by actor: String) async throws(SakkError) {
        try Books.check(person, store.source)
        try await people(by: actor) { books in
            let known = try books.session.row(
                "SELECT 1 FROM person WHERE person = ?", [.text(person.id.rawValue)])
            guard known != nil else { throw books.projector.refusal("people.unknown", person.id.rawValue) }
            if !person.isActive {
                try books.removeCredentials(of: person.id, kinds: Credential.Kind.allCases, by: actor)
            }
            try books.append([PeopleChange.change(person).entry], to: .people, epoch: 0, actor: actor)
        }
    }

    /// A password replaces the one before, a certificate is one more. `people.unknown`, `people.inactive`,
    /// `people.credential.known`.
    public func setCredential(
        _ credential: Credential, of person: PersonID, isOneTime: Bool = false, expires: WallTime? = nil,
        by actor: String
    ) async throws(SakkError) {
        let tag = try vault.credentialTag(credential, of: person)
        try await people(by: actor) { books in
            let row = try books.session.row(
                "SELECT active FROM person WHERE person = ?", [.text(person.rawValue)])
            guard let row else { throw books.projector.refusal("people.unknown", person.rawValue) }
            guard try row.integer("active") == 1 else {
                throw books.projector.refusal("people.inactive", person.rawValue)
            }
            if credential.kind == .password { try books.removeCredentials(of: person, kinds: [.password], by: actor) }
            let known = try books.session.row("SELECT 1 FROM credential WHERE tag = ?", [.blob(tag)])
            guard known == nil else { throw books.projector.refusal("people.credential.known", person.rawValue) }
            try books.append(
                [
                    JournalEntry(
                        "credential.set", [person.rawValue],
                        [
                            "kind": .string(credential.kind.rawValue), "tag": .string(tag.hex),
                            "once": isOneTime ? .bool(true) : .null, "by": .string(actor),
                            "expires": expires.map { .integer($0.microseconds) } ?? .null,
                        ])
                ], to: .people, epoch: 0, actor: actor)
            try books.session.execute(
                "INSERT INTO verifier (tag, verifier) VALUES (?,?)", [.blob(tag), .text(credential.verifier)])
        }
    }

    /// All of these kinds; none is no error.
    public func removeCredentials(
        of person: PersonID, kinds: [Credential.Kind] = Credential.Kind.allCases, by actor: String
    ) async throws(SakkError) {
        _ = try await people(by: actor) { books in
            try books.removeCredentials(of: person, kinds: kinds, by: actor)
        }
        try await store.scrub()
    }

    /// Takes one certificate back. `people.credential.none` when it is not this person's.
    public func removeCertificate(_ sha256: Bytes, of person: PersonID, by actor: String) async throws(SakkError) {
        let tag = try vault.credentialTag(.certificate(sha256: sha256), of: person)
        try await people(by: actor) { books in
            guard try books.removeCredentials(of: person, kinds: [.certificate], tag: tag, by: actor) > 0 else {
                throw books.projector.refusal("people.credential.none", person.rawValue)
            }
        }
        try await store.scrub()
    }

    /// What proves an active person, as it lies in the store; empty for anybody else. `people.credential.changed` when a
    /// verifier is not the one that was set.
    public func credentials(of person: PersonID) async throws(SakkError) -> [StoredCredential] {
        let rows = try await store.read { session in
            try session.rows(
                """
                SELECT c.*, v.verifier FROM credential c JOIN verifier v ON v.tag = c.tag
                JOIN person p ON p.person = c.person AND p.active = 1 WHERE c.person = ? ORDER BY c.since
                """, [.text(person.rawValue)])
        }
        return try rows.map { row throws(SakkError) in try stored(row) }
    }

    /// Whose certificate this is; nil for one that nobody has.
    public func person(certificate sha256: Bytes) async throws(SakkError) -> PersonID? {
        let tag = try vault.credentialTag(.certificate(sha256: sha256), of: PersonID(""))
        let row = try await store.read { session in
            try session.row(
                """
                SELECT c.*, v.verifier FROM credential c JOIN verifier v ON v.tag = c.tag
                JOIN person p ON p.person = c.person AND p.active = 1 WHERE c.tag = ? AND c.kind = 'certificate'
                """, [.blob(tag)])
        }
        guard let row else { return nil }
        return try stored(row).person
    }

    private func stored(_ row: SQLRow) throws(SakkError) -> StoredCredential {
        let (stored, tag) = try LedgerFailure.mapping(source: store.source) {
            guard let credential = Credential(try row.text("kind"), try row.text("verifier")) else {
                throw SQLFailure.shape("verifier")
            }
            let stored = StoredCredential(
                person: PersonID(try row.text("person")), credential: credential,
                isOneTime: try row.integer("once") == 1,
                expires: row.optionalInteger("expires").map { WallTime(microseconds: $0) },
                since: WallTime(microseconds: try row.integer("since")), setBy: try row.text("set_by"))
            return (stored, try row.blob("tag"))
        }
        guard try vault.credentialTag(stored.credential, of: stored.person) == tag else {
            let words = PeopleRefusal.words["people.credential.changed"]
            throw SakkError(
                "people.credential.changed", source: store.source, subject: stored.person.rawValue,
                text: words?.text ?? "", remedy: words?.remedy ?? "")
        }
        return stored
    }

    private static func check(_ person: Person, _ source: String) throws(SakkError) {
        guard person.id.isWellFormed, !TwoPeople.plain(person.name).isEmpty, !person.roles.isEmpty else {
            let words = PeopleRefusal.words["people.form"]
            throw SakkError(
                "people.form", source: source, subject: person.id.rawValue, text: words?.text ?? "",
                remedy: words?.remedy ?? "")
        }
    }

    /// One transaction at the log of the people.
    func people<Value: Sendable>(by actor: String, _ body: @escaping @Sendable (BooksWriter) throws -> Value)
        async throws(SakkError) -> Value
    {
        try await write { books in
            try books.ensure(.people)
            _ = try books.epoch(of: .people)
            return try body(books)
        }
    }
}

extension BooksWriter {
    /// How many there were; of one `tag` only where it is named.
    @discardableResult
    func removeCredentials(of person: PersonID, kinds: [Credential.Kind], tag only: Bytes? = nil, by actor: String)
        throws -> Int
    {
        let words = Set(kinds.map(\.rawValue))
        var count = 0
        for row in try session.rows(
            "SELECT tag, kind FROM credential WHERE person = ? ORDER BY since, tag", [.text(person.rawValue)])
        where words.contains(try row.text("kind")) {
            let tag = try row.blob("tag")
            guard only == nil || only == tag else { continue }
            count += 1
            try session.execute("DELETE FROM verifier WHERE tag = ?", [.blob(tag)])
            try append(
                [
                    JournalEntry(
                        "credential.removed", [person.rawValue],
                        ["kind": .string(try row.text("kind")), "tag": .string(tag.hex), "by": .string(actor)])
                ], to: .people, epoch: 0, actor: actor)
        }
        return count
    }
}

extension RecordVault {
    /// A password's is its person's own; a certificate's is the same whoever claims it, so that it belongs to one.
    func credentialTag(_ credential: Credential, of person: PersonID) throws(SakkError) -> Bytes {
        let owner = credential.kind == .password ? person.rawValue : ""
        return try numberTag(space: "sakk.credential/\(credential.kind.rawValue)/\(owner)", number: credential.verifier)
    }
}
