import GRDB
import Ground

/// Turns what SQLite says into words for the person at the machine.
enum LedgerFailure {
    static func mapping<Value>(source: String, outcome: SakkError.Outcome, _ body: () throws -> Value)
        throws(SakkError) -> Value
    {
        do {
            return try body()
        } catch let error as SakkError {
            throw error
        } catch let error as DatabaseError {
            throw describe(error, source: source, outcome: outcome)
        } catch {
            throw SakkError(
                "ledger.store", source: source, outcome: .unknown, text: "The ledger failed in an unexpected way.",
                remedy: "Stop the line and call the engineer.")
        }
    }

    private static func describe(_ error: DatabaseError, source: String, outcome: SakkError.Outcome) -> SakkError {
        let native = SakkError.Native(kind: "sqlite", value: "\(error.extendedResultCode.rawValue)")
        func make(_ code: SakkError.Code, _ text: String, _ remedy: String) -> SakkError {
            SakkError(code, source: source, native: native, outcome: outcome, text: text, remedy: remedy)
        }
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return make(
                "ledger.busy", "Another program holds the ledger.",
                "End the other program (see which one with `fuser` on the file) and try again.")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return make(
                "ledger.corrupt", "The ledger file is damaged or is no ledger.",
                "Stop the line, keep the file as it is, and restore the last backup beside it.")
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_IOERR, .SQLITE_FULL:
            return make(
                "ledger.unwritable", "The ledger cannot be written.",
                "Check that the folder exists, belongs to this user and has free space.")
        case .SQLITE_CONSTRAINT:
            // the message names columns, never values
            return make(
                "ledger.rule", "The store refused a change that breaks a rule: \(error.message ?? "constraint").",
                "Stop the line and call the engineer: two acts claim the same record, blank or chip.")
        default:
            return make("ledger.store", "The ledger failed.", "Stop the line and call the engineer.")
        }
    }
}
