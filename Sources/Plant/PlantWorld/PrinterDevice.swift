import Foundation
public import Ground
import PlantPrinter
public import PlantUSB

/// The printer on the bus: firmware, its worker thread, and the power switch.
public final class PrinterDevice: VirtualUSBDevice, PowerSupply, @unchecked Sendable {
    // `firmware` guards the machine while it works; `gate` guards the mailboxes
    private let firmware = NSLock()
    private let gate = NSCondition()
    private let machine: EvolisMachine
    private let world: World
    private var inbox = Bytes()
    private var outbox = Bytes()
    private var ready: (@Sendable () -> Void)?
    private var generation = 0
    private var isOff = false
    private let powerCut: @Sendable (PrinterDevice) -> Void

    /// `powerCut` is called once for each cut, on a thread of its own: it pulls the plug and puts it in again.
    public init(world: World, powerCut: @escaping @Sendable (PrinterDevice) -> Void) {
        self.world = world
        self.powerCut = powerCut
        let mechanism = WorldMechanism(world: world)
        machine = EvolisMachine(
            plate: EvolisMachine.Plate(
                model: world.scenario.printer.model, serial: world.scenario.printer.serial,
                firmware: world.scenario.printer.firmware), mechanism: mechanism, panelsPrinted: 1200, cardsTaken: 200)
        mechanism.power = self
        Thread.detachNewThread { [self] in work() }
    }

    public let vendorID: UInt16 = 0x0F49
    public let productID: UInt16 = 0x0A00
    public var descriptors: Bytes { USBDescriptors.printer(vendor: vendorID, product: productID) }

    public func control(type: UInt8, request: UInt8, value: UInt16, index: UInt16, length: Int, data: Bytes) -> Bytes? {
        switch (type, request) {
        case (0x80, 6) where value >> 8 == 3:
            switch value & 0xFF {
            case 0: return USBDescriptors.languages
            case 1: return USBDescriptors.string("Evolis")
            case 2: return USBDescriptors.string(machine.plate.model)
            case 3: return USBDescriptors.string(machine.plate.serial)
            default: return nil
            }
        case (0xA1, 0):
            let text = Bytes(machine.deviceID.utf8)
            return BigEndian.bytes(UInt16(text.count + 2)) + text
        case (0xA1, 1): return [0x18]
        case (0x21, 2):
            softReset()
            return []
        default: return nil
        }
    }

    /// Waits for the movement that is under way; then nothing of the conversation is left.
    private func softReset() {
        gate.withLock { inbox = [] }
        firmware.withLock {
            machine.softReset()
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
            let part = Bytes(outbox.prefix(count))
            outbox.removeFirst(part.count)
            return part
        }
    }

    public func notify(_ ready: (@Sendable () -> Void)?) { gate.withLock { self.ready = ready } }

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
            while let answer = machine.step() {
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
            firmware.unlock()
        }
    }

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
