public import Ground

/// What a person said of a card.
public struct GivenVerdict: Sendable, Hashable {
    public let verdict: CardVerdict
    public let reason: String?
    /// Nil for "hold".
    public let weight: ReasonWeight?
    public let person: String
    public let at: WallTime
    /// It is a pass over another inspector's reject.
    public let overrides: Bool
}

/// What was said of one attempt's card, in order.
public struct VerdictsQuery: LedgerQuery {
    public let attempt: AttemptID
    public init(_ attempt: AttemptID) { self.attempt = attempt }

    public func answer(_ books: BooksReader) throws -> [GivenVerdict] {
        try books.rows("SELECT * FROM verdict WHERE attempt = ? ORDER BY seq", [.text(attempt.rawValue)]).map { row in
            guard let verdict = CardVerdict(rawValue: try row.text("verdict")) else {
                throw SQLFailure.shape("verdict")
            }
            return GivenVerdict(
                verdict: verdict, reason: row.optionalText("reason"),
                weight: row.optionalText("weight").flatMap { ReasonWeight(rawValue: $0) },
                person: try row.text("person"), at: WallTime(microseconds: try row.integer("wall")),
                overrides: row.optionalInteger("over_seq") != nil)
        }
    }
}

/// A card that waits for an inspector. No personal data.
public struct WaitingCard: Sendable {
    public let attempt: AttemptID
    public let production: ProductionID
    public let cell: CellID
    public let blank: BlankID
    /// A good document out of the good box; else the inspection could not judge it.
    public let isSample: Bool
    /// Why the machine could not judge; nil for a sample.
    public let reason: String?
    /// Its place in the tray of the reject exit, 1 the lowest.
    public let place: Int?
    public let since: WallTime
    public let verdicts: [GivenVerdict]
    /// Who has it before him, and until when nobody else is given it.
    public let holder: (person: String, until: WallTime)?

    /// Whether this person may be given it now.
    public func isFree(for person: String, at now: WallTime) -> Bool {
        guard let holder, holder.until > now else { return true }
        return TwoPeople.plain(holder.person) == TwoPeople.plain(person)
    }

    /// Whether this person may pass it: no reason of identity, chip or number, and not who rejected it.
    public func mayPass(_ person: String) -> Bool {
        guard reason.map({ ReasonWeight(reason: $0) }) ?? .print == .print else { return false }
        let hand = TwoPeople.plain(person)
        return verdicts.allSatisfy {
            $0.verdict != .reject || $0.weight == .print && TwoPeople.plain($0.person) != hand
        }
    }
}

/// The cards of a line that wait for an inspector: held ones first, each in the order in which they came.
public struct WaitingCardsQuery: LedgerQuery {
    public let line: LineID
    public init(line: LineID) { self.line = line }

    public func answer(_ books: BooksReader) throws -> [WaitingCard] {
        let held = try books.rows(
            """
            SELECT a.attempt, a.production, a.cell, a.reason, b.blank, b.account, b.place, p.since, h.person, h.until
            FROM attempt a JOIN blank b ON b.blank = a.blank JOIN production p ON p.production = a.production
            LEFT JOIN card_in_hand h ON h.attempt = a.attempt
            WHERE a.line = ? AND a.state = 'held' AND b.account = 'held' ORDER BY p.since, a.attempt
            """, [.text(line.rawValue)])
        let samples = try books.rows(
            """
            SELECT a.attempt, a.production, a.cell, a.reason, b.blank, b.account, b.place, i.placed AS since, h.person, h.until
            FROM blank b JOIN attempt a ON a.blank = b.blank JOIN production p ON p.production = a.production
            JOIN audit_item i ON i.attempt = a.attempt LEFT JOIN card_in_hand h ON h.attempt = a.attempt
            WHERE b.line = ? AND b.account = 'sample' AND a.state = 'produced'
              AND NOT EXISTS (SELECT 1 FROM audit_item j WHERE j.attempt = i.attempt AND j.audit > i.audit)
            ORDER BY i.placed, a.attempt
            """, [.text(line.rawValue)])
        return try (held + samples).map { row in
            let attempt = AttemptID(try row.text("attempt"))
            let isSample = try row.text("account") == Account.sample.rawValue
            return WaitingCard(
                attempt: attempt, production: ProductionID(try row.text("production")),
                cell: CellID(try row.text("cell")),
                blank: BlankID(try row.text("blank")), isSample: isSample,
                reason: isSample ? nil : row.optionalText("reason"),
                place: isSample ? nil : row.optionalInteger("place").map { Int($0) },
                since: WallTime(microseconds: try row.integer("since")),
                verdicts: try VerdictsQuery(attempt).answer(books),
                holder: row.optionalText("person").flatMap { person in
                    row.optionalInteger("until").map { (person, WallTime(microseconds: $0)) }
                })
        }
    }
}
