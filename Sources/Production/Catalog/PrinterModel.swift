public import Ground

/// A printer model: `devices/<family>/*.yaml`. A further model of a family that is known here needs no code.
public struct PrinterModel: Sendable {
    public enum Family: String, Sendable, CaseIterable {
        case evolis = "evolis-esc"
        case xid = "g-printec-xid"
        case magicard
        case ixla = "ixla-xml"
    }

    /// What departs from the book on its USB side.
    public struct USBSide: Sendable, Hashable {
        /// A send that ends on a whole packet is ended by an empty one.
        public var zeroLengthPacket = false
        /// The system's own driver is not put back at the end.
        public var noReattach = false
        /// The alternate setting is left as it is.
        public var keepsSetting = false
        /// Wait before the device is given back.
        public var closeDelayMS = 0

        public init() {}
    }

    /// What only a booklet laser has.
    public struct Laser: Sendable, Hashable {
        public let dpi: Int
        /// Names of places in the machine's language.
        public let stacker: String
        public let laser: String
        public let reject: String
        /// A pattern that its camera sees less clearly is not seen.
        public let leastCorrelationPercent: Int
        /// A page that lies further away is not engraved; thousandths of a millimetre.
        public let mostOffset: Int
        public let decimalComma: Bool
    }

    public let path: String
    public let family: Family
    public let model: String
    /// 0 where the maker's number is not published.
    public let vendorID: UInt16
    /// 0 where the model is told apart by other means.
    public let productID: UInt16
    /// USB strings that say who it is; nil where the number does.
    public let manufacturer: String?
    public let product: String?
    public let chunkBytes: Int
    public let knownFirmware: [String]
    public let refusesUnknownFirmware: Bool
    /// Formats of documents that its card path takes, for example `TD1`.
    public let formats: [String]
    public let rasterWidth: Int
    public let rasterHeight: Int
    /// Size of the panels that it is given; the raster's own where it is not told apart.
    public let imageWidth: Int
    public let imageHeight: Int
    /// The key that says that size, and the file and line where it stands.
    public let imageKey: (name: String, source: String)
    public let ribbons: [String]
    /// By which number the printer knows a ribbon; empty where it does not tell.
    public let inkTypes: [String: Int]
    public let commandTimeoutMS: Int
    public let moveTimeoutMS: Int
    public let panelTimeoutMS: Int
    public let readyTimeoutMS: Int
    /// Cards after which it must be cleaned; nil where it says so itself.
    public let cleaningAfterCards: Int?
    public let straysOK: Bool
    /// The command that gives an Evolis printer's status words; nil where nobody knows it.
    public let statusCommand: String?
    /// What its one chip station is; nil where it has one of each.
    public let chipStation: String?
    /// Whether the port status means something.
    public let trustsPortStatus: Bool
    public let usbSide: USBSide
    /// Nil for a card printer.
    public let laser: Laser?

