import Ground
import Ledger

/// The state of the cell in the words of PackML (ISA-TR88.00.02), as a pure value.
///
/// ```
///   power-up -> aborted --reconciled--> idle --start--> execute --queue empty or target--> complete
///                  ^                      ^                | |\--stop--> stopping -> stopped
///                  |                      |                | \--jam, ribbon, rejects, doubt--> held
///                  \----- crash ----------+--acknowledged--/\---no blanks, box full--> suspended
/// ```
///
/// Invariants:
/// 1. Nothing is fed outside `execute`.
/// 2. `execute` is reached from `aborted`, `held` and `suspended` only over a reconciliation that left no doubt.
/// 3. A hold that asks for a person's word (`asksAPerson`) is left only by that word.
struct CellMachine: Sendable {
    private(set) var state: PackMLState = .aborted
    private(set) var code: String?
    private(set) var text = "Not reconciled yet."
    private(set) var remedy = ""

    let limits: LineConfiguration
    /// The last cards, true for a reject.
    private var window: [Bool] = []
    private var deadInRow = 0

    init(limits: LineConfiguration) { self.limits = limits }

    /// Holds that are about the stream of cards, not about one card: the same would happen again.
    static func asksAPerson(_ code: String?) -> Bool {
        [
            "line.rejects.row", "line.rejects.window", "line.dead.row", "line.card.known", "line.card.foreign",
            "line.card.swapped",
        ].contains(code)
    }

    /// Causes outside the cell (PackML: Suspended); all else is inside (Held).
    static func isExternal(_ code: SakkError.Code) -> Bool {
        [
            "line.stock.empty", "printer.hopper.empty", "printer.feeder.empty", "printer.output.full",
            "printer.reject.full",
            "record.standing.old", "record.standing.unreachable",
        ]
        .contains(code.rawValue)
    }

    private mutating func enter(_ state: PackMLState, _ code: String? = nil, _ text: String = "", _ remedy: String = "")
        -> [Change]
    {
        self.state = state
        self.code = code
        self.text = text
        self.remedy = remedy
        return [.machine(state, code: code, text: text, remedy: remedy)]
    }

    mutating func acknowledged(by actor: String, code: String?) -> [Change] {
        window = []
        deadInRow = 0
        return [.note(kind: "machine.acknowledged", subjects: [actor], facts: ["code": .string(code ?? "")])]
    }

    mutating func started() -> [Change] { enter(.execute) }
    mutating func completed() -> [Change] { enter(.complete, nil, "The queue is empty or the target is reached.") }
    mutating func stopped() -> [Change] { enter(.stopped, nil, "Stopped as asked.") }

    mutating func failed(_ error: SakkError) -> [Change] {
        enter(CellMachine.isExternal(error.code) ? .suspended : .held, error.code.rawValue, error.text, error.remedy)
    }

    mutating func hold(_ code: String, _ text: String, _ remedy: String) -> [Change] {
        enter(.held, code, text, remedy)
    }

    /// Counts the card; a list of changes when the cell must hold now.
    mutating func ended(_ end: CardEnd) -> [Change] {
        switch end {
        case .produced:
            deadInRow = 0
            return count(reject: false)
        case .spoiled, .heldCard:
            deadInRow = 0
            return count(reject: true)
        case .deadOnArrival:
            deadInRow += 1
            guard deadInRow >= limits.rejectsInRow else { return [] }
            return enter(
                .held, "line.dead.row", "\(deadInRow) blanks in a row have a dead chip.",
                "Check the encoder with a good card, or take this lot of blanks away; then go on.")
        case .holdCell(let code, let text, let remedy): return enter(.held, code, text, remedy)
        }
    }

    private mutating func count(reject: Bool) -> [Change] {
        window.append(reject)
        if window.count > limits.rejectWindow { window.removeFirst() }
        if window.suffix(limits.rejectsInRow).count(where: \.self) >= limits.rejectsInRow {
            return enter(
                .held, "line.rejects.row", "\(limits.rejectsInRow) cards in a row were rejected.",
                "Look at the rejected cards and at the reasons in the report, remove the cause, then go on.")
        }
        let rejects = window.count(where: \.self)
        if reject, rejects >= limits.rejectsInWindow {
            return enter(
                .held, "line.rejects.window", "\(rejects) of the last \(window.count) cards were rejected.",
                "Look at the rejected cards and at the reasons in the report, remove the cause, then go on.")
        }
        return []
    }
}
