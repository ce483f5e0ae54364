public import Ground

/// A printer model: `devices/evolis-esc/*.yaml`.
public struct PrinterModel: Sendable {
    public let path: String
    public let model: String
    public let vendorID: UInt16
    public let chunkBytes: Int
    public let knownFirmware: [String]
    public let refusesUnknownFirmware: Bool
    public let rasterWidth: Int
    public let rasterHeight: Int
    public let ribbons: [String]
    public let commandTimeoutMS: Int
    public let moveTimeoutMS: Int
    public let panelTimeoutMS: Int
    public let straysOK: Bool

    public init(path: String) throws(SakkError) {
        let root = try ConfigurationFile(path: path).root
        self.path = path
        _ = try root.string("family", oneOf: ["evolis-esc"])
        model = try root.string("model")
        let usb = try root.node("usb")
        vendorID = UInt16(try usb.integer("vendor_id", in: 1...0xFFFF))
        chunkBytes = try usb.integer("chunk_bytes", in: 512...1_048_576)
        let firmware = try root.node("firmware")
        knownFirmware = try firmware.strings("known")
        refusesUnknownFirmware = try firmware.optionalFlag("refuse_unknown") ?? true
        let raster = try root.node("raster")
        rasterWidth = try raster.integer("width_px", in: 64...4096)
        rasterHeight = try raster.integer("height_px", in: 64...4096)
        ribbons = try root.requiredStrings("ribbons")
        let timeouts = try root.node("timeouts")
        commandTimeoutMS = try timeouts.integer("command_ms", in: 100...600_000)
        moveTimeoutMS = try timeouts.integer("move_ms", in: 100...600_000)
        panelTimeoutMS = try timeouts.integer("panel_ms", in: 100...600_000)
        straysOK = try root.optionalNode("quirks")?.optionalFlag("stray_ok") ?? false
        try root.finish()
    }
}
