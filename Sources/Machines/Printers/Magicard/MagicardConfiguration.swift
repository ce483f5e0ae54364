public import Stations
public import USBTransport

/// What one printer of the Magicard family is like; filled from `devices/magicard/*.yaml`.
public struct MagicardConfiguration: Sendable {
    public var vendorID: UInt16
    /// Answer to `PID` (firmware-spec Q3).
    public var productID: UInt16
    /// Serial number of the machine that is meant.
    public var serial: String
    public var model: String
    public var knownFirmware: [String]
    public var refusesUnknownFirmware: Bool
    /// A plane, upright: dots of a row, and rows (P4).
    public var rasterWidth: Int
    public var rasterHeight: Int
    /// The panels that it is given, lying (P6).
    public var imageWidth: Int
    public var imageHeight: Int
    /// Ribbon that the line's product needs (P7).
    public var ribbon: String
    /// What its one chip station is: contact or contactless.
    public var chipStation: PrinterStation
    public var commandTimeoutMS: Int
    public var moveTimeoutMS: Int
    public var panelTimeoutMS: Int
    public var chunkBytes: Int
    /// Whether the port status means something on this model (F9).
    public var trustsPortStatus: Bool

    /// What departs from the book on its USB side, beside `chunkBytes`.
    public var quirks = USBQuirks()

    public init(
        vendorID: UInt16, productID: UInt16, serial: String, model: String, knownFirmware: [String],
        refusesUnknownFirmware: Bool, rasterWidth: Int, rasterHeight: Int, imageWidth: Int, imageHeight: Int,
        ribbon: String, chipStation: PrinterStation, commandTimeoutMS: Int, moveTimeoutMS: Int, panelTimeoutMS: Int,
        chunkBytes: Int, trustsPortStatus: Bool
    ) {
        self.vendorID = vendorID
        self.productID = productID
        self.serial = serial
        self.model = model
        self.knownFirmware = knownFirmware
        self.refusesUnknownFirmware = refusesUnknownFirmware
        self.rasterWidth = rasterWidth
        self.rasterHeight = rasterHeight
        self.imageWidth = imageWidth
        self.imageHeight = imageHeight
        self.ribbon = ribbon
        self.chipStation = chipStation
        self.commandTimeoutMS = commandTimeoutMS
        self.moveTimeoutMS = moveTimeoutMS
        self.panelTimeoutMS = panelTimeoutMS
        self.chunkBytes = chunkBytes
        self.trustsPortStatus = trustsPortStatus
    }
}
