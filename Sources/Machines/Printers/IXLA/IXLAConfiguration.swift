/// What one booklet laser is like; filled from `devices/ixla-xml/*.yaml` and the line's file.
public struct IXLAConfiguration: Sendable {
    /// An IPv4 address.
    public var host: String
    public var port: UInt16
    /// On the type plate; the names of the camera's patterns begin with it (V6 to V8).
    public var serial: String
    public var model: String
    public var knownFirmware: [String]
    public var refusesUnknownFirmware: Bool
    /// The panel that it is given.
    public var imageWidth: Int
    public var imageHeight: Int
    public var dpi: Int
    /// Names of places (M1).
    public var stacker: String
    public var laser: String
    public var reject: String
    /// A pattern that is seen less clearly is not seen.
    public var leastPercent: Int
    /// A page that lies further away is not engraved; thousandths of a millimetre.
    public var mostOffset: Int
    public var commandTimeoutMS: Int
    public var moveTimeoutMS: Int
    public var markTimeoutMS: Int
    public var readyTimeoutMS: Int
    public var decimalComma: Bool

    public init(
        host: String, port: UInt16, serial: String, model: String, knownFirmware: [String],
        refusesUnknownFirmware: Bool, imageWidth: Int, imageHeight: Int, dpi: Int, stacker: String, laser: String,
        reject: String, leastPercent: Int, mostOffset: Int, commandTimeoutMS: Int, moveTimeoutMS: Int,
        markTimeoutMS: Int, readyTimeoutMS: Int, decimalComma: Bool
    ) {
        self.host = host
        self.port = port
        self.serial = serial
        self.model = model
        self.knownFirmware = knownFirmware
        self.refusesUnknownFirmware = refusesUnknownFirmware
        self.imageWidth = imageWidth
        self.imageHeight = imageHeight
        self.dpi = dpi
        self.stacker = stacker
        self.laser = laser
        self.reject = reject
        self.leastPercent = leastPercent
        self.mostOffset = mostOffset
        self.commandTimeoutMS = commandTimeoutMS
        self.moveTimeoutMS = moveTimeoutMS
        self.markTimeoutMS = markTimeoutMS
        self.readyTimeoutMS = readyTimeoutMS
        self.decimalComma = decimalComma
    }

    /// V6 to V8.
    public var emptyPattern: String { serial + "-empty" }
    public var dataPattern: String { serial + "-data-" }
    public var numberPattern: String { serial + "-number" }
}
