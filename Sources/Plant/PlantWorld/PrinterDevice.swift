import Foundation
public import Ground
import PlantPrinter
public import PlantUSB

/// The printer on the bus: firmware, its worker thread, and the power switch.
public final class PrinterDevice: VirtualUSBDevice, PowerSupply, @unchecked Sendable {
    // `firmware` guards the machine while it works; `gate` guards the mailboxes
    private let firmware = NSLock()
    private let gate = NSCondition()
    private let machine: any PrinterFirmware
    private let world: World
    private var inbox = Bytes()
    /// One entry for each transfer.
    private var outbox: [Bytes] = []
    private var ready: (@Sendable () -> Void)?
    private var generation = 0
    private var isOff = false
    /// Faults on its wire; set where it is plugged in.
    var wire: (@Sendable (BusFault) -> Void)?
    private let powerCut: @Sendable (PrinterDevice) -> Void

    /// `powerCut` is called once for each cut, on a thread of its own: it pulls the plug and puts it in again.
    public init(world: World, powerCut: @escaping @Sendable (PrinterDevice) -> Void) {
        self.world = world
        self.powerCut = powerCut
        let mechanism = WorldMechanism(world: world)
        machine = PrinterDevice.firmware(world.scenario.printer, mechanism)
        mechanism.power = self
        Thread.detachNewThread { [self] in work() }
    }

    static func firmware(_ printer: Scenario.Printer, _ mechanism: WorldMechanism) -> any PrinterFirmware {
        let plate = MachinePlate(model: printer.model, serial: printer.serial, firmware: printer.firmware)
        switch printer.family {
        case .evolis:
            return EvolisMachine(plate: plate, mechanism: mechanism, panelsPrinted: 1200, cardsTaken: 200)
        case .xid:
            let machine = XIDMachine(
                plate: plate, mechanism: mechanism, inkType: printer.ribbon.contains("u") ? 6 : 4, total: 200,
                head: 1200)
            return printer.port == nil ? XIDBulkFace(machine) : XIDNetworkFace(machine)
        case .ixla:
            return IXLAMachine(plate: plate, mechanism: mechanism)
        case .magicard:
            return MagicardMachine(plate: plate, mechanism: mechanism, cardsTaken: 200, panelsPrinted: 1200)
        }
    }

    private var family: Scenario.Printer.Family { world.scenario.printer.family }
    // the XID's numbers are not published: one from the range for tests
    public var vendorID: UInt16 {
        switch family {
        case .evolis: 0x0F49
        case .xid: 0xF055
        case .magicard: 0x0C1F
        case .ixla: 0
        }
    }
    public var productID: UInt16 {
        switch family {
        case .evolis: 0x0A00
        case .xid: 0x8600
        case .magicard: 0x880A
        case .ixla: 0
        }
    }
    private var manufacturer: String {
        switch family {
        case .evolis: "Evolis"
        case .xid: "G-Printec, Inc."
        case .magicard: "Magicard"
        case .ixla: "IXLA"
        }
    }
    public var descriptors: Bytes {
        family == .xid
            ? USBDescriptors.bulkOnly(vendor: vendorID, product: productID)
            : USBDescriptors.printer(vendor: vendorID, product: productID)
    }

    public func control(type: UInt8, request: UInt8, value: UInt16, index: UInt16, length: Int, data: Bytes) -> Bytes? {
        switch (type, request) {
        case (0x80, 6) where value >> 8 == 3:
            switch value & 0xFF {
            case 0: return USBDescriptors.languages
            case 1: return USBDescriptors.string(manufacturer)
            case 2: return USBDescriptors.string(family == .xid ? "Card Printer" : machine.plate.model)
            case 3:
                return world.scenario.printer.describesSerial ? USBDescriptors.string(machine.plate.serial) : nil
            default: return nil
            }
        case (0xA1, 0):
            guard let deviceID = machine.deviceID else { return nil }
            let text = Bytes(deviceID.utf8)
            return BigEndian.bytes(UInt16(text.count + 2)) + text
        case (0xA1, 1): return firmware.withLock { [machine.portStatus] }
        case (0x21, 2):
            reset { $0.softReset() }
            return []
        case (0x21, 0xFF):
            reset { $0.massStorageReset() }
            return []
        default: return nil
        }
    }

    /// Waits for the movement that is under way; then nothing of the conversation is left.
    private func reset(_ how: (any PrinterFirmware) -> Void) {
        firmware.withLock {
            // what had come before the reset came before it
            machine.accept(
                gate.withLock {
                    defer { inbox = [] }
                    return inbox
                })
            how(machine)
            gate.withLock {
                inbox = []
                outbox = []
            }
        }
    }

    public func receive(_ bytes: Bytes) {
        gate.withLock {
            guard !isOff else { return }
            inbox += bytes
            gate.signal()
        }
    }

    public func take(upTo count: Int) -> Bytes {
        gate.withLock {
            guard let first = outbox.first else { return [] }
            if first.count <= count {
                outbox.removeFirst()
            } else {
                outbox[0] = Bytes(first.dropFirst(count))
            }
            return Bytes(first.prefix(count))
        }
    }

    public func notify(_ ready: (@Sendable () -> Void)?) { gate.withLock { self.ready = ready } }

    /// Over the network: a program came, or went.
    func connectionBegins() {
        reset { $0.softReset() }
        firmware.withLock {
            guard let face = machine as? XIDNetworkFace else { return }
            let greeting = face.greeting()
            gate.withLock { outbox = [greeting] }
        }
    }

    func connectionEnded() { reset { $0.softReset() } }

    private func work() {
        while true {
            gate.lock()
            while inbox.isEmpty { gate.wait() }
            gate.unlock()
            firmware.lock()
            let begun: Int = gate.withLock {
                machine.accept(inbox)
                inbox = []
                return generation
            }
            while let answer = machine.respond() {
                let listener: (@Sendable () -> Void)? = gate.withLock {
                    // after a power cut nobody hears the answer
                    guard generation == begun else { return nil }
                    outbox += answer
                    return ready
                }
                guard gate.withLock({ generation == begun }) else { break }
                firmware.unlock()
                listener?()
                firmware.lock()
            }
            let restarts = machine.takeRestart()
            firmware.unlock()
            if restarts { cutPower() }
        }
    }

    public func pulled() { cutPower() }

    /// The machine stops where it is; nothing happens when it has no power already.
    public func cutPower() {
        let wasOn: Bool = gate.withLock {
            guard !isOff else { return false }
            isOff = true
            generation += 1
            inbox = []
            outbox = []
            return true
        }
        guard wasOn else { return }
        world.powerWent()
        Thread.detachNewThread { [self] in powerCut(self) }
    }

    /// Power is back: volatile settings are gone, and what is inside may go out by the good exit.
    public func powerOn() {
        firmware.withLock {
            machine.powerOn()
            world.powerCameBack()
            gate.withLock {
                inbox = []
                outbox = []
                isOff = false
            }
        }
    }
}

extension World {
    /// The encoder is inside the machine and loses its power too.
    func powerWent() {
        lock.withLock {
            hasPower = false
            encoder.remove()
        }
    }

    func powerCameBack() {
        lock.withLock {
            hasPower = true
            guard let card = inside else { return }
            if scenario.printer.ejectsOnPowerUp {
                good.append(card)
                inside = nil
                station = .empty
            } else {
                station = .at(.print)
            }
        }
    }
}
