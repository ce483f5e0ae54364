import Foundation
import Glibc
public import Ground

/// A virtual device on a real kernel's bus: a USB gadget made of FunctionFS, bound to a device controller such as that of
/// `dummy_hcd`. Needs root, configfs and functionfs. What the kernel's own bus does (enumeration, usblp, packets, halts) is real.
public final class FunctionGadget: @unchecked Sendable {
    private let name: String
    private let device: any VirtualUSBDevice
    private let controller: String
    private let folder: String
    private let mount: String
    private var control: Int32 = -1
    // guarded by `gate`
    private let gate = NSLock()
    /// Bytes until the plug is pulled.
    private var untilPull: Int?

    /// `controller` is a name under /sys/class/udc; `mounts` a folder for the functionfs mount.
    public init(
        name: String, device: any VirtualUSBDevice, controller: String, mounts: String,
        configuration: String = "/sys/kernel/config/usb_gadget"
    ) throws(SakkError) {
        self.name = name
        self.device = device
        self.controller = controller
        folder = "\(configuration)/\(name)"
        mount = "\(mounts)/\(name)"
        try describe()
        try open()
        Thread.detachNewThread { [self] in answerAll() }
    }

    private func failure(_ what: String) -> SakkError {
        SakkError(
            "plant.gadget", source: name, native: SakkError.Native(kind: "errno", value: String(errno)),
            text: "The gadget cannot be made: \(what).",
            remedy: "Load libcomposite, usb_f_fs and dummy_hcd; mount configfs; run as root.")
    }

    /// The gadget's tree: identity, strings, one configuration with one function.
    private func describe() throws(SakkError) {
        func hex(_ value: UInt16) -> String { "0x" + BigEndian.bytes(value).hex }
        for path in ["", "/strings/0x409", "/functions/ffs.\(name)", "/configs/c.1"] {
            guard mkdir(folder + path, 0o755) == 0 || errno == EEXIST else { throw failure("mkdir \(path)") }
        }
        try write(hex(device.vendorID), "idVendor")
        try write(hex(device.productID), "idProduct")
        for (index, file) in [(1, "manufacturer"), (2, "product"), (3, "serialnumber")] {
            let answer = device.control(
                type: 0x80, request: 6, value: UInt16(0x300 + index), index: 0x409, length: 255, data: [])
            let units = (answer ?? []).dropFirst(2)
            let text = String(decoding: units.enumerated().filter { $0.offset % 2 == 0 }.map(\.element), as: UTF8.self)
            try write(text, "strings/0x409/\(file)")
        }
        guard symlink("\(folder)/functions/ffs.\(name)", "\(folder)/configs/c.1/ffs.\(name)") == 0 || errno == EEXIST
        else { throw failure("the configuration") }
        mkdir(mount, 0o755)
        guard Glibc.mount(name, mount, "functionfs", 0, nil) == 0 else { throw failure("functionfs") }
    }

    private func write(_ text: String, _ file: String) throws(SakkError) {
        let descriptor = Glibc.open("\(folder)/\(file)", O_WRONLY)
        defer { if descriptor >= 0 { close(descriptor) } }
        let bytes = Bytes((text + "\n").utf8)
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw failure(file) }
    }

    /// FunctionFS, version 2: interface and endpoints at full and high speed; no strings of its own.
    private func open() throws(SakkError) {
        func little(_ value: UInt32) -> Bytes { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        // behind device (18) and configuration (9) come interface (9) and two endpoints (7 each)
        let parts = Bytes(device.descriptors.dropFirst(27).prefix(23))
        var full = parts
        for end in [9, 16] { (full[end + 4], full[end + 5]) = (64, 0) }
        let body = little(3) + little(3) + full + parts
        let head = little(3) + little(UInt32(12 + body.count)) + little(3)
        let strings = little(2) + little(16) + little(0) + little(0)
        control = Glibc.open(mount + "/ep0", O_RDWR)
        guard control >= 0 else { throw failure("ep0") }
        for bytes in [head + body, strings] {
            guard Glibc.write(control, bytes, bytes.count) == bytes.count else { throw failure("descriptors") }
        }
        Thread.detachNewThread { [self] in receiveAll() }
        Thread.detachNewThread { [self] in sendAll() }
    }

    /// The plug is put in.
    public func plug() throws(SakkError) { try write(controller, "UDC") }

    /// The plug is pulled.
    public func unplug() { try? write("", "UDC") }

    /// The plug is pulled once so many bytes have come; the kernel's bus knows no other fault to order. False for those.
    public func order(_ fault: BusFault) -> Bool {
        guard case .pullOut(afterBytes: let bytes) = fault else { return false }
        gate.withLock { untilPull = bytes }
        return true
    }

    /// What of so many bytes comes before the plug is pulled; all of them when it is not.
    private func passed(_ count: Int) -> (count: Int, isPulled: Bool) {
        gate.withLock {
            guard let left = untilPull else { return (count, false) }
            untilPull = count >= left ? nil : left - count
            return (min(count, left), count >= left)
        }
    }

    // MARK: endpoints

    /// Control requests to the interface; the kernel answers the standard ones.
    private func answerAll() {
        var event = Bytes(repeating: 0, count: 12)
        while true {
            // a read that waits would hold the lock that the kernel needs to pull the plug
            var wanted = pollfd(fd: control, events: Int16(POLLIN), revents: 0)
            guard poll(&wanted, 1, -1) > 0 else { continue }
            let count = read(control, &event, event.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count == event.count else { return }
            guard event[8] == 4 else { continue }
            let (type, request) = (event[0], event[1])
            func word(_ at: Int) -> UInt16 { UInt16(event[at]) | UInt16(event[at + 1]) << 8 }
            let length = Int(word(6))
            var data = Bytes(repeating: 0, count: type & 0x80 == 0 ? length : 0)
            if length > 0, type & 0x80 == 0 { _ = read(control, &data, length) }
            let answer = device.control(
                type: type, request: request, value: word(2), index: word(4), length: length, data: data)
            var none: UInt8 = 0
            if type & 0x80 != 0 {
                // the wrong direction stalls
                if let answer {
                    _ = Glibc.write(control, answer, min(answer.count, length))
                } else {
                    _ = read(control, &none, 0)
                }
            } else if length == 0 {
                if answer != nil { _ = read(control, &none, 0) } else { _ = Glibc.write(control, &none, 0) }
            }
        }
    }

    private func receiveAll() {
        let endpoint = Glibc.open(mount + "/ep1", O_RDWR)
        guard endpoint >= 0 else { return }
        var buffer = Bytes(repeating: 0, count: 16_384)
        while true {
            let count = read(endpoint, &buffer, buffer.count)
            if count > 0 {
                let (part, isPulled) = passed(count)
                device.receive(Bytes(buffer[..<part]))
                if isPulled { device.pulled() }
            } else if count < 0 {
                // not plugged in
                usleep(20_000)
            }
        }
    }

    private func sendAll() {
        let endpoint = Glibc.open(mount + "/ep2", O_RDWR)
        guard endpoint >= 0 else { return }
        let waiting = DispatchSemaphore(value: 0)
        device.notify { waiting.signal() }
        while true {
            waiting.wait()
            while true {
                let bytes = device.take(upTo: 16_384)
                if bytes.isEmpty { break }
                // an answer that nobody fetches any more is lost with the plug
                _ = Glibc.write(endpoint, bytes, bytes.count)
            }
        }
    }
}
