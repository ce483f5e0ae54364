/// What a camera did since it was made: a cable, a switch or a buffer that begins to fail is seen here before a frame is lost.
public struct CameraHealth: Sendable, Hashable {
    public var triggers = 0
    /// Delivered whole.
    public var frames = 0
    /// Came with packets missing, of another size, or not at all, and were taken again.
    public var incomplete = 0
    public var late = 0
    /// Came a second time.
    public var repeated = 0
    /// The acquisition was started anew.
    public var reopened = 0
    /// Of the stream: never arrived, and asked for again.
    public var packetsMissing = 0
    public var packetsResent = 0
    /// Tenths of a degree Celsius; nil where the camera does not tell.
    public var temperatureTenths: Int?

    public init() {}

    /// The counters, with the names that they have in reports.
    public static var counters: [(name: String, place: WritableKeyPath<CameraHealth, Int>)] {
        [
            ("triggers", \.triggers), ("frames", \.frames), ("incomplete", \.incomplete), ("late", \.late),
            ("repeated", \.repeated), ("reopened", \.reopened), ("packets_missing", \.packetsMissing),
            ("packets_resent", \.packetsResent),
        ]
    }

    /// Counters of one after those of the other; the later one's temperature.
    public static func + (left: CameraHealth, right: CameraHealth) -> CameraHealth {
        var sum = left
        for (_, place) in counters { sum[keyPath: place] += right[keyPath: place] }
        sum.temperatureTenths = right.temperatureTenths ?? left.temperatureTenths
        return sum
    }
}
