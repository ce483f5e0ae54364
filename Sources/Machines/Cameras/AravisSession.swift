import CAravis
import Ground
import Stations

/// One acquisition: camera, stream and buffers. Used by one thread.
final class AravisSession {
    let configuration: AravisConfiguration
    let camera: UnsafeMutablePointer<ArvCamera>
    private let stream: UnsafeMutablePointer<ArvStream>
    private let payload: Int
    private var lastNumber: UInt64?
    /// The camera did not answer in time, or its frame did not come in time: it may still come, so that a later trigger
    /// of this acquisition could be given an earlier picture.
    private(set) var isLate = false
    /// Which lamp burns; nil: not known.
    var burning: CardLight?
    private var counted = CameraHealth()

    init(_ configuration: AravisConfiguration) throws(SakkError) {
        self.configuration = configuration
        var error: UnsafeMutablePointer<GError>?
        guard let camera = arv_camera_new(configuration.address, &error) else {
            throw AravisSession.failure(
                configuration, "camera.missing", "No camera answers at \(configuration.address)\(words(error)).",
                "Check power, cable and the address in the line's configuration; another controller may hold it.")
        }
        self.camera = camera
        do {
            let opened = try AravisSession.open(camera, configuration)
            stream = opened.stream
            payload = opened.payload
        } catch {
            g_object_unref(UnsafeMutableRawPointer(camera))
            throw error
        }
    }

    deinit {
        arv_camera_stop_acquisition(camera, nil)
        g_object_unref(UnsafeMutableRawPointer(stream))
        g_object_unref(UnsafeMutableRawPointer(camera))
    }

    private static func open(
        _ camera: UnsafeMutablePointer<ArvCamera>, _ configuration: AravisConfiguration
    ) throws(SakkError) -> (stream: UnsafeMutablePointer<ArvStream>, payload: Int) {
        var error: UnsafeMutablePointer<GError>?
        func check(_ what: String) throws(SakkError) {
            guard error != nil else { return }
            throw failure(
                configuration, "camera.setting", "The camera refuses \(what)\(words(error)).",
                "Compare the camera with its model's file.")
        }
        let device = arv_camera_get_device(camera)
        if sakk_is_gv_device(device) != 0 {
            sakk_gv_device_without_packet_socket(device)
            arv_camera_gv_set_packet_size(camera, Int32(configuration.packetBytes), &error)
            try check("packets of \(configuration.packetBytes) bytes")
        }
        arv_camera_set_pixel_format(camera, pixelFormat(configuration.format), &error)
        try check("the pixel format")
        arv_camera_set_region(camera, 0, 0, Int32(configuration.width), Int32(configuration.height), &error)
        try check("the frame size")
        var width: Int32 = 0
        var height: Int32 = 0
        arv_camera_get_region(camera, nil, nil, &width, &height, &error)
        try check("to tell its frame size")
        guard Int(width) == configuration.width, Int(height) == configuration.height else {
            throw failure(
                configuration, "camera.setting", "The camera's frames are \(width) by \(height).",
                "Compare the camera with its model's file.")
        }
        try expose(camera, configuration, configuration.exposureMicroseconds, gain: configuration.gainDB)
        arv_camera_set_acquisition_mode(camera, ARV_ACQUISITION_MODE_CONTINUOUS, &error)
        try check("continuous acquisition")
        arv_camera_set_trigger(camera, "Software", &error)
        try check("a software trigger")
        let payload = Int(arv_camera_get_payload(camera, &error))
        try check("to tell its payload")
        guard let stream = arv_camera_create_stream(camera, nil, nil, &error) else {
            throw failure(
                configuration, "camera.stream", "No stream can be opened\(words(error)).",
                "Check the network settings of this machine.")
        }
        if sakk_is_gv_stream(stream) != 0 {
            // half of what a frame is waited for: what is lost all the same is taken again in time
            sakk_stream_fix_socket_buffer(
                stream, Int32(configuration.socketBufferBytes), UInt32(configuration.frameTimeoutMS) * 500)
        }
        for _ in 0..<3 { arv_stream_push_buffer(stream, arv_buffer_new_allocate(payload)) }
        arv_camera_start_acquisition(camera, &error)
        try check("to start")
        return (stream, payload)
    }

