import Ground
import Ledger
import Records
import Stations

/// Sorts the records of a page into groups for intake and remembers which item each came from.
struct PageSorting {
    private struct Entry {
        let id: String
        var taken = 0
        var known = 0
        var problems: [RecordProblem]
    }

    private struct Key: Hashable {
        let batch: BatchID
        let authority: String
        let product: String
        /// 0 for the first record of a production, 1 for its repetition in the same page, and so on: a group never
        /// holds a production twice.
        let round: Int
    }

    private let source: String
    private var entries: [Entry] = []
    private var keys: [Key] = []
    private var records: [Key: [(entry: Int, record: AcceptedRecord)]] = [:]
    private var rounds: [ProductionID: Int] = [:]

    init(source: String) { self.source = source }

    mutating func add(_ item: SourceItem, batch: BatchID?, accepted: [AcceptedRecord], problems: [RecordProblem]) {
        entries.append(Entry(id: item.id, problems: problems))
        for accepted in accepted {
            let record = accepted.record
            let round = rounds[accepted.productionID, default: 0]
            rounds[accepted.productionID] = round + 1
            let key = Key(
                batch: batch ?? item.batch ?? dayBatch(record), authority: record.authority, product: record.product,
                round: round)
            if records[key] == nil { keys.append(key) }
            records[key, default: []].append((entries.count - 1, accepted))
        }
    }

    /// In the order of their first records, repetitions last.
    var groups: [IntakeGroup] { orderedKeys.map(group) }

    /// Every problem found before intake.
    var problems: [RecordProblem] { entries.flatMap(\.problems) }

    /// - Parameter outcomes: of `groups`, in their order.
    mutating func settle(_ outcomes: [[IntakeOutcome]]) {
        for (key, outcomes) in zip(orderedKeys, outcomes) {
            for ((entry, record), outcome) in zip(records[key, default: []], outcomes) {
                switch outcome {
                case .taken: entries[entry].taken += 1
                case .known: entries[entry].known += 1
                case .refused(let error):
                    entries[entry].problems.append(
                        RecordProblem(
                            recordName: record.name, field: error.subject ?? "", code: error.code, reason: error.text))
                }
            }
        }
    }

    var verdicts: [SourceVerdict] {
        entries.map { SourceVerdict(id: $0.id, taken: $0.taken, known: $0.known, refused: $0.problems) }
    }

    private var orderedKeys: [Key] {
        (0...(keys.map(\.round).max() ?? 0)).flatMap { round in keys.filter { $0.round == round } }
    }

    private func group(_ key: Key) -> IntakeGroup {
        IntakeGroup(
            batch: key.batch, authority: key.authority, product: key.product,
            records: records[key, default: []].map(\.record))
    }

    /// Records that come one by one are counted by the day of their approval, so that the same record lands in the same
    /// batch however often and in whatever company it comes.
    private func dayBatch(_ record: ApprovedRecord) -> BatchID {
        BatchID("\(source)-\(record.approvedAt.date.iso8601)-\(record.authority)-\(record.product)")
    }
}
