import Ground

extension Projector {
    static let shiftKinds: Set<String> = ["shift.opened", "shift.counted", "shift.supplies", "shift.closed"]

    func shift(_ entry: JournalEntry, _ at: Stamp) throws {
        switch entry.kind {
        case "shift.opened": try open(entry, at)
        case "shift.counted": try count(entry, at)
        case "shift.supplies": try supplies(entry, at)
        default: try close(entry, at)
        }
    }

    private func open(_ entry: JournalEntry, _ at: Stamp) throws {
        let shift = SQLValue.text(try entry.subject(0))
        let line = SQLValue.text(try entry.subject(1))
        try session.later(
            """
            INSERT INTO shift (shift, line, factory_day, name, opened, opened_by, carried_in) VALUES (?,?,?,?,?,?,?)
            """,
            [
                shift, line, .text(try entry.text("factory_day")), .text(try entry.text("name")), .integer(at.wall),
                .text(try entry.text("person")), .integer(try entry.integer("carried_in")),
            ])
        for cell in try entry.texts("cells") {
            try session.later("INSERT INTO shift_cell (shift, cell) VALUES (?,?)", [shift, .text(cell)])
        }
        let carried = try session.execute(
            """
            INSERT INTO shift_blank (shift, blank, came)
            SELECT CAST(? AS TEXT), blank, 'carried' FROM blank
            WHERE line = ? AND account IN ('line','cell','held','quarantine')
            """, [shift, line])
        guard Int64(carried) == (try entry.integer("carried_in")) else {
            throw rule("The shift does not carry in what the books hold.", try entry.subject(0))
        }
    }

    private func count(_ entry: JournalEntry, _ at: Stamp) throws {
        let shift = try entry.subject(0)
        let cell = SQLValue.text(try entry.subject(1))
        let number = try entry.integer("number")
        let person = try entry.text("person")
        let last = try session.row(
            "SELECT number, person FROM shift_count WHERE shift = ? AND cell = ? ORDER BY number DESC LIMIT 1",
            [.text(shift), cell])
        try follows(last, number, person, shift)
        try session.later(
            """
            INSERT INTO shift_count (shift, cell, number, person, wall, hopper, good, reject, held, hopper_expected,
              good_expected, reject_expected, held_expected) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
            """,
            [.text(shift), cell, .integer(number), .text(person), .integer(at.wall)]
                + CountedPlace.allCases.map { .integer(try entry.integer($0.rawValue)) }
                + CountedPlace.allCases.map { .integer(try entry.integer("\($0.rawValue)_expected")) })
    }

    private func follows(_ last: SQLRow?, _ number: Int64, _ person: String, _ shift: String) throws {
        guard number == (last?.optionalInteger("number") ?? 0) + 1 else {
            throw rule("A count does not replace another.", shift)
        }
        // who has seen the difference could type the figure that is wanted
        guard TwoPeople.plain(person) != TwoPeople.plain(last?.optionalText("person") ?? "") else {
            throw SakkError(
                "shift.count.same", source: source, subject: shift, text: "The same person counted this before.",
                remedy: "Let somebody else count it again.")
        }
    }

    private func supplies(_ entry: JournalEntry, _ at: Stamp) throws {
        let shift = try entry.subject(0)
        let number = try entry.integer("number")
        let person = try entry.text("person")
        let last = try session.row(
            "SELECT number, person FROM shift_supply WHERE shift = ? ORDER BY number DESC LIMIT 1", [.text(shift)])
        try follows(last, number, person, shift)
        try session.later(
            "INSERT INTO shift_supply (shift, number, person, wall, seen, expected) VALUES (?,?,?,?,?,?)",
            [
                .text(shift), .integer(number), .text(person), .integer(at.wall),
                .text(try entry.texts("seen").joined(separator: " ")),
                .text(try entry.texts("expected").joined(separator: " ")),
            ])
    }

    private func close(_ entry: JournalEntry, _ at: Stamp) throws {
        let name = try entry.subject(0)
        if entry.body["first"] != nil { try two(entry) }
        try session.later(
            """
            UPDATE shift_blank SET fate = (
              SELECT \(ShiftFate.sql) FROM blank b JOIN shift s ON s.shift = shift_blank.shift
              WHERE b.blank = shift_blank.blank)
            WHERE shift = ?
            """, [.text(name)])
        for fate in ShiftFate.allCases {
            let row = try session.row(
                "SELECT COUNT(*) AS n FROM shift_blank WHERE shift = ? AND fate = ?",
                [.text(name), .text(fate.rawValue)])
            guard try row?.integer("n") == (try entry.integer(fate.rawValue)) else {
                throw rule("The shift does not close on what the books hold (\(fate.rawValue)).", name)
            }
        }
        try one(
            """
            UPDATE shift SET closed = ?, closed_by = ?, taken = ?, good = ?, spoiled = ?, sample = ?, setup = ?,
              returned = ?, carried_out = ?, missing = ?, incident = ?, first = ?, second = ?, supplies_missing = ?
            WHERE shift = ? AND closed IS NULL
            """,
            [.integer(at.wall), .text(try entry.text("person")), .integer(try entry.integer("taken"))]
                + [ShiftFate.good, .spoiled, .sample, .setup, .returned, .carried, .missing].map {
                    .integer(try entry.integer($0.rawValue))
                }
                + [
                    .optional(entry.body["incident"]?.string), .optional(entry.body["first"]?.string),
                    .optional(entry.body["second"]?.string),
                    .text(try entry.texts("supplies_missing").joined(separator: " ")), .text(name),
                ], else: "The shift is closed.", name)
    }
}
