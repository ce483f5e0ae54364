import CUSB
import Glibc
public import Ground

/// A printer as the bus shows it, whoever owns it.
public struct USBListing: Sendable, Hashable {
    public let vendorID: UInt16
    public let productID: UInt16
    public let manufacturer: String
    public let product: String
    public let serial: String
    public let kind: USBPrinterIdentity.Kind
    public let connection: String

    public func suits(_ identity: USBPrinterIdentity) -> Bool {
        kind == identity.kind && (identity.vendorID ?? vendorID) == vendorID
            && (identity.manufacturer ?? manufacturer) == manufacturer && (identity.product ?? product) == product
    }
}

/// All printers of this machine's USB.
public enum USBBus {
    /// Devices with a printer interface of either kind, without claiming any.
    public static func list() throws(SakkError) -> [USBListing] {
        let context = try context()
        defer { libusb_exit(context) }
        var listings: [USBListing] = []
        try each(in: context) { _, _, listing, _ in
            listings.append(listing)
            return false
        }
        return listings
    }

    /// Waits for the next device that arrives, at most so long: told by libusb's hot plug. Where nothing tells it, the time
    /// passes, and the caller looks anew.
    public static func awaitArrival(withinMS milliseconds: Int) {
        guard let context = try? context() else {
            usleep(UInt32(milliseconds) * 1000)
            return
        }
        defer { libusb_exit(context) }
        var registered: libusb_hotplug_callback_handle = 0
        let events = Int32(bitPattern: LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED.rawValue)
        libusb_hotplug_register_callback(
            context, events, 0, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
            { _, _, _, _ in 0 }, nil, &registered)
        var time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        libusb_handle_events_timeout_completed(context, &time, nil)
        libusb_hotplug_deregister_callback(context, registered)
    }

    static func context() throws(SakkError) -> OpaquePointer {
        var made: OpaquePointer?
        let started = libusb_init(&made)
        guard started == 0, let made else {
            throw SakkError(
                "usb.unavailable", source: "usb",
                native: SakkError.Native(kind: "libusb", value: String(started)),
                text: "The USB of this machine cannot be used.",
                remedy: "Check that /dev/bus/usb is there and that the controller may read it.")
        }
        return made
    }

    /// Opens the device that is meant; the caller closes it.
    static func open(
        _ identity: USBPrinterIdentity, in context: OpaquePointer
    ) throws(SakkError) -> (handle: OpaquePointer, interface: USBInterface, connection: String) {
        var seen: [String] = []
        var found: (handle: OpaquePointer, interface: USBInterface, connection: String)?
        try each(in: context, refuses: { $0.vendorID == identity.vendorID }) { handle, interface, listing, keep in
            guard listing.suits(identity) else { return false }
            if listing.serial == identity.serial {
                found = (handle, interface, listing.connection)
                keep = true
                return true
            }
            seen.append(listing.serial.isEmpty ? "one without a serial number" : listing.serial)
            return false
        }
        if let found { return found }
        let words = seen.isEmpty ? "no printer of this maker is there" : "there are: " + seen.joined(separator: ", ")
        throw SakkError(
            "usb.device.missing", source: "usb", subject: identity.serial,
            text: "The printer \(identity.serial) is not on the USB; \(words).",
            remedy: "Switch it on, check the cable, and compare the serial number with the line's configuration.")
    }

    /// Shows each printer, opened, until the body says that it is enough; one that the body keeps stays open.
    /// `refuses` says for which device a lack of rights is an error.
    private static func each(
        in context: OpaquePointer, refuses: (USBListing) -> Bool = { _ in false },
        _ body: (OpaquePointer, USBInterface, USBListing, inout Bool) -> Bool
    ) throws(SakkError) {
        var list: UnsafeMutablePointer<OpaquePointer?>?
        let count = libusb_get_device_list(context, &list)
        defer { if let list { libusb_free_device_list(list, 1) } }
        for index in 0..<max(0, count) {
            guard let device = list?[index] else { continue }
            var descriptor = libusb_device_descriptor()
            guard libusb_get_device_descriptor(device, &descriptor) == 0 else { continue }
            for kind in USBPrinterIdentity.Kind.allCases {
                guard let interface = USBInterface(of: device, kind: kind) else { continue }
                let connection = connection(device)
                var opened: OpaquePointer?
                let code = libusb_open(device, &opened)
                guard code == 0, let opened else {
                    let bare = USBListing(
                        vendorID: descriptor.idVendor, productID: descriptor.idProduct, manufacturer: "", product: "",
                        serial: "", kind: kind, connection: connection)
                    if code == LIBUSB_ERROR_ACCESS.rawValue, refuses(bare) {
                        throw USBError.make(code, "it was opened", source: "usb", outcome: .notDone)
                    }
                    continue
                }
                let listing = USBListing(
                    vendorID: descriptor.idVendor, productID: descriptor.idProduct,
                    manufacturer: text(opened, descriptor.iManufacturer), product: text(opened, descriptor.iProduct),
                    serial: serial(opened, descriptor.iSerialNumber, interface, kind), kind: kind,
                    connection: connection)
                var keep = false
                let enough = body(opened, interface, listing, &keep)
                if !keep { libusb_close(opened) }
                if enough { return }
            }
        }
    }

    /// Where it hangs now; no identity, for it changes with each replug.
    static func connection(_ device: OpaquePointer) -> String {
        "usb:\(libusb_get_bus_number(device))-\(libusb_get_device_address(device))"
    }

    /// Of its descriptor; a printer without one says it in its identity string, which the system lets be asked of a printer
    /// that somebody else holds.
    private static func serial(
        _ handle: OpaquePointer, _ index: UInt8, _ interface: USBInterface, _ kind: USBPrinterIdentity.Kind
    ) -> String {
        let told = text(handle, index)
        guard told.isEmpty, kind == .printer else { return told }
        return USBDeviceID.ask(handle, interface).text.flatMap { USBDeviceID.serial(in: $0) } ?? ""
    }

    private static func text(_ handle: OpaquePointer, _ index: UInt8) -> String {
        guard index != 0 else { return "" }
        var buffer = Bytes(repeating: 0, count: 256)
        let count = libusb_get_string_descriptor_ascii(handle, index, &buffer, Int32(buffer.count))
        return count > 0 ? String(decoding: buffer.prefix(Int(count)), as: UTF8.self) : ""
    }
}
