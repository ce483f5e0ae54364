public import Ground

/// The firmware of a booklet laser: XML in, XML out. Written from `firmware-specs/ixla-xml` (F, S, I, M, V, E, K); it knows nothing
/// of any driver. It does not look whether a booklet lies there before it engraves (K2).
public final class IXLAMachine: PrinterFirmware {
    public let plate: MachinePlate
    private let mechanism: any PrinterMechanism
    private let size: (width: Int, height: Int)
    private let decimalComma: Bool
    /// Categories whose data page the camera was taught (V7).
    private let categories: [String]
    private var inbox = Bytes()
    /// An order that was answered once and is to be carried out (F4).
    private var begun: IXLARequest?

    // lost at power-off
    private var layouts: [IXLALayout] = []
    private var transport = "Ready"
    private var interface = "Ready"

    /// Marks that met no booklet.
    public private(set) var airMarks = 0

    public init(
        plate: MachinePlate, mechanism: any PrinterMechanism, size: (width: Int, height: Int) = (1478, 1040),
        categories: [String] = ["regular", "diplomatic"], decimalComma: Bool = true
    ) {
        self.plate = plate
        self.mechanism = mechanism
        self.size = size
        self.categories = categories
        self.decimalComma = decimalComma
    }

    public var deviceID: String? { nil }
    public func accept(_ bytes: Bytes) { inbox += bytes }
    public func massStorageReset() {}

    /// F9: a connection ended. What had begun goes on.
    public func softReset() {
        if let begun { _ = carryOut(begun) }
        begun = nil
        inbox = []
    }

    /// M10.
    public func powerOn() {
        inbox = []
        begun = nil
        layouts = []
        transport = "Ready"
        interface = "Ready"
    }

    /// At the machine's own display; nothing lies inside (M8).
    public func resetAtDisplay() { powerOn() }

    public func receive(_ bytes: Bytes) -> [Bytes] {
        accept(bytes)
        var transfers: [Bytes] = []
        while let answer = respond() { transfers += answer }
        return transfers
    }

    public func respond() -> [Bytes]? {
        if let order = begun {
            begun = nil
            return [carryOut(order)]
        }
        switch IXLARequest.next(&inbox) {
        case .nothing: return nil
        case .broken: return [no("Invalid command")]
        case .request(let request):
            if let refusal = refusal(request) { return [no(refusal)] }
            if let answer = question(request) { return [answer] }
            begun = request
            return [yes()]
        }
    }

    // MARK: answers

    private func text(_ text: String) -> Bytes { Bytes((text + "\r\n").utf8) }

    private func yes(_ attributes: [(String, String)] = []) -> Bytes {
        text("<command valid=\"true\"" + attributes.map { " \($0)=\"\($1)\"" }.joined() + " />")
    }

    private func no(_ error: String) -> Bytes { text("<command valid=\"false\" error=\"\(error)\" />") }

    /// F4, F5, F6.
    private func ended(_ name: String, _ error: String? = nil) -> Bytes {
        guard let error else { return text("<command name=\"\(name)\" executed=\"true\" >") }
        return text(
            "<command name=\"\(name)\" executed=\"false\"" + (error.isEmpty ? "" : " error=\"\(error)\"") + " >")
    }

    private func real(_ thousandths: Int) -> String {
        let part = String(abs(thousandths) % 1000 + 1000).dropFirst()
        return (thousandths < 0 ? "-" : "") + "\(abs(thousandths) / 1000)" + (decimalComma ? "," : ".") + part
    }

    private static let orders: Set<String> = ["movepassport", "eject", "createdocument", "marklayout", "reset"]

    /// F3, M5, E7.
    private func refusal(_ request: IXLARequest) -> String? {
        switch request.name {
        case "movepassport", "eject":
            return transport == "Ready" && mechanism.coverIsClosed ? nil : "Transport module not ready"
        case "createdocument", "marklayout":
            return interface == "Ready" && mechanism.coverIsClosed ? nil : "Laser module not ready"
        default: return nil
        }
    }

