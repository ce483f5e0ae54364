import Ground

extension Projector {
    func people(_ entry: JournalEntry, _ at: Stamp) throws {
        switch entry.kind {
        case "person.added":
            let person = try entry.subject(0)
            guard PersonID(person).isWellFormed else { throw rule("A person's id has another form.", person) }
            try session.later(
                "INSERT INTO person (person, name, active, language, since) VALUES (?,?,?,?,?)",
                [
                    .text(person), .text(try entry.text("name")), .flag(entry.body["active"] == .bool(true)),
                    .text(try entry.text("language")), .integer(at.wall),
                ])
            try roles(entry)
        case "person.changed":
            try one(
                "UPDATE person SET name = ?, active = ?, language = ? WHERE person = ?",
                [
                    .text(try entry.text("name")), .flag(entry.body["active"] == .bool(true)),
                    .text(try entry.text("language")), .text(try entry.subject(0)),
                ], else: "There is no such person.", try entry.subject(0))
            try roles(entry)
        case "person.did":
            let person = try entry.subject(0)
            try session.later(
                "INSERT INTO person_act (log, seq, person, act, item, station, code, wall) VALUES (?,?,?,?,?,?,?,?)",
                [
                    .text(at.log), .integer(at.seq), .optional(person.isEmpty ? nil : person),
                    .text(try entry.text("act")), .text(try entry.subject(1)), .text(try entry.text("station")),
                    .optional(entry.body["code"]?.string), .integer(at.wall),
                ])
        case "credential.set":
            try session.later(
                "INSERT INTO credential (tag, person, kind, once, expires, since, set_by) VALUES (?,?,?,?,?,?,?)",
                [
                    .blob(try entry.hex("tag")), .text(try entry.subject(0)), .text(try entry.text("kind")),
                    .flag(entry.body["once"] == .bool(true)), .optional(entry.body["expires"]?.integer),
                    .integer(at.wall), .text(try entry.text("by")),
                ])
        case "credential.removed":
            try one(
                "DELETE FROM credential WHERE tag = ? AND person = ?",
                [.blob(try entry.hex("tag")), .text(try entry.subject(0))], else: "There is no such credential.",
                try entry.subject(0))
        default: try approval(entry, at)
        }
    }

    private func roles(_ entry: JournalEntry) throws {
        let person = SQLValue.text(try entry.subject(0))
        try session.later("DELETE FROM person_role WHERE person = ?", [person])
        for role in try entry.texts("roles") {
            try session.later("INSERT INTO person_role (person, role) VALUES (?,?)", [person, .text(role)])
        }
    }

    // MARK: approvals

    private func approval(_ entry: JournalEntry, _ at: Stamp) throws {
        let id = try entry.subject(0)
        switch entry.kind {
        case "approval.asked":
            let person = try entry.text("by")
            try isActive(person, id)
            try session.later(
                """
                INSERT INTO approval (approval, action, item, digest, role, reason, asked_by, asked, expires)
                VALUES (?,?,?,?,?,?,?,?,?)
                """,
                [
                    .text(id), .text(try entry.text("action")), .text(try entry.subject(1)),
                    .blob(try entry.hex("digest")), .text(try entry.text("role")), .text(try entry.text("reason")),
                    .text(person), .integer(at.wall), .integer(try entry.integer("expires")),
                ])
        case "approval.given": try give(id, entry, at)
        case "approval.refused":
            try isActive(try entry.text("by"), id)
            try one(
                """
                UPDATE approval SET refused_by = ?, answered = ?, answer = ?
                WHERE approval = ? AND given_by IS NULL AND refused_by IS NULL
                """,
                [.text(try entry.text("by")), .integer(at.wall), .optional(entry.body["answer"]?.string), .text(id)],
                else: "The request is answered already or not there.", id)
        case "approval.voided":
            try one(
                "UPDATE approval SET voided = ? WHERE approval = ? AND voided IS NULL", [.integer(at.wall), .text(id)],
                else: "There is no such request.", id)
        default: try use(id, entry, at)
        }
    }

    private func give(_ id: String, _ entry: JournalEntry, _ at: Stamp) throws {
        let person = try entry.text("by")
        guard let row = try session.row("SELECT * FROM approval WHERE approval = ?", [.text(id)]) else {
            throw refusal("people.approval.unknown", id)
        }
        guard row.optionalText("given_by") == nil, row.optionalText("refused_by") == nil else {
            throw refusal("people.approval.answered", id)
        }
        guard try row.text("asked_by") != person else { throw refusal("people.approval.same", id) }
        guard at.wall <= (try row.integer("expires")), row.optionalInteger("voided") == nil else {
            throw refusal("people.approval.expired", id)
        }
        try isActive(person, id)
        let role = try session.row(
            "SELECT 1 FROM person_role WHERE person = ? AND role = ?", [.text(person), .text(try row.text("role"))])
        guard role != nil else { throw refusal("people.approval.role", id) }
        try one(
            """
            UPDATE approval SET given_by = ?, answered = ?, answer = ?
            WHERE approval = ? AND given_by IS NULL AND refused_by IS NULL
            """,
            [.text(person), .integer(at.wall), .optional(entry.body["answer"]?.string), .text(id)],
            else: "The request is answered already or not there.", id)
    }

