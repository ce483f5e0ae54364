public import Ground

/// Whose a shift is, and which cells are counted; nothing of what the books expect.
public struct ShiftStateQuery: LedgerQuery {
    public struct ShiftState: Sendable, Hashable {
        public let line: LineID
        public let isOpen: Bool
        public let carriedIn: Int
        public let cells: [CellID]
        public let counted: [CellID]
        /// Cells, and `supplies` when ribbons or films are at the line and not counted.
        public let notCounted: [String]
    }
    public let shift: ShiftID
    public init(_ shift: ShiftID) { self.shift = shift }

    public func answer(_ books: BooksReader) throws -> ShiftState {
        let reader = ShiftBooks(books: books)
        let state = try reader.state(shift)
        return ShiftState(
            line: state.line, isOpen: state.isOpen, carriedIn: state.carriedIn,
            cells: try reader.cells(shift, state.line), counted: try reader.last(shift).keys.sorted(),
            notCounted: try reader.notCounted(shift, state.line))
    }
}

/// The open shift of a line.
public struct OpenShiftQuery: LedgerQuery {
    public let line: LineID
    public init(line: LineID) { self.line = line }
    public func answer(_ books: BooksReader) throws -> ShiftID? {
        try books.row("SELECT shift FROM shift WHERE line = ? AND closed IS NULL", [.text(line.rawValue)])
            .map { ShiftID(try $0.text("shift")) }
    }
}

/// Counted against expected. Throws `shift.count.first` until every cell of the shift was counted.
public struct ShiftComparisonQuery: LedgerQuery {
    public struct Comparison: Sendable, Hashable {
        public let cells: [Cell]
        /// Cards that must be named to close.
        public let toName: [Named]
        /// What lies in the hoppers.
        public let hoppers: [SerialRange]
        /// nil when no ribbon or film was at the line.
        public let supplies: Supplies?
    }
    public struct Supplies: Sendable, Hashable {
        public let person: String
        public let seen: [ConsumableID]
        public let expected: [ConsumableID]
    }
    public struct Cell: Sendable, Hashable {
        public let cell: CellID
        public let person: String
        /// Which count of this cell, from 1.
        public let number: Int
        public let counted: PlaceCounts
        public let expected: PlaceCounts
    }
    public struct Named: Sendable, Hashable {
        public let blank: BlankID
        public let account: Account
        public let cell: CellID
        public let person: String?
        public let place: String?
    }

    public let shift: ShiftID
    public init(_ shift: ShiftID) { self.shift = shift }

    public func answer(_ books: BooksReader) throws -> Comparison {
        let reader = ShiftBooks(books: books)
        let state = try reader.state(shift)
        let last = try reader.counted(shift, state.line)
        let cards = try reader.cards(
            shift, state.line, where: "b.account IN ('line','cell','held','quarantine')")
        return Comparison(
            cells: last.sorted { $0.key < $1.key }.map { cell, count in
                Cell(
                    cell: cell, person: count.person, number: count.number, counted: count.counted,
                    expected: count.expected)
            },
            toName: cards.filter(\.mustBeNamed).map {
                Named(
                    blank: $0.blank, account: $0.account, cell: $0.cell, person: $0.custody?.person,
                    place: $0.custody?.place)
            },
            hoppers: SerialRange.compact(
                cards.filter(\.isInHopper).map { card in
                    String(card.blank.rawValue.drop { $0 != ":" }.dropFirst())
                }),
            supplies: try reader.supplies(shift).map {
                Supplies(person: $0.person, seen: $0.seen, expected: $0.expected)
            })
    }
}

/// A closed shift.
public struct ShiftReportQuery: LedgerQuery {
    public struct ShiftReport: Sendable, Hashable {
        public let shift: ShiftID
        public let line: LineID
        public let factoryDay: String
        public let openedAt: WallTime
        public let openedBy: String
        public let closedAt: WallTime
        public let closedBy: String
        public let balance: ShiftBalance
        public let incident: String?
        public let people: [String]
        public let missing: [BlankID]
        public let missingSupplies: [ConsumableID]
        /// Handed on, by name; who has them and where as the books say now.
        public let carried: [CarriedCard]
    }

    public let shift: ShiftID
    public init(_ shift: ShiftID) { self.shift = shift }

    /// nil while the shift is open.
    public func answer(_ books: BooksReader) throws -> ShiftReport? {
        _ = try ShiftBooks(books: books).state(shift)
        let key = [SQLValue.text(shift.rawValue)]
        guard let row = try books.row("SELECT * FROM shift WHERE shift = ? AND closed IS NOT NULL", key) else {
            return nil
        }
        let cards = try books.rows(
            """
            SELECT x.blank, x.fate, c.person, c.place FROM shift_blank x LEFT JOIN custody c ON c.blank = x.blank
            WHERE x.shift = ? AND x.fate IN ('missing','carried') ORDER BY x.blank
            """, key)
        return ShiftReport(
            shift: shift, line: LineID(try row.text("line")), factoryDay: try row.text("factory_day"),
            openedAt: WallTime(microseconds: try row.integer("opened")), openedBy: try row.text("opened_by"),
            closedAt: WallTime(microseconds: try row.integer("closed")), closedBy: try row.text("closed_by"),
            balance: ShiftBalance(
                carriedIn: try row.count("carried_in"), taken: try row.count("taken"),
                fates: [
                    .good: try row.count("good"), .spoiled: try row.count("spoiled"), .sample: try row.count("sample"),
                    .setup: try row.count("setup"), .returned: try row.count("returned"),
                    .carried: try row.count("carried_out"), .missing: try row.count("missing"),
                ]), incident: row.optionalText("incident"),
            people: ["first", "second"].compactMap { row.optionalText($0) },
            missing: try cards.filter { $0.optionalText("fate") == "missing" }.map { BlankID(try $0.text("blank")) },
            missingSupplies: (row.optionalText("supplies_missing") ?? "").split(separator: " ").map {
                ConsumableID(String($0))
            },
            carried: try cards.compactMap { card in
                guard let person = card.optionalText("person") else { return nil }
                return CarriedCard(
                    blank: BlankID(try card.text("blank")), person: person, place: card.optionalText("place") ?? "")
            })
    }
}
