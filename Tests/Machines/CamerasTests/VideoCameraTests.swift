import Cameras
import Glibc
import Ground
import Stations
import Testing

/// A capture device that does what a driver may do: buffers that were filled before anybody asked, broken frames, a number twice,
/// values rounded in silence, and being pulled out.
private final class ScriptedVideo: VideoDevice, @unchecked Sendable {
    struct Moment {
        var sequence: UInt32
        /// Microseconds after the capture was asked for; nil without a stamp.
        var stamp: Int64?
        var bytes: Bytes
        var isBroken = false
    }

    var moments: [Moment] = []
    var given = VideoFormat(width: 4, height: 2, coding: .yuyv, lineBytes: 12)
    var controls: [VideoControl: Int32] = [:]
    var rounds: Int32 = 1
    var isGone = false
    private(set) var queued: [Int] = []
    private(set) var streams: [Bool] = []
    private var held: [Int: Bytes] = [:]

    func capabilities() throws(VideoFault) -> VideoCapabilities { VideoCapabilities(isCapture: true) }
    func format(_ wanted: VideoFormat) throws(VideoFault) -> VideoFormat { given }
    func buffers(_ count: Int) throws(VideoFault) -> Int { count }
    func queue(_ buffer: Int) throws(VideoFault) { queued.append(buffer) }
    func stream(_ on: Bool) throws(VideoFault) { streams.append(on) }
    func now() -> Int64 { 1_000_000 }

    func dequeue(until deadline: Int64) throws(VideoFault) -> VideoBuffer? {
        if isGone { throw VideoFault(errno: ENODEV) }
        guard !moments.isEmpty, !queued.isEmpty else { return nil }
        let moment = moments.removeFirst()
        let index = queued.removeFirst()
        held[index] = moment.bytes
        return VideoBuffer(
            index: index, usedBytes: moment.bytes.count, sequence: moment.sequence,
            stamp: moment.stamp.map { now() + $0 }, isBroken: moment.isBroken)
    }

    func bytes(of buffer: VideoBuffer) -> Bytes { held[buffer.index] ?? [] }

    func set(_ control: VideoControl, _ value: Int32) throws(VideoFault) { controls[control] = value / rounds * rounds }
    func get(_ control: VideoControl) throws(VideoFault) -> Int32 { controls[control] ?? 0 }
}

@Suite struct VideoCameraTests {
    /// Two rows of four grey pixels each, in lines of twelve bytes: luma 81 is level 76.
    private static let grey: Bytes = [
        81, 128, 81, 128, 81, 128, 81, 128, 1, 1, 1, 1, 81, 128, 81, 128, 81, 128, 81, 128,
    ]
    /// As ITU-R BT.601 has full red: Y 81, Cb 90, Cr 240.
    private static let red: Bytes = [81, 90, 81, 240, 81, 90, 81, 240, 1, 1, 1, 1, 81, 90, 81, 240, 81, 90, 81, 240]

    private func camera(
        _ device: ScriptedVideo, exposure: Double? = nil, gain: Int? = nil, format: PixelFormat = .rgb8
    ) -> VideoCamera {
        VideoCamera(
            VideoConfiguration(
                path: "/dev/video-test", format: format, width: 4, height: 2, frameTimeoutMS: 100, attempts: 2,
                exposureMicroseconds: exposure, gain: gain)
        ) { () throws(VideoFault) in device }
    }

    private func error(_ body: () async throws(SakkError) -> Void) async -> SakkError? {
        do {
            try await body()
            return nil
        } catch { return error }
    }

    @Test func `A frame that was exposed before it was asked for is never given`() async throws {
        let device = ScriptedVideo()
        device.moments = [
            .init(sequence: 7, stamp: -40_000, bytes: Self.red), .init(sequence: 8, stamp: 0, bytes: Self.red),
            .init(sequence: 9, stamp: 30_000, bytes: Self.grey),
        ]
        let camera = camera(device)
        try await camera.connect()
        let frame = try await camera.capture(.back, for: AttemptID("P-1"))
        #expect(frame.number == 9 && frame.side == .back && frame.format == .rgb8)
        #expect(frame.pixels == Bytes(repeating: 76, count: 24))
        #expect(await camera.health?.frames == 1)
    }

    @Test func `Without stamps of our clock the frames that may be older are let go`() async throws {
        let device = ScriptedVideo()
        device.moments = (1...8).map { .init(sequence: $0, stamp: nil, bytes: $0 == 6 ? Self.grey : Self.red) }
        let camera = camera(device)
        try await camera.connect()
        // four buffers and the frame under exposure
        #expect(try await camera.capture(.front, for: AttemptID("P-1")).number == 6)
    }

