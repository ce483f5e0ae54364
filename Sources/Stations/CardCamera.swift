public import Ground

public enum PixelFormat: String, Sendable, Hashable {
    case mono8
    case rgb8
    case bayerRG8 = "bayer_rg8"
}

/// A lamp of the station. Each shows what the others do not: white all that is printed, raking light what stands out of the
/// surface or is cut into it, ultraviolet light the fluorescent panel, infrared light carbon (black resin, a laser's mark)
/// alone.
public enum CardLight: String, Sendable, Hashable, CaseIterable {
    case white, raking
    case ultraviolet = "uv"
    case infrared
}

/// One complete frame, taken for one side of one attempt under one light. An incomplete frame is never one of these.
public struct Frame: Sendable {
    public let attempt: AttemptID
    public let side: CardSide
    public let light: CardLight
    /// Frame number of the camera; two frames of one session never share it.
    public let number: UInt64
    public let width: Int
    public let height: Int
    public let format: PixelFormat
    /// Rows from the top, no padding: width*height bytes, or three times that for rgb8.
    public let pixels: Bytes

    public init(
        attempt: AttemptID, side: CardSide, light: CardLight = .white, number: UInt64, width: Int, height: Int,
        format: PixelFormat, pixels: Bytes
    ) {
        self.attempt = attempt
        self.side = side
        self.light = light
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
    /// Triggers and waits for that very frame, by white light; an incomplete or late one is taken again a few times, then an
    /// error `camera.frame.incomplete` (outcome `not_done`) leads to the verdict "cannot judge".
    func capture(_ side: CardSide, for attempt: AttemptID) async throws(SakkError) -> Frame
    /// The same by one lamp alone. Errors: also `camera.light` where the station has no such lamp, or it does not burn as it
    /// was told to.
    func capture(_ side: CardSide, under light: CardLight, for attempt: AttemptID) async throws(SakkError) -> Frame
    /// What it did since it was made; nil where nobody counts.
    var health: CameraHealth? { get async }
    func disconnect() async
}

extension CardCamera {
    /// A camera that has no lamps to switch sees by white light only.
    public func capture(
        _ side: CardSide, under light: CardLight, for attempt: AttemptID
    ) async throws(SakkError) -> Frame {
        guard light == .white else {
            throw SakkError(
                "camera.light", source: "camera", subject: light.rawValue, text: "This station has no such lamp.",
                remedy: "Name the lamp in the camera's model file, or take it out of the product's inspection plan.")
        }
        return try await capture(side, for: attempt)
    }

    public var health: CameraHealth? { get async { nil } }
}