    private func question(_ request: IXLARequest) -> Bytes? {
        switch request.name {
        case "machinestatus":
            return yes([
                ("transportstatus", transport), ("laserstatus", mechanism.laserWorks ? "Ready" : "Fault"),
                ("interfacestatus", interface),
            ])
        case "getinterlock":
            let names = [
                "AbsoluteThermalFault", "CurrentDriverCurrentFault", "CurrentDriverInterlockFault",
                "CurrentDriverPowerFault", "CurrentDriverTemperatureFault", "Interlock1", "Interlock2",
                "LaserShutterOpen", "RelativeThermalFault",
            ]
            return yes(
                names.map { name in
                    let isTrue =
                        name == "Interlock1" && !mechanism.coverIsClosed
                        || name == "AbsoluteThermalFault" && mechanism.headIsHot
                    return (name, isTrue ? "true" : "false")
                })
        case "stacker": return text("<stacker empty=\"\(mechanism.hopperHasCards ? "false" : "true")\" />")
        case "getpatterns":
            let names = ["\(plate.serial)-empty"] + categories.map { "\(plate.serial)-data-\($0)" }
            return yes([("Patterns", names.joined(separator: ";"))])
        case "getentities":
            guard !layouts.isEmpty else { return no("No active layouts") }
            func names(_ isImage: Bool) -> String {
                layouts.flatMap(\.entities).filter { ($0.image != nil) == isImage }.map(\.name).joined(separator: ";")
            }
            return yes([("texts", names(false)), ("barcodes", ""), ("images", names(true))])
        case "autoposition":
            guard let pattern = request["PatternName"], let seen = seek(pattern) else {
                return no("Autopositioning failed")
            }
            return yes([("XOffset", real(seen.x)), ("YOffset", real(seen.y)), ("Correlation", "\(seen.percent)")])
        case "barcode":
            guard request["BarcodeName"] == "\(plate.serial)-number", let booklet = seen, !booklet.isUpsideDown,
                let number = booklet.number
            else { return no("Barcode failed") }
            return yes([("Barcode", number)])
        default: return IXLAMachine.orders.contains(request.name) ? nil : no("Unknown command")
        }
    }

    /// What lies under the camera.
    private var seen: MachineBooklet? { mechanism.position == .at(.print) ? mechanism.booklet : nil }

    /// V1, V6, V7.
    private func seek(_ pattern: String) -> (x: Int, y: Int, percent: Int)? {
        if pattern == "\(plate.serial)-empty" {
            return mechanism.position == .empty ? (0, 0, 98) : nil
        }
        guard let booklet = seen, booklet.isDataPage, !booklet.isUpsideDown,
            pattern == "\(plate.serial)-data-\(booklet.category)"
        else { return nil }
        return (booklet.x, booklet.y, 96)
    }

    // MARK: orders

    private func carryOut(_ order: IXLARequest) -> Bytes {
        switch order.name {
        case "movepassport": move(order["source"], order["destination"])
        case "eject": leave("eject", .good)
        case "createdocument": create(order)
        case "marklayout": mark(order)
        default: reset()
        }
    }

    private func move(_ source: String?, _ destination: String?) -> Bytes {
        let name = "movepassport"
        switch (source, destination) {
        case ("stacker", "laser"):
            guard mechanism.position == .empty else { return ended(name, "Position occupied") }
            do throws(MechanicalFault) {
                try mechanism.feed(to: .print)
                return ended(name)
            } catch {
                if error == .jam { transport = "Fault" }
                return ended(name, error == .jam ? "Passport jam" : "Passport not loaded")
            }
        case ("laser", "reject"): return leave(name, .reject)
        default: return ended(name, "Position unknown")
        }
    }

    private func leave(_ name: String, _ exit: MachineExit) -> Bytes {
        guard mechanism.position == .at(.print) else { return ended(name, "Passport not found") }
        do throws(MechanicalFault) {
            try mechanism.eject(exit)
            return ended(name)
        } catch {
            if error == .jam { transport = "Fault" }
            return ended(name, error == .jam ? "Passport jam" : "Exit full")
        }
    }

    /// E1, E5, E6.
    private func create(_ order: IXLARequest) -> Bytes {
        layouts = []
        switch IXLALayout.all(order.body) {
        case .success(let made):
            layouts = made
            return ended("CreateDocument")
        case .failure(let bad):
            interface = "Error"
            return ended("CreateDocument", "Error creating document. Error on entity: \(bad.entity)")
        }
    }

    /// K1 to K5.
    private func mark(_ order: IXLARequest) -> Bytes {
        guard let layout = layouts.first(where: { $0.name == order["layout"] }), mechanism.laserWorks else {
            interface = "Error"
            return ended("MarkLayout", "Error marking layout")
        }
        for case (_, let file?) in layout.entities {
            guard let dots = IXLALayout.dots(file, width: size.width, height: size.height) else {
                interface = "Error"
                return ended("MarkLayout", "Error marking layout")
            }
            guard mechanism.position == .at(.print) else {
                airMarks += 1
                continue
            }
            do throws(MechanicalFault) { try mechanism.lay("k", dots) } catch {
                interface = "Error"
                return ended("MarkLayout", "Error marking layout")
            }
        }
        return ended("MarkLayout")
    }

    /// M8: whatever is inside goes out.
    private func reset() -> Bytes {
        layouts = []
        interface = "Ready"
        transport = "Ready"
        if case .at = mechanism.position { try? mechanism.eject(.good) }
        return ended("reset")
    }
}
