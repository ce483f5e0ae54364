import CUSB
public import Ground

/// Which device is meant. A bus path is never an identity: vendor and serial number are.
public struct USBPrinterIdentity: Sendable, Hashable {
    public let vendorID: UInt16
    public let serial: String
    public init(vendorID: UInt16, serial: String) {
        self.vendorID = vendorID
        self.serial = serial
    }
}

/// A USB printer (class 7) over libusb-1.0: found by vendor and serial, detached from usblp, claimed, endpoints taken
/// from its descriptors. Confined to the thread of the actor that owns it.
public final class USBPrinterDevice: BulkDevice {
    public let connection: String
    private let identity: USBPrinterIdentity
    private let context: OpaquePointer
    private var handle: OpaquePointer?
    private let interface: PrinterInterface
    private let chunk: Int

    /// Opens and claims the device. Errors: `usb.unavailable`, `usb.device.missing` (naming what is there),
    /// `usb.device.busy`, `usb.device.access`.
    public init(_ identity: USBPrinterIdentity, chunkBytes: Int = 65536) throws(SakkError) {
        self.identity = identity
        chunk = chunkBytes
        var made: OpaquePointer?
        let started = libusb_init(&made)
        guard started == 0, let made else {
            throw SakkError(
                "usb.unavailable", source: "usb",
                native: SakkError.Native(kind: "libusb", value: String(started)),
                text: "The USB of this machine cannot be used.",
                remedy: "Check that /dev/bus/usb is there and that the controller may read it.")
        }
        context = made
        do {
            let found = try USBPrinterDevice.find(identity, in: made)
            handle = found.handle
            interface = found.interface
            connection = found.connection
            try USBPrinterDevice.claim(found.handle, found.interface, source: "printer \(identity.serial)")
        } catch {
            if let handle { libusb_close(handle) }
            handle = nil
            libusb_exit(made)
            throw error
        }
    }

    deinit { close() }

    public func close() {
        guard let handle else { return }
        libusb_release_interface(handle, interface.number)
        libusb_close(handle)
        libusb_exit(context)
        self.handle = nil
    }

    private var source: String { "printer \(identity.serial)" }

    private func open() throws(SakkError) -> OpaquePointer {
        guard let handle else {
            throw USBError.make(LIBUSB_ERROR_NO_DEVICE.rawValue, "using it", source: source, outcome: .unknown)
        }
        return handle
    }

    public func deviceID() throws(SakkError) -> String? {
        var buffer = Bytes(repeating: 0, count: 1024)
        let count = libusb_control_transfer(
            try open(), 0xA1, 0, 0, UInt16(interface.number) << 8, &buffer, UInt16(buffer.count), 2000)
        if count == LIBUSB_ERROR_PIPE.rawValue { return nil }
        guard count >= 0 else {
            throw USBError.make(count, "it told who it is", source: source, outcome: .notDone)
        }
        // the length counts its own two bytes
        guard count > 2 else { return nil }
        let length = min(Int(buffer[0]) << 8 | Int(buffer[1]), Int(count))
        return String(decoding: buffer[2..<max(2, length)], as: UTF8.self)
    }

    public func softReset() throws(SakkError) {
        let done = libusb_control_transfer(try open(), 0x21, 2, 0, UInt16(interface.number), nil, 0, 2000)
        guard done >= 0 else { throw USBError.make(done, "it was reset", source: source, outcome: .notDone) }
    }

    public func send(_ bytes: Bytes, timeoutMS: Int) throws(SakkError) {
        let handle = try open()
        var offset = 0
        var cleared = false
        while offset < bytes.count {
            let count = min(chunk, bytes.count - offset)
            var taken: Int32 = 0
            var part = Bytes(bytes[offset..<(offset + count)])
            let code =
                FaultInjection.fails(.usbTransfer)
                ? LIBUSB_ERROR_IO.rawValue
                : libusb_bulk_transfer(handle, interface.bulkOut, &part, Int32(count), &taken, UInt32(timeoutMS))
            // what was taken counts even when the call failed
            offset += Int(taken)
            switch code {
            case 0: continue
            case LIBUSB_ERROR_TIMEOUT.rawValue where taken > 0: continue
            case LIBUSB_ERROR_PIPE.rawValue where !cleared:
                cleared = true
                libusb_clear_halt(handle, interface.bulkOut)
            default:
                throw USBError.make(
                    code, "\(offset) of \(bytes.count) bytes were sent", source: source,
                    outcome: offset == 0 && code == LIBUSB_ERROR_PIPE.rawValue ? .notDone : .unknown)
            }
        }
    }

