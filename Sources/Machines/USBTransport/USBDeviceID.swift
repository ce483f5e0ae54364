import CUSB
public import Ground

/// The answer to GET_DEVICE_ID (USB printer class 1.1, 4.2.1).
public enum USBDeviceID {
    /// The text; its length counts its own two bytes. Nil when there is none.
    public static func text(_ answer: Bytes) -> String? {
        guard answer.count > 2 else { return nil }
        let length = min(Int(answer[0]) << 8 | Int(answer[1]), answer.count)
        return String(decoding: answer[2..<max(2, length)], as: UTF8.self)
    }

    /// Asks an open device: the libusb code, or the count of bytes that came, and the text.
    static func ask(_ handle: OpaquePointer, _ interface: USBInterface) -> (code: Int32, text: String?) {
        var buffer = Bytes(repeating: 0, count: 1024)
        let index = UInt16(interface.number) << 8 | UInt16(interface.alternate)
        let count = libusb_control_transfer(handle, 0xA1, 0, 0, index, &buffer, UInt16(buffer.count), 2000)
        return (count, count >= 0 ? text(Bytes(buffer.prefix(Int(count)))) : nil)
    }

    /// The serial number in it; nil when it names none.
    public static func serial(in text: String) -> String? {
        ["SN", "SERN", "SERIALNUMBER"].lazy.compactMap { value($0, in: text) }.first
    }

    /// The value of a key such as `SN` or `SERN`, `MDL`, `MFG`.
    public static func value(_ key: String, in text: String) -> String? {
        for part in text.split(separator: ";") {
            let halves = part.split(separator: ":", maxSplits: 1)
            if halves.count == 2, halves[0].trimmingPrefix(while: \.isWhitespace) == key { return String(halves[1]) }
        }
        return nil
    }
}
