import Ground

/// What a shift's own tables and the blanks say: shared by the acts and the queries of a shift.
struct ShiftBooks {
    let books: BooksReader

    struct State {
        let line: LineID
        let isOpen: Bool
        let carriedIn: Int
    }

    struct Last {
        let number: Int
        let person: String
        let counted: PlaceCounts
        let expected: PlaceCounts
        let at: WallTime
    }

    struct Card {
        let blank: BlankID
        let account: Account
        let cell: CellID
        let custody: (person: String, place: String)?
        /// It was taken out of the good tray, to be packed.
        var isShipped = false

        /// The place where it is counted; nil for what is named only.
        var place: CountedPlace? {
            switch account {
            case .line: isInHopper ? .hopper : nil
            case .good: isShipped ? nil : .good
            case .spoiled: .reject
            case .held, .quarantine: custody == nil ? .held : nil
            default: nil
            }
        }
        /// What is named by nobody lies in a hopper, where it is counted: a blank that was issued and laid into none lies anywhere.
        var mustBeNamed: Bool {
            [.cell, .held, .quarantine].contains(account) || account == .line && !isInHopper
        }
        var isInHopper: Bool { account == .line && custody == nil && !cell.rawValue.isEmpty }
    }

    func state(_ shift: ShiftID) throws -> State {
        guard
            let row = try books.row(
                "SELECT line, closed, carried_in FROM shift WHERE shift = ?", [.text(shift.rawValue)])
        else {
            throw SakkError(
                "shift.unknown", source: books.source, subject: shift.rawValue, text: "There is no such shift.",
                remedy: "See `sakk shift list` for the shifts of the line.")
        }
        return State(
            line: LineID(try row.text("line")), isOpen: row.optionalInteger("closed") == nil,
            carriedIn: try row.count("carried_in"))
    }

    func open(_ shift: ShiftID) throws -> State {
        let state = try state(shift)
        guard state.isOpen else {
            throw SakkError(
                "shift.closed", source: books.source, subject: shift.rawValue, text: "The shift is closed.",
                remedy: "What is found now belongs to the shift that is open.")
        }
        return state
    }

    /// Cells that have cards of this shift or stand in the books.
    func cells(_ shift: ShiftID, _ line: LineID) throws -> [CellID] {
        let known = try books.rows("SELECT cell FROM cell WHERE line = ?", [.text(line.rawValue)])
        let names = try known.map { try $0.text("cell") }.filter { !$0.isEmpty }
        let said = try books.rows("SELECT cell FROM shift_cell WHERE shift = ?", [.text(shift.rawValue)])
        let figures = try expected(shift, line).keys.map(\.rawValue)
        return Set(names + figures + (try said.map { try $0.text("cell") })).sorted().map { CellID($0) }
    }

    /// What lies in the places of each cell, as the books say.
    func expected(_ shift: ShiftID, _ line: LineID) throws -> [CellID: PlaceCounts] {
        var figures: [CellID: PlaceCounts] = [:]
        for row in try books.rows(
            """
            SELECT b.account, b.hopper, b.cell, COUNT(*) AS n, COUNT(c.blank) AS named, COUNT(q.blank) AS shipped
            FROM shift_blank s JOIN blank b ON b.blank = s.blank LEFT JOIN custody c ON c.blank = b.blank
            LEFT JOIN parcel q ON q.blank = b.blank
            WHERE s.shift = ? AND b.line = ? GROUP BY b.account, b.hopper, b.cell
            """, [.text(shift.rawValue), .text(line.rawValue)])
        {
            guard let account = Account(rawValue: try row.text("account")) else { throw SQLFailure.shape("account") }
            guard let cell = ShiftBooks.cell(row) else { continue }
            let count = try row.count("n")
            switch account {
            case .line: figures[cell, default: PlaceCounts()].hopper += count - (try row.count("named"))
            case .good: figures[cell, default: PlaceCounts()].good += count - (try row.count("shipped"))
            case .spoiled: figures[cell, default: PlaceCounts()].reject += count
            case .held, .quarantine:
                figures[cell, default: PlaceCounts()].held += count - (try row.count("named"))
            default: figures[cell, default: PlaceCounts()].hopper += 0
            }
        }
        return figures
    }

    /// Cards that were loaded into a cell's hopper or left by its exits.
    private static func cell(_ row: SQLRow) -> CellID? {
        if let hopper = row.optionalText("hopper") { return CellID(hopper) }
        return row.optionalText("cell")?.split(separator: "/").last.map { CellID(String($0)) }
    }

