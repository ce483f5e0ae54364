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
            "line.card.swapped", "line.clearance", "line.binding.wrong",
        ].contains(code) || code?.hasPrefix("booklet.") == true
    }

    /// Where PackML lets a command begin (ISA-TR88.00.02, state model); what is not a state command is done where
    /// nothing moves.
    static func allows(_ word: LineCommand.Word, in state: PackMLState) -> Bool {
        switch word {
        case .start: state == .idle
        case .hold: state == .execute
        case .unhold: state == .held
        case .stop: ![.stopping, .stopped, .aborting, .aborted, .clearing].contains(state)
        case .abort: ![.aborting, .aborted].contains(state)
        case .clear: state == .aborted
        case .reset: [.stopped, .complete].contains(state)
        // an ended run is reset on the way
        case .mode: mayChangeMode(state) || state == .complete
        case .clearance: [.held, .stopped, .idle, .complete].contains(state)
        case .settle: true
        }
    }

    static let abortAsked: SakkError.Code = "line.abort.asked"
    static let holdAsked = "line.hold.asked"

    /// Causes outside the cell (PackML: Suspended); all else is inside (Held).
    static func isExternal(_ code: SakkError.Code) -> Bool {
        [
            "line.stock.empty", "printer.hopper.empty", "printer.feeder.empty", "printer.output.full",
            "printer.reject.full",
            "record.standing.old", "record.standing.unreachable",
        ]
        .contains(code.rawValue)
    }

    /// What the cell was last cleared for; nil until its first record.
    private(set) var batch: String?
    private(set) var product: String?
    private(set) var mode: UnitMode = .production

    /// Passes through the acting states to the last one, which carries the words.
    private mutating func enter(
        _ states: [PackMLState], _ code: String? = nil, _ text: String = "", _ remedy: String = ""
    ) -> [Change] {
        self.code = code
        self.text = text
        self.remedy = remedy
        return states.map { next in
            state = next
            return .unit(
                UnitState(
                    state: next, mode: mode, code: code, text: text, remedy: remedy, product: product, batch: batch))
        }
    }

    /// Modes change only where nothing moves (PackML's unit mode manager).
    static func mayChangeMode(_ state: PackMLState) -> Bool { [.stopped, .idle, .aborted].contains(state) }

    /// What the books say: the state before this run, and how the last cards ended.
    mutating func restore(_ unit: UnitState, _ ends: RecentEnds) {
        state = unit.state
        mode = unit.mode
        product = unit.product
        batch = unit.batch
        // a hold's code stays until a look left no doubt: it says that a hand may have been in the machine
        code = unit.code
        text = unit.text
        remedy = unit.remedy
        window = Array(ends.window.suffix(limits.rejectWindow))
        deadInRow = ends.deadInRow
    }

    /// `state` is where the cell is: nothing moves there.
    mutating func change(mode new: UnitMode, in state: PackMLState) -> [Change] {
        mode = new
        return enter([state], code, text, remedy)
    }

    mutating func takes(batch new: String?) -> [Change] {
        batch = new
        return enter([state], code, text, remedy)
    }

    /// The acting state in which the cell is looked at. A state that a crash left behind is Aborted.
    mutating func begins(after before: PackMLState) -> [Change] {
        product = limits.product
        let states: [PackMLState] =
            switch before {
            case .held: [.unholding]
            case .suspended: [.unsuspending]
            case .complete, .stopped: [.resetting]
            case .idle: [.starting]
            default: [.aborted, .clearing]
            }
        return enter(states, code, text, remedy)
    }

    mutating func acknowledged(by actor: String, code: String?) -> [Change] {
        window = []
        deadInRow = 0
        return [
            .note(
                kind: "machine.acknowledged", subjects: [actor],
                facts: ["code": .string(code ?? ""), "cell": .string(limits.cell.rawValue)])
        ]
    }

    /// After a look that left no doubt.
    mutating func started() -> [Change] {
        switch state {
        case .clearing, .aborted: enter([.stopped, .resetting, .idle, .starting, .execute])
        case .resetting: enter([.idle, .starting, .execute])
        case .execute: []
        default: enter([.execute])
        }
    }
    mutating func completed() -> [Change] {
        enter([.completing, .complete], nil, "The queue is empty or the target is reached.")
    }
    mutating func stopped() -> [Change] { enter([.stopping, .stopped], nil, "Stopped as asked.") }
    /// After a look at an aborted cell that left no doubt.
    mutating func cleared() -> [Change] { enter([.stopped], nil, "Looked at: nothing is in doubt.") }
    mutating func reset() -> [Change] { enter([.resetting, .idle]) }
    /// The hopper and the machine were emptied for another product or batch.
    mutating func emptied(by person: String) -> [Change] {
        product = limits.product
        batch = nil
        return enter([state], nil, "Emptied and counted by \(person).", "Load the blanks and let the cell go on.")
    }
    /// The cell cannot say any more what it did, or was told to let go of everything.
    mutating func aborted(_ error: SakkError) -> [Change] {
        enter([.aborting, .aborted], error.code.rawValue, error.text, error.remedy)
    }

    mutating func failed(_ error: SakkError) -> [Change] {
        guard error.code != CellMachine.abortAsked else { return aborted(error) }
        return enter(
            CellMachine.isExternal(error.code) ? [.suspending, .suspended] : [.holding, .held], error.code.rawValue,
            error.text, error.remedy)
    }

    mutating func hold(_ code: String, _ text: String, _ remedy: String) -> [Change] {
        enter([.holding, .held], code, text, remedy)
    }

    /// Counts the card; a list of changes when the cell must hold now.
    mutating func ended(_ end: CardEnd) -> [Change] {
        switch end {
        case .produced:
            deadInRow = 0
            return count(reject: false)
        case .heldCard(Books.heldByPerson):
            // a person's word says nothing about the stream of cards
            deadInRow = 0
            return []
        case .spoiled, .heldCard:
            deadInRow = 0
            return count(reject: true)
        case .deadOnArrival:
            deadInRow += 1
            guard deadInRow >= limits.rejectsInRow else { return [] }
            return enter(
                [.holding, .held], "line.dead.row", "\(deadInRow) blanks in a row have a dead chip.",
                "Check the encoder with a good card, or take this lot of blanks away; then go on.")
        case .holdCell(let code, let text, let remedy): return enter([.holding, .held], code, text, remedy)
        }
    }

    private mutating func count(reject: Bool) -> [Change] {
        window.append(reject)
        if window.count > limits.rejectWindow { window.removeFirst() }
        if window.suffix(limits.rejectsInRow).count(where: \.self) >= limits.rejectsInRow {
            return enter(
                [.holding, .held], "line.rejects.row", "\(limits.rejectsInRow) cards in a row were rejected.",
                "Look at the rejected cards and at the reasons in the report, remove the cause, then go on.")
        }
        let rejects = window.count(where: \.self)
        if reject, rejects >= limits.rejectsInWindow {
            return enter(
                [.holding, .held], "line.rejects.window", "\(rejects) of the last \(window.count) cards were rejected.",
                "Look at the rejected cards and at the reasons in the report, remove the cause, then go on.")
        }
        return []
    }
}
