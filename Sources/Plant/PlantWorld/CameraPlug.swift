import Foundation
import Ground
import PlantCamera

/// A cell's camera and its cable: Aravis' own device where a white light always burns, ours where lamps hang on its outputs.
final class CameraPlug: @unchecked Sendable {
    private enum Made {
        case stock(LoopbackCamera)
        case own(GigECamera)
    }

    private let lock = NSLock()
    private let address: String
    private let serial: String
    private let world: World
    private var made: Made?

    init(_ world: World, serial: String) throws(SakkError) {
        (address, self.serial, self.world) = (world.scenario.camera.address, serial, world)
        made = try make()
    }

    private func make() throws(SakkError) -> Made {
        let world = world
        guard let lamps = world.scenario.camera.lamps else {
            return .stock(try LoopbackCamera(address: address, serial: serial) { world.photograph() })
        }
        return .own(
            try GigECamera(
                address: address, serial: serial, width: Photographer.width, height: Photographer.height
            ) { shot in
                world.photograph(by: Set(lamps.indices.filter { shot.lines & (1 << $0) != 0 }.map { lamps[$0] }))
            })
    }

    func pull() {
        lock.withLock {
            if case .own(let camera) = made { camera.unplug() } else { made = nil }
        }
    }

    func put() throws(SakkError) {
        lock.lock()
        defer { lock.unlock() }
        if case .own(let camera) = made { camera.plug() } else if made == nil { made = try make() }
    }

    func close() {
        lock.withLock {
            if case .own(let camera) = made { camera.close() }
            made = nil
        }
    }
}
