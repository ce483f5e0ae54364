public import USBTransport

/// What one printer of the XID class is like; filled from `devices/g-printec-xid/*.yaml`.
public struct XIDConfiguration: Sendable {
    public enum Place: Sendable, Hashable {
        /// USB strings of the maker (T1); the transfers' size.
        case usb(manufacturer: String, product: String, chunkBytes: Int)
        /// The network twin (N1).
        case network(host: String, port: UInt16)
    }

    public var place: Place
    /// Serial number of the machine that is meant.
    public var serial: String
    public var model: String
    public var knownFirmware: [String]
    public var refusesUnknownFirmware: Bool
    /// A plane (P1), and the panels that it is given; the picture lies in the plane's middle.
    public var planeWidth: Int
    public var planeHeight: Int
    public var imageWidth: Int
    public var imageHeight: Int
    /// Ribbon that the line's product needs, for example `ymckk`, and the type by which the printer knows it (C13).
    public var ribbon: String
    public var inkType: UInt8
    public var commandTimeoutMS: Int
    public var moveTimeoutMS: Int
    public var panelTimeoutMS: Int
    /// How long a busy or cold printer is waited for.
    public var readyTimeoutMS: Int
    /// Cards after which it must be cleaned; nil: nobody counts.
    public var cleaningAfterCards: Int?

    /// What departs from the book on its USB side, beside the chunk.
    public var quirks = USBQuirks()

    public init(
        place: Place, serial: String, model: String, knownFirmware: [String], refusesUnknownFirmware: Bool,
        planeWidth: Int, planeHeight: Int, imageWidth: Int, imageHeight: Int, ribbon: String, inkType: UInt8,
        commandTimeoutMS: Int, moveTimeoutMS: Int, panelTimeoutMS: Int, readyTimeoutMS: Int,
        cleaningAfterCards: Int? = nil
    ) {
        self.place = place
        self.serial = serial
        self.model = model
        self.knownFirmware = knownFirmware
        self.refusesUnknownFirmware = refusesUnknownFirmware
        self.planeWidth = planeWidth
        self.planeHeight = planeHeight
        self.imageWidth = imageWidth
        self.imageHeight = imageHeight
        self.ribbon = ribbon
        self.inkType = inkType
        self.commandTimeoutMS = commandTimeoutMS
        self.moveTimeoutMS = moveTimeoutMS
        self.panelTimeoutMS = panelTimeoutMS
        self.readyTimeoutMS = readyTimeoutMS
        self.cleaningAfterCards = cleaningAfterCards
    }
}
