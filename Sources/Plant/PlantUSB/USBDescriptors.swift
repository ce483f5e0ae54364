public import Ground

/// Descriptors of a bidirectional printer (USB printer class 1.1: class 7, subclass 1, protocol 2).
public enum USBDescriptors {
    /// Device descriptor and configuration with one interface; bulk OUT 0x01, bulk IN 0x82.
    public static func printer(vendor: UInt16, product: UInt16) -> Bytes {
        device(vendor: vendor, product: product, interface: [7, 1, 2], bulkOut: 0x01, bulkIn: 0x82)
    }

    /// A bulk-only device (class 8, subclass 6, protocol 80); bulk OUT 0x02, bulk IN 0x81.
    public static func bulkOnly(vendor: UInt16, product: UInt16) -> Bytes {
        device(vendor: vendor, product: product, interface: [8, 6, 80], bulkOut: 0x02, bulkIn: 0x81)
    }

    private static func device(
        vendor: UInt16, product: UInt16, interface kind: Bytes, bulkOut: UInt8, bulkIn: UInt8
    ) -> Bytes {
        func little(_ value: UInt16) -> Bytes { [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)] }
        let device: Bytes =
            [18, 1] + little(0x0200) + [0, 0, 0, 64] + little(vendor) + little(product) + little(0x0100) + [1, 2, 3, 1]
        let endpoints: Bytes =
            [7, 5, bulkOut, 2] + little(512) + [0] + [7, 5, bulkIn, 2] + little(512) + [0]
        let interface: Bytes = [9, 4, 0, 0, 2] + kind + [0]
        let length = UInt16(9 + interface.count + endpoints.count)
        let configuration: Bytes = [9, 2] + little(length) + [1, 1, 0, 0xC0, 1]
        return device + configuration + interface + endpoints
    }

    /// A string descriptor; index 0 lists the languages.
    public static func string(_ text: String) -> Bytes {
        let units = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        return [UInt8(2 + units.count), 3] + units
    }

    public static let languages: Bytes = [4, 3, 0x09, 0x04]
}
