import CUSB
import Glibc
public import Ground

/// A USB printer over libusb-1.0: found by maker and serial number, detached from the system's own driver, claimed, endpoints
/// taken from its descriptors, one IN transfer always posted. Confined to the thread of the actor that owns it.
public final class USBPrinterDevice: BulkDevice {
    public let connection: String
    private let identity: USBPrinterIdentity
    private let quirks: USBQuirks
    private let context: OpaquePointer
    private var handle: OpaquePointer?
    private let interface: USBInterface
    private let reader: PostedReader

    /// Opens and claims the device. Errors: `usb.unavailable`, `usb.device.missing` (naming what is there),
    /// `usb.device.busy`, `usb.device.access`.
    public init(_ identity: USBPrinterIdentity, quirks: USBQuirks = USBQuirks()) throws(SakkError) {
        self.identity = identity
        self.quirks = quirks
        let made = try USBBus.context()
        context = made
        var opened: OpaquePointer?
        do throws(SakkError) {
            let found = try USBBus.open(identity, in: made)
            opened = found.handle
            try USBPrinterDevice.claim(found.handle, found.interface, quirks, source: "printer \(identity.serial)")
            guard let reader = PostedReader(context: made, handle: found.handle, endpoint: found.interface.bulkIn)
            else {
                throw USBError.make(
                    LIBUSB_ERROR_NO_MEM.rawValue, "it was claimed", source: "usb", outcome: .notDone)
            }
            self.reader = reader
            handle = found.handle
            interface = found.interface
            connection = found.connection
            reader.post()
        } catch {
            if let opened { libusb_close(opened) }
            libusb_exit(made)
            throw error
        }
    }

    public convenience init(_ identity: USBPrinterIdentity, chunkBytes: Int) throws(SakkError) {
        try self.init(identity, quirks: USBQuirks(chunkBytes: chunkBytes))
    }

    deinit { close() }

    public func close() {
        guard let handle else { return }
        if quirks.closeDelayMS > 0 { usleep(UInt32(quirks.closeDelayMS) * 1000) }
        reader.end()
        reader.free()
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
        let (code, text) = USBDeviceID.ask(try open(), interface)
        if code == LIBUSB_ERROR_PIPE.rawValue { return nil }
        guard code >= 0 else {
            throw USBError.make(code, "it told who it is", source: source, outcome: .notDone)
        }
        return text
    }

    public func portStatus() throws(SakkError) -> UInt8? {
        var status: UInt8 = 0
        let count = libusb_control_transfer(
            try open(), 0xA1, 1, 0, UInt16(interface.number), &status, 1, 2000)
        if count == LIBUSB_ERROR_PIPE.rawValue { return nil }
        guard count == 1 else {
            throw USBError.make(
                count < 0 ? count : LIBUSB_ERROR_IO.rawValue, "it told its port status", source: source,
                outcome: .notDone)
        }
        return status
    }

    public func softReset() throws(SakkError) { try classRequest(2) }

    public func massStorageReset() throws(SakkError) {
        try classRequest(0xFF)
        let handle = try open()
        // an endpoint is cleared with nothing posted on it
        reader.end()
        libusb_clear_halt(handle, interface.bulkIn)
        libusb_clear_halt(handle, interface.bulkOut)
        reader.post()
    }

    private func classRequest(_ request: UInt8) throws(SakkError) {
        let done = libusb_control_transfer(try open(), 0x21, request, 0, UInt16(interface.number), nil, 0, 2000)
        guard done >= 0 else { throw USBError.make(done, "it was reset", source: source, outcome: .notDone) }
    }

    public func send(_ bytes: Bytes, timeoutMS: Int) throws(SakkError) {
        let handle = try open()
        let sender = BulkSender(
            chunkBytes: quirks.chunkBytes, packetBytes: interface.packetBytes,
            endsWithEmptyPacket: quirks.zeroLengthPacket)
        let result = sender.send(bytes) { part in
            guard !FaultInjection.fails(.usbTransfer) else { return (LIBUSB_ERROR_IO.rawValue, 0) }
            var part = Bytes(part)
            var taken: Int32 = 0
            let code = libusb_bulk_transfer(
                handle, interface.bulkOut, &part, Int32(part.count), &taken, UInt32(timeoutMS))
            return (code, Int(taken))
        } clearHalt: {
            libusb_clear_halt(handle, interface.bulkOut)
        }
        guard result.code != 0 else { return }
        let code = settled(result.code, handle)
        throw USBError.make(
            code, "\(result.sent) of \(bytes.count) bytes were sent", source: source,
            outcome: result.sent == 0 && code == LIBUSB_ERROR_PIPE.rawValue ? .notDone : .unknown)
    }

    public func receive(upTo count: Int, timeoutMS: Int) throws(SakkError) -> Bytes {
        let handle = try open()
        var cleared = false
        while true {
            if FaultInjection.fails(.usbTransfer) {
                throw USBError.make(
                    LIBUSB_ERROR_IO.rawValue, "its answer was read", source: source, outcome: .unknown)
            }
            if let bytes = reader.next(upTo: count, timeoutMS: timeoutMS) { return bytes }
            switch reader.failure {
            case 0: return []
            case LIBUSB_ERROR_PIPE.rawValue where !cleared:
                cleared = true
                libusb_clear_halt(handle, interface.bulkIn)
                reader.post()
            default:
                throw USBError.make(
                    settled(reader.failure, handle), "its answer was read", source: source, outcome: .unknown)
            }
        }
    }

    /// On a real bus a pulled plug fails transfers first, and is told as one a moment later: a device that does not answer its
    /// standard status within that moment either has gone or is as good as that.
    private func settled(_ code: Int32, _ handle: OpaquePointer) -> Int32 {
        guard code == LIBUSB_ERROR_IO.rawValue || code == LIBUSB_ERROR_OTHER.rawValue else { return code }
        for _ in 0..<25 {
            var status = Bytes(repeating: 0, count: 2)
            let told = libusb_control_transfer(handle, 0x80, 0, 0, 0, &status, 2, 100)
            if told == LIBUSB_ERROR_NO_DEVICE.rawValue { return told }
            if told == 2 || told == LIBUSB_ERROR_PIPE.rawValue { return code }
            usleep(20_000)
        }
        return code
    }

    private static func claim(
        _ handle: OpaquePointer, _ interface: USBInterface, _ quirks: USBQuirks, source: String
    ) throws(SakkError) {
        // usblp or usb-storage binds first on a stock system
        if quirks.noReattach {
            if libusb_kernel_driver_active(handle, interface.number) == 1 {
                libusb_detach_kernel_driver(handle, interface.number)
            }
        } else {
            libusb_set_auto_detach_kernel_driver(handle, 1)
        }
        let code = libusb_claim_interface(handle, interface.number)
        guard code == 0 else { throw USBError.make(code, "it was claimed", source: source, outcome: .notDone) }
        if interface.alternate != 0, !quirks.keepsSetting {
            libusb_set_interface_alt_setting(handle, interface.number, interface.alternate)
        }
    }
}
