import Cameras
import Catalog
import Ground
import Stations

/// The camera of a cell, by its model's family.
struct CameraBuilder {
    let line: LineProfile

    /// Evened out by its white reference where the line names one, and `even` does not say otherwise.
    func camera(_ cell: LineProfile.Cell, even: Bool = true) throws(SakkError) -> any CardCamera {
        let camera = try bare(cell)
        guard even, let path = cell.cameraWhite else { return camera }
        guard let bytes = FileBytes.read(path), let value = try? JSONValue(parsing: bytes),
            let reference = WhiteReference(value)
        else {
            throw SakkError(
                "config.camera", source: path, subject: cell.id.rawValue, text: "This is no white reference.",
                remedy: "Take one: sakk camera white.")
        }
        return EvenCamera(camera, by: reference)
    }

    private func bare(_ cell: LineProfile.Cell) throws(SakkError) -> any CardCamera {
        let model = try CameraModel(path: cell.cameraModel)
        switch model.family {
        case .gige:
            return AravisCamera(model.network(at: cell.cameraAddress))
        case .uvc:
            return VideoCamera(
                VideoConfiguration(
                    path: cell.cameraAddress, format: model.format, width: model.width, height: model.height,
                    frameTimeoutMS: model.frameTimeoutMS, attempts: model.attempts,
                    exposureMicroseconds: model.exposureMicroseconds, gain: model.gainSteps))
        case .folder:
            guard line.mode == .training else {
                throw SakkError(
                    "config.camera", source: line.path, subject: cell.id.rawValue,
                    text: "A production line looks at its cards, not at a folder of pictures.",
                    remedy: "Name a camera's model for the cell.")
            }
            return FolderCamera(folder: cell.cameraAddress)
        }
    }
}

extension CameraModel {
    /// Of a camera with a trigger.
    func network(at address: String) -> AravisConfiguration {
        AravisConfiguration(
            address: address, format: format, width: width, height: height, packetBytes: packetBytes,
            socketBufferBytes: socketBufferBytes, frameTimeoutMS: frameTimeoutMS, attempts: attempts,
            exposureMicroseconds: exposureMicroseconds, gainDB: gainDB,
            lamps: lamps.map { lamp in
                CameraLamp(
                    light: lamp.light, line: lamp.line, output: lamp.output,
                    exposureMicroseconds: lamp.exposureMicroseconds, gainDB: lamp.gainDB, settleMS: lamp.settleMS)
            })
    }
}
