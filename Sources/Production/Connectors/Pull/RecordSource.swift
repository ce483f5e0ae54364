public import Ground
public import Records

/// One thing that a source hands over: a signed record, or a batch of them (tar).
public struct SourceItem: Sendable {
    /// What the source calls it: a record's id, a file's name, a row's key. Never a person's name.
    public let id: String
    /// CMS SignedData in DER, or a batch.
    public let content: Bytes
    /// The batch that the source counts a single record to; nil when it does not say.
    public let batch: BatchID?

    public init(id: String, content: Bytes, batch: BatchID? = nil) {
        self.id = id
        self.content = content
        self.batch = batch
    }
}

/// What a source has behind a cursor.
public struct SourcePage: Sendable {
    public let items: [SourceItem]
    /// The source's own words for the place behind the last item; nil when the source keeps no cursor (a folder).
    public let next: String?
    /// There is more to be had at once.
    public let more: Bool

    public init(items: [SourceItem], next: String?, more: Bool) {
        self.items = items
        self.next = next
        self.more = more
    }
}

/// What became of an item once the ledger had it on disk.
public struct SourceVerdict: Sendable {
    public let id: String
    /// Records that are in the queue because of this item.
    public let taken: Int
    /// Records that were here before.
    public let known: Int
    /// One line for each thing that is wrong.
    public let refused: [RecordProblem]

    public init(id: String, taken: Int, known: Int, refused: [RecordProblem]) {
        self.id = id
        self.taken = taken
        self.known = known
        self.refused = refused
    }

    /// Something of it is in the queue.
    public var isTaken: Bool { taken + known > 0 }
}

/// What a source is told about a page: only what is durable here.
public struct Acknowledgement: Sendable {
    public let verdicts: [SourceVerdict]
    /// Behind this everything is known to the ledger.
    public let cursor: String?

    public init(verdicts: [SourceVerdict], cursor: String?) {
        self.verdicts = verdicts
        self.cursor = cursor
    }
}

/// A place that approved records are pulled from: at least once. That a record is made once is the ledger's business.
///
/// Whatever is told twice, in another order, or again after months changes nothing here; whatever is acknowledged was
/// committed before. Acknowledging the same page twice must be harmless for the source as well.
public protocol RecordSource: Sendable {
    /// Stands in the ledger beside the cursor and in errors.
    var name: String { get }
    /// What lies behind `cursor`; nil: from the beginning.
    func pull(after cursor: String?) async throws(SakkError) -> SourcePage
    func acknowledge(_ acknowledgement: Acknowledgement) async throws(SakkError)
    /// Comes back when there may be something new, at the latest after `limitMilliseconds`, at once when cancelled.
    func waitForNews(atMost limitMilliseconds: Int) async
    /// What the last pull saw and left alone, by name: for the person who wonders where a file stays.
    var waiting: [String] { get async }
}

extension RecordSource {
    public var waiting: [String] { get async { [] } }

    public func waitForNews(atMost limitMilliseconds: Int) async {
        try? await Task.sleep(for: .milliseconds(limitMilliseconds))
    }
}
