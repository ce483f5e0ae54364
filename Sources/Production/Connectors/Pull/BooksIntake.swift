public import Ground
public import Ledger
public import Records

/// The plant's books as pullers and keepers of stop-lists see them.
public struct BooksIntake: RecordIntake, StopListBooks {
    private let books: any LedgerStore
    private let actor: String
    private let prepare: @Sendable (AcceptedRecord) throws(SakkError) -> IntakeRecord

    /// - Parameters:
    ///   - actor: who is answerable in the journal.
    ///   - prepare: the record as the ledger takes it; throws `record.product` for one that is not made here.
    public init(
        _ books: any LedgerStore, actor: String,
        prepare: @escaping @Sendable (AcceptedRecord) throws(SakkError) -> IntakeRecord
    ) {
        self.books = books
        self.actor = actor
        self.prepare = prepare
    }

    public func place(of source: String) async throws(SakkError) -> String? {
        try await books.read(CursorQuery(source: source))
    }

    public func take(_ groups: [IntakeGroup], place: SourcePlace?) async throws(SakkError) -> [[IntakeOutcome]] {
        let cursor = place.map { SourceCursor(source: $0.source, value: $0.value) }
        var outcomes: [[IntakeOutcome]] = []
        for (index, group) in groups.enumerated() {
            outcomes.append(try await take(group, cursor: index == groups.count - 1 ? cursor : nil))
        }
        if groups.isEmpty, let cursor {
            // no records, no batch: the books move the cursor alone
            let none = BatchHeader(batch: BatchID("none"), authority: "", product: "")
            _ = try await books.intake([], batch: none, cursor: cursor)
        }
        return outcomes
    }

    private func take(_ group: IntakeGroup, cursor: SourceCursor?) async throws(SakkError) -> [IntakeOutcome] {
        var records: [IntakeRecord] = []
        var refused: [Int: SakkError] = [:]
        for (index, accepted) in group.records.enumerated() {
            do throws(SakkError) {
                records.append(try prepare(accepted))
            } catch {
                refused[index] = error
            }
        }
        let header = BatchHeader(batch: group.batch, authority: group.authority, product: group.product)
        let taken =
            records.isEmpty && cursor == nil ? [] : try await books.intake(records, batch: header, cursor: cursor)
        var rest = taken[...]
        return group.records.indices.map { index in
            refused[index].map { .refused($0) } ?? rest.popFirst() ?? .known
        }
    }

    public func note(_ refused: [RecordProblem], from source: String) async throws(SakkError) {
        guard !refused.isEmpty else { return }
        let notes = refused.map { problem in
            Change.note(
                kind: "record.refused", subjects: [source],
                facts: [
                    "record": .string(problem.recordName), "field": .string(problem.field),
                    "code": .string(problem.code.rawValue),
                ])
        }
        try await books.commit(Transition(plant: .queue, actor: actor, changes: notes))
    }

    public func state(of authority: String) async throws(SakkError) -> StopListState? {
        try await books.read(StopListQuery(authority: authority)).map { state in
            StopListState(number: state.number, issuedAt: state.issued, nextUpdate: state.nextUpdate)
        }
    }

    public func withdrawal(of production: ProductionID) async throws(SakkError) -> String? {
        try await books.read(StoppedQuery(production))
    }

    /// Throws `stoplist.foreign` when the list names a record of another authority.
    public func enter(_ list: StopList) async throws(SakkError) {
        let news = try await books.read(StopListNewsQuery(list: list))
        guard news.foreign.isEmpty else {
            throw SakkError(
                "stoplist.foreign", source: "stop-list", subject: list.authority,
                text: "The list withdraws \(news.foreign.count) records of other authorities.",
                remedy: "Nothing of it was taken: ask the authority for a list of its own records.")
        }
        let changes = news.fresh.map { Change.withdraw($0.production, reason: $0.reason) }
        let head = Change.stopList(
            authority: list.authority, number: list.number, issued: list.issuedAt, nextUpdate: list.nextUpdate)
        try await books.commit(Transition(plant: .queue, actor: actor, changes: [head] + changes))
    }
}

/// What of a stop-list the books do not know yet.
struct StopListNewsQuery: LedgerQuery {
    struct News: Sendable {
        var fresh: [(production: ProductionID, reason: String)] = []
        var foreign: [ProductionID] = []
    }

    let list: StopList

    func answer(_ books: BooksReader) throws -> News {
        var news = News()
        for (production, reason) in list.entries.sorted(by: { $0.key < $1.key }) {
            let name = [SQLValue.text(production.rawValue)]
            let owner = try books.row("SELECT authority FROM production WHERE production = ?", name)
            if let owner, try owner.text("authority") != list.authority {
                news.foreign.append(production)
            } else if try books.row("SELECT 1 AS one FROM stopped WHERE production = ?", name) == nil {
                news.fresh.append((production, reason))
            }
        }
        return news
    }
}