    private func use(_ id: String, _ entry: JournalEntry, _ at: Stamp) throws {
        guard
            let row = try session.row(
                "SELECT * FROM approval WHERE approval = ?\(session.dialect.forUpdate)", [.text(id)])
        else { throw refusal("people.approval.unknown", id) }
        guard let giver = row.optionalText("given_by") else { throw refusal("people.approval.open", id) }
        guard try session.row("SELECT 1 FROM approval_use WHERE approval = ?", [.text(id)]) == nil else {
            throw refusal("people.approval.used", id)
        }
        let digest = try entry.hex("digest")
        guard try row.text("action") == entry.text("action"), try row.text("item") == entry.subject(1),
            try row.blob("digest") == digest
        else { throw refusal("people.approval.other", id) }
        let expires = try row.integer("expires")
        guard at.wall <= expires, row.optionalInteger("voided") == nil else {
            throw refusal("people.approval.expired", id)
        }
        let user = try entry.text("by")
        let asker = try row.text("asked_by")
        guard user == asker || user == giver else { throw refusal("people.approval.stranger", id) }
        // who left since does not act any more, and nothing is done on his word
        try isActive(asker, id)
        try isActive(giver, id)
        try session.later(
            """
            INSERT INTO approval_use (approval, action, item, digest, expires, given_by, used_by, wall)
            VALUES (?,?,?,?,?,?,?,?)
            """,
            [
                .text(id), .text(try entry.text("action")), .text(try entry.subject(1)), .blob(digest),
                .integer(expires), .text(giver), .text(user), .integer(at.wall),
            ])
    }

    private func isActive(_ person: String, _ subject: String) throws {
        let row = try session.row("SELECT active FROM person WHERE person = ?", [.text(person)])
        guard let row else { throw refusal("people.unknown", subject) }
        guard try row.integer("active") == 1 else { throw refusal("people.inactive", subject) }
    }

    func refusal(_ code: SakkError.Code, _ subject: String) -> SakkError {
        let words = PeopleRefusal.words[code] ?? ("This is not allowed.", "Ask the supervisor.")
        return SakkError(code, source: source, subject: subject, text: words.text, remedy: words.remedy)
    }
}

/// What happened, and what to do now.
enum PeopleRefusal {
    static let words: [SakkError.Code: (text: String, remedy: String)] = [
        "people.unknown": ("There is no such person.", "See `sakk people list`."),
        "people.known": ("There is a person of this id already.", "Take another id; an id is given once."),
        "people.inactive": ("This person does not work here any more.", "Somebody else has to do it."),
        "people.form": (
            "A person needs an id of 2 to 32 small letters, digits, '.', '_' or '-', a name and a role.",
            "Correct it and try again."
        ),
        "people.credential.known": (
            "This certificate belongs to somebody already.", "Give the person a certificate of their own."
        ),
        "people.credential.none": (
            "This certificate is not this person's.", "Look at the certificate, and at `sakk people list`."
        ),
        "people.credential.changed": (
            "What proves this person was changed in the file, and not by this program.",
            "Keep the ledger as it is and call the security officer."
        ),
        "people.approval.unknown": ("There is no such request.", "Ask again."),
        "people.approval.open": ("Nobody has approved this yet.", "A second person has to approve it."),
        "people.approval.answered": ("The request was answered already.", "Look at the answer, or ask again."),
        "people.approval.same": ("Nobody approves their own request.", "Another person has to approve it."),
        "people.approval.expired": ("The time for this has run out.", "Ask again."),
        "people.approval.role": (
            "This person has not the role that the approval needs.", "Ask somebody who has the role."
        ),
        "people.approval.used": ("The approval was used already.", "Ask again: one approval is for one act."),
        "people.approval.other": ("The approval is for another act, item or content.", "Ask for this one."),
        "people.approval.stranger": (
            "Only one of the two who agreed may do it.", "The one who asked, or the one who approved, has to do it."
        ),
        "people.approval.people": (
            "The two who agreed are not the two who are named.", "Name the one who asked and the one who approved."
        ),
    ]
}
