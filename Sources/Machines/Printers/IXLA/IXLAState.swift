public import Ground
public import Stations

/// What the three modules, the interlocks and the stacker say together (firmware-spec S and I). A word that is not on those
/// pages is a stop.
public struct IXLAState: Sendable, Equatable {
    public let transport: String
    public let laser: String
    public let interface: String
    /// Interlocks that are true.
    public let open: Set<String>
    public let stackerIsEmpty: Bool

    private static let names: [(name: String, reason: PrinterStateReason)] = [
        ("AbsoluteThermalFault", .fuserOverTemperature), ("RelativeThermalFault", .fuserOverTemperature),
        ("CurrentDriverTemperatureFault", .fuserOverTemperature), ("CurrentDriverCurrentFault", .hardwareFault),
        ("CurrentDriverInterlockFault", .hardwareFault), ("CurrentDriverPowerFault", .hardwareFault),
        ("Interlock1", .coverOpen), ("Interlock2", .coverOpen), ("LaserShutterOpen", .hardwareFault),
    ]
    private static let working: Set<String> = ["Creating", "Updating", "Loading", "Marking"]

    public init(transport: String, laser: String, interface: String, open: Set<String>, stackerIsEmpty: Bool) {
        self.transport = transport
        self.laser = laser
        self.interface = interface
        self.open = open
        self.stackerIsEmpty = stackerIsEmpty
    }

    /// The interlocks that are true; nil when one is missing, strange, or neither true nor false.
    public static func interlocks(_ element: IXLAElement) -> Set<String>? {
        var open: Set<String> = []
        var told: Set<String> = []
        for attribute in element.attributes where attribute.name != "valid" {
            guard names.contains(where: { $0.name == attribute.name }), let value = IXLACodec.truth(attribute.value)
            else { return nil }
            told.insert(attribute.name)
            if value { open.insert(attribute.name) }
        }
        return told.count == names.count ? open : nil
    }

    /// At work, or warming up: it ends by itself.
    public var isWorking: Bool {
        transport == "Moving" || laser == "WarmUp" || IXLAState.working.contains(interface)
    }

    /// A movement broke off: a booklet may lie between stations.
    public var isStuck: Bool { transport == "Fault" }

    private var strangeWord: String? {
        if !["Ready", "Moving", "Fault"].contains(transport) { return transport }
        if !["Ready", "WarmUp", "Fault"].contains(laser) { return laser }
        if ["Ready", "Error", "Fault"].contains(interface) || IXLAState.working.contains(interface) { return nil }
        return interface
    }

    public var reasons: Set<PrinterStateReason> {
        var reasons: Set<PrinterStateReason> = []
        if isStuck { reasons.formUnion([.mediaJam, .hardwareFault]) }
        if laser == "Fault" || interface == "Error" || interface == "Fault" { reasons.insert(.hardwareFault) }
        if laser == "WarmUp" { reasons.insert(.fuserUnderTemperature) }
        if transport == "Moving" || IXLAState.working.contains(interface) { reasons.insert(.other) }
        for (name, reason) in IXLAState.names where open.contains(name) { reasons.insert(reason) }
        if stackerIsEmpty { reasons.insert(.mediaEmpty) }
        if strangeWord != nil { reasons.formUnion([.other, .hardwareFault]) }
        return reasons
    }

    public struct Stop: Sendable, Equatable {
        public let code: SakkError.Code
        public let text: String
        public let remedy: String
    }

    public enum Act: Sendable { case feed, mark, move }

    /// The first thing that stands against this act; nil when nothing does.
    public func stop(_ act: Act) -> Stop? {
        if let word = strangeWord {
            return Stop(
                code: "printer.sense.unknown",
                text: "The machine says '\(word)', which its firmware spec does not list.",
                remedy: "Stop, look at the machine's display, and report its version.")
        }
        if open.contains("Interlock1") || open.contains("Interlock2") {
            return Stop(
                code: "printer.cover.open", text: "A door of the machine is open.",
                remedy: "Close it; the cell checks what is inside.")
        }
        if isStuck {
            return Stop(
                code: "printer.jam", text: "The transport stopped: a booklet may lie between stations.",
                remedy: "Open the machine, take the booklet out, reset the machine at its display with nothing inside.")
        }
        if transport == "Moving" {
            return Stop(
                code: "printer.busy", text: "The machine is moving.", remedy: "Wait; the cell asks again.")
        }
        if act == .move { return nil }
        if IXLAState.names.contains(where: { open.contains($0.name) && $0.reason == .fuserOverTemperature }) {
            return Stop(
                code: "printer.head.hot", text: "The laser is too hot.",
                remedy: "Let it cool down; call the engineer when it comes again.")
        }
        if laser == "WarmUp" {
            return Stop(code: "printer.busy", text: "The laser warms up.", remedy: "Wait; the cell asks again.")
        }
        if laser != "Ready" || interface != "Ready" || !open.isEmpty {
            return Stop(
                code: "printer.laser",
                text: "The laser is not ready (laser \(laser), interface \(interface)"
                    + (open.isEmpty ? ")." : ", \(open.sorted().joined(separator: ", "))."),
                remedy: "With nothing inside, reset it (`sakk printer reset`); call the engineer when it comes again.")
        }
        if act == .feed, stackerIsEmpty {
            return Stop(
                code: "printer.feeder.empty", text: "The stacker is empty.",
                remedy: "Load booklets and start the cell again.")
        }
        return nil
    }
}
