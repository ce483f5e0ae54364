import Connectors
import Foundation
import Ground
import Ledger
import OpenSSLCrypto
import Records
import Seeds
import Stations
import Synchronization
import Testing

/// The seeds of the repository, records made from them, and the moment the tests take place at.
enum World {
    static let repository = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    static let now = WallTime(iso8601: "2026-06-01T00:00:00Z") ?? WallTime(microseconds: 0)
    static let product = "iq-national-id"

    struct Clock: TimeSource {
        let time: WallTime
        func wall() -> WallTime { time }
        func boot() -> BootTime { BootTime(boot: "test", microseconds: 0) }
    }

    static func folder() throws -> SeedFolder { try SeedFolder(path: repository + "/seeds") }

    private static let seeded = Result {
        try BatchSeeder(seed: 1, folder: folder()).makeRecords(product: product, count: 12)
    }

    static func records(_ count: Int) throws -> [ApprovedRecord] { Array(try seeded.get().prefix(count)) }

    static func envelope(_ record: ApprovedRecord, by name: String = "approval-signer") throws -> Bytes {
        let signer = try folder().signer(name)
        return try ApprovalEnvelope.seal(record, signer: signer.certificate, key: signer.key)
    }

    static func envelopes(_ count: Int) throws -> [Bytes] {
        try records(count).map { (record) throws in try envelope(record) }
    }

    static func batch(_ records: [ApprovedRecord], id: String = "batch-1") throws -> BatchFile {
        BatchFile(
            batchID: BatchID(id), authority: records[0].authority, created: now,
            entries: try records.enumerated().map { (index, record) throws in
                BatchFile.Entry(
                    name: "\(1000 + index).p7m", requestID: record.requestID, envelope: try envelope(record))
            })
    }

    static func importer() throws -> RecordImport {
        RecordImport(trust: [try folder().certificate("approval-ca")], time: Clock(time: now))
    }

    static func puller(
        _ source: any RecordSource, into books: any RecordIntake, standing: (any RecordStanding)? = nil,
        tries: Int = 3
    ) throws -> Puller {
        var retry = RetryPolicy()
        retry.tries = tries
        retry.pause = { _ in }
        return Puller(source: source, reader: try importer(), intake: books, standing: standing, retry: retry)
    }
}

/// Books that fit in a dictionary: they live on when the controller of a test dies.
final class PocketBooks: RecordIntake {
    struct State {
        var places: [String: String] = [:]
        var envelopes: [ProductionID: Bytes] = [:]
        var order: [ProductionID] = []
        var batches: [ProductionID: BatchID] = [:]
        var noted: [String: RecordProblem] = [:]
    }

    let state = Mutex(State())
    var order: [ProductionID] { state.withLock { $0.order } }
    var noted: [SakkError.Code] { state.withLock { $0.noted.values.map(\.code) } }

    func place(of source: String) async throws(SakkError) -> String? { state.withLock { $0.places[source] } }

    func take(_ groups: [IntakeGroup], place: SourcePlace?) async throws(SakkError) -> [[IntakeOutcome]] {
        var outcomes: [[IntakeOutcome]] = []
        for group in groups {
            // each group is a transaction of its own
            try FaultPoint.pass("books.commit")
            let last = outcomes.count == groups.count - 1
            outcomes.append(
                state.withLock { state in
                    if last, let place { state.places[place.source] = place.value }
                    return group.records.map { PocketBooks.take($0, group.batch, &state) }
                })
        }
        if groups.isEmpty, let place {
            try FaultPoint.pass("books.commit")
            state.withLock { $0.places[place.source] = place.value }
        }
        return outcomes
    }

    func note(_ refused: [RecordProblem], from source: String) async throws(SakkError) {
        state.withLock { state in for problem in refused { state.noted["\(source)/\(problem)"] = problem } }
    }

    private static func take(_ record: AcceptedRecord, _ batch: BatchID, _ state: inout State) -> IntakeOutcome {
        if let envelope = state.envelopes[record.productionID] {
            guard envelope != record.envelope else { return .known }
            return .refused(
                SakkError("record.conflict", source: "books", text: "known, with other content", remedy: "Ask."))
        }
        state.envelopes[record.productionID] = record.envelope
        state.batches[record.productionID] = batch
        state.order.append(record.productionID)
        return .taken
    }
}
