import CUSB
import Glibc
public import Ground

/// Printers that come and go, as libusb's hot plug tells it: nothing is looked for by the clock. Confined to one thread.
public final class USBWatch {
    public enum Change: Sendable, Hashable {
        case came(USBListing)
        case went(USBListing)
    }

    /// What the callback heard, which may not ask a device anything itself; called on the thread that waits.
    private final class Heard {
        var arrivals = false
        var gone: Set<String> = []
    }

    private let context: OpaquePointer
    private let heard = Heard()
    private var registered: libusb_hotplug_callback_handle = 0
    private var known: [String: USBListing] = [:]

    /// Printers that were here when the watch began, by their connection.
    public var present: [USBListing] { known.values.sorted { $0.connection < $1.connection } }

    /// Errors: `usb.unavailable`, also where this system tells no arrivals.
    public init() throws(SakkError) {
        context = try USBBus.context()
        let events = LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED.rawValue | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT.rawValue
        let code = libusb_hotplug_register_callback(
            context, Int32(bitPattern: events), 0, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
            LIBUSB_HOTPLUG_MATCH_ANY,
            { _, device, event, heard in
                guard let device, let heard else { return 0 }
                let box = Unmanaged<Heard>.fromOpaque(heard).takeUnretainedValue()
                if event.rawValue == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED.rawValue {
                    box.arrivals = true
                } else {
                    box.gone.insert(USBBus.connection(device))
                }
                return 0
            }, Unmanaged.passUnretained(heard).toOpaque(), &registered)
        guard code == 0 else {
            libusb_exit(context)
            throw SakkError(
                "usb.unavailable", source: "usb",
                native: SakkError.Native(kind: "libusb", value: String(code)),
                text: "This system does not tell when a USB device comes or goes.",
                remedy: "Give the controller access to udev or to the kernel's netlink.")
        }
        for listing in try USBBus.list() { known[listing.connection] = listing }
    }

    deinit {
        libusb_hotplug_deregister_callback(context, registered)
        libusb_exit(context)
    }

    /// What came and went since the last call; waits at most so long for the first change. Devices that are no printers are
    /// passed over.
    public func next(withinMS milliseconds: Int) throws(SakkError) -> [Change] {
        var time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        libusb_handle_events_timeout_completed(context, &time, nil)
        var changes = heard.gone.sorted().compactMap { known.removeValue(forKey: $0) }.map(Change.went)
        heard.gone = []
        guard heard.arrivals else { return changes }
        heard.arrivals = false
        for listing in try USBBus.list() where known[listing.connection] == nil {
            known[listing.connection] = listing
            changes.append(.came(listing))
        }
        return changes
    }
}
