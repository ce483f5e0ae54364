/// Which device is meant. A bus path is never an identity: maker and serial number are.
public struct USBPrinterIdentity: Sendable, Hashable {
    /// Shape of the interface.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// USB printer class, bidirectional: 7/1/2.
        case printer
        /// Mass storage class, bulk-only transport: 8/6/80.
        case bulkOnly = "bulk-only"
    }

    /// Nil: any maker's number, when the strings say who it is.
    public let vendorID: UInt16?
    public let manufacturer: String?
    public let product: String?
    public let serial: String
    public let kind: Kind

    public init(
        vendorID: UInt16? = nil, manufacturer: String? = nil, product: String? = nil, serial: String,
        kind: Kind = .printer
    ) {
        self.vendorID = vendorID
        self.manufacturer = manufacturer
        self.product = product
        self.serial = serial
        self.kind = kind
    }
}

/// What a model's file says of its USB side, for devices that depart from the book.
public struct USBQuirks: Sendable, Hashable {
    /// Bytes of one transfer at most.
    public var chunkBytes = 65536
    /// A send that ends on a whole packet is ended by an empty one.
    public var zeroLengthPacket = false
    /// The system's own driver is not put back at the end.
    public var noReattach = false
    /// The alternate setting is left as it is.
    public var keepsSetting = false
    /// Wait before the device is given back, for those that lose their last bytes otherwise.
    public var closeDelayMS = 0

    public init(
        chunkBytes: Int = 65536, zeroLengthPacket: Bool = false, noReattach: Bool = false, keepsSetting: Bool = false,
        closeDelayMS: Int = 0
    ) {
        self.chunkBytes = chunkBytes
        self.zeroLengthPacket = zeroLengthPacket
        self.noReattach = noReattach
        self.keepsSetting = keepsSetting
        self.closeDelayMS = closeDelayMS
    }
}
