public import USBTransport

/// What one Evolis-language printer model is like; filled from `devices/evolis-esc/*.yaml`.
public struct EvolisConfiguration: Sendable {
    /// USB vendor id, 0x0F49 for the maker's own devices.
    public var vendorID: UInt16
    /// Serial number of the machine that is meant.
    public var serial: String
    /// Answer to `Rtp` (firmware-spec F4).
    public var model: String
    /// Firmware versions that were tried; another one is refused in Production.
    public var knownFirmware: [String]
    /// Whether a firmware that is not listed is refused.
    public var refusesUnknownFirmware: Bool
    /// Bitmap: pixels in a line, and lines (P3).
    public var rasterWidth: Int
    public var rasterHeight: Int
    /// Ribbon that the line's product needs, for example `ymckok` (I4).
    public var ribbon: String
    /// Answer to a question.
    public var commandTimeoutMS: Int
    /// Answer to a movement.
    public var moveTimeoutMS: Int
    /// Answer to `Sp`.
    public var panelTimeoutMS: Int
    /// Bytes a USB transfer takes at most.
    public var chunkBytes: Int
    /// Some machines answer a stray `OK` in place of a number (S3): ask again.
    public var straysOK: Bool

    /// The command that gives the status words, where somebody knows it; nil leaves it to the sensors.
    public var statusCommand: String?

    /// What departs from the book on its USB side, beside `chunkBytes`.
    public var quirks = USBQuirks()

    public init(
        vendorID: UInt16, serial: String, model: String, knownFirmware: [String], refusesUnknownFirmware: Bool,
        rasterWidth: Int, rasterHeight: Int, ribbon: String, commandTimeoutMS: Int, moveTimeoutMS: Int,
        panelTimeoutMS: Int, chunkBytes: Int, straysOK: Bool
    ) {
        self.vendorID = vendorID
        self.serial = serial
        self.model = model
        self.knownFirmware = knownFirmware
        self.refusesUnknownFirmware = refusesUnknownFirmware
        self.rasterWidth = rasterWidth
        self.rasterHeight = rasterHeight
        self.ribbon = ribbon
        self.commandTimeoutMS = commandTimeoutMS
        self.moveTimeoutMS = moveTimeoutMS
        self.panelTimeoutMS = panelTimeoutMS
        self.chunkBytes = chunkBytes
        self.straysOK = straysOK
    }
}
