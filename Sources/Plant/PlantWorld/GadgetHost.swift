import Foundation
import Glibc
public import Ground
import PlantCamera
import PlantChip
import PlantUSB

/// The printers of a world on a real kernel's bus, and nothing else of a plant: no readers, no cameras.
public final class GadgetHost: @unchecked Sendable {
    private struct EmptySlot: CardSlot {
        func insert(_ card: VirtualCard) throws(SakkError) {}
        func remove() {}
    }

    private final class PlugBox: @unchecked Sendable {
        let lock = NSLock()
        var gadget: FunctionGadget?
    }

    private let control: ControlServer
    private var gadgets: [FunctionGadget] = []

    /// The n-th printer that hangs on the USB meets `dummy_udc.n`. `plant.ready` appears in the folder when all are plugged in.
    public init(scenario path: String, directory: String) throws(SakkError) {
        let scenario = try Scenario(path: path)
        let white = Bytes(repeating: 255, count: CardFace.stockWidth * CardFace.stockHeight * 3)
        var places: [(name: String, world: World, printer: PrinterDevice)] = []
        let cells = [("cell-1", scenario)] + scenario.more.map { ($0.name, $0.cell) }
        for (name, cell) in cells where cell.printer.port == nil {
            let world = World(
                cell, stockFront: white, stockBack: white, encoder: EmptySlot(), desk: EmptySlot())
            let box = PlugBox()
            let printer = PrinterDevice(world: world) { device in
                let gadget = box.lock.withLock { box.gadget }
                gadget?.unplug()
                Thread.sleep(forTimeInterval: 0.4)
                device.powerOn()
                do throws(SakkError) { try gadget?.plug() } catch {
                    FileHandle.standardError.write(Data("sakk-plant: \(error)\n".utf8))
                }
            }
            let gadget = try FunctionGadget(
                name: name, device: printer, controller: "dummy_udc.\(places.count)", mounts: directory)
            box.lock.withLock { box.gadget = gadget }
            printer.wire = { fault in _ = gadget.order(fault) }
            try gadget.plug()
            gadgets.append(gadget)
            places.append((name, world, printer))
        }
        control = try ControlServer(path: directory + "/control.sock")
        let known = places
        control.serve { request in PlantHost.reply(request, known) }
        try WorldFile.write(Bytes("SAKK_PLANT_PID=\(getpid())\n".utf8), to: directory + "/plant.ready")
    }

    public func stop() {
        for gadget in gadgets { gadget.unplug() }
        control.stop()
    }
}
