import Foundation
import Glibc
public import Ground
import PlantCamera
import PlantChip
import PlantUSB

/// Everything that a world needs of this machine, started together and stopped together: pcscd with two virtual readers,
/// the USB bus, the camera, and the control socket. Runs inside namespaces of its own (see `sakk-plant up`).
public final class PlantHost: @unchecked Sendable {
    /// TCP ports of the two slots of the reader driver.
    static let encoderPort: UInt16 = 0xA028
    static let deskPort: UInt16 = 0xA029
    public static let encoderName = "Plant 00 00 00"
    public static let deskName = "Plant 00 00 01"

    private let directory: String
    private let world: World
    private let bus: VirtualBus
    private let printer: PrinterDevice
    private var camera: LoopbackCamera?
    private var pcscd: pid_t = 0
    private let port = PortBox()
    private let control: ControlServer

    /// Address under which the printer is plugged in; changes with each power cut.
    private final class PortBox: @unchecked Sendable {
        let lock = NSLock()
        var address: Int32 = 0
    }

    public init(scenario path: String, directory: String, stock: String) throws(SakkError) {
        let scenario = try Scenario(path: path)
        self.directory = directory
        let front = try WorldFile.picture(
            stock + "/stock-front.png", width: CardFace.stockWidth, height: CardFace.stockHeight)
        let back = try WorldFile.picture(
            stock + "/stock-back.png", width: CardFace.stockWidth, height: CardFace.stockHeight)
        let world = World(
            scenario, stockFront: front, stockBack: back, encoderPort: PlantHost.encoderPort,
            deskPort: PlantHost.deskPort)
        self.world = world
        pcscd = try ReaderService.start(directory: directory, port: PlantHost.encoderPort)
        let bus = try VirtualBus()
        self.bus = bus
        let port = port
        printer = PrinterDevice(world: world) { device in
            // a moment without power, then the machine starts anew under another address
            let old = port.lock.withLock { port.address }
            bus.unplug(old)
            Thread.sleep(forTimeInterval: 0.4)
            device.powerOn()
            do {
                let address = try bus.plug(device)
                port.lock.withLock { port.address = address }
            } catch {
                FileHandle.standardError.write(Data("sakk-plant: \(error)\n".utf8))
            }
        }
        port.address = try bus.plug(printer)
        camera = try LoopbackCamera(address: scenario.camera.address, serial: "PLANT-1") { world.photograph() }
        control = try ControlServer(path: directory + "/control.sock")
        control.serve { [world, printer] request in PlantHost.answer(request, world: world, printer: printer) }
        try announce(scenario)
    }

    /// `plant.env`: written when everything answers, whole or not at all.
    private func announce(_ scenario: Scenario) throws(SakkError) {
        let text = """
            SAKK_PLANT_PID=\(getpid())
            UMOCKDEV_DIR=\(bus.directory)
            LD_PRELOAD=libumockdev-preload.so.0
            SAKK_PLANT_ENCODER=\(PlantHost.encoderName)
            SAKK_PLANT_DESK=\(PlantHost.deskName)
            SAKK_PLANT_PRINTER=\(scenario.printer.serial)
            SAKK_PLANT_CAMERA=\(scenario.camera.address)

            """
        try WorldFile.write(Bytes(text.utf8), to: directory + "/plant.env")
    }

    /// Stops what was started, by pid.
    public func stop() {
        unlink(directory + "/plant.env")
        control.stop()
        world.encoder.remove()
        world.deskReader.remove()
        bus.end()
        camera = nil
        ReaderService.stop(pcscd)
    }

    static func answer(_ request: [String], world: World, printer: PrinterDevice) -> (done: Bool, text: String) {
        do throws(SakkError) {
            switch request.first {
            case "census": return (true, try world.census(pictures: request.count > 1 ? request[1] : nil))
            case "move" where request.count == 3:
                try world.move(from: request[1], to: request[2])
                return (true, "moved \(request[1]) to \(request[2])")
            case "power-cut":
                printer.cutPower()
                return (true, "the printer's power was cut")
            case "ping": return (true, "alive")
            case "cover" where request.count == 2:
                world.setCover(closed: request[1] == "close")
                return (true, request[1] == "close" ? "the cover is closed" : "the cover is open")
            case "ribbon" where request.count == 2:
                guard let cards = Int(request[1]), cards > 0 else { return (false, "A ribbon needs a count of cards.") }
                world.loadRibbon(cards: cards)
                return (true, "a ribbon for \(cards) cards is in")
            case "fault":
                var words: [String: String] = [:]
                for pair in request.dropFirst() {
                    let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
                    if parts.count == 2 { words[parts[0]] = parts[1] }
                }
                let fault = try Scenario.Fault(words: words, source: "order")
                world.order(fault)
                return (true, "\(fault.kind.rawValue) will happen at feed \(fault.feed)")
            default: return (false, "The plant does not know this request.")
            }
        } catch {
            return (false, "\(error.text) \(error.remedy)")
        }
    }
}
