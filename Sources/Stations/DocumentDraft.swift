public import Ground

/// A document whose number is that of its booklet: all that does not depend on the number is made, ahead of time.
public protocol DocumentDraft: Sendable {
    var attempt: AttemptID { get }
    /// Its `documentNumber` is empty.
    var record: ApprovedRecord { get }
    /// The rest: zone, chip files and artwork with this number.
    func complete(number: String) async throws(SakkError) -> PreparedDocument
}

/// A draft of a preparation that cannot divide its work.
struct UndividedDraft: DocumentDraft {
    let attempt: AttemptID
    let record: ApprovedRecord
    let preparation: any DocumentPreparation

    func complete(number: String) async throws(SakkError) -> PreparedDocument {
        var record = record
        record.documentNumber = number
        return try await preparation.prepare(record, for: attempt)
    }
}

extension DocumentPreparation {
    /// What can be made before the number is known; by default nothing.
    public func draft(_ record: ApprovedRecord, for attempt: AttemptID) async throws(SakkError) -> any DocumentDraft {
        UndividedDraft(attempt: attempt, record: record, preparation: self)
    }
}
