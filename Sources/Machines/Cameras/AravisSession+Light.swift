import CAravis
import Glibc
import Ground
import Stations

extension AravisSession {
    /// Lets one lamp burn and no other, by the camera's outputs, and asks the camera whether it is so. Where the model names
    /// no lamps, white light burns by itself.
    ///
    /// Errors: `camera.light` for a lamp that the station does not have, or one that does not do as it is told.
    func light(_ light: CardLight) throws(SakkError) {
        guard !configuration.lamps.isEmpty else {
            guard light == .white else { throw lampFailure(light, "This station has no such lamp.") }
            return
        }
        guard let lamp = configuration.lamps.first(where: { $0.light == light }) else {
            throw lampFailure(light, "This station has no such lamp.")
        }
        let isNew = burning != light
        if isNew {
            burning = nil
            for other in configuration.lamps where other != lamp { try turn(other, on: false) }
            try turn(lamp, on: true)
            let (exposure, gain) = (configuration.exposureMicroseconds, configuration.gainDB)
            try Self.expose(camera, configuration, lamp.exposureMicroseconds ?? exposure, gain: lamp.gainDB ?? gain)
        }
        // what is said now, not what was ordered then: a frame by another light judges nothing
        for lamp in configuration.lamps where try isOn(lamp) != (lamp.light == light) {
            throw lampFailure(lamp.light, "The lamp is \(lamp.light == light ? "dark" : "on"): the camera says so.")
        }
        if isNew, lamp.settleMS > 0 { usleep(UInt32(lamp.settleMS) * 1000) }
        burning = light
    }

    private func turn(_ lamp: CameraLamp, on: Bool) throws(SakkError) {
        var error: UnsafeMutablePointer<GError>?
        arv_camera_set_string(camera, "LineSelector", lamp.line, &error)
        if error == nil { arv_camera_set_string(camera, "LineMode", "Output", &error) }
        if error == nil { arv_camera_set_string(camera, "LineSource", lamp.output, &error) }
        if error == nil { arv_camera_set_string(camera, "UserOutputSelector", lamp.output, &error) }
        if error == nil { arv_camera_set_boolean(camera, "UserOutputValue", on ? 1 : 0, &error) }
        guard error == nil else {
            throw lampFailure(lamp.light, "The camera does not switch \(lamp.line)\(words(error)).")
        }
    }

    private func isOn(_ lamp: CameraLamp) throws(SakkError) -> Bool {
        var error: UnsafeMutablePointer<GError>?
        arv_camera_set_string(camera, "UserOutputSelector", lamp.output, &error)
        let value = error == nil ? arv_camera_get_boolean(camera, "UserOutputValue", &error) : 0
        guard error == nil else {
            throw lampFailure(lamp.light, "The camera does not tell of \(lamp.output)\(words(error)).")
        }
        return value != 0
    }

    private func lampFailure(_ light: CardLight, _ text: String) -> SakkError {
        SakkError(
            "camera.light", source: "camera \(configuration.address)", subject: light.rawValue, text: text,
            remedy: "Compare `lights` in the camera's model file with the cables of the station.")
    }
}
