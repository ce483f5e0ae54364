import Glibc
import Ground
import Stations

/// Exit codes of `sakk` (DESIGN, section 9).
enum Exit: Int32, Error {
    case done = 0
    case rejected = 1
    case usage = 2
    case missing = 3
    case held = 4
    case breached = 5
    case internalFault = 70

    /// Ends the program. Threads of readers and machines may still run: the libraries they are in must not be taken down under
    /// them, as the end of `exit` would.
    static func leave(_ code: Int32) -> Never {
        FaultInjection.report()
        fflush(nil)
        _exit(code)
    }

    /// The code that an error which reached the top ends the program with.
    static func of(_ error: SakkError) -> Exit {
        if error.outcome == .unknown || error.suspendsForStanding { return .held }
        let code = error.code.rawValue
        let environment = [
            "reader.", "usb.", "printer.missing", "camera.", "ledger.unwritable", "ledger.busy", "ledger.corrupt",
            "artwork.font", "config.", "keys.", "file.", "web.", "source.", "outbox.", "inspection.font", "report.",
            "environment.", "printer.model", "printer.firmware", "printer.raster", "printer.format", "vault.module",
            "vault.token.missing", "vault.pin.",
            "vault.key.missing", "border.trust", "border.terminal", "ledger.backup.missing", "chip.authority.",
            "chip.fingers.",
        ]
        let content = [
            "record.", "batch.", "cms.", "cap.", "lds.", "artwork.", "image.", "envelope.", "tar.", "ledger.batch",
            "stoplist.", "stock.", "shift.", "shipping.", "dispatch.", "people.", "vault.key.exists", "vault.kcv",
            "ledger.backup.exists", "ledger.restore.", "ledger.migrate.", "ledger.forget.", "ledger.reconcile.",
        ]
        if environment.contains(where: code.hasPrefix) { return .missing }
        if content.contains(where: code.hasPrefix) { return .rejected }
        if code.hasPrefix("ledger.rule") || code.hasPrefix("ledger.journal") || code.hasPrefix("ledger.checkpoint") {
            return .breached
        }
        return .held
    }
}

/// Words for people, on stderr.
enum Words {
    static func say(_ text: String) { write(text + "\n") }

    static func write(_ text: String) {
        var bytes = Bytes(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    static var onTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
