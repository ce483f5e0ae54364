import Ground

/// `struct usbdevfs_urb` of linux/usbdevice_fs.h on a 64-bit machine, as far as it is used.
struct TransferBlock {
    static let size = 56

    let address: UInt
    private let original: Bytes
    let buffer: UInt
    let length: Int
    var data = Bytes()
    var status: Int32 = 0
    var actual = 0

    init?(address: UInt, bytes: Bytes) {
        guard bytes.count == TransferBlock.size else { return nil }
        self.address = address
        original = bytes
        buffer = UInt(TransferBlock.little(bytes[16..<24]))
        length = Int(TransferBlock.little(bytes[24..<28]))
        guard length >= 0, length <= 64 << 20 else { return nil }
    }

    private var type: UInt8 { original[0] }
    private var endpoint: UInt8 { original[1] }
    var isControl: Bool { type == 2 }
    var isBulkIn: Bool { type == 3 && endpoint & 0x80 != 0 }
    var needsData: Bool { isControl || !isBulkIn }

    var setup: ControlSetup? { isControl ? ControlSetup(data) : nil }

    /// The block with status and count written into it.
    var encoded: Bytes {
        var bytes = original
        bytes.replaceSubrange(4..<8, with: TransferBlock.bytes(UInt32(bitPattern: status)))
        bytes.replaceSubrange(28..<32, with: TransferBlock.bytes(UInt32(actual)))
        return bytes
    }

    var addressBytes: Bytes { TransferBlock.bytes(UInt64(address)) }

    static func little(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    static func bytes<Value: FixedWidthInteger>(_ value: Value) -> Bytes {
        withUnsafeBytes(of: value.littleEndian) { Bytes($0) }
    }
}

/// The eight bytes of a control request (USB 2.0, 9.3).
struct ControlSetup {
    let type: UInt8
    let request: UInt8
    let value: UInt16
    let index: UInt16
    let length: Int

    init?(_ bytes: Bytes) {
        guard bytes.count >= 8 else { return nil }
        type = bytes[0]
        request = bytes[1]
        value = UInt16(TransferBlock.little(bytes[2..<4]))
        index = UInt16(TransferBlock.little(bytes[4..<6]))
        length = Int(TransferBlock.little(bytes[6..<8]))
    }

    var isIn: Bool { type & 0x80 != 0 }
}

/// Requests of usbdevfs by their number within type `U`.
enum USBDevFS {
    case submit, discard, reap, reapNoDelay, claim, release, disconnectClaim, capabilities, getDriver, disconnect
    case connect, driverIoctl, clearHalt, resetEndpoint, setInterface, setConfiguration, reset, speed, unknown

    init(_ request: UInt) {
        guard request >> 8 & 0xFF == 0x55 else {
            self = .unknown
            return
        }
        let names: [UInt: USBDevFS] = [
            3: .resetEndpoint, 4: .setInterface, 5: .setConfiguration, 8: .getDriver, 10: .submit, 11: .discard,
            12: .reap, 13: .reapNoDelay, 15: .claim, 16: .release, 18: .driverIoctl, 20: .reset, 21: .clearHalt,
            22: .disconnect, 23: .connect, 26: .capabilities, 27: .disconnectClaim, 31: .speed,
        ]
        self = names[request & 0xFF] ?? .unknown
    }
}