    @Test func `Colours of YUYV are those of BT.601`() async throws {
        let device = ScriptedVideo()
        device.moments = [.init(sequence: 1, stamp: 1000, bytes: Self.red)]
        let camera = camera(device)
        try await camera.connect()
        let pixels = try await camera.capture(.front, for: AttemptID("P-1")).pixels
        #expect(pixels.count == 24)
        for at in stride(from: 0, to: 24, by: 3) {
            #expect(pixels[at] >= 253 && pixels[at + 1] <= 2 && pixels[at + 2] <= 2, "\(pixels[at..<at + 3])")
        }
    }

    @Test func `A broken or short frame is taken again, and the second one in vain is told`() async throws {
        let device = ScriptedVideo()
        device.moments = [
            .init(sequence: 1, stamp: 1000, bytes: Self.grey, isBroken: true),
            .init(sequence: 2, stamp: 2000, bytes: Self.grey),
        ]
        let camera = camera(device)
        try await camera.connect()
        #expect(try await camera.capture(.front, for: AttemptID("P-1")).number == 2)
        device.moments = [
            .init(sequence: 3, stamp: 1000, bytes: Bytes(Self.grey.dropLast())),
            .init(sequence: 4, stamp: 1000, bytes: []),
        ]
        let failed = await error { () async throws(SakkError) in
            _ = try await camera.capture(.front, for: AttemptID("P-2"))
        }
        #expect(failed?.code == "camera.frame.incomplete" && failed?.outcome == .notDone)
        #expect(await camera.health?.incomplete == 3)
    }

    @Test func `The same frame twice is one frame`() async throws {
        let device = ScriptedVideo()
        device.moments = [.init(sequence: 5, stamp: 1000, bytes: Self.grey)]
        let camera = camera(device)
        try await camera.connect()
        _ = try await camera.capture(.front, for: AttemptID("P-1"))
        device.moments = [
            .init(sequence: 5, stamp: 1000, bytes: Self.grey), .init(sequence: 6, stamp: 2000, bytes: Self.grey),
        ]
        #expect(try await camera.capture(.back, for: AttemptID("P-1")).number == 6)
        #expect(await camera.health?.repeated == 1)
    }

    @Test func `Exposure and gain are read back, and another value is refused`() async throws {
        let device = ScriptedVideo()
        let camera = camera(device, exposure: 8000, gain: 6)
        try await camera.connect()
        #expect(device.controls == [.manualExposure: 0, .exposure: 80, .gain: 6])
        device.rounds = 64
        #expect(await error { () async throws(SakkError) in try await camera.connect() }?.code == "camera.setting")
    }

    @Test func `A driver that takes another size or coding is refused`() async throws {
        let device = ScriptedVideo()
        device.given = VideoFormat(width: 2, height: 2, coding: .yuyv, lineBytes: 4)
        let camera = camera(device)
        #expect(await error { () async throws(SakkError) in try await camera.connect() }?.code == "camera.setting")
    }

    @Test func `A camera that is pulled out is missing until it is connected anew`() async throws {
        let device = ScriptedVideo()
        let camera = camera(device)
        try await camera.connect()
        device.isGone = true
        let gone = await error { () async throws(SakkError) in
            _ = try await camera.capture(.front, for: AttemptID("P-1"))
        }
        #expect(gone?.code == "camera.missing")
        #expect(device.streams == [true, false])
        let still = await error { () async throws(SakkError) in
            _ = try await camera.capture(.front, for: AttemptID("P-1"))
        }
        #expect(still?.code == "camera.disconnected")
    }

    @Test func `A node that is none is missing`() async {
        let camera = VideoCamera(
            VideoConfiguration(
                path: "/dev/null", format: .rgb8, width: 64, height: 64, frameTimeoutMS: 100, attempts: 1,
                exposureMicroseconds: nil, gain: nil))
        // the real ioctls against something that is no camera
        #expect(await error { () async throws(SakkError) in try await camera.connect() }?.code == "camera.setting")
        let absent = VideoCamera(
            VideoConfiguration(
                path: "/dev/v4l/by-id/none", format: .rgb8, width: 64, height: 64, frameTimeoutMS: 100, attempts: 1,
                exposureMicroseconds: nil, gain: nil))
        #expect(await error { () async throws(SakkError) in try await absent.connect() }?.code == "camera.missing")
    }
}
