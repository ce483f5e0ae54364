public import Ground

/// The thin seam under `VideoCamera`: what a Video for Linux capture device is asked, call by call. Throws the errno.
public protocol VideoDevice: AnyObject {
    func capabilities() throws(VideoFault) -> VideoCapabilities
    /// The driver answers with what it took.
    func format(_ wanted: VideoFormat) throws(VideoFault) -> VideoFormat
    /// Maps so many buffers, or as many as the driver gives.
    func buffers(_ count: Int) throws(VideoFault) -> Int
    func queue(_ buffer: Int) throws(VideoFault)
    /// A filled buffer; nil when none comes until the deadline (microseconds of CLOCK_MONOTONIC). Its bytes are read
    /// before it is queued again.
    func dequeue(until deadline: Int64) throws(VideoFault) -> VideoBuffer?
    func bytes(of buffer: VideoBuffer) -> Bytes
    func stream(_ on: Bool) throws(VideoFault)
    func set(_ control: VideoControl, _ value: Int32) throws(VideoFault)
    func get(_ control: VideoControl) throws(VideoFault) -> Int32
    /// Microseconds of CLOCK_MONOTONIC, which frames are stamped with.
    func now() -> Int64
}

public struct VideoFault: Error, Sendable, Hashable {
    public let errno: Int32
    public init(errno: Int32) { self.errno = errno }
}

public struct VideoCapabilities: Sendable, Hashable {
    /// It gives pictures, by mapped buffers.
    public var isCapture: Bool
    public init(isCapture: Bool) { self.isCapture = isCapture }
}

public enum VideoControl: Sendable, Hashable { case manualExposure, exposure, gain }

public struct VideoFormat: Sendable, Hashable {
    public enum Coding: Sendable, Hashable { case grey, rgb, yuyv, other }

    public var width: Int
    public var height: Int
    public var coding: Coding
    /// Bytes from one row to the next; 0 when asking.
    public var lineBytes: Int

    public init(width: Int, height: Int, coding: Coding, lineBytes: Int = 0) {
        self.width = width
        self.height = height
        self.coding = coding
        self.lineBytes = lineBytes
    }
}

public struct VideoBuffer: Sendable, Hashable {
    public var index: Int
    public var usedBytes: Int
    public var sequence: UInt32
    /// Microseconds of CLOCK_MONOTONIC; nil when the driver stamps with another clock.
    public var stamp: Int64?
    /// The driver says that data is missing.
    public var isBroken: Bool

    public init(index: Int, usedBytes: Int, sequence: UInt32, stamp: Int64?, isBroken: Bool) {
        self.index = index
        self.usedBytes = usedBytes
        self.sequence = sequence
        self.stamp = stamp
        self.isBroken = isBroken
    }
}
