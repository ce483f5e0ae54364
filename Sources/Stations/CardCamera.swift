public import Ground

public enum PixelFormat: String, Sendable, Hashable {
    case mono8
    case rgb8
    case bayerRG8 = "bayer_rg8"
}

/// One complete frame, taken for one side of one attempt. An incomplete frame is never one of these.
public struct Frame: Sendable {
    public let attempt: AttemptID
    public let side: CardSide
    /// Frame number of the camera; two frames of one session never share it.
    public let number: UInt64
    public let width: Int
    public let height: Int
    public let format: PixelFormat
    /// Rows from the top, no padding: width*height bytes, or three times that for rgb8.
    public let pixels: Bytes

    public init(
        attempt: AttemptID, side: CardSide, number: UInt64, width: Int, height: Int, format: PixelFormat, pixels: Bytes
    ) {
        self.attempt = attempt
        self.side = side
        self.number = number
        self.width = width
        self.height = height
        self.format = format
        self.pixels = pixels
    }
}

/// The camera over the print station, software-triggered: one frame per trigger.
public protocol CardCamera: Sendable {
    func connect() async throws(SakkError)
    /// Triggers and waits for that very frame; an incomplete or late one is taken again a few times, then an error
    /// `camera.frame.incomplete` (outcome `not_done`) leads to the verdict "cannot judge".
    func capture(_ side: CardSide, for attempt: AttemptID) async throws(SakkError) -> Frame
    func disconnect() async
}
