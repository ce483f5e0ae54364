import CUMockdev
import Foundation
public import Ground

/// A USB bus that other programs see through umockdev's preload. The testbed makes sysfs, node and events; the ioctls
/// are served by our own socket server, so that a controller may die and another may come.
///
/// The process must run under `umockdev-wrapper`, or its events reach nobody.
public final class VirtualBus: @unchecked Sendable {
    // the testbed is used under the lock only
    private let lock = NSLock()
    private let testbed: UnsafeMutablePointer<UMockdevTestbed>
    private var nextAddress: Int32 = 2
    private var ports: [Int32: (syspath: String, server: DeviceServer)] = [:]

    /// Value of `UMOCKDEV_DIR` for programs that are to see this bus.
    public let directory: String

    public init() throws(SakkError) {
        guard let testbed = umockdev_testbed_new(), let root = umockdev_testbed_get_root_dir(testbed) else {
            throw SakkError(
                "plant.usb", source: "virtual bus", text: "The umockdev testbed cannot be made.",
                remedy: "Install umockdev and run the plant under umockdev-wrapper.")
        }
        self.testbed = testbed
        directory = String(cString: root)
        g_free(root)
    }

    /// Unplugs everything and removes the testbed's folder. Nothing is plugged in any more after it.
    public func end() {
        for address in lock.withLock({ Array(ports.keys) }) { unplug(address) }
        try? FileManager.default.removeItem(atPath: directory)
    }

    deinit { g_object_unref(UnsafeMutableRawPointer(testbed)) }

    /// Plugs a device in under a fresh address; returns the address.
    public func plug(_ device: any VirtualUSBDevice) throws(SakkError) -> Int32 {
        try locked { () throws(SakkError) in
            let address = nextAddress
            nextAddress += 1
            let number = String(format: "%03d", address)
            let syspath = "/sys/devices/plant/usb1/1-\(address)"
            let block = """
                P: /devices/plant/usb1/1-\(address)
                E: DEVNAME=/dev/bus/usb/001/\(number)
                E: DEVTYPE=usb_device
                E: SUBSYSTEM=usb
                E: BUSNUM=001
                E: DEVNUM=\(number)
                E: MAJOR=189
                E: MINOR=\(address - 1)
                A: busnum=1\\n
                A: devnum=\(address)\\n
                A: dev=189:\(address - 1)\\n
                A: speed=480\\n
                A: bConfigurationValue=1\\n
                A: bNumConfigurations=1\\n
                A: idVendor=\(String(format: "%04x", device.vendorID))\\n
                A: idProduct=\(String(format: "%04x", device.productID))\\n
                H: descriptors=\(device.descriptors.hex)

                """
            // before the testbed says "add": who hears of a device may open it in the same moment, and a node that nobody
            // serves yet would be answered by the testbed's own handler, which claims and then fails every transfer
            let server = try DeviceServer(
                device: device, node: "\(directory)/dev/bus/usb/001/\(number)",
                socket: "\(directory)/ioctl/dev/bus/usb/001/\(number)")
            var error: UnsafeMutablePointer<GError>?
            guard umockdev_testbed_add_from_string(testbed, block, &error) != 0 else {
                let words = error.map { String(cString: $0.pointee.message) } ?? "no reason given"
                server.unplug()
                throw SakkError(
                    "plant.usb", source: "virtual bus", text: "The device cannot be added to the testbed: \(words).",
                    remedy: "Check the version of umockdev (0.17.16 was measured).")
            }
            ports[address] = (syspath, server)
            umockdev_testbed_uevent(testbed, syspath, "add")
            return address
        }
    }

    /// Orders a fault on the wire of one device.
    public func order(_ fault: BusFault, at address: Int32) {
        lock.withLock { ports[address] }?.server.order(fault)
    }

    /// Pulls the plug: transfers that wait end, every further call fails.
    public func unplug(_ address: Int32) {
        lock.lock()
        defer { lock.unlock() }
        guard let port = ports.removeValue(forKey: address) else { return }
        port.server.unplug()
        umockdev_testbed_uevent(testbed, port.syspath, "remove")
        umockdev_testbed_remove_device(testbed, port.syspath)
    }

    private func locked<Value>(_ body: () throws(SakkError) -> Value) throws(SakkError) -> Value {
        lock.lock()
        defer { lock.unlock() }
        return try body()
    }
}