    /// Sets exposure and gain and asks for them again; nil leaves one as it is.
    static func expose(
        _ camera: UnsafeMutablePointer<ArvCamera>, _ configuration: AravisConfiguration, _ exposure: Double?,
        gain: Double?
    ) throws(SakkError) {
        var error: UnsafeMutablePointer<GError>?
        func check(_ what: String) throws(SakkError) {
            guard error != nil else { return }
            throw failure(
                configuration, "camera.setting", "The camera refuses \(what)\(words(error)).",
                "Compare the camera with its model's file.")
        }
        if let exposure {
            arv_camera_set_exposure_time(camera, exposure, &error)
            try check("the exposure time")
            // cameras round to what their sensor's lines take; more than that is another exposure
            let set = arv_camera_get_exposure_time(camera, &error)
            try check("to tell its exposure time")
            guard abs(set - exposure) <= max(exposure * 0.02, 20) else {
                throw failure(
                    configuration, "camera.setting", "The camera exposes \(set) instead of \(exposure) microseconds.",
                    "Compare `exposure_us` in its model's file with what the camera can do.")
            }
        }
        if let gain {
            arv_camera_set_gain(camera, gain, &error)
            try check("the gain")
            let set = arv_camera_get_gain(camera, &error)
            try check("to tell its gain")
            guard abs(set - gain) <= 0.25 else {
                throw failure(
                    configuration, "camera.setting", "The camera's gain is \(set) instead of \(gain) dB.",
                    "Compare `gain_db` in its model's file with what the camera can do.")
            }
        }
    }

    /// Triggers once and waits for that frame, `patience` times as long as usual; nil when it was late, lost, incomplete
    /// or not newer than the last one.
    func trigger(patience: Int = 1) throws(SakkError) -> (number: UInt64, pixels: Bytes)? {
        // what still lies in the pipe was taken before this trigger
        while let stale = arv_stream_try_pop_buffer(stream) { arv_stream_push_buffer(stream, stale) }
        var error: UnsafeMutablePointer<GError>?
        counted.triggers += 1
        arv_camera_software_trigger(camera, &error)
        if sakk_error_is_timeout(error) != 0 {
            sakk_error_free(error)
            counted.late += 1
            isLate = true
            return nil
        }
        guard error == nil else {
            throw AravisSession.failure(
                configuration, "camera.trigger", "The camera does not take the trigger\(words(error)).",
                "Check power and cable.")
        }
        if FaultInjection.fails(.cameraFrame) { return nil }
        let wait = UInt(configuration.frameTimeoutMS * patience) * 1000
        guard let buffer = arv_stream_timeout_pop_buffer(stream, wait) else {
            isLate = true
            counted.late += 1
            return nil
        }
        defer { arv_stream_push_buffer(stream, buffer) }
        guard arv_buffer_get_status(buffer) == ARV_BUFFER_STATUS_SUCCESS,
            arv_buffer_get_image_width(buffer) == Int32(configuration.width),
            arv_buffer_get_image_height(buffer) == Int32(configuration.height)
        else {
            counted.incomplete += 1
            return nil
        }
        let number = UInt64(arv_buffer_get_frame_id(buffer))
        // the same frame twice judges nothing
        guard number != lastNumber else {
            counted.repeated += 1
            return nil
        }
        lastNumber = number
        var size = 0
        guard let data = arv_buffer_get_data(buffer, &size) else { return nil }
        let wanted = configuration.width * configuration.height * (configuration.format == .rgb8 ? 3 : 1)
        guard size >= wanted else {
            counted.incomplete += 1
            return nil
        }
        counted.frames += 1
        return (number, Bytes(UnsafeRawBufferPointer(start: data, count: wanted)))
    }

    /// What it did so far, with what the stream says of its packets.
    var health: CameraHealth {
        var health = counted
        guard sakk_is_gv_stream(stream) != 0 else { return health }
        var (resent, missing): (UInt, UInt) = (0, 0)
        sakk_stream_packets(stream, &resent, &missing)
        health.packetsResent = Int(clamping: resent)
        health.packetsMissing = Int(clamping: missing)
        if arv_camera_is_feature_available(camera, "DeviceTemperature", nil) != 0 {
            var error: UnsafeMutablePointer<GError>?
            let degrees = arv_camera_get_float(camera, "DeviceTemperature", &error)
            if error == nil, degrees.isFinite { health.temperatureTenths = Int((degrees * 10).rounded()) }
            sakk_error_free(error)
        }
        return health
    }

    private static func pixelFormat(_ format: Stations.PixelFormat) -> ArvPixelFormat {
        switch format {
        case .mono8: ArvPixelFormat(0x0108_0001)
        case .rgb8: ArvPixelFormat(0x0218_0014)
        case .bayerRG8: ArvPixelFormat(0x0108_0009)
        }
    }

    static func failure(
        _ configuration: AravisConfiguration, _ code: SakkError.Code, _ text: String, _ remedy: String
    ) -> SakkError {
        SakkError(code, source: "camera \(configuration.address)", text: text, remedy: remedy)
    }
}

/// GLib's own words, in brackets, and the error let go.
func words(_ error: UnsafeMutablePointer<GError>?) -> String {
    guard let error else { return "" }
    defer { sakk_error_free(error) }
    return " (\(String(cString: error.pointee.message)))"
}
