public import Ground
public import Stations

/// What sensors and port status say together (firmware-spec S1 to S9, W1 to W8). Whatever is not on those pages is a stop.
public struct MagicardState: Sendable, Equatable {
    /// Sensors by name.
    public let sensors: [String: Bool]
    /// Lines that nobody lists.
    public let unlisted: [String]
    /// Nil where the port status means nothing.
    public let port: UInt8?
    /// Panels left on the ribbon.
    public let panelsLeft: Int
    public let cleaningIsDue: Bool

    private static let needed = ["FRONT", "MID", "REAR", "FLIP", "SMART", "LID", "DYE", "TEMP"]
    private static let idle: Set<String> = [
        "CAM", "CAM1", "CAM2", "TACHO", "BARCODE", "BUTTON", "BUTTON1", "BUTTON2",
    ]
    private static let cards = ["FRONT", "MID", "REAR", "FLIP", "SMART"]

    /// Nil when a sensor is missing or stands twice: nothing is known of the card then.
    public init?(lines: [String], port: UInt8?, panelsLeft: Int, cleaningIsDue: Bool) {
        var sensors: [String: Bool] = [:]
        var unlisted: [String] = []
        for line in lines {
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard words.count == 2, words[1] == "ON" || words[1] == "OFF",
                MagicardState.needed.contains(words[0]) || MagicardState.idle.contains(words[0])
            else {
                unlisted.append(line)
                continue
            }
            guard sensors.updateValue(words[1] == "ON", forKey: words[0]) == nil else { return nil }
        }
        guard MagicardState.needed.allSatisfy({ sensors[$0] != nil }) else { return nil }
        self.sensors = sensors
        self.unlisted = unlisted
        self.port = port
        self.panelsLeft = panelsLeft
        self.cleaningIsDue = cleaningIsDue
    }

    private func isOn(_ name: String) -> Bool { sensors[name] == true }

    /// F8: something is wrong, and no sensor says what (W3).
    private var isUnexplained: Bool {
        guard let port, port & 0x08 == 0 else { return false }
        return isOn("LID") && isOn("DYE") && !isOn("TEMP") && panelsLeft > 0
            && !MagicardState.cards.contains { isOn($0) && $0 != "MID" && $0 != "SMART" }
    }

    /// Where the card is; `chip` is what the chip station of this model is.
    public func position(chip: PrinterStation) -> CardPosition {
        let seen = MagicardState.cards.filter { isOn($0) }
        switch seen {
        case []: return isUnexplained ? .somewhere : CardPosition.none
        case ["MID"]: return .at(.print)
        case ["SMART"]: return .at(chip)
        default: return .somewhere
        }
    }

    public var reasons: Set<PrinterStateReason> {
        var reasons: Set<PrinterStateReason> = []
        if position(chip: .contact) == .somewhere { reasons.insert(.mediaJam) }
        if !isOn("LID") { reasons.insert(.coverOpen) }
        if !isOn("DYE") { reasons.insert(.markerSupplyMissing) }
        if isOn("TEMP") { reasons.insert(.fuserOverTemperature) }
        if panelsLeft == 0 { reasons.insert(.markerSupplyEmpty) }
        if cleaningIsDue { reasons.insert(.cleaningRequired) }
        if isUnexplained { reasons.insert(.hardwareFault) }
        if let port {
            if port & 0x20 != 0 { reasons.insert(.mediaEmpty) }
            if port & 0x10 == 0 { reasons.insert(.other) }
            if port & ~0x38 != 0 { reasons.formUnion([.other, .hardwareFault]) }
        }
        if !unlisted.isEmpty { reasons.formUnion([.other, .hardwareFault]) }
        return reasons
    }

    /// What stands against an act.
    public struct Stop: Sendable {
        public let code: SakkError.Code
        public let text: String
        public let remedy: String
    }

    public enum Act: Sendable { case feed, move, print }

    /// The first thing that stands against this act; nil when nothing does.
    public func stop(_ act: Act) -> Stop? {
        if let line = unlisted.first {
            return Stop(
                code: "printer.sense.unknown",
                text: "The printer reports '\(line)', which its firmware spec does not list.",
                remedy: "Stop, look at the printer's display, and report its firmware version.")
        }
        if let port, port & ~0x38 != 0 {
            return Stop(
                code: "printer.sense.unknown",
                text: "The printer's port status is \([port].hex), which its firmware spec does not list.",
                remedy: "Stop, look at the printer, or say in the model's file that its port status means nothing.")
        }
        if !isOn("LID") {
            return Stop(
                code: "printer.cover.open", text: "The cover is open.",
                remedy: "Close the cover; the cell checks what is inside.")
        }
        if position(chip: .contact) == .somewhere {
            return Stop(
                code: "printer.jam", text: "A card is jammed.",
                remedy: "Open the printer, take the card out, lay it on the desk reader.")
        }
        if !isOn("DYE") {
            return Stop(
                code: "printer.ribbon.missing", text: "There is no ribbon.",
                remedy: "Load a ribbon and start the cell again.")
        }
        if isOn("TEMP") {
            return Stop(
                code: "printer.head.hot", text: "The print head is too hot.",
                remedy: "Let it cool down with the cover closed; call the engineer when it comes again.")
        }
        if let port, port & 0x10 == 0 {
            return Stop(
                code: "printer.offline", text: "The printer is not ready for a host.",
                remedy: "Look at the printer's display and set it on line.")
        }
        if act != .move, panelsLeft == 0 {
            return Stop(
                code: "printer.ribbon.end", text: "The ribbon ended.",
                remedy: "Load a ribbon; a card that was in print is thrown out.")
        }
        if isUnexplained {
            return Stop(
                code: "printer.fault", text: "The printer reports a fault and does not say which.",
                remedy: "Look at the printer's display; the card inside is thrown out.")
        }
        guard act == .feed else { return nil }
        if cleaningIsDue {
            return Stop(
                code: "printer.cleaning", text: "The printer must be cleaned.", remedy: "Run the cleaning card.")
        }
        if let port, port & 0x20 != 0 {
            return Stop(
                code: "printer.feeder.empty", text: "The hopper is empty.",
                remedy: "Load blanks and start the cell again.")
        }
        return nil
    }
}
