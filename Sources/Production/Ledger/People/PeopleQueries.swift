public import Ground

/// All people, in the order of their ids.
public struct PeopleQuery: LedgerQuery {
    public init() {}
    public func answer(_ books: BooksReader) throws -> [Person] {
        try books.rows("SELECT * FROM person ORDER BY person").map { try PeopleReader(books: books).person($0) }
    }
}

/// Nil for somebody who is not known.
public struct PersonQuery: LedgerQuery {
    public let id: PersonID
    public init(_ id: PersonID) { self.id = id }
    public func answer(_ books: BooksReader) throws -> Person? {
        try PeopleReader(books: books).person(id.rawValue)
    }
}

/// What proves a person: kinds and times, never the verifiers.
public struct CredentialKindsQuery: LedgerQuery {
    public struct Item: Sendable, Hashable {
        public let person: PersonID
        public let kind: Credential.Kind
        public let isOneTime: Bool
        public let expires: WallTime?
        public let since: WallTime
        public let setBy: String
    }
    public init() {}
    public func answer(_ books: BooksReader) throws -> [Item] {
        try books.rows("SELECT * FROM credential ORDER BY person, since, tag").map { row in
            guard let kind = Credential.Kind(rawValue: try row.text("kind")) else { throw SQLFailure.shape("kind") }
            return Item(
                person: PersonID(try row.text("person")), kind: kind, isOneTime: try row.integer("once") == 1,
                expires: row.optionalInteger("expires").map { WallTime(microseconds: $0) },
                since: WallTime(microseconds: try row.integer("since")), setBy: try row.text("set_by"))
        }
    }
}

/// Requests, the newest first. `now` decides which have expired.
public struct ApprovalsQuery: LedgerQuery {
    public enum Choice: Sendable, Hashable {
        case id(ApprovalID)
        /// Asked, not answered and not expired.
        case open
        case item(String)
        case all(limit: Int)
    }
    public let choice: Choice
    public let now: WallTime
    public init(_ choice: Choice, now: WallTime) {
        self.choice = choice
        self.now = now
    }

    public func answer(_ books: BooksReader) throws -> [Approval] {
        let (condition, arguments): (String, [SQLValue]) =
            switch choice {
            case .id(let id): ("a.approval = ?", [.text(id.rawValue)])
            case .open:
                (
                    "a.given_by IS NULL AND a.refused_by IS NULL AND a.voided IS NULL AND a.expires >= ?",
                    [.integer(now.microseconds)]
                )
            case .item(let item): ("a.item = ?", [.text(item)])
            case .all: ("1 = 1", [])
            }
        var tail = "ORDER BY a.asked DESC, a.approval DESC"
        if case .all(let limit) = choice { tail += " LIMIT \(limit)" }
        let reader = PeopleReader(books: books)
        return try books.rows(
            """
            SELECT a.*, u.wall AS used FROM approval a LEFT JOIN approval_use u ON u.approval = a.approval
            WHERE \(condition) \(tail)
            """, arguments
        ).map { try approval($0, reader) }
    }

    private func approval(_ row: SQLRow, _ reader: PeopleReader) throws -> Approval {
        guard let role = PersonRole(rawValue: try row.text("role")),
            let asker = try reader.person(try row.text("asked_by"))
        else { throw SQLFailure.shape("approval") }
        let expires = WallTime(microseconds: try row.integer("expires"))
        let given = row.optionalText("given_by")
        let refused = row.optionalText("refused_by")
        let used = row.optionalInteger("used").map { WallTime(microseconds: $0) }
        let state: Approval.State =
            if used != nil {
                .used
            } else if refused != nil {
                .refused
            } else if now > expires || row.optionalInteger("voided") != nil {
                .expired
            } else {
                given == nil ? .asked : .given
            }
        return Approval(
            id: ApprovalID(try row.text("approval")),
            request: ApprovalRequest(
                action: ApprovalAction(try row.text("action")), item: try row.text("item"),
                digest: try row.blob("digest"), role: role, expires: expires, reason: try row.text("reason")),
            askedBy: asker, askedAt: WallTime(microseconds: try row.integer("asked")),
            answeredBy: try (given ?? refused).flatMap { try reader.person($0) },
            answeredAt: row.optionalInteger("answered").map { WallTime(microseconds: $0) },
            answer: row.optionalText("answer"), usedAt: used, state: state)
    }
}

/// Who did or saw what, the newest first.
public struct PersonActsQuery: LedgerQuery {
    public enum Choice: Sendable, Hashable {
        case item(String)
        case person(PersonID)
        case all
    }
    public struct Row: Sendable, Hashable {
        public let act: PersonAct
        public let at: WallTime
    }
    public let choice: Choice
    public let limit: Int
    public init(_ choice: Choice, limit: Int = 200) {
        self.choice = choice
        self.limit = limit
    }

    public func answer(_ books: BooksReader) throws -> [Row] {
        let (condition, arguments): (String, [SQLValue]) =
            switch choice {
            case .item(let item): ("item = ?", [.text(item)])
            case .person(let person): ("person = ?", [.text(person.rawValue)])
            case .all: ("1 = 1", [])
            }
        return try books.rows(
            "SELECT * FROM person_act WHERE \(condition) ORDER BY seq DESC LIMIT ?", arguments + [.count(limit)]
        ).map { row in
            Row(
                act: PersonAct(
                    person: row.optionalText("person").map { PersonID($0) }, act: try row.text("act"),
                    item: try row.text("item"), station: try row.text("station"),
                    refusal: row.optionalText("code").map { SakkError.Code(rawValue: $0) }),
                at: WallTime(microseconds: try row.integer("wall")))
        }
    }
}

struct PeopleReader {
    let books: BooksReader

    func person(_ id: String) throws -> Person? {
        try books.row("SELECT * FROM person WHERE person = ?", [.text(id)]).map { try person($0) }
    }

    func person(_ row: SQLRow) throws -> Person {
        let id = try row.text("person")
        guard let language = PersonLanguage(rawValue: try row.text("language")) else {
            throw SQLFailure.shape("language")
        }
        let roles = try books.rows("SELECT role FROM person_role WHERE person = ?", [.text(id)])
            .compactMap { PersonRole(rawValue: try $0.text("role")) }
        return Person(
            id: PersonID(id), name: try row.text("name"), roles: Set(roles), isActive: try row.integer("active") == 1,
            language: language)
    }
}