    public func receive(upTo count: Int, timeoutMS: Int) throws(SakkError) -> Bytes {
        let handle = try open()
        var buffer = Bytes(repeating: 0, count: count)
        var cleared = false
        while true {
            var taken: Int32 = 0
            let code =
                FaultInjection.fails(.usbTransfer)
                ? LIBUSB_ERROR_IO.rawValue
                : libusb_bulk_transfer(handle, interface.bulkIn, &buffer, Int32(count), &taken, UInt32(timeoutMS))
            if taken > 0 || code == 0 { return Bytes(buffer.prefix(Int(taken))) }
            switch code {
            case LIBUSB_ERROR_TIMEOUT.rawValue: return []
            case LIBUSB_ERROR_PIPE.rawValue where !cleared:
                cleared = true
                libusb_clear_halt(handle, interface.bulkIn)
            default: throw USBError.make(code, "its answer was read", source: source, outcome: .unknown)
            }
        }
    }

    private static func claim(
        _ handle: OpaquePointer, _ interface: PrinterInterface, source: String
    ) throws(SakkError) {
        // usblp binds first on a stock system
        libusb_set_auto_detach_kernel_driver(handle, 1)
        let code = libusb_claim_interface(handle, interface.number)
        guard code == 0 else { throw USBError.make(code, "it was claimed", source: source, outcome: .notDone) }
        if interface.alternate != 0 {
            libusb_set_interface_alt_setting(handle, interface.number, interface.alternate)
        }
    }

    private static func find(
        _ identity: USBPrinterIdentity, in context: OpaquePointer
    ) throws(SakkError) -> (handle: OpaquePointer, interface: PrinterInterface, connection: String) {
        var list: UnsafeMutablePointer<OpaquePointer?>?
        let count = libusb_get_device_list(context, &list)
        defer { if let list { libusb_free_device_list(list, 1) } }
        var seen: [String] = []
        for index in 0..<max(0, count) {
            guard let device = list?[index] else { continue }
            var descriptor = libusb_device_descriptor()
            guard libusb_get_device_descriptor(device, &descriptor) == 0, descriptor.idVendor == identity.vendorID,
                let interface = PrinterInterface(of: device)
            else { continue }
            var opened: OpaquePointer?
            let code = libusb_open(device, &opened)
            guard code == 0, let opened else {
                if code == LIBUSB_ERROR_ACCESS.rawValue {
                    throw USBError.make(code, "it was opened", source: "usb", outcome: .notDone)
                }
                continue
            }
            let serial = text(opened, descriptor.iSerialNumber)
            if serial == identity.serial {
                let place = "usb:\(libusb_get_bus_number(device))-\(libusb_get_device_address(device))"
                return (opened, interface, place)
            }
            seen.append(serial.isEmpty ? "one without a serial number" : serial)
            libusb_close(opened)
        }
        let words = seen.isEmpty ? "no printer of this maker is there" : "there are: " + seen.joined(separator: ", ")
        throw SakkError(
            "usb.device.missing", source: "usb", subject: identity.serial,
            text: "The printer \(identity.serial) is not on the USB; \(words).",
            remedy: "Switch it on, check the cable, and compare the serial number with the line's configuration.")
    }

    private static func text(_ handle: OpaquePointer, _ index: UInt8) -> String {
        guard index != 0 else { return "" }
        var buffer = Bytes(repeating: 0, count: 256)
        let count = libusb_get_string_descriptor_ascii(handle, index, &buffer, Int32(buffer.count))
        return count > 0 ? String(decoding: buffer.prefix(Int(count)), as: UTF8.self) : ""
    }
}

/// The bidirectional printer interface (7/1/2) of a device and its endpoints, as its descriptors say.
struct PrinterInterface {
    let number: Int32
    let alternate: Int32
    let bulkOut: UInt8
    let bulkIn: UInt8

    init?(of device: OpaquePointer) {
        var configuration: UnsafeMutablePointer<libusb_config_descriptor>?
        guard
            libusb_get_active_config_descriptor(device, &configuration) == 0
                || libusb_get_config_descriptor(device, 0, &configuration) == 0, let configuration
        else { return nil }
        defer { libusb_free_config_descriptor(configuration) }
        for index in 0..<Int(configuration.pointee.bNumInterfaces) {
            let interface = configuration.pointee.interface[index]
            for setting in 0..<Int(interface.num_altsetting) {
                let description = interface.altsetting[setting]
                guard description.bInterfaceClass == 7, description.bInterfaceSubClass == 1,
                    description.bInterfaceProtocol == 2
                else { continue }
                var bulkOut: UInt8?
                var bulkIn: UInt8?
                for endpoint in 0..<Int(description.bNumEndpoints) {
                    let point = description.endpoint[endpoint]
                    guard point.bmAttributes & 3 == 2 else { continue }
                    if point.bEndpointAddress & 0x80 != 0 {
                        bulkIn = bulkIn ?? point.bEndpointAddress
                    } else {
                        bulkOut = bulkOut ?? point.bEndpointAddress
                    }
                }
                guard let bulkOut, let bulkIn else { continue }
                number = Int32(description.bInterfaceNumber)
                alternate = Int32(description.bAlternateSetting)
                self.bulkOut = bulkOut
                self.bulkIn = bulkIn
                return
            }
        }
        return nil
    }
}