    public init(path: String) throws(SakkError) {
        let root = try ConfigurationFile(path: path).root
        self.path = path
        let name = try root.string("family", oneOf: Family.allCases.map(\.rawValue))
        let family = Family(rawValue: name) ?? .evolis
        self.family = family
        // the folder says what its files are, so a wrong word is told before the keys of another family are missed
        let folder = path.split(separator: "/").dropLast().last.map(String.init) ?? ""
        if let other = Family(rawValue: folder), other != family {
            throw root.error("family", "is \(name), and the file lies in the folder \(folder)")
        }
        model = try root.filled("model")
        // the booklet laser hangs on the network alone
        let usb = family == .ixla ? nil : try root.node("usb")
        manufacturer = family == .xid ? try usb?.string("manufacturer") : nil
        product = family == .xid ? try usb?.string("product") : nil
        vendorID =
            family == .evolis || family == .magicard
            ? UInt16(try usb?.integer("vendor_id", in: 1...0xFFFF) ?? 0) : 0
        productID = family == .magicard ? UInt16(try usb?.integer("product_id", in: 1...0xFFFF) ?? 0) : 0
        chunkBytes = try usb?.integer("chunk_bytes", in: 512...1_048_576) ?? 0
        let firmware = try root.node("firmware")
        knownFirmware = try firmware.strings("known")
        refusesUnknownFirmware = try firmware.optionalFlag("refuse_unknown") ?? true
        guard !knownFirmware.isEmpty || !refusesUnknownFirmware else {
            throw firmware.error("known", "names no version, and another one is refused: nothing could be printed")
        }
        formats = root.has("formats") ? try root.requiredStrings("formats") : ["TD1"]
        let raster = try root.node("raster")
        rasterWidth = try raster.integer("width_px", in: 64...4096)
        rasterHeight = try raster.integer("height_px", in: 64...4096)
        if family == .ixla {
            (imageWidth, imageHeight) = (rasterWidth, rasterHeight)
        } else if family != .evolis {
            let image = try root.node("image")
            // the picture lies; so does the plane of the one family, and the other's stands upright
            let (width, height) = family == .xid ? (rasterWidth, rasterHeight) : (rasterHeight, rasterWidth)
            imageWidth = try image.integer("width_px", in: 64...width)
            imageHeight = try image.integer("height_px", in: 64...height)
        } else {
            // the raster stands upright, the picture lies
            (imageWidth, imageHeight) = (rasterHeight, rasterWidth)
        }
        let key = root.has("image") ? "image" : "raster"
        imageKey = (key, root.source(of: key))
        ribbons = try root.requiredStrings("ribbons")
        var types: [String: Int] = [:]
        if family == .xid {
            let node = try root.node("ink_types")
            for ribbon in ribbons { types[ribbon] = try node.integer(ribbon, in: 1...255) }
        }
        inkTypes = types
        let timeouts = try root.node("timeouts")
        commandTimeoutMS = try timeouts.integer("command_ms", in: 100...600_000)
        moveTimeoutMS = try timeouts.integer("move_ms", in: 100...600_000)
        panelTimeoutMS = try timeouts.integer("panel_ms", in: 100...600_000)
        readyTimeoutMS =
            family == .xid || family == .ixla ? try timeouts.integer("ready_ms", in: 100...3_600_000) : 0
        let cleaning = try root.optionalNode("cleaning")
        cleaningAfterCards = try cleaning.map { node throws(SakkError) in
            try node.integer("after_cards", in: 10...100_000)
        }
        let quirks = try root.optionalNode("quirks")
        straysOK = family == .evolis ? try quirks?.optionalFlag("stray_ok") ?? false : false
        statusCommand = family == .evolis ? try root.optionalNode("status_words")?.filled("command") : nil
        trustsPortStatus = family == .magicard ? try quirks?.optionalFlag("trust_port_status") ?? false : false
        var side = USBSide()
        if family != .ixla, let quirks {
            side.zeroLengthPacket = try quirks.optionalFlag("zero_length_packet") ?? false
            side.noReattach = try quirks.optionalFlag("no_reattach") ?? false
            side.keepsSetting = try quirks.optionalFlag("keep_setting") ?? false
            side.closeDelayMS =
                quirks.has("close_delay_ms") ? try quirks.integer("close_delay_ms", in: 0...10_000) : 0
        }
        usbSide = side
        chipStation =
            family == .magicard ? try root.string("chip_station", oneOf: ["contact", "contactless"]) : nil
        laser = family == .ixla ? try PrinterModel.laser(root, quirks) : nil
        for ribbon in ribbons where ribbon != "laser" && ribbon.contains(where: { !"ymckoup".contains($0) }) {
            throw root.error("ribbons", "names a ribbon with a panel that is none: '\(ribbon)'")
        }
        if family == .magicard {
            guard rasterWidth % 8 == 0 else { throw root.error("raster", "a row of a plane is whole bytes") }
            guard imageWidth == rasterHeight else {
                throw root.error("image", "the picture is as long as the plane is high")
            }
        }
        try root.finish()
    }

    private static func laser(
        _ root: ConfigurationNode, _ quirks: ConfigurationNode?
    ) throws(SakkError) -> Laser {
        let places = try root.node("places")
        let camera = try root.node("camera")
        let offset = try camera.number("most_offset_mm")
        guard (0.1...20).contains(offset) else { throw camera.error("most_offset_mm", "must be 0.1 to 20") }
        return Laser(
            dpi: try root.integer("resolution_dpi", in: 100...1200), stacker: try places.string("stacker"),
            laser: try places.string("laser"), reject: try places.string("reject"),
            leastCorrelationPercent: try camera.integer("least_correlation_percent", in: 50...100),
            mostOffset: Int((offset * 1000).rounded()), decimalComma: try quirks?.optionalFlag("decimal_comma") ?? false
        )
    }

    /// Refuses a product that this model cannot print, before any card is fed.
    public func check(ribbon: String, format: String, product: String) throws(SakkError) {
        guard formats.contains(format) else {
            throw SakkError(
                "printer.format", source: path, subject: product,
                text: "The product is a \(format), this model takes \(formats.joined(separator: ", ")).",
                remedy: "Choose another printer for this product.")
        }
        guard ribbons.contains(ribbon) else {
            throw SakkError(
                "printer.ribbon.other", source: path, subject: product,
                text: "The product needs a \(ribbon) ribbon, which this model does not take.",
                remedy: "Choose another printer for this product.")
        }
    }
}
