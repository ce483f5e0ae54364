import CV4L2
import Glibc
public import Ground

/// A device node of Video for Linux (`/dev/v4l/by-id/...`). Used by one thread.
public final class V4L2Device: VideoDevice {
    private let descriptor: Int32
    private var maps: [UnsafeRawBufferPointer] = []

    /// Throws the errno of open(2).
    public init(path: String) throws(VideoFault) {
        descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw VideoFault(errno: errno) }
    }

    deinit {
        for map in maps { munmap(UnsafeMutableRawPointer(mutating: map.baseAddress), map.count) }
        close(descriptor)
    }

    private func check(_ failed: Int32) throws(VideoFault) {
        guard failed == 0 else { throw VideoFault(errno: failed) }
    }

    public func capabilities() throws(VideoFault) -> VideoCapabilities {
        var found: UInt32 = 0
        try check(sakk_v4l2_capabilities(descriptor, &found))
        return VideoCapabilities(isCapture: sakk_v4l2_is_capture(found) != 0)
    }

    public func format(_ wanted: VideoFormat) throws(VideoFault) -> VideoFormat {
        let codes: [(VideoFormat.Coding, UInt32)] = [
            (.grey, sakk_v4l2_grey), (.rgb, sakk_v4l2_rgb), (.yuyv, sakk_v4l2_yuyv),
        ]
        var (width, height) = (UInt32(clamping: wanted.width), UInt32(clamping: wanted.height))
        var code = codes.first { $0.0 == wanted.coding }?.1 ?? sakk_v4l2_yuyv
        var (line, size): (UInt32, UInt32) = (0, 0)
        try check(sakk_v4l2_format(descriptor, &width, &height, &code, &line, &size))
        return VideoFormat(
            width: Int(width), height: Int(height), coding: codes.first { $0.1 == code }?.0 ?? .other,
            lineBytes: Int(line))
    }

    public func buffers(_ count: Int) throws(VideoFault) -> Int {
        var given = UInt32(clamping: count)
        try check(sakk_v4l2_buffers(descriptor, &given))
        for index in 0..<given {
            var memory: UnsafeMutableRawPointer?
            var length = 0
            try check(sakk_v4l2_map(descriptor, index, &memory, &length))
            maps.append(UnsafeRawBufferPointer(start: memory, count: length))
        }
        return Int(given)
    }

    public func queue(_ buffer: Int) throws(VideoFault) {
        try check(sakk_v4l2_queue(descriptor, UInt32(clamping: buffer)))
    }

    public func dequeue(until deadline: Int64) throws(VideoFault) -> VideoBuffer? {
        while true {
            var (index, used, sequence): (UInt32, UInt32, UInt32) = (0, 0, 0)
            var stamp: Int64 = 0
            var broken: Int32 = 0
            let failed = sakk_v4l2_dequeue(descriptor, &index, &used, &sequence, &stamp, &broken)
            if failed == 0 {
                return VideoBuffer(
                    index: Int(index), usedBytes: Int(used), sequence: sequence, stamp: stamp > 0 ? stamp : nil,
                    isBroken: broken != 0)
            }
            guard failed == EAGAIN else { throw VideoFault(errno: failed) }
            let left = deadline - now()
            guard left > 0 else { return nil }
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&entry, 1, Int32(clamping: left / 1000 + 1))
        }
    }

    public func bytes(of buffer: VideoBuffer) -> Bytes {
        guard maps.indices.contains(buffer.index) else { return [] }
        return Bytes(maps[buffer.index].prefix(buffer.usedBytes))
    }

    public func stream(_ on: Bool) throws(VideoFault) { try check(sakk_v4l2_stream(descriptor, on ? 1 : 0)) }

    public func set(_ control: VideoControl, _ value: Int32) throws(VideoFault) {
        switch control {
        case .manualExposure: try check(sakk_v4l2_set(descriptor, sakk_v4l2_auto_exposure, sakk_v4l2_manual))
        case .exposure: try check(sakk_v4l2_set(descriptor, sakk_v4l2_exposure, value))
        case .gain: try check(sakk_v4l2_set(descriptor, sakk_v4l2_gain, value))
        }
    }

    public func get(_ control: VideoControl) throws(VideoFault) -> Int32 {
        var value: Int32 = 0
        switch control {
        case .manualExposure: try check(sakk_v4l2_get(descriptor, sakk_v4l2_auto_exposure, &value))
        case .exposure: try check(sakk_v4l2_get(descriptor, sakk_v4l2_exposure, &value))
        case .gain: try check(sakk_v4l2_get(descriptor, sakk_v4l2_gain, &value))
        }
        return value
    }

    public func now() -> Int64 {
        var value = timespec()
        clock_gettime(CLOCK_MONOTONIC, &value)
        return Int64(value.tv_sec) * 1_000_000 + Int64(value.tv_nsec) / 1000
    }
}
