import CUSB
import Ground

/// A libusb code as an error of ours.
enum USBError {
    static func make(
        _ code: Int32, _ doing: String, source: String, outcome: SakkError.Outcome
    ) -> SakkError {
        let name = libusb_error_name(code).map { String(cString: $0) } ?? "unknown"
        let native = SakkError.Native(kind: "libusb", value: name)
        switch code {
        case LIBUSB_ERROR_NO_DEVICE.rawValue:
            return SakkError(
                "usb.device.gone", source: source, native: native, outcome: outcome,
                text: "The device vanished from the USB while \(doing).",
                remedy: "Check power and cable; the cell looks for what is inside before it goes on.")
        case LIBUSB_ERROR_BUSY.rawValue:
            return SakkError(
                "usb.device.busy", source: source, native: native, outcome: .notDone,
                text: "Another program holds the device.",
                remedy: "Only one controller may own a printer: end the other one, or wait for it.")
        case LIBUSB_ERROR_ACCESS.rawValue:
            return SakkError(
                "usb.device.access", source: source, native: native, outcome: .notDone,
                text: "This user may not open the device.",
                remedy: "Give the group of the controller access by a udev rule.")
        case LIBUSB_ERROR_TIMEOUT.rawValue:
            return SakkError(
                "usb.timeout", source: source, native: native, outcome: outcome,
                text: "The device did not answer in time while \(doing).",
                remedy: "The outcome is unknown: the cell asks the device before it goes on.")
        case LIBUSB_ERROR_PIPE.rawValue:
            return SakkError(
                "usb.stall", source: source, native: native, outcome: outcome,
                text: "The device refused a transfer while \(doing).",
                remedy: "Look at the device's own display; then start the cell again.")
        default:
            return SakkError(
                "usb.failed", source: source, native: native, outcome: outcome,
                text: "The USB failed while \(doing).", remedy: "Check cable and hub; then start the cell again.")
        }
    }
}
