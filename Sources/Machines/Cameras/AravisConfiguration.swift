public import Stations

/// What one GigE Vision camera is like; filled from `devices/gige-camera/*.yaml` and the line's configuration.
public struct AravisConfiguration: Sendable {
    /// Address of the camera, never found by discovery.
    public var address: String
    public var format: PixelFormat
    public var width: Int
    public var height: Int
    public var packetBytes: Int
    public var socketBufferBytes: Int
    public var frameTimeoutMS: Int
    /// How often a lost frame is taken again, the first time included.
    public var attempts: Int
    /// Nil leaves the camera as it is.
    public var exposureMicroseconds: Double?
    public var gainDB: Double?
    /// Empty: the station's white light burns by itself, and there is no other.
    public var lamps: [CameraLamp]

    public init(
        address: String, format: PixelFormat, width: Int, height: Int, packetBytes: Int, socketBufferBytes: Int,
        frameTimeoutMS: Int, attempts: Int, exposureMicroseconds: Double?, gainDB: Double?,
        lamps: [CameraLamp] = []
    ) {
        self.address = address
        self.format = format
        self.width = width
        self.height = height
        self.packetBytes = packetBytes
        self.socketBufferBytes = socketBufferBytes
        self.frameTimeoutMS = frameTimeoutMS
        self.attempts = attempts
        self.exposureMicroseconds = exposureMicroseconds
        self.gainDB = gainDB
        self.lamps = lamps
    }

    /// The station has no such lamp; white light burns by itself where none is named.
    func lacks(_ light: CardLight) -> Bool {
        lamps.isEmpty ? light != .white : !lamps.contains { $0.light == light }
    }
}
