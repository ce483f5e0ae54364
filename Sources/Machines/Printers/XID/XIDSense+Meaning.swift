public import Ground
public import Stations

extension XIDSense {
    /// What a sense means for the one who works with the printer.
    public struct Meaning: Sendable {
        public let code: SakkError.Code
        public let reasons: Set<PrinterStateReason>
        /// It will be ready by itself.
        public let passes: Bool
        public let text: String
        public let remedy: String
    }

    /// Every pair of the firmware spec; a pair that is not in it is a stop.
    public var meaning: Meaning {
        XIDSense.meanings[self]
            ?? Meaning(
                code: "printer.sense.unknown", reasons: [.other, .hardwareFault], passes: false,
                text: "The printer reports \(self), which its firmware spec does not list.",
                remedy: "Stop, look at the printer's display, and report its firmware version.")
    }

    /// Whether the firmware spec lists it.
    public var isListed: Bool { XIDSense.meanings[self] != nil }

    private static let lookInside = "Open the printer, take the card out, lay it on the desk reader."
    private static let cool = "Let it cool down with the cover closed; call the engineer when it comes again."
    private static let engineer = "Call the engineer; the card inside is thrown out."

    private static let meanings: [XIDSense: Meaning] = {
        var table: [XIDSense: Meaning] = [:]
        func add(
            _ key: UInt8, _ codes: [UInt8], _ error: SakkError.Code, _ reasons: Set<PrinterStateReason>, _ text: String,
            _ remedy: String, passes: Bool = false
        ) {
            for code in codes {
                table[XIDSense(key: key, code: code)] = Meaning(
                    code: error, reasons: reasons, passes: passes, text: text, remedy: remedy)
            }
        }
        add(0, [0x00], "printer.ready", [], "The printer is ready.", "Go on.", passes: true)
        add(2, [0xC1, 0xD8], "printer.fault", [.hardwareFault], "The printer reports a hardware fault.", engineer)
        add(3, [0x44], "printer.fault", [.hardwareFault], "The printer reports a hardware fault.", engineer)
        add(4, [0x44], "printer.fault", [.hardwareFault], "The printer reports a hardware fault.", engineer)
        add(
            2, [0xF1, 0xF2, 0xF4, 0xF5], "printer.heater", [.hardwareFault], "A heater or its sensor failed.", engineer)
        add(
            2, [0xC2, 0xF0, 0xF3], "printer.heater.hot", [.fuserOverTemperature], "A heat roller is too hot.", cool)
        add(2, [0xF8], "printer.head.hot", [.fuserOverTemperature], "The print head is too hot.", cool)
        add(2, [0xF6], "printer.cold", [.fuserUnderTemperature], "The printer is too cold.", "Warm the room.")
        add(
            2, [0xC3], "printer.power", [.powerDown], "The printer's power was interrupted.",
            "The cell finds out what is inside before it goes on.")
        add(
            6, [0x28], "printer.reset", [.powerDown], "The printer was switched on or reset in between.",
            "The cell finds out what is inside before it goes on.")
        add(
            2, [0xD0], "printer.feeder.empty", [.mediaEmpty], "The hopper is empty.",
            "Load blanks and start the cell again.")
        add(
            2, [0xD1], "printer.cover.open", [.coverOpen], "A door is open.",
            "Close it; the cell checks what is inside.")
        add(
            2, [0xD3, 0xD4, 0xDA, 0xDB], "printer.busy", [.other], "The printer is busy or warming up.", "Wait.",
            passes: true)
        add(3, [0x90, 0x91, 0x92, 0x93, 0x94, 0x95], "printer.jam", [.mediaJam], "A card is jammed.", lookInside)
        add(
            3, [0xA1], "printer.film.end", [.markerSupplyEmpty], "The transfer film ended or tore.",
            "Load a film; a card that was in print is thrown out.")
        add(
            3, [0xA8, 0xAB, 0xAC, 0xAD], "printer.magnetic", [.hardwareFault], "The magnetic station failed.", engineer)
        add(
            3, [0xB0, 0xB1], "printer.ribbon.missing", [.markerSupplyMissing], "There is no ribbon, or it tore.",
            "Load a ribbon and start the cell again.")
        add(
            3, [0xB2], "printer.ribbon.end", [.markerSupplyEmpty], "The ribbon ended.",
            "Load a ribbon; a card that was in print is thrown out.")
        add(
            5, [0x20], "printer.command", [.other, .hardwareFault], "The printer does not know a command.",
            "Check model and firmware against the spec.")
        add(
            5, [0x24], "printer.parameters", [.other, .hardwareFault], "The printer refuses a parameter.",
            "Check model and firmware against the spec.")
        add(
            5, [0x26], "printer.card", [], "There is a card where none should be, or none where one should be.",
            "Look into the printer.")
        return table
    }()
}
