import GRDB
import Ground

/// Turns what a store says into words for the person at the machine.
enum LedgerFailure {
    static func mapping<Value>(source: String, _ body: () throws -> Value) throws(SakkError) -> Value {
        do {
            return try body()
        } catch {
            throw words(error, source: source)
        }
    }

    static func words(_ error: any Error, source: String) -> SakkError {
        if let error = error as? SakkError { return error }
        if let error = error as? SQLFailure { return describe(error, source: source) }
        if let error = error as? DatabaseError { return describe(SQLiteSession.failure(error), source: source) }
        return SakkError(
            "ledger.store", source: source, outcome: .unknown, text: "The ledger failed in an unexpected way.",
            remedy: "Stop the line and call the engineer.")
    }

    static func describe(_ failure: SQLFailure, source: String) -> SakkError {
        func make(_ code: SakkError.Code, _ text: String, _ remedy: String) -> SakkError {
            SakkError(
                code, source: source, native: failure.native, outcome: failure.inDoubt ? .unknown : .notDone,
                text: text, remedy: remedy)
        }
        switch failure.kind {
        case .busy:
            return make(
                "ledger.busy", "Another program holds the ledger.",
                "End the other program (for a file: see which one with `fuser`) and try again.")
        case .corrupt:
            return make(
                "ledger.corrupt", "The ledger is damaged or is no ledger.",
                "Stop the line, keep the ledger as it is, and restore the last backup beside it.")
        case .unwritable:
            return make(
                "ledger.unwritable", "The ledger cannot be written.",
                "Check that the disk is whole and has free space and that the ledger belongs to this user; then start again."
            )
        case .away:
            return make(
                "ledger.away", "The database server does not answer.",
                "Check the server and the network; the line goes on by recovery when it is back.")
        case .rule:
            // the detail names columns and constraints, never values
            return make(
                "ledger.rule", "The store refused a change that breaks a rule: \(failure.detail).",
                "Stop the line and call the engineer: two acts claim the same record, blank or chip.")
        case .other:
            return make("ledger.store", "The ledger failed.", "Stop the line and call the engineer.")
        }
    }
}
