public import Ground
public import Ledger

/// A cell's camera as the line's file has it. What it did is in the books (`CameraHealthQuery`).
public struct ServedCamera: Sendable, Hashable {
    /// The station's white reference: by it frames are evened out and balanced.
    public enum White: Sendable, Hashable {
        /// The line's file names none: frames are used as they come.
        case none
        /// When its file was written, and the field's darkest place in thousandths of its brightest.
        case taken(WallTime, evenness: Int64)
        /// The file is not there, or is none.
        case unreadable
    }

    public let cell: CellID
    /// Name of its model's file.
    public let model: String
    public let white: White

    public init(cell: CellID, model: String, white: White) {
        self.cell = cell
        self.model = model
        self.white = white
    }
}
