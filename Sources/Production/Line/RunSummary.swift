public import Ground
public import Ledger

/// How one cell's part of a run ended.
public struct CellSummary: Sendable, Hashable {
    public let cell: CellID
    /// As in `RunSummary`; `aborted` for a cell that was left out, because its devices could not be claimed, or that
    /// ended in an error of its own.
    public let state: PackMLState
    public let done: Int
    public let rejects: Int
    public let held: Int
    public let code: String?
    public let text: String
    public let remedy: String

    public init(
        cell: CellID, state: PackMLState, done: Int, rejects: Int, held: Int, code: String?, text: String,
        remedy: String
    ) {
        self.cell = cell
        self.state = state
        self.done = done
        self.rejects = rejects
        self.held = held
        self.code = code
        self.text = text
        self.remedy = remedy
    }

    /// A cell that did not run to an end of its own.
    init(cell: CellID, failed error: SakkError) {
        self.init(
            cell: cell, state: .aborted, done: 0, rejects: 0, held: 0, code: error.code.rawValue, text: error.text,
            remedy: error.remedy)
    }
}

/// How a run ended: the sums of all cells, and state and words of the cell that most needs a person.
public struct RunSummary: Sendable, Hashable {
    /// `complete` (queue empty or target reached), `stopped` (asked to), `held` or `suspended` (a person is needed),
    /// `aborted` (a cell could not work at all).
    public let state: PackMLState
    public let done: Int
    public let rejects: Int
    public let held: Int
    public let code: String?
    public let text: String
    public let remedy: String
    /// In the order of the configuration.
    public let cells: [CellSummary]

    public init(cells: [CellSummary]) {
        let gravity: [PackMLState] = [.aborted, .held, .suspended, .stopped]
        let worst = gravity.lazy.compactMap { state in cells.first { $0.state == state } }.first ?? cells.first
        state = worst?.state ?? .complete
        done = cells.reduce(0) { $0 + $1.done }
        rejects = cells.reduce(0) { $0 + $1.rejects }
        held = cells.reduce(0) { $0 + $1.held }
        code = worst?.code
        text = worst?.text ?? ""
        remedy = worst?.remedy ?? ""
        self.cells = cells
    }
}
