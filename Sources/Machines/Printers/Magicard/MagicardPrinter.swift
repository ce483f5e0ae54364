public import Ground
public import Stations
public import USBTransport

/// A printer of the Magicard family (firmware-specs/magicard). It never repeats what moves a card or ink, and
/// prints no job that was not sent whole for this very side. Nothing that it orders is answered: each act is proved by
/// sensors and counters.
public actor MagicardPrinter: ServicePrinter {
    /// Opens the device anew; called at each connect.
    public typealias Opener = @Sendable () throws(SakkError) -> any BulkDevice

    private let thread: DeviceThread
    let configuration: MagicardConfiguration
    private let open: Opener
    private var session: MagicardSession?
    /// Which side looks up; nil when that is not known, as for a card that was inside at connect.
    var side: CardSide?
    /// Somebody's picture may lie in memory (P14).
    var memoryIsUsed = true

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    public init(_ configuration: MagicardConfiguration, open: @escaping Opener) {
        self.configuration = configuration
        self.open = open
        thread = DeviceThread(label: "printer \(configuration.serial)")
    }

    /// Over libusb.
    public init(_ configuration: MagicardConfiguration) {
        let identity = USBPrinterIdentity(vendorID: configuration.vendorID, serial: configuration.serial)
        var quirks = configuration.quirks
        quirks.chunkBytes = configuration.chunkBytes
        let sent = quirks
        self.init(
            configuration,
            open: { () throws(SakkError) in try USBPrinterDevice(identity, quirks: sent) })
    }

    deinit { thread.stop() }

    // MARK: connection

    public func connect() async throws(SakkError) -> PrinterIdentity {
        let returns = session != nil
        session?.close()
        session = nil
        return try connect(
            MagicardSession(device: try Reopening.open(patiently: returns, open), configuration: configuration))
    }

    /// A session of which the answer is yes; nil, and the device is given back, when it is no.
    func opened(_ isRight: (MagicardSession) throws(SakkError) -> Bool) throws(SakkError) -> MagicardSession? {
        try Reopening.kept(MagicardSession(device: try open(), configuration: configuration), when: isRight)
    }

    func connect(_ session: MagicardSession) throws(SakkError) -> PrinterIdentity {
        let identity = try Reopening.closedIfItFails(session) { () throws(SakkError) in try prepare(session) }
        self.session = session
        return identity
    }

    public func disconnect() async {
        session?.close()
        session = nil
    }

    private func prepare(_ session: MagicardSession) throws(SakkError) -> PrinterIdentity {
        try session.synchronise()
        let serial = try session.ask(.serial)
        guard serial == configuration.serial else {
            throw failure(
                "printer.serial", "The machine says that its serial number is \(serial).",
                "Compare it with the line's configuration: this is not the printer that is meant.")
        }
        let product = try session.number(.product)
        guard product == Int(configuration.productID) else {
            throw failure(
                "printer.model",
                "The printer is a product \(product), the line is configured for a \(configuration.model).",
                "Name the right model file in the line's configuration.")
        }
        let firmware = try session.ask(.firmware)
        if configuration.refusesUnknownFirmware, !configuration.knownFirmware.contains(firmware) {
            throw failure(
                "printer.firmware", "Firmware \(firmware) is not one that was tried.",
                "Use a listed firmware, or try this one on the bench and list it in the model's file.")
        }
        guard try session.setMark() else {
            throw failure(
                "printer.mode", "The printer does not keep a setting.",
                "Do not use it: a reset, which may throw a card out, would go unnoticed.")
        }
        side = nil
        memoryIsUsed = true
        return PrinterIdentity(
            family: "magicard", model: configuration.model, serial: serial, firmware: firmware,
            connection: session.connection)
    }

    // MARK: questions

    public func status() async throws(SakkError) -> PrinterStatus {
        try asked { session throws(SakkError) in
            let state = try examine(session)
            let cards = try session.number(.cards)
            let panels = try session.number(.panels)
            let left = state.panelsLeft / max(1, configuration.ribbon.count)
            return PrinterStatus(
                position: state.position(chip: configuration.chipStation), reasons: state.reasons,
                counters: PrinterCounters(cards: cards, panels: panels, ribbonRemaining: left),
                connection: session.connection)
        }
    }

    /// All that it says of itself. The first question behind an order waits until the order is over (F5).
    func examine(_ session: MagicardSession, timeoutMS: Int? = nil) throws(SakkError) -> MagicardState {
        guard try session.number(.ramp, timeoutMS: timeoutMS) == MagicardCodec.mark else {
            throw failure(
                "printer.reset", "The printer was switched on or reset in between.",
                "The cell finds out what is inside before it goes on.", outcome: .unknown)
        }
        let left = try session.number(.panelsLeft)
        let isDue = try session.cleaningIsDue()
        let lines = try session.sensors()
        let port = try session.portStatus()
        guard let state = MagicardState(lines: lines, port: port, panelsLeft: left, cleaningIsDue: isDue) else {
            throw session.unreadable("sensors")
        }
        return state
    }

    func position(_ state: MagicardState) -> CardPosition { state.position(chip: configuration.chipStation) }

    // MARK: acts

    public func feed(to station: PrinterStation) async throws(SakkError) {
        try check(station)
        let before = try asked { session throws(SakkError) in
            let state = try examine(session)
            guard position(state) == .none else {
                throw failure(
                    "printer.occupied", "A card is inside the printer already.",
                    "The cell finds out which card it is before it feeds another.")
            }
            try refuse(state, .feed)
            return try session.number(.cards)
        }
        if memoryIsUsed { try asked { session throws(SakkError) in try clearMemory(session) } }
        try FaultPoint.pass("printer.feed.before")
        side = nil
        try acted { session throws(SakkError) in try session.order(station == .print ? .feed : .chipDown) }
        try FaultPoint.pass("printer.feed.after")
        let (state, after) = try acted { session throws(SakkError) in
            (
                try examine(session, timeoutMS: configuration.moveTimeoutMS),
                try session.number(.cards)
            )
        }
        if position(state) == .at(station), after == before + 1 {
            side = .front
            return
        }
        guard position(state) == .none, after == before else {
            throw stopped(state, "printer.feed", "The card did not arrive at its station.")
        }
        // nobody is inside, and no card was counted: none was taken
        let stop = state.stop(.feed)
        throw failure(
            stop?.code ?? "printer.feeder.empty", stop?.text ?? "No card could be taken from the hopper.",
            stop?.remedy ?? "Load blanks and start the cell again.")
    }

    public func move(to station: PrinterStation) async throws(SakkError) {
        try check(station)
        let isThere = try asked { session throws(SakkError) in
            let state = try examine(session)
            // with nothing inside this very order would take a blank from the hopper (M2)
            guard position(state) != .none else { throw empty }
            try refuse(state, .move)
            return position(state) == .at(station)
        }
        if isThere { return }
        try acted { session throws(SakkError) in
            try session.order(station == .print ? .chipUp : .chipDown)
            let state = try examine(session, timeoutMS: configuration.moveTimeoutMS)
            guard position(state) == .at(station) else {
                throw stopped(state, "printer.move", "The card did not arrive at its station.")
            }
        }
    }

    public func present(_ side: CardSide) async throws(SakkError) {
        guard let now = self.side else {
            throw failure(
                "printer.side", "Which side of the card looks up is not known since the printer was connected anew.",
                "The cell throws the card out; read it at the desk.")
        }
        try asked { session throws(SakkError) in
            let state = try examine(session)
            try refuse(state, .move)
            guard position(state) == .at(.print) else { throw notAtPrint }
        }
        guard now != side else { return }
        self.side = nil
        try acted { session throws(SakkError) in
            try session.order(.flip)
            let state = try examine(session, timeoutMS: configuration.moveTimeoutMS)
            guard position(state) == .at(.print) else {
                throw stopped(state, "printer.move", "The card did not come back from the turn-over.")
            }
        }
        self.side = side
    }

    public func eject(_ exit: CardExit) async throws(SakkError) {
        let before = try asked { session throws(SakkError) in
            guard position(try examine(session)) != .none else { throw empty }
            return (try session.number(.cards), try session.number(.panels))
        }
        try FaultPoint.pass("printer.eject.before")
        side = nil
        try acted { session throws(SakkError) in try session.order(exit == .good ? .eject : .reject) }
        try FaultPoint.pass("printer.eject.after")
        // two evidences: no sensor sees a card and the cover is closed; it was not reset meanwhile, which would throw a card out
        // by the good exit, and no counter moved, so no other card came and none was printed
        let (state, after) = try acted { session throws(SakkError) in
            (
                try examine(session, timeoutMS: configuration.moveTimeoutMS),
                (try session.number(.cards), try session.number(.panels))
            )
        }
        guard position(state) == .none else {
            throw stopped(state, "printer.eject", "The card is still inside after the eject.")
        }
        guard after == before, !state.reasons.contains(.coverOpen), state.unlisted.isEmpty else {
            throw failure(
                "printer.exit", "The printer's counters or sensors do not fit one card that left by one exit.",
                "Find the card and read it at the desk before the cell goes on.", outcome: .unknown)
        }
    }

    // MARK: conversation

    func failure(
        _ code: SakkError.Code, _ text: String, _ remedy: String, outcome: SakkError.Outcome = .notDone
    ) -> SakkError {
        SakkError(code, source: "printer \(configuration.serial)", outcome: outcome, text: text, remedy: remedy)
    }

    var empty: SakkError {
        failure("printer.empty", "No card is inside the printer.", "The cell finds out where it went.")
    }
    var notAtPrint: SakkError {
        failure("printer.position", "No card lies at the print station.", "The cell finds out where the card is.")
    }

    private func check(_ station: PrinterStation) throws(SakkError) {
        guard station == .print || station == configuration.chipStation else {
            throw failure(
                "printer.station", "This printer has no \(station.rawValue) station.",
                "Correct `chip_station` in the model's file, or choose another printer for this product.")
        }
    }

    func refuse(_ state: MagicardState, _ act: MagicardState.Act) throws(SakkError) {
        guard let stop = state.stop(act) else { return }
        throw failure(stop.code, stop.text, stop.remedy)
    }

    /// An act did not end as it should: what the printer reports, else the given code. What became of it is unknown.
    func stopped(_ state: MagicardState, _ code: SakkError.Code, _ text: String) -> SakkError {
        let stop = state.stop(.print)
        return failure(
            stop?.code ?? code, stop?.text ?? text, stop?.remedy ?? "Open the printer and look.", outcome: .unknown)
    }

    func connected() throws(SakkError) -> MagicardSession {
        guard let session else {
            throw failure("printer.disconnected", "The printer is not connected.", "Connect the cell first.")
        }
        return session
    }

    /// A question, or a download of which nothing is printed: whatever became of it, nothing was moved.
    func asked<Value>(_ body: (MagicardSession) throws(SakkError) -> Value) throws(SakkError) -> Value {
        try exchange(body, outcome: .notDone)
    }

    /// An act, or a question behind one: when it fails, the act may have happened all the same.
    func acted<Value>(_ body: (MagicardSession) throws(SakkError) -> Value) throws(SakkError) -> Value {
        try exchange(body, outcome: .unknown)
    }

    private func exchange<Value>(
        _ body: (MagicardSession) throws(SakkError) -> Value, outcome: SakkError.Outcome
    ) throws(SakkError) -> Value {
        let session = try connected()
        do {
            return try body(session)
        } catch {
            var error = error
            // after a reset nothing that was known of the card holds
            error.outcome = error.code == "printer.reset" ? .unknown : outcome
            throw error
        }
    }
}
