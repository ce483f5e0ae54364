public import Ground
public import Stations

/// A camera model: `devices/gige-camera/*.yaml`, `devices/uvc-camera/*.yaml`.
public struct CameraModel: Sendable {
    public enum Family: String, Sendable, CaseIterable {
        /// GigE Vision or USB3 Vision, with a software trigger; its address is an IP address or Aravis' name of a USB one.
        case gige = "gige-camera"
        /// Video for Linux; its address is a device node.
        case uvc = "uvc-camera"
        /// A folder of pictures that were taken elsewhere; its address is the folder. For training lines.
        case folder = "picture-folder"
    }

    /// A lamp on one of the camera's outputs.
    public struct Lamp: Sendable, Hashable {
        public let light: CardLight
        /// Names of GenICam: `Line1`, `UserOutput1`.
        public let line: String
        public let output: String
        /// By this light; nil: as by any other.
        public let exposureMicroseconds: Double?
        public let gainDB: Double?
        /// Until it is bright.
        public let settleMS: Int
    }

    public let path: String
    public let family: Family
    public let format: PixelFormat
    public let width: Int
    public let height: Int
    /// Of the network stream; 0 for a UVC camera.
    public let packetBytes: Int
    public let socketBufferBytes: Int
    public let frameTimeoutMS: Int
    public let attempts: Int
    /// Microseconds and decibels; nil leaves the camera as it is.
    public let exposureMicroseconds: Double?
    public let gainDB: Double?
    /// In a UVC camera's own steps.
    public let gainSteps: Int?
    /// Empty: white light burns by itself, and there is no other.
    public let lamps: [Lamp]

    /// What the station can be seen by.
    public var lights: Set<CardLight> { lamps.isEmpty ? [.white] : Set(lamps.map(\.light)) }

    public init(path: String) throws(SakkError) {
        let root = try ConfigurationFile(path: path).root
        self.path = path
        let family = try root.string("family", oneOf: Family.allCases.map(\.rawValue))
        self.family = Family(rawValue: family) ?? .gige
        if self.family == .folder {
            (format, width, height, packetBytes, socketBufferBytes) = (.rgb8, 0, 0, 0, 0)
            (frameTimeoutMS, attempts, exposureMicroseconds, gainDB, gainSteps) = (0, 1, nil, nil, nil)
            lamps = []
            try root.finish()
            return
        }
        let isNetwork = self.family == .gige
        let formats = isNetwork ? ["mono8", "rgb8", "bayer_rg8"] : ["mono8", "rgb8"]
        let format = try root.string("pixel_format", oneOf: formats)
        self.format = PixelFormat(rawValue: format) ?? .mono8
        width = try root.integer("width_px", in: 64...16384)
        height = try root.integer("height_px", in: 64...16384)
        packetBytes = isNetwork ? try root.integer("packet_bytes", in: 576...65000) : 0
        socketBufferBytes = isNetwork ? try root.integer("socket_buffer_bytes", in: 65536...1_073_741_824) : 0
        frameTimeoutMS = try root.integer("frame_timeout_ms", in: 10...60_000)
        attempts = try root.integer("attempts", in: 1...10)
        exposureMicroseconds = try root.optionalNumber("exposure_us")
        gainDB = isNetwork ? try root.optionalNumber("gain_db") : nil
        gainSteps = isNetwork ? nil : try root.optionalNumber("gain_steps").map { Int($0) }
        lamps = isNetwork ? try Self.lamps(root) : []
        try root.finish()
    }

    private static func lamps(_ root: ConfigurationNode) throws(SakkError) -> [Lamp] {
        var lamps: [Lamp] = []
        for node in try root.nodes("lights") {
            let word = try node.string("light", oneOf: CardLight.allCases.map(\.rawValue))
            let lamp = Lamp(
                light: CardLight(rawValue: word) ?? .white, line: try node.string("line"),
                output: try node.string("output"), exposureMicroseconds: try node.optionalNumber("exposure_us"),
                gainDB: try node.optionalNumber("gain_db"),
                settleMS: node.has("settle_ms") ? try node.integer("settle_ms", in: 0...5000) : 0)
            guard !lamps.contains(where: { $0.light == lamp.light }) else {
                throw node.error("light", "is that of another lamp")
            }
            guard !lamps.contains(where: { $0.line == lamp.line || $0.output == lamp.output }) else {
                throw node.error("line", "or `output` is that of another lamp")
            }
            lamps.append(lamp)
        }
        guard lamps.isEmpty || lamps.contains(where: { $0.light == .white }) else {
            throw root.error("lights", "must have a white one: every side is seen by it")
        }
        return lamps
    }
}
