public import Ground
import Ledger
public import Records
public import Stations

/// What a pull brought.
public struct PullCount: Sendable, Equatable {
    public var items = 0
    public var taken = 0
    public var known = 0
    public var refused = 0
    public init() {}
}

/// Brings records from a source into the books and tells the source what is durable.
///
/// Order of a page: pull, verify, commit (records and cursor), acknowledge. A crash between two steps repeats the page;
/// the ledger's idempotence makes that harmless. A page whose acknowledgement fails is not passed: it is tried again.
public actor Puller {
    private let source: any RecordSource
    private let reader: RecordImport
    private let intake: any RecordIntake
    private let standing: (any RecordStanding)?
    private let retry: RetryPolicy
    private let tell: @Sendable (SourceVerdict) -> Void
    /// The page that ends here is acknowledged, whatever the ledger still says.
    private var acknowledged: String?

    /// - Parameters:
    ///   - standing: asked for each record before it is taken; a withdrawn one is refused (`record.withdrawn`), and
    ///     while standing cannot be known nothing is taken.
    ///   - tell: hears of each item, after its commit.
    public init(
        source: any RecordSource, reader: RecordImport, intake: any RecordIntake, standing: (any RecordStanding)?,
        retry: RetryPolicy = RetryPolicy(), tell: @escaping @Sendable (SourceVerdict) -> Void = { _ in }
    ) {
        self.source = source
        self.reader = reader
        self.intake = intake
        self.standing = standing
        self.retry = retry
        self.tell = tell
    }

    /// Pulls until the source has no more for now.
    public func drain() async throws(SakkError) -> PullCount {
        var count = PullCount()
        while try await page(into: &count), !Task.isCancelled {}
        return count
    }

    /// Pulls for ever: what passes by itself is told and tried again, anything else ends it with the error.
    public func run(
        everyMilliseconds: Int, report: @Sendable (Result<PullCount, SakkError>) -> Void
    ) async throws(SakkError) {
        while !Task.isCancelled {
            do throws(SakkError) {
                let count = try await drain()
                if count.items > 0 { report(.success(count)) }
            } catch {
                guard WebFailure.passes(error) || error.suspendsForStanding || error.code == "ledger.busy" else {
                    throw error
                }
                report(.failure(error))
            }
            await source.waitForNews(atMost: everyMilliseconds)
        }
    }

    /// One page. True when there is more at once.
    private func page(into count: inout PullCount) async throws(SakkError) -> Bool {
        let position = PullPosition(try await intake.place(of: source.name))
        let (page, from) = try await pull(from: position)
        try FaultPoint.pass("source.pulled")
        guard !page.items.isEmpty || page.next != position.after else {
            if position.again != nil, let next = page.next { try await settle(next) }
            return false
        }
        guard page.next == nil || page.next != from || !page.more else {
            throw SakkError(
                "source.stuck", source: source.name, text: "The source gives a page and stays where it was.",
                remedy: "Ask the keeper of the source: its cursor must move with each page.")
        }
        var sorting = PageSorting(source: source.name)
        for item in page.items { try await read(item, into: &sorting) }
        let place = page.next.map {
            SourcePlace(
                source: source.name, value: PullPosition(after: $0, again: PullPosition.Again(after: from)).text)
        }
        try await intake.note(sorting.problems, from: source.name)
        let groups = sorting.groups
        if !groups.isEmpty || place != nil {
            sorting.settle(try await intake.take(groups, place: place))
        }
        try FaultPoint.pass("source.committed")
        let verdicts = sorting.verdicts
        for verdict in verdicts {
            count.items += 1
            count.taken += verdict.taken
            count.known += verdict.known
            count.refused += verdict.refused.count
            tell(verdict)
        }
        let acknowledgement = Acknowledgement(verdicts: verdicts, cursor: page.next)
        try await retry.run { [source] () async throws(SakkError) in try await source.acknowledge(acknowledgement) }
        try FaultPoint.pass("source.acknowledged")
        guard let next = page.next else { return page.more }
        acknowledged = next
        if !page.more { try await settle(next) }
        return page.more
    }

    /// The last page for now is acknowledged: the next start need not pull it again.
    private func settle(_ cursor: String) async throws(SakkError) {
        let settled = PullPosition(after: cursor, again: nil)
        _ = try await intake.take([], place: SourcePlace(source: source.name, value: settled.text))
        try FaultPoint.pass("source.settled")
    }

    private func pull(from position: PullPosition) async throws(SakkError) -> (SourcePage, from: String?) {
        func ask(_ cursor: String?) async throws(SakkError) -> SourcePage {
            try await retry.run { [source] () async throws(SakkError) in try await source.pull(after: cursor) }
        }
        guard let again = position.again, acknowledged == nil || acknowledged != position.after else {
            return (try await ask(position.after), position.after)
        }
        do throws(SakkError) {
            return (try await ask(again.after), again.after)
        } catch {
            // the page is committed; a source that forgot where it began can still go on behind it
            guard error.code == "web.cursor.gone" else { throw error }
            return (try await ask(position.after), position.after)
        }
    }

    private func read(_ item: SourceItem, into sorting: inout PageSorting) async throws(SakkError) {
        let reading = reader.read(item.content, name: item.id)
        var problems = reading.problems
        var standingRecords: [AcceptedRecord] = []
        for record in reading.accepted {
            if let problem = try await objection(to: record) {
                problems.append(problem)
            } else {
                standingRecords.append(record)
            }
        }
        sorting.add(item, batch: reading.batchID, accepted: standingRecords, problems: problems)
    }

    private func objection(to record: AcceptedRecord) async throws(SakkError) -> RecordProblem? {
        guard let standing else { return nil }
        func problem(_ code: SakkError.Code, _ reason: String) -> RecordProblem {
            RecordProblem(recordName: record.name, code: code, reason: reason)
        }
        do throws(SakkError) {
            switch try await standing.standing(of: record.productionID) {
            case .valid: return nil
            case .withdrawn(let reason):
                return problem("record.withdrawn", "the authority withdrew the approval: \(reason)")
            }
        } catch {
            guard error.code == "record.standing.unknown" else { throw error }
            return problem(error.code, "whoever is asked about standing does not know this production")
        }
    }
}
