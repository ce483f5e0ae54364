import Glibc
public import Ground
public import Stations

/// What one UVC camera is like; filled from `devices/uvc-camera/*.yaml` and the line's configuration.
public struct VideoConfiguration: Sendable {
    /// Device node, best one of `/dev/v4l/by-id`: the number of a node changes when the camera is plugged elsewhere.
    public var path: String
    /// `mono8` or `rgb8`; YUYV is turned into RGB here.
    public var format: PixelFormat
    public var width: Int
    public var height: Int
    public var frameTimeoutMS: Int
    public var attempts: Int
    /// Nil leaves the camera as it is.
    public var exposureMicroseconds: Double?
    /// In the camera's own steps.
    public var gain: Int?

    public init(
        path: String, format: PixelFormat, width: Int, height: Int, frameTimeoutMS: Int, attempts: Int,
        exposureMicroseconds: Double?, gain: Int?
    ) {
        self.path = path
        self.format = format
        self.width = width
        self.height = height
        self.frameTimeoutMS = frameTimeoutMS
        self.attempts = attempts
        self.exposureMicroseconds = exposureMicroseconds
        self.gain = gain
    }
}

/// A UVC camera through Video for Linux. Such a camera has no trigger: it streams, and a capture is the first whole frame whose
/// exposure began after it was asked for.
public actor VideoCamera: CardCamera {
    private let thread: DeviceThread
    private let configuration: VideoConfiguration
    private let open: @Sendable () throws(VideoFault) -> any VideoDevice
    private var device: (any VideoDevice)?
    private var format: VideoFormat?
    private var last: UInt32?
    private var counted = CameraHealth()
    public var health: CameraHealth? { counted }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    public init(_ configuration: VideoConfiguration) {
        self.init(configuration) { () throws(VideoFault) in try V4L2Device(path: configuration.path) }
    }

    /// With another device than the node of that path.
    public init(
        _ configuration: VideoConfiguration, open: @escaping @Sendable () throws(VideoFault) -> any VideoDevice
    ) {
        self.configuration = configuration
        self.open = open
        thread = DeviceThread(label: "camera \(configuration.path)")
    }

    deinit { thread.stop() }

    /// Errors: `camera.missing`, `camera.setting`.
    public func connect() async throws(SakkError) {
        close()
        let device: any VideoDevice
        do throws(VideoFault) {
            device = try open()
        } catch {
            throw failure(
                "camera.missing", "No camera is at \(configuration.path) (errno \(error.errno)).",
                "Check its cable and the path in the line's configuration.")
        }
        format = try set(device)
        do throws(VideoFault) {
            for buffer in 0..<(try device.buffers(4)) { try device.queue(buffer) }
            try device.stream(true)
        } catch {
            throw failure(
                "camera.setting", "The camera does not start (errno \(error.errno)).", "Another program may hold it.")
        }
        self.device = device
    }

    /// What was set is read back: drivers take the nearest value they have, and say nothing.
    private func set(_ device: any VideoDevice) throws(SakkError) -> VideoFormat {
        func refused(_ what: String) -> SakkError {
            failure("camera.setting", "The camera refuses \(what).", "Compare the camera with its model's file.")
        }
        do throws(VideoFault) {
            guard try device.capabilities().isCapture else { throw VideoFault(errno: ENOTTY) }
        } catch { throw refused("to give pictures") }
        let codings: [VideoFormat.Coding] = configuration.format == .mono8 ? [.grey] : [.rgb, .yuyv]
        var taken: VideoFormat?
        for coding in codings where taken == nil {
            let wanted = VideoFormat(width: configuration.width, height: configuration.height, coding: coding)
            guard let format = try? device.format(wanted) else { continue }
            let isWanted = format.coding == coding && format.width == wanted.width && format.height == wanted.height
            if isWanted { taken = format }
        }
        guard let taken else { throw refused("the frame size or the pixel format") }
        if let exposure = configuration.exposureMicroseconds {
            let steps = Int32((exposure / 100).rounded())
            do throws(VideoFault) {
                try device.set(.manualExposure, 0)
                try device.set(.exposure, steps)
                guard abs(try device.get(.exposure) - steps) <= max(steps / 50, 0) else {
                    throw VideoFault(errno: ERANGE)
                }
            } catch { throw refused("the exposure time") }
        }
        if let gain = configuration.gain {
            do throws(VideoFault) {
                try device.set(.gain, Int32(clamping: gain))
                guard Int(try device.get(.gain)) == gain else { throw VideoFault(errno: ERANGE) }
            } catch { throw refused("the gain") }
        }
        return taken
    }

    /// Errors: `camera.disconnected`, `camera.frame.incomplete`, `camera.missing` for one that was unplugged.
    public func capture(_ side: CardSide, for attempt: AttemptID) async throws(SakkError) -> Frame {
        guard let device, let format else {
            throw failure("camera.disconnected", "The camera is not connected.", "Connect the cell first.")
        }
        do throws(VideoFault) {
            for _ in 0..<configuration.attempts {
                counted.triggers += 1
                guard let taken = try take(device, format) else { continue }
                counted.frames += 1
                return Frame(
                    attempt: attempt, side: side, number: UInt64(taken.number), width: format.width,
                    height: format.height, format: configuration.format, pixels: taken.pixels)
            }
        } catch {
            close()
            throw failure(
                "camera.missing", "The camera is gone (errno \(error.errno)).",
                "Check its cable; connect the cell anew.")
        }
        throw failure(
            "camera.frame.incomplete", "The camera gave no whole frame in \(configuration.attempts) attempts.",
            "Check its cable and the bandwidth of its bus; the card cannot be judged.")
    }

    /// The first whole frame that was begun after now; nil when it was broken or late.
    private func take(_ device: any VideoDevice, _ format: VideoFormat) throws(VideoFault) -> (
        number: UInt32, pixels: Bytes
    )? {
        let asked = device.now()
        let deadline = asked + Int64(configuration.frameTimeoutMS) * 1000
        // without stamps of our clock: what lies in the buffers, and the frame that is being exposed, are older
        var unstamped = 0
        while let buffer = try device.dequeue(until: deadline) {
            let isAfter: Bool
            if let stamp = buffer.stamp {
                isAfter = stamp > asked
            } else {
                unstamped += 1
                isAfter = unstamped > 5
            }
            let pixels = isAfter && !buffer.isBroken ? device.bytes(of: buffer) : []
            try device.queue(buffer.index)
            guard isAfter else { continue }
            guard buffer.sequence != last else {
                counted.repeated += 1
                continue
            }
            last = buffer.sequence
            guard !buffer.isBroken, let picture = VideoPixels.picture(pixels, format) else {
                counted.incomplete += 1
                return nil
            }
            return (buffer.sequence, picture)
        }
        counted.late += 1
        return nil
    }

    public func disconnect() async { close() }

    private func close() {
        try? device?.stream(false)
        device = nil
        format = nil
    }

    private func failure(_ code: SakkError.Code, _ text: String, _ remedy: String) -> SakkError {
        SakkError(code, source: "camera \(configuration.path)", text: text, remedy: remedy)
    }
}
