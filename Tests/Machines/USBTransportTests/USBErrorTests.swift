import Ground
import Testing

@testable import USBTransport

/// libusb's codes (libusb-1.0 `enum libusb_error`: TIMEOUT -7, NO_DEVICE -4, BUSY -6, ACCESS -3, PIPE -9, IO -1).
@Suite struct USBErrorTests {
    @Test(arguments: [
        (Int32(-7), "usb.timeout", "LIBUSB_ERROR_TIMEOUT"), (-4, "usb.device.gone", "LIBUSB_ERROR_NO_DEVICE"),
        (-9, "usb.stall", "LIBUSB_ERROR_PIPE"), (-1, "usb.failed", "LIBUSB_ERROR_IO"),
    ])
    func aFailureInMidTransferStaysUnknown(code: Int32, name: String, native: String) {
        let error = USBError.make(code, "3 of 9 bytes were sent", source: "printer S", outcome: .unknown)
        #expect(error.code.rawValue == name)
        #expect(error.outcome == .unknown)
        #expect(error.native == SakkError.Native(kind: "libusb", value: native))
        #expect(!error.remedy.isEmpty)
    }

    @Test(arguments: [(Int32(-6), "usb.device.busy"), (-3, "usb.device.access")])
    func aDeviceThatWasNeverOursWasNotTouched(code: Int32, name: String) {
        let error = USBError.make(code, "it was claimed", source: "printer S", outcome: .unknown)
        #expect(error.code.rawValue == name)
        #expect(error.outcome == .notDone)
    }

    @Test func aPrinterThatIsNotThereIsNamedByItsSerial() {
        let identity = USBPrinterIdentity(vendorID: 0x0F49, serial: "NOT-HERE-1")
        let error = #expect(throws: SakkError.self) { try USBPrinterDevice(identity) }
        // a machine without any USB says so instead
        #expect(["usb.device.missing", "usb.unavailable"].contains(error?.code))
        #expect(error?.outcome == .notDone)
    }
}
