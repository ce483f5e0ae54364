import Foundation
import Glibc
public import Ground
import PlantCamera
import PlantChip
import PlantUSB

/// Everything that a world needs of this machine, started together and stopped together: pcscd with two virtual readers
/// for each cell, the USB bus, the cameras, and the control socket. Runs inside namespaces of its own (see
/// `sakk-plant up`).
public final class PlantHost: @unchecked Sendable {
    /// TCP ports of the two slots of the first cell's reader driver; the next cell has the next two.
    static let encoderPort: UInt16 = 0xA028
    static let deskPort: UInt16 = 0xA029
    public static let encoderName = "Plant 00 00 00"
    public static let deskName = "Plant 00 00 01"

    /// One cell: its cards and machine, and what they are plugged into.
    private struct Cell {
        let name: String
        let world: World
        let printer: PrinterDevice
        let port: NetworkPort?
        let camera: CameraPlug
    }

    private let directory: String
    private let bus: VirtualBus
    private var cells: [Cell] = []
    private var pcscd: pid_t = 0
    private let control: ControlServer

    /// Address under which a printer is plugged in; changes with each power cut.
    private final class PortBox: @unchecked Sendable {
        let lock = NSLock()
        var address: Int32 = 0
        var port: NetworkPort?
    }

    public init(scenario path: String, directory: String, stock: String) throws(SakkError) {
        let scenario = try Scenario(path: path)
        self.directory = directory
        let cards = try PlantHost.cards(of: [scenario] + scenario.more.map(\.cell), in: stock)
        let page = try PlantHost.page(in: stock)
        var worlds: [(name: String, world: World)] = []
        var made = 0
        for (name, scenario) in [("cell-1", scenario)] + scenario.more.map({ ($0.name, $0.cell) }) {
            let port = PlantHost.encoderPort + UInt16(2 * worlds.count)
            let isBooklet = scenario.blanks.bookletCategory != nil
            worlds.append(
                (
                    name,
                    World(
                        scenario, stockFront: isBooklet ? page : cards.front, stockBack: isBooklet ? page : cards.back,
                        encoderPort: port, deskPort: port + 1, numbersBefore: made)
                ))
            // room for the foreign cards that may still be ordered
            made += scenario.blanks.count + (scenario.more.isEmpty ? 0 : 1000)
        }
        pcscd = try ReaderService.start(
            directory: directory, ports: worlds.indices.map { PlantHost.encoderPort + UInt16(2 * $0) })
        let bus = try VirtualBus()
        self.bus = bus
        for (index, (name, world)) in worlds.enumerated() {
            let (printer, port) = try PlantHost.plug(world, into: bus)
            let camera = try CameraPlug(world, serial: "PLANT-\(index + 1)")
            cells.append(Cell(name: name, world: world, printer: printer, port: port, camera: camera))
        }
        control = try ControlServer(path: directory + "/control.sock")
        let places = cells.map { (name: $0.name, world: $0.world, printer: $0.printer) }
        let plugs = Dictionary(uniqueKeysWithValues: cells.map { ($0.name, $0.camera) })
        control.serve { request in PlantHost.camera(request, plugs) ?? PlantHost.reply(request, places) }
        try announce(scenario)
    }

    /// The pre-printed sides of a card; nothing where no cell has cards.
    private static func cards(
        of cells: [Scenario], in stock: String
    ) throws(SakkError) -> (front: Bytes, back: Bytes) {
        guard cells.contains(where: { $0.blanks.bookletCategory == nil }) else { return ([], []) }
        func side(_ name: String) throws(SakkError) -> Bytes {
            try WorldFile.picture(
                "\(stock)/stock-\(name).png", width: CardFace.stockWidth, height: CardFace.stockHeight)
        }
        return (try side("front"), try side("back"))
    }

    /// The pre-printed data page, for the cells with booklets; white where the folder has none.
    private static func page(in stock: String) throws(SakkError) -> Bytes {
        let (path, shape) = (stock + "/stock-page.png", FaceShape.page)
        guard FileManager.default.fileExists(atPath: path) else { return shape.white }
        return try WorldFile.picture(path, width: shape.stockWidth, height: shape.stockHeight)
    }

