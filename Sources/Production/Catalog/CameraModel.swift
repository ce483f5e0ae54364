public import Ground
public import Stations

/// A camera model: `devices/gige-camera/*.yaml`.
public struct CameraModel: Sendable {
    public let path: String
    public let format: PixelFormat
    public let width: Int
    public let height: Int
    public let packetBytes: Int
    public let socketBufferBytes: Int
    public let frameTimeoutMS: Int
    public let attempts: Int
    /// Microseconds and decibels; nil leaves the camera as it is.
    public let exposureMicroseconds: Double?
    public let gainDB: Double?

    public init(path: String) throws(SakkError) {
        let root = try ConfigurationFile(path: path).root
        self.path = path
        _ = try root.string("family", oneOf: ["gige-camera"])
        let format = try root.string("pixel_format", oneOf: ["mono8", "rgb8", "bayer_rg8"])
        self.format = PixelFormat(rawValue: format) ?? .mono8
        width = try root.integer("width_px", in: 64...16384)
        height = try root.integer("height_px", in: 64...16384)
        packetBytes = try root.integer("packet_bytes", in: 576...65000)
        socketBufferBytes = try root.integer("socket_buffer_bytes", in: 65536...1_073_741_824)
        frameTimeoutMS = try root.integer("frame_timeout_ms", in: 10...60_000)
        attempts = try root.integer("attempts", in: 1...10)
        exposureMicroseconds = try root.optionalNumber("exposure_us")
        gainDB = try root.optionalNumber("gain_db")
        try root.finish()
    }
}
