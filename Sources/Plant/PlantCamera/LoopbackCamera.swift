import CAravis
import Foundation
public import Ground

/// A GigE Vision camera on a loopback address: Aravis' own device side, showing what the world puts under it.
public final class LoopbackCamera: @unchecked Sendable {
    /// The frame to deliver now: raw mosaic, `Photographer.width` by `Photographer.height`.
    public typealias Scene = @Sendable () -> Bytes

    private let camera: OpaquePointer
    private let scene: Unmanaged<SceneBox>

    private final class SceneBox {
        let scene: Scene
        init(_ scene: @escaping Scene) { self.scene = scene }
    }

    /// Errors: `plant.camera` when the address cannot be served.
    public init(address: String, serial: String, scene: @escaping Scene) throws(SakkError) {
        guard let camera = arv_gv_fake_camera_new(address, serial), arv_gv_fake_camera_is_running(camera) != 0,
            let inner = arv_gv_fake_camera_get_fake_camera(camera)
        else {
            throw SakkError(
                "plant.camera", source: "camera \(address)", text: "The virtual camera cannot be started.",
                remedy: "Check that the address belongs to this machine and that port 3956 is free.")
        }
        self.camera = camera
        self.scene = Unmanaged.passRetained(SceneBox(scene))
        let width = UInt32(Photographer.width)
        let height = UInt32(Photographer.height)
        for (register, value) in [
            (ARV_FAKE_CAMERA_REGISTER_SENSOR_WIDTH, width), (ARV_FAKE_CAMERA_REGISTER_SENSOR_HEIGHT, height),
            (ARV_FAKE_CAMERA_REGISTER_WIDTH, width), (ARV_FAKE_CAMERA_REGISTER_HEIGHT, height),
        ] {
            arv_fake_camera_write_register(inner, UInt32(register), value)
        }
        arv_fake_camera_set_fill_pattern(
            inner,
            { buffer, context, _, _, _ in
                guard let buffer, let context, let data = arv_buffer_get_data(buffer, nil) else { return }
                let frame = Unmanaged<SceneBox>.fromOpaque(context).takeUnretainedValue().scene()
                // the buffer's stated size is 0 here; its picture tells how much room there is
                let room = Int(arv_buffer_get_image_width(buffer)) * Int(arv_buffer_get_image_height(buffer))
                frame.withUnsafeBytes { source in
                    UnsafeMutableRawPointer(mutating: data).copyMemory(
                        from: source.baseAddress!, byteCount: min(room, source.count))
                }
            }, self.scene.toOpaque())
    }

    deinit {
        g_object_unref(UnsafeMutableRawPointer(camera))
        scene.release()
    }
}