    /// The cards of this shift that are still in the line's hands, and its good and spoiled ones.
    func cards(_ shift: ShiftID, _ line: LineID, where condition: String) throws -> [Card] {
        try books.rows(
            """
            SELECT b.blank, b.account, b.hopper, b.cell, c.person, c.place, q.blank AS shipped FROM shift_blank s
            JOIN blank b ON b.blank = s.blank LEFT JOIN custody c ON c.blank = b.blank
            LEFT JOIN parcel q ON q.blank = b.blank
            WHERE s.shift = ? AND b.line = ? AND \(condition) ORDER BY b.ordinal, b.blank
            """, [.text(shift.rawValue), .text(line.rawValue)]
        ).map { row in
            guard let account = Account(rawValue: try row.text("account")) else { throw SQLFailure.shape("account") }
            let person = row.optionalText("person")
            return Card(
                blank: BlankID(try row.text("blank")), account: account,
                cell: ShiftBooks.cell(row) ?? CellID(""),
                custody: person.map { ($0, row.optionalText("place") ?? "") },
                isShipped: row.optionalText("shipped") != nil)
        }
    }

    func last(_ shift: ShiftID) throws -> [CellID: Last] {
        var last: [CellID: Last] = [:]
        for row in try books.rows(
            "SELECT * FROM shift_count WHERE shift = ? ORDER BY number", [.text(shift.rawValue)])
        {
            last[CellID(try row.text("cell"))] = Last(
                number: try row.count("number"), person: try row.text("person"),
                counted: PlaceCounts(
                    hopper: try row.count("hopper"), good: try row.count("good"), reject: try row.count("reject"),
                    held: try row.count("held")),
                expected: PlaceCounts(
                    hopper: try row.count("hopper_expected"), good: try row.count("good_expected"),
                    reject: try row.count("reject_expected"), held: try row.count("held_expected")),
                at: WallTime(microseconds: try row.integer("wall")))
        }
        return last
    }

    /// The last count of every cell; nobody sees what the books expect before the last cell is counted.
    func counted(_ shift: ShiftID, _ line: LineID) throws -> [CellID: Last] {
        let last = try last(shift)
        let open = try notCounted(shift, line)
        guard open.isEmpty else {
            throw SakkError(
                "shift.count.first", source: books.source, subject: shift.rawValue,
                text: "Not counted yet: \(open.joined(separator: ", ")).",
                remedy: "Count hopper, good, reject and held cards of each cell (sakk shift count), and ribbons and "
                    + "films by their serials (sakk shift supplies).")
        }
        return last
    }

    /// Cells, and `supplies` when ribbons or films are at the line.
    func notCounted(_ shift: ShiftID, _ line: LineID) throws -> [String] {
        let last = try last(shift)
        let cells = try cells(shift, line).filter { last[$0] == nil }.map(\.rawValue)
        let isOwed = try supplies(shift) == nil && !suppliesHere(line).isEmpty
        return cells + (isOwed ? ["supplies"] : [])
    }

    struct Supplies {
        let number: Int
        let person: String
        let seen: [ConsumableID]
        let expected: [ConsumableID]
    }

    /// The last count of the ribbons and films.
    func supplies(_ shift: ShiftID) throws -> Supplies? {
        let row = try books.row(
            "SELECT * FROM shift_supply WHERE shift = ? ORDER BY number DESC LIMIT 1", [.text(shift.rawValue)])
        return try row.map { row in
            Supplies(
                number: try row.count("number"), person: try row.text("person"),
                seen: try row.text("seen").split(separator: " ").map { ConsumableID(String($0)) },
                expected: try row.text("expected").split(separator: " ").map { ConsumableID(String($0)) })
        }
    }

    /// Ribbons and films that the books have at the line, in the order of their names.
    func suppliesHere(_ line: LineID) throws -> [(id: ConsumableID, account: Consumable.Account)] {
        try books.rows(
            """
            SELECT consumable, account FROM consumable WHERE line = ? AND account IN ('line','mounted','spent')
            ORDER BY consumable
            """, [.text(line.rawValue)]
        ).map { row in
            guard let account = Consumable.Account(rawValue: try row.text("account")) else {
                throw SQLFailure.shape("account")
            }
            return (ConsumableID(try row.text("consumable")), account)
        }
    }

    func balance(_ shift: ShiftID, _ state: State) throws -> ShiftBalance {
        let rows = try books.rows(
            """
            SELECT \(ShiftFate.sql) AS fate, COUNT(*) AS n FROM shift_blank x JOIN blank b ON b.blank = x.blank
            JOIN shift s ON s.shift = x.shift WHERE x.shift = ? GROUP BY 1
            """, [.text(shift.rawValue)])
        var fates: [ShiftFate: Int] = [:]
        for row in rows {
            guard let fate = ShiftFate(rawValue: try row.text("fate")) else { throw SQLFailure.shape("fate") }
            fates[fate] = try row.count("n")
        }
        let came = try books.row(
            "SELECT COUNT(*) AS n FROM shift_blank WHERE shift = ? AND came <> 'carried'", [.text(shift.rawValue)])
        return ShiftBalance(carriedIn: state.carriedIn, taken: try came?.count("n") ?? 0, fates: fates)
    }
}
