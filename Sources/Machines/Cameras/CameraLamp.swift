public import Stations

/// A lamp on one of the camera's digital outputs (GenICam SFNC 2.7, chapter 8: `LineSelector`, `LineMode`, `LineSource`,
/// `UserOutputSelector`, `UserOutputValue`).
public struct CameraLamp: Sendable, Hashable {
    public var light: CardLight
    /// `Line1`: where its cable is.
    public var line: String
    /// `UserOutput1`: what switches that line.
    public var output: String
    /// By this light; nil: as by any other.
    public var exposureMicroseconds: Double?
    public var gainDB: Double?
    /// Until it is bright.
    public var settleMS: Int

    public init(
        light: CardLight, line: String, output: String, exposureMicroseconds: Double? = nil, gainDB: Double? = nil,
        settleMS: Int = 0
    ) {
        self.light = light
        self.line = line
        self.output = output
        self.exposureMicroseconds = exposureMicroseconds
        self.gainDB = gainDB
        self.settleMS = settleMS
    }
}