    /// On the bus, or on its port in the network.
    private static func plug(
        _ world: World, into bus: VirtualBus
    ) throws(SakkError) -> (PrinterDevice, NetworkPort?) {
        let place = PortBox()
        let printer = PrinterDevice(world: world) { device in
            // a moment without power, then the machine starts anew, on the bus under another address
            let (address, port) = place.lock.withLock { (place.address, place.port) }
            port?.close()
            if port == nil { bus.unplug(address) }
            Thread.sleep(forTimeInterval: 0.4)
            device.powerOn()
            do throws(SakkError) {
                if let port {
                    try port.open()
                } else {
                    let address = try bus.plug(device)
                    place.lock.withLock { place.address = address }
                }
            } catch {
                FileHandle.standardError.write(Data("sakk-plant: \(error)\n".utf8))
            }
        }
        guard let number = world.scenario.printer.port else {
            place.address = try bus.plug(printer)
            printer.wire = { fault in bus.order(fault, at: place.lock.withLock { place.address }) }
            return (printer, nil)
        }
        let port = try NetworkPort(port: number, device: printer)
        place.port = port
        return (printer, port)
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
        for cell in cells {
            cell.world.encoder.remove()
            cell.world.deskReader.remove()
            cell.port?.close()
            cell.camera.close()
        }
        bus.end()
        cells = []
        ReaderService.stop(pcscd)
    }

    /// `camera unplug`, `camera plug`, with a cell's name before it; nil: it is about something else.
    private static func camera(_ request: [String], _ plugs: [String: CameraPlug]) -> (done: Bool, text: String)? {
        let names = request.first.map { $0.hasPrefix("@") ? String($0.dropFirst()) : "cell-1" }
        let words = request.first?.hasPrefix("@") == true ? Array(request.dropFirst()) : request
        guard words.count == 2, words[0] == "camera", let plug = plugs[names ?? ""] else { return nil }
        do throws(SakkError) {
            switch words[1] {
            case "unplug": plug.pull()
            case "plug": try plug.put()
            default: return nil
            }
            return (true, words[1] == "plug" ? "the camera's cable is in" : "the camera's cable is pulled")
        } catch {
            return (false, "\(error.text) \(error.remedy)")
        }
    }

    /// A request may begin with the name of a cell (`@cell-2`); without it, it is the first one's. A place may name its
    /// cell as well: `cell-2/machine`.
    static func reply(_ request: [String], _ cells: [(name: String, world: World, printer: PrinterDevice)])
        -> (
            done: Bool, text: String
        )
    {
        var words = request
        var name = cells[0].name
        if let first = words.first, first.hasPrefix("@") {
            name = String(first.dropFirst())
            words.removeFirst()
        }
        func world(_ place: String) -> (world: World, place: String)? {
            let parts = place.split(separator: "/", maxSplits: 1).map(String.init)
            let owner = parts.count == 2 ? parts[0] : name
            return cells.first { $0.name == owner }.map { ($0.world, parts.last ?? "") }
        }
        guard let cell = cells.first(where: { $0.name == name }) else {
            return (false, "There is no cell \(name): \(cells.map(\.name).joined(separator: ", ")).")
        }
        do throws(SakkError) {
            switch words.first {
            case "census" where cells.count > 1:
                return (
                    true,
                    try World.census(
                        of: cells.map { ($0.name, $0.world) }, pictures: words.count > 1 ? words[1] : nil,
                        panels: words.last == "panels")
                )
            case "move" where words.count == 3:
                guard let from = world(words[1]), let to = world(words[2]) else {
                    return (false, "There is no such cell: \(cells.map(\.name).joined(separator: ", ")).")
                }
                try from.world.carry(from: from.place, to: to.world, to.place)
                return (true, "moved \(words[1]) to \(words[2])")
            default: return answer(words, world: cell.world, printer: cell.printer)
            }
        } catch {
            return (false, "\(error.text) \(error.remedy)")
        }
    }

    static func answer(_ request: [String], world: World, printer: PrinterDevice) -> (done: Bool, text: String) {
        do throws(SakkError) {
            switch request.first {
            case "census":
                return (
                    true,
                    try world.census(
                        pictures: request.count > 1 ? request[1] : nil, panels: request.last == "panels")
                )
            case "power-cut":
                printer.cutPower()
                return (true, "the printer's power was cut")
            case "usb" where request.count == 3:
                guard let bytes = Int(request[2]), let fault = BusFault(request[1], bytes: bytes),
                    let wire = printer.wire
                else {
                    return (
                        false,
                        "A fault of the wire: stall-out, stall-in, partial-out, pull-out, demand-reader, and bytes."
                    )
                }
                wire(fault)
                return (true, "\(request[1]) will happen after \(bytes) bytes")
            case "ping": return (true, "alive")
            case "lamp" where request.count == 3:
                guard let lamp = Lamp(rawValue: request[1]) else {
                    return (false, "A lamp is one of \(Lamp.allCases.map(\.rawValue).joined(separator: ", ")).")
                }
                world.set(lamp, dead: request[2] == "dead")
                return (true, "the \(lamp.rawValue) lamp is \(request[2] == "dead" ? "dead" : "alive")")
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
