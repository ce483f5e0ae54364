public import Ground
import Stations

/// Our own account of the ribbon in a cell's printer: what the printer counted when the account was begun, and what was ordered
/// of it since.
public struct RibbonAccount: Sendable, Hashable {
    /// What the printer counts: panels over its life, cards left on the ribbon.
    public struct Reading: Sendable, Hashable {
        public var panels: Int
        public var cardsLeft: Int

        public init(panels: Int, cardsLeft: Int) {
            self.panels = panels
            self.cardsLeft = cardsLeft
        }
    }

    public var first: Reading
    public var last: Reading
    /// Prints that are known to lie on a card, and their panels.
    public var cards = 0
    public var panels = 0
    /// Prints of which nobody knows how far they came, and their panels.
    public var doubtfulCards = 0
    public var doubtfulPanels = 0

    public init(from reading: Reading) {
        first = reading
        last = reading
    }

    public mutating func ordered(_ count: Int, isProved: Bool) {
        if isProved {
            cards += 1
            panels += count
        } else {
            doubtfulCards += 1
            doubtfulPanels += count
        }
    }

    /// Cards that should be left, by our account.
    public var cardsLeft: Int { max(0, first.cardsLeft - cards - doubtfulCards) }

    public static let kind = "printer.ribbon"

    private static let fields: [(name: String, place: any WritableKeyPath<RibbonAccount, Int> & Sendable)] = [
        ("first_panels", \.first.panels), ("first_cards_left", \.first.cardsLeft), ("panels", \.last.panels),
        ("cards_left", \.last.cardsLeft), ("cards_ordered", \.cards), ("panels_ordered", \.panels),
        ("cards_doubtful", \.doubtfulCards), ("panels_doubtful", \.doubtfulPanels),
    ]

    public var facts: [String: JSONValue] {
        Dictionary(
            uniqueKeysWithValues: RibbonAccount.fields.map { ($0.name, .integer(Int64(self[keyPath: $0.place]))) })
    }

    init?(_ facts: [String: JSONValue]) {
        self.init(from: Reading(panels: 0, cardsLeft: 0))
        for (name, place) in RibbonAccount.fields {
            guard let value = facts[name]?.integer else { return nil }
            self[keyPath: place] = Int(value)
        }
    }
}

/// The account of each cell of a line as its books have it: the last row of it, and every print that was ordered since.
public struct RibbonQuery: LedgerQuery {
    public struct Row: Sendable, Hashable {
        public let cell: CellID
        public let at: WallTime
        public var account: RibbonAccount
    }

    public let line: LineID
    public init(line: LineID) { self.line = line }

    /// Rows that are looked through, from the last one: a cell tells of its ribbon every ten cards.
    private static let reach: Int64 = 20_000

    public func answer(_ books: BooksReader) throws -> [Row] {
        let log: SQLValue = .text(line.rawValue)
        let rows = try books.rows(
            """
            SELECT kind, wall, subjects, body FROM journal
            WHERE log = ? AND kind IN ('\(RibbonAccount.kind)', 'step.intent', 'step.result')
            AND seq > (SELECT max(seq) FROM journal WHERE log = ?) - ? ORDER BY seq
            """, [log, log, .integer(Self.reach)])
        var found: [CellID: Row] = [:]
        // of prints that are under way: the cell and the panels
        var open: [String: (cell: CellID, panels: Int)] = [:]
        for row in rows {
            let subjects = (try? JSONValue(parsing: try row.blob("subjects")))?.array?.compactMap(\.string) ?? []
            let body = (try? JSONValue(parsing: try row.blob("body")))?.object ?? [:]
            guard let subject = subjects.first else { continue }
            switch (try row.text("kind"), body["step"]?.string) {
            case (RibbonAccount.kind, _):
                guard let account = RibbonAccount(body) else { continue }
                let cell = CellID(subject)
                found[cell] = Row(cell: cell, at: WallTime(microseconds: try row.integer("wall")), account: account)
            case ("step.intent", Step.print.rawValue):
                guard let cell = body["cell"]?.string, let count = body["count"]?.integer else { continue }
                open[subject] = (CellID(cell), Int(count))
            case ("step.result", Step.print.rawValue):
                guard let job = open.removeValue(forKey: subject) else { continue }
                let outcome = body["outcome"]?.string.flatMap { SakkError.Outcome(rawValue: $0) } ?? .unknown
                guard outcome != .notDone else { continue }
                found[job.cell]?.account.ordered(job.panels, isProved: outcome == .done)
            default: continue
            }
        }
        for job in open.values { found[job.cell]?.account.ordered(job.panels, isProved: false) }
        return found.values.sorted { $0.cell.rawValue < $1.cell.rawValue }
    }
}
