public import Ground
public import Stations
public import USBTransport

/// A printer of the Evolis ESC language, in host-error mode without automatic retry (firmware-specs/evolis-esc).
/// It never repeats what moves a card or ink: the line decides.
public actor EvolisPrinter: ServicePrinter {
    /// Opens the device anew; called at each connect.
    public typealias Opener = @Sendable () throws(SakkError) -> any BulkDevice

    private let thread: DeviceThread
    let configuration: EvolisConfiguration
    private let open: Opener
    private var session: EvolisSession?
    /// Whether bitmaps may lie in the printer's memory.
    private var memoryIsUsed = true

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    public init(_ configuration: EvolisConfiguration, open: @escaping Opener) {
        self.configuration = configuration
        self.open = open
        thread = DeviceThread(label: "printer \(configuration.serial)")
    }

    /// Over libusb.
    public init(_ configuration: EvolisConfiguration) {
        let identity = USBPrinterIdentity(vendorID: configuration.vendorID, serial: configuration.serial)
        var quirks = configuration.quirks
        quirks.chunkBytes = configuration.chunkBytes
        let sent = quirks
        self.init(
            configuration,
            open: { () throws(SakkError) in try USBPrinterDevice(identity, quirks: sent) })
    }

    deinit { thread.stop() }

    private var source: String { "printer \(configuration.serial)" }

    public func connect() async throws(SakkError) -> PrinterIdentity {
        let returns = session != nil
        session?.close()
        session = nil
        return try connect(
            EvolisSession(device: try Reopening.open(patiently: returns, open), configuration: configuration))
    }

    /// A session of which the answer is yes; nil, and the device is given back, when it is no.
    func opened(_ isRight: (EvolisSession) throws(SakkError) -> Bool) throws(SakkError) -> EvolisSession? {
        try Reopening.kept(EvolisSession(device: try open(), configuration: configuration), when: isRight)
    }

    func connect(_ session: EvolisSession) throws(SakkError) -> PrinterIdentity {
        let identity = try Reopening.closedIfItFails(session) { () throws(SakkError) in try prepare(session) }
        self.session = session
        return identity
    }

    public func disconnect() async {
        session?.close()
        session = nil
    }

    /// I1 to I5, read back; serial number and firmware.
    private func prepare(_ session: EvolisSession) throws(SakkError) -> PrinterIdentity {
        try session.synchronise()
        let serial = try question(session, "Rsn")
        guard serial == configuration.serial else {
            throw failure(
                "printer.serial", "The machine says that its serial number is \(serial).",
                "Compare it with the line's configuration: this is not the printer that is meant.")
        }
        let firmware = try question(session, "Rfv")
        if configuration.refusesUnknownFirmware, !configuration.knownFirmware.contains(firmware) {
            throw failure(
                "printer.firmware", "Firmware \(firmware) is not one that was tried.",
                "Use a listed firmware, or try this one on the bench and list it in the model's file.")
        }
        try setUp(session, EvolisCodec.command("Pem", "18"))
        try setUp(session, EvolisCodec.command("Pneab", "E"))
        try setUp(session, EvolisCodec.command("Pcrm", "D"))
        try declareRibbon(session)
        let mode = try question(session, "Rem")
        guard mode == "18" else {
            throw failure(
                "printer.mode", "The printer does not stay in host-error mode without retry (it says \(mode)).",
                "Do not use it: it would print a second card by itself.")
        }
        // with a card inside that was being printed it is refused, and done before the next one is fed
        memoryIsUsed = try !clearMemory(session)
        return PrinterIdentity(
            family: "evolis-esc", model: configuration.model, serial: serial, firmware: firmware,
            connection: session.connection)
    }

    /// Nobody's picture stays (P8, P9). False while the card that it belongs to is still inside.
    private func clearMemory(_ session: EvolisSession) throws(SakkError) -> Bool {
        let answer = try session.ask(
            EvolisCodec.command("Wcb", "a"), timeoutMS: configuration.commandTimeoutMS, outcomeIfLost: .notDone)
        switch answer {
        case .ok: return true
        case .fault(.parameters): return false
        default: throw unexpected(answer)
        }
    }

    private func setUp(_ session: EvolisSession, _ command: Bytes) throws(SakkError) {
        let answer = try session.ask(command, timeoutMS: configuration.commandTimeoutMS, outcomeIfLost: .notDone)
        guard answer == .ok else { throw unexpected(answer) }
    }

    private func declareRibbon(_ session: EvolisSession) throws(SakkError) {
        do {
            try setUp(session, EvolisCodec.command("Pr", configuration.ribbon))
        } catch  where error.native?.value == EvolisFault.parameters.rawValue {
            throw failure(
                "printer.ribbon.other",
                "The printer refuses its set-up: another ribbon is loaded than the product needs.",
                "Load a \(configuration.ribbon) ribbon.")
        } catch {
            throw error
        }
    }

    /// Three questions in place of the ten of a whole status.
    public func whereabouts() async throws(SakkError) -> PrinterStatus {
        let session = try connected()
        let position = try position(session)
        let cards = try number(session, "Rco", "c")
        let panels = try number(session, "Rco", "p")
        return PrinterStatus(
            position: position, reasons: [],
            counters: PrinterCounters(cards: cards, panels: panels, ribbonRemaining: nil),
            connection: session.connection)
    }

    public func status() async throws(SakkError) -> PrinterStatus {
        let session = try connected()
        let position = try position(session)
        var reasons: Set<PrinterStateReason> = []
        if position == .somewhere { reasons.insert(.mediaJam) }
        if try volts(session, "f") < 2.5 { reasons.insert(.mediaEmpty) }
        if try volts(session, "o") < 2.5 { reasons.insert(.coverOpen) }
        if try isFull(session, "h") { reasons.insert(.outputAreaFull) }
        if try isFull(session, "j") { reasons.insert(.rejectAreaFull) }
        if try needsCleaning(session) { reasons.insert(.cleaningRequired) }
        if let command = configuration.statusCommand { reasons.formUnion(try statusWords(session, command).reasons) }
        let ribbon = try ribbonRemaining(session)
        if ribbon == nil { reasons.insert(.markerSupplyMissing) }
        if ribbon == 0 { reasons.insert(.markerSupplyEmpty) }
        let cards = try number(session, "Rco", "c")
        let panels = try number(session, "Rco", "p")
        return PrinterStatus(
            position: position, reasons: reasons,
            counters: PrinterCounters(cards: cards, panels: panels, ribbonRemaining: ribbon),
            connection: session.connection)
    }

    public func feed(to station: PrinterStation) async throws(SakkError) {
        let session = try connected()
        guard try position(session) == .none else {
            throw failure(
                "printer.occupied", "A card is inside the printer already.",
                "The cell finds out which card it is before it feeds another.")
        }
        if memoryIsUsed {
            guard try clearMemory(session) else {
                throw failure(
                    "printer.memory", "The printer keeps the picture of the card before.",
                    "With nothing inside, switch it off and on; call the engineer when it comes again.")
            }
            memoryIsUsed = false
        }
        try FaultPoint.pass("printer.feed.before")
        try move(session, station, fault: { $0 == .mechanical ? .unknown : .notDone })
        try FaultPoint.pass("printer.feed.after")
        guard try acted({ () throws(SakkError) in try position(session) }) == .at(station) else {
            throw failure(
                "printer.feed", "The card did not arrive at its station.", "Open the printer and look.",
                outcome: .unknown)
        }
    }

    public func move(to station: PrinterStation) async throws(SakkError) {
        let session = try connected()
        // with nothing inside this very command would take a blank from the hopper (M7)
        guard try position(session) != .none else {
            throw failure("printer.empty", "No card is inside the printer.", "The cell finds out where it went.")
        }
        try move(session, station, fault: { $0 == .mechanical ? .unknown : .notDone })
    }

    public func present(_ side: CardSide) async throws(SakkError) {
        let session = try connected()
        try order(session, EvolisCodec.command(side == .front ? "Sr" : "Sv"))
    }

    public func print(_ job: PrintJob) async throws(SakkError) {
        let session = try connected()
        guard job.ribbon == configuration.ribbon else {
            throw failure(
                "printer.ribbon.other",
                "The job is separated for \(job.ribbon), the printer has \(configuration.ribbon).",
                "Use the artwork of this ribbon.")
        }
        let bitmaps = try job.panels.map { (raster) throws(SakkError) -> (PanelRaster, Bytes) in
            guard
                let data = EvolisRaster.pack(
                    raster, width: configuration.rasterWidth, height: configuration.rasterHeight)
            else {
                throw failure(
                    "printer.raster", "A panel has another size than the printer's bitmap.",
                    "Compare the raster in the model's file with the artwork.")
            }
            return (raster, data)
        }
        guard try position(session) == .at(.print) else {
            throw failure(
                "printer.position", "No card lies at the print station.", "The cell finds out where the card is.")
        }
        let before = try number(session, "Rco", "p")
        try FaultPoint.pass("printer.print.before")
        memoryIsUsed = true
        try order(session, EvolisCodec.command("Ss"))
        var inked = false
        for side in CardSide.allCases where bitmaps.contains(where: { $0.0.side == side }) {
            try order(session, EvolisCodec.command(side == .front ? "Sr" : "Sv"), inked: inked)
            for (raster, data) in bitmaps where raster.side == side {
                try lay(raster.panel, data, session, inked: &inked)
            }
        }
        try FaultPoint.pass("printer.print.after")
        let laid = try acted({ () throws(SakkError) in try number(session, "Rco", "p") }) - before
        guard laid == job.panels.count else {
            throw failure(
                "printer.panels", "The printer counted \(laid) panels for a card of \(job.panels.count).",
                "The card is thrown out; check the ribbon.", outcome: .unknown)
        }
    }

    /// Downloads one panel and prints it.
    private func lay(
        _ panel: Panel, _ data: Bytes, _ session: EvolisSession, inked: inout Bool
    ) throws(SakkError) {
        let download = EvolisCodec.download(panel, levels: EvolisRaster.levels(panel), data: data)
        try order(session, download, inked: inked)
        try FaultPoint.pass("printer.panel.before")
        inked = true
        try order(
            session, EvolisCodec.command("Sp", panel.rawValue), timeoutMS: configuration.panelTimeoutMS, inked: true)
        try FaultPoint.pass("printer.panel.after")
    }

    public func eject(_ exit: CardExit) async throws(SakkError) {
        let session = try connected()
        guard try position(session) != .none else {
            throw failure("printer.empty", "No card is inside the printer.", "The cell finds out where it went.")
        }
        let cards = try number(session, "Rco", "c")
        try FaultPoint.pass("printer.eject.before")
        try order(
            session, EvolisCodec.command(exit == .good ? "Se" : "Ser"), timeoutMS: configuration.moveTimeoutMS,
            fault: { [.outputFull, .rejectFull].contains($0) ? .notDone : .unknown })
        try FaultPoint.pass("printer.eject.after")
        guard try acted({ () throws(SakkError) in try position(session) }) == .none else {
            throw failure(
                "printer.eject", "The card is still inside after the eject.", "Open the printer and look.",
                outcome: .unknown)
        }
        // the second evidence: it was not switched off in between, which on some models throws a card out by the good
        // exit (M8); what power-off forgets is still set (I1), and no other card was taken in
        let mode = try acted({ () throws(SakkError) in try question(session, "Rem") })
        let after = try acted({ () throws(SakkError) in try number(session, "Rco", "c") })
        guard mode == "18", after == cards else {
            throw failure(
                "printer.exit", "The printer was switched off or took another card while this one left.",
                "Find the card and read it at the desk before the cell goes on.", outcome: .unknown)
        }
        // if that fails the next feed does it or is refused
        if memoryIsUsed { memoryIsUsed = (try? clearMemory(session)) != true }
    }

    // MARK: conversation

    func connected() throws(SakkError) -> EvolisSession {
        guard let session else {
            throw failure("printer.disconnected", "The printer is not connected.", "Connect the cell first.")
        }
        return session
    }

    private func move(
        _ session: EvolisSession, _ station: PrinterStation, fault: @escaping (EvolisFault) -> SakkError.Outcome
    ) throws(SakkError) {
        let command =
            switch station {
            case .print: "Si"
            case .contact: "Sis"
            case .contactless: "Sic"
            }
        try order(session, EvolisCodec.command(command), timeoutMS: configuration.moveTimeoutMS, fault: fault)
    }

    /// An act: `OK` or an error with its outcome.
    func order(
        _ session: EvolisSession, _ command: Bytes, timeoutMS: Int? = nil, inked: Bool = false,
        fault: ((EvolisFault) -> SakkError.Outcome)? = nil
    ) throws(SakkError) {
        let answer = try session.ask(
            command, timeoutMS: timeoutMS ?? configuration.moveTimeoutMS, outcomeIfLost: .unknown)
        switch answer {
        case .ok: return
        case .fault(let refusal):
            let outcome = fault.map { $0(refusal) } ?? (inked || refusal == .mechanical ? .unknown : .notDone)
            throw refused(refusal, outcome: outcome)
        case .value: throw unexpected(answer)
        }
    }

    func question(_ session: EvolisSession, _ name: String) throws(SakkError) -> String {
        let answer = try session.ask(
            EvolisCodec.command(name), timeoutMS: configuration.commandTimeoutMS, outcomeIfLost: .notDone)
        guard case .value(let text) = answer else { throw unexpected(answer) }
        return text
    }

    func position(_ session: EvolisSession) throws(SakkError) -> CardPosition {
        let answer = try session.ask(
            EvolisCodec.command("Rlr", "p"), timeoutMS: configuration.commandTimeoutMS, outcomeIfLost: .notDone)
        guard let position = EvolisCodec.position(answer) else { throw unexpected(answer) }
        return position
    }

    private func volts(_ session: EvolisSession, _ sensor: String) throws(SakkError) -> Double {
        let answer = try session.ask(
            EvolisCodec.command("Rse", sensor), timeoutMS: configuration.commandTimeoutMS, outcomeIfLost: .notDone)
        guard case .value(let text) = answer, let volts = EvolisCodec.volts(text) else { throw unexpected(answer) }
        return volts
    }

    private func isFull(_ session: EvolisSession, _ box: String) throws(SakkError) -> Bool {
        let answer = try session.ask(
            EvolisCodec.command("Rlr", box), timeoutMS: configuration.commandTimeoutMS, outcomeIfLost: .notDone)
        switch answer {
        case .ok: return false
        case .value("CARD"): return true
        default: throw unexpected(answer)
        }
    }

    /// S7.
    private func needsCleaning(_ session: EvolisSession) throws(SakkError) -> Bool {
        let answer = try session.ask(
            EvolisCodec.command("Rlr", "r"), timeoutMS: configuration.commandTimeoutMS, outcomeIfLost: .notDone)
        switch answer {
        case .ok: return false
        case .fault(.cleaning): return true
        default: throw unexpected(answer)
        }
    }

    private func statusWords(_ session: EvolisSession, _ command: String) throws(SakkError) -> EvolisStatusWords {
        let answer = try session.ask(
            EvolisCodec.command(command), timeoutMS: configuration.commandTimeoutMS, outcomeIfLost: .notDone)
        guard case .value(let text) = answer, let words = EvolisStatusWords(text) else { throw unexpected(answer) }
        return words
    }

    /// A counter; a stray `OK` in its place is asked again (S3).
    func number(_ session: EvolisSession, _ name: String, _ parameter: String) throws(SakkError) -> Int {
        for _ in 0..<3 {
            let answer = try session.ask(
                EvolisCodec.command(name, parameter), timeoutMS: configuration.commandTimeoutMS,
                outcomeIfLost: .notDone)
            if case .value(let text) = answer, let number = Int(text), number >= 0 { return number }
            guard answer == .ok, configuration.straysOK else { throw unexpected(answer) }
        }
        throw unexpected(.ok)
    }

    /// Nil when there is no ribbon.
    func ribbonRemaining(_ session: EvolisSession) throws(SakkError) -> Int? {
        do {
            return try number(session, "Rrt", "count")
        } catch  where error.native?.value == EvolisFault.noRibbon.rawValue {
            return nil
        } catch {
            throw error
        }
    }

    /// A question after an act: when it fails, the act has happened all the same, so its outcome is not `notDone`.
    private func acted<Value>(_ question: () throws(SakkError) -> Value) throws(SakkError) -> Value {
        do {
            return try question()
        } catch {
            var error = error
            error.outcome = .unknown
            throw error
        }
    }

    func failure(
        _ code: SakkError.Code, _ text: String, _ remedy: String, outcome: SakkError.Outcome = .notDone
    ) -> SakkError {
        SakkError(code, source: source, outcome: outcome, text: text, remedy: remedy)
    }

    private func unexpected(_ answer: EvolisAnswer) -> SakkError {
        if case .fault(let fault) = answer { return refused(fault, outcome: .notDone) }
        session?.distrust()
        return SakkError(
            "printer.answer.unknown", source: source, outcome: .unknown,
            text: "The printer gave an answer that does not fit the question.",
            remedy: "Stop, look at the printer, and report its firmware version.")
    }

    private func refused(_ fault: EvolisFault, outcome: SakkError.Outcome) -> SakkError {
        let (code, text, remedy) = fault.words
        return SakkError(
            code, source: source, native: SakkError.Native(kind: "answer", value: fault.rawValue), outcome: outcome,
            text: text, remedy: remedy)
    }
}
