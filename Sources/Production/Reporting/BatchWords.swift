import Ledger
import Stations

/// How a batch report says what the books hold as codes: states, reasons, classes and accounts.
public struct BatchWords: Sendable {
    /// As the books have it, for programs and for English terminals.
    public static let codes = BatchWords(.english) { _ in nil }

    let language: ReportLanguage
    private let text: @Sendable (String) -> String?

    /// `text` gives a reader's words for a key such as `attempt.voided`, `reason.chip.mute` or `class.urgent`; where it has
    /// none, the paper's own word stands, else the code.
    public init(_ language: ReportLanguage, text: @escaping @Sendable (String) -> String?) {
        self.language = language
        self.text = text
    }

    func callAsFunction(_ state: RecordState) -> String { word("record", state.rawValue) }
    func callAsFunction(_ state: AttemptState) -> String { word("attempt", state.rawValue) }
    func callAsFunction(_ account: Account) -> String { word("account", account.rawValue) }
    func callAsFunction(class name: String) -> String { word("class", name) }
    func callAsFunction(reason: String) -> String { text("reason.\(reason)") ?? language.value(reason) }

    func callAsFunction(_ death: ChipDeath) -> String {
        text("death.\(death.rawValue)") ?? "\(language("chip death")) \(language(death.rawValue))"
    }

    /// Where the card lies.
    func tray(_ blank: BlankReport) -> String {
        guard let exit = blank.exit else {
            return text("account.\(blank.account.rawValue)") ?? "in \(blank.account.rawValue)"
        }
        let tray = text("exit.\(exit.rawValue)") ?? "\(exit.rawValue) tray"
        return tray + (blank.place.map { "\(language.comma)\(language("card")) \($0)" } ?? "")
    }

    func blank(_ blank: BlankReport) -> String { self(reason: blank.reason) + language.comma + tray(blank) }

    private func word(_ kind: String, _ code: String) -> String { text("\(kind).\(code)") ?? language(code) }
}
