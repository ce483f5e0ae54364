public import Ledger

extension LineCommand.Word {
    /// Whether PackML lets the command begin where the cell is: what a page offers. The controller decides.
    public func hasPlace(in state: PackMLState) -> Bool { CellMachine.allows(self, in: state) }
}
