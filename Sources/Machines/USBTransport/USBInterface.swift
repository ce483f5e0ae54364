import CUSB

/// The interface of a device that its driver talks to, and its endpoints, as its descriptors say.
struct USBInterface {
    let number: Int32
    let alternate: Int32
    let bulkOut: UInt8
    let bulkIn: UInt8
    let packetBytes: Int

    init?(of device: OpaquePointer, kind: USBPrinterIdentity.Kind) {
        var configuration: UnsafeMutablePointer<libusb_config_descriptor>?
        guard
            libusb_get_active_config_descriptor(device, &configuration) == 0
                || libusb_get_config_descriptor(device, 0, &configuration) == 0, let configuration
        else { return nil }
        defer { libusb_free_config_descriptor(configuration) }
        let wanted: (UInt8, UInt8, UInt8) = kind == .printer ? (7, 1, 2) : (8, 6, 80)
        for index in 0..<Int(configuration.pointee.bNumInterfaces) {
            let interface = configuration.pointee.interface[index]
            for setting in 0..<Int(interface.num_altsetting) {
                let description = interface.altsetting[setting]
                guard
                    (
                        description.bInterfaceClass, description.bInterfaceSubClass, description.bInterfaceProtocol
                    ) == wanted
                else { continue }
                var bulkOut: UInt8?
                var bulkIn: UInt8?
                var packet = 512
                for endpoint in 0..<Int(description.bNumEndpoints) {
                    let point = description.endpoint[endpoint]
                    guard point.bmAttributes & 3 == 2 else { continue }
                    if point.bEndpointAddress & 0x80 != 0 {
                        bulkIn = bulkIn ?? point.bEndpointAddress
                    } else if bulkOut == nil {
                        bulkOut = point.bEndpointAddress
                        packet = Int(point.wMaxPacketSize & 0x7FF)
                    }
                }
                guard let bulkOut, let bulkIn, packet > 0 else { continue }
                number = Int32(description.bInterfaceNumber)
                alternate = Int32(description.bAlternateSetting)
                self.bulkOut = bulkOut
                self.bulkIn = bulkIn
                packetBytes = packet
                return
            }
        }
        return nil
    }
}
