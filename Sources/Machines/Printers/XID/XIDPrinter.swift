public import Ground
public import Stations
internal import USBTransport

/// A retransfer printer of the XID class (firmware-specs/g-printec-xid) over USB or network. It never repeats what moves a
/// card or ink, prints no plane that was not sent whole for this very side, and starts every card on fresh film.
public actor XIDPrinter: ServicePrinter {
    /// Opens a link anew; called at each connect.
    public typealias Opener = @Sendable () throws(SakkError) -> any XIDLink

    private let thread: DeviceThread
    let configuration: XIDConfiguration
    private let open: Opener
    let failures: XIDFailures
    var link: (any XIDLink)?
    /// It was reset since it was connected: nothing that was known of it holds.
    private var wasReset = false
    /// Which side looks up; nil when that is not known, as for a card that was inside at connect.
    var side: CardSide?
    /// Ink may lie on the film that no card has.
    var filmIsUsed = true
    /// Planes that may hold somebody's picture.
    var buffersAreUsed = true

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    public init(_ configuration: XIDConfiguration, open: @escaping Opener) {
        self.configuration = configuration
        self.open = open
        thread = DeviceThread(label: "printer \(configuration.serial)")
        failures = XIDFailures(source: "printer \(configuration.serial)")
    }

    /// Over the USB or the network, as the configuration says.
    public init(_ configuration: XIDConfiguration) {
        let source = "printer \(configuration.serial)"
        let timeout = configuration.commandTimeoutMS
        let serial = configuration.serial
        switch configuration.place {
        case .usb(let manufacturer, let product, let chunk):
            var quirks = configuration.quirks
            quirks.chunkBytes = chunk
            let sent = quirks
            self.init(
                configuration,
                open: { () throws(SakkError) in
                    let device = try USBPrinterDevice(
                        USBPrinterIdentity(
                            manufacturer: manufacturer, product: product, serial: serial, kind: .bulkOnly),
                        quirks: sent)
                    return XIDUSBLink(device, source: source, timeoutMS: timeout)
                })
        case .network(let host, let port):
            let dpi600 = configuration.planeWidth > 1036
            self.init(
                configuration,
                open: { () throws(SakkError) in
                    try XIDNetworkLink(
                        try StreamSocket(host: host, port: port, source: source), source: source, timeoutMS: timeout,
                        isFine: dpi600)
                })
        }
    }

    deinit { thread.stop() }

    // MARK: connection

    public func connect() async throws(SakkError) -> PrinterIdentity {
        let returns = link != nil
        link?.close()
        link = nil
        let link = try Reopening.open(patiently: returns, open)
        do {
            let identity = try prepare(link)
            self.link = link
            wasReset = false
            return identity
        } catch {
            link.close()
            throw error
        }
    }

    public func disconnect() async {
        link?.close()
        link = nil
    }

    private func prepare(_ link: any XIDLink) throws(SakkError) -> PrinterIdentity {
        try link.resynchronise()
        // the first answer after power-on says that it was on: heard once, here
        var sense = try link.ready()
        if sense == .wasReset { sense = try link.ready() }
        let (model, firmware, serial) = try link.identity()
        guard serial == configuration.serial else {
            throw failure(
                "printer.serial", "The machine says that its serial number is \(serial).",
                "Compare it with the line's configuration: this is not the printer that is meant.")
        }
        guard model == configuration.model else {
            throw failure(
                "printer.model", "The printer is a \(model), the line is configured for a \(configuration.model).",
                "Name the right model file in the line's configuration.")
        }
        if configuration.refusesUnknownFirmware, !configuration.knownFirmware.contains(firmware) {
            throw failure(
                "printer.firmware", "Firmware \(firmware) is not one that was tried.",
                "Use a listed firmware, or try this one on the bench and list it in the model's file.")
        }
        let plane = try link.plane()
        guard plane == (configuration.planeWidth, configuration.planeHeight) else {
            throw failure(
                "printer.raster", "The printer's plane is \(plane.width) by \(plane.height) dots.",
                "Correct the raster in the model's file: it says "
                    + "\(configuration.planeWidth) by \(configuration.planeHeight).")
        }
        guard try link.forbidRetries() else {
            throw failure(
                "printer.mode", "The printer does not keep its own retries switched off.",
                "Do not use it: it would print a second card by itself.")
        }
        let ink = try link.ink()
        guard ink.type == configuration.inkType else {
            throw failure(
                "printer.ribbon.other",
                "Another ribbon is loaded (type \(ink.type), lot \(ink.lot)) than the product needs.",
                "Load a \(configuration.ribbon) ribbon.")
        }
        side = nil
        filmIsUsed = true
        buffersAreUsed = true
        return PrinterIdentity(
            family: "g-printec-xid", model: model, serial: serial, firmware: firmware, connection: link.connection)
    }

    // MARK: questions

    public func status() async throws(SakkError) -> PrinterStatus {
        try asked { link throws(SakkError) in
            var reasons = try link.health().meaning.reasons
            let ready = try link.ready()
            guard ready != .wasReset else { throw failures.refused(ready, .unknown) }
            reasons.formUnion(ready.meaning.reasons)
            let position = try link.position()
            if position == .somewhere { reasons.insert(.mediaJam) }
            let counters = try link.counters()
            let ink = try link.ink()
            if ink.left == 0 { reasons.insert(.markerSupplyEmpty) }
            if let limit = configuration.cleaningAfterCards, counters.cleaning >= limit {
                reasons.insert(.cleaningRequired)
            }
            let perCard = max(1, configuration.ribbon.count)
            return PrinterStatus(
                position: position, reasons: reasons,
                counters: PrinterCounters(
                    cards: counters.total, panels: counters.head, ribbonRemaining: ink.left / perCard),
                connection: link.connection)
        }
    }

    public func details() async throws(SakkError) -> PrinterDetails {
        let (counters, ink) = try asked { link throws(SakkError) in (try link.counters(), try link.ink()) }
        let left = ink.left / max(1, configuration.ribbon.count)
        return PrinterDetails(
            ribbonCards: left, ribbonLot: ink.lot,
            cleaningCards: configuration.cleaningAfterCards.map { max(0, $0 - counters.cleaning) },
            counters: [
                .init("cards", counters.total), .init("cards_since_reset", counters.free),
                .init("panels", counters.head), .init("cards_since_cleaning", counters.cleaning),
                .init("errors", counters.error), .init("ribbon_panels_left", ink.left),
            ])
    }

    public func clean() async throws(SakkError) {
        throw failure(
            "printer.clean.display", "No command of this family that starts a cleaning run is published.",
            "Start it at the printer's own display, with the cleaning card in the hopper.")
    }

    /// C17, on the same connection. Then it is prepared as one that has just come.
    public func reset() async throws(SakkError) -> PrinterIdentity {
        let failures = ResetFailures(source: "printer \(configuration.serial)")
        let cards = try asked { link throws(SakkError) in
            guard try link.position() == .none else { throw failures.occupied }
            return try link.counters().total
        }
        try acted { link throws(SakkError) in try order(link, .initialise, configuration.moveTimeoutMS) }
        let identity = try known { link throws(SakkError) in try prepare(link) }
        let (position, after) = try known { link throws(SakkError) in
            (try link.position(), try link.counters().total)
        }
        guard position == .none, after == cards else { throw failures.moved }
        return identity
    }

    // MARK: acts

    public func feed(to station: PrinterStation) async throws(SakkError) {
        try asked { link throws(SakkError) in
            guard try link.position() == .none else {
                throw failure(
                    "printer.occupied", "A card is inside the printer already.",
                    "The cell finds out which card it is before it feeds another.")
            }
            try awaitReady(link, feeding: true)
        }
        if buffersAreUsed { try clearBuffers() }
        try FaultPoint.pass("printer.feed.before")
        try acted { link throws(SakkError) in
            try order(link, .load(place(station)), configuration.moveTimeoutMS)
            // every load winds fresh film (C5)
            filmIsUsed = false
            side = .front
            try engage(link, station)
        }
        try FaultPoint.pass("printer.feed.after")
        try proved(station, "printer.feed")
    }

    public func move(to station: PrinterStation) async throws(SakkError) {
        try asked { link throws(SakkError) in
            guard try link.position() != .none else { throw empty }
            try awaitReady(link)
        }
        try acted { link throws(SakkError) in
            try release(link)
            try order(link, .move(place(station), turned: false), configuration.moveTimeoutMS)
            try engage(link, station)
        }
        try proved(station, "printer.move")
    }

    public func present(_ side: CardSide) async throws(SakkError) {
        guard let now = self.side else {
            throw failure(
                "printer.side", "Which side of the card looks up is not known since the printer was connected anew.",
                "The cell throws the card out; read it at the desk.")
        }
        try asked { link throws(SakkError) in
            guard try link.position() == .at(.print) else { throw notAtPrint }
            try awaitReady(link)
        }
        guard now != side else { return }
        try acted { link throws(SakkError) in
            self.side = nil
            try order(link, .move(.print, turned: true), configuration.moveTimeoutMS)
            self.side = side
        }
    }

    public func eject(_ exit: CardExit) async throws(SakkError) {
        let before = try asked { link throws(SakkError) in
            guard try link.position() != .none else { throw empty }
            try awaitReady(link)
            return try link.counters()
        }
        try FaultPoint.pass("printer.eject.before")
        try acted { link throws(SakkError) in
            try release(link)
            try order(link, .move(exit == .good ? .good : .reject, turned: false), configuration.moveTimeoutMS)
        }
        try FaultPoint.pass("printer.eject.after")
        // two evidences: the sensor sees no card, and the counters say that neither a jam nor another card came between
        let (position, after) = try known { link throws(SakkError) in (try link.position(), try link.counters()) }
        guard position == .none else {
            throw failure(
                "printer.eject", "The card is still inside after the eject.", "Open the printer and look.",
                outcome: .unknown)
        }
        guard after.error == before.error, after.total == before.total else {
            throw failure(
                "printer.exit", "The printer's counters do not fit one card that left by one exit.",
                "Find the card and read it at the desk before the cell goes on.", outcome: .unknown)
        }
        side = nil
    }

    // MARK: conversation

    var disconnected: SakkError {
        failure("printer.disconnected", "The printer is not connected.", "Connect the cell first.")
    }
    var empty: SakkError {
        failure("printer.empty", "No card is inside the printer.", "The cell finds out where it went.")
    }
    var notAtPrint: SakkError {
        failure("printer.position", "No card lies at the print station.", "The cell finds out where the card is.")
    }

    func failure(
        _ code: SakkError.Code, _ text: String, _ remedy: String, outcome: SakkError.Outcome = .notDone
    ) -> SakkError {
        SakkError(code, source: failures.source, outcome: outcome, text: text, remedy: remedy)
    }

    private func place(_ station: PrinterStation) -> XIDPlace {
        switch station {
        case .print: .print
        case .contact: .contact
        case .contactless: .contactless
        }
    }

    /// The station's contacts or antenna come to the card (C7).
    private func engage(_ link: any XIDLink, _ station: PrinterStation) throws(SakkError) {
        switch station {
        case .print: return
        case .contact: try order(link, .station(.engageContact), configuration.commandTimeoutMS)
        case .contactless: try order(link, .station(.engageContactless), configuration.commandTimeoutMS)
        }
    }

    private func release(_ link: any XIDLink) throws(SakkError) {
        switch try link.position() {
        case .at(.contact): try order(link, .station(.releaseContact), configuration.commandTimeoutMS)
        case .at(.contactless): try order(link, .station(.releaseContactless), configuration.commandTimeoutMS)
        default: return
        }
    }

    /// Waits while the printer is busy or warms up; anything else is an error before the act.
    func awaitReady(_ link: any XIDLink, feeding: Bool = false) throws(SakkError) {
        let deadline = SystemTime().boot().microseconds + Int64(configuration.readyTimeoutMS) * 1000
        while true {
            let sense = try link.ready()
            if sense == .good || (sense == .noCards && !feeding) { return }
            guard sense.meaning.passes, SystemTime().boot().microseconds < deadline else {
                // after a reset nothing that was known of card, film and settings holds
                throw failures.refused(sense, sense == .wasReset ? .unknown : .notDone)
            }
            Reopening.rest(milliseconds: 20)
        }
    }

    /// An act: done, or an error that says what became of it. A refusal for the place of the card, or of the command
    /// itself, and an empty hopper moved nothing; whatever else stopped it may have begun.
    func order(_ link: any XIDLink, _ act: XIDAct, _ timeoutMS: Int) throws(SakkError) {
        let sense = try link.act(act, timeoutMS: timeoutMS)
        guard sense != .good else { return }
        let moved = !(sense.key == 5 || sense == .noCards)
        throw failures.refused(sense, moved ? .unknown : .notDone)
    }

    /// A question: whatever became of it, nothing was moved, unless the printer was reset before it.
    func asked<Value>(_ body: (any XIDLink) throws(SakkError) -> Value) throws(SakkError) -> Value {
        try exchange(body) { $0.code == "printer.reset" ? .unknown : .notDone }
    }

    func acted(_ body: (any XIDLink) throws(SakkError) -> Void) throws(SakkError) {
        try exchange(body) { $0.outcome }
    }

    /// A question after an act: when it fails, the act has happened all the same.
    func known<Value>(_ body: (any XIDLink) throws(SakkError) -> Value) throws(SakkError) -> Value {
        try exchange(body) { _ in .unknown }
    }

    private func exchange<Value>(
        _ body: (any XIDLink) throws(SakkError) -> Value, _ outcome: (SakkError) -> SakkError.Outcome
    ) throws(SakkError) -> Value {
        guard let link else { throw disconnected }
        guard !wasReset else { throw failures.refused(.wasReset, .unknown) }
        do {
            return try body(link)
        } catch {
            var error = error
            error.outcome = outcome(error)
            // the printer says so once only, and its settings are gone
            if error.code == "printer.reset" { wasReset = true }
            throw error
        }
    }

    private func proved(_ station: PrinterStation, _ code: SakkError.Code) throws(SakkError) {
        let position = try known { link throws(SakkError) in try link.position() }
        guard position == .at(station) else {
            throw failure(
                code, "The card did not arrive at its station.", "Open the printer and look.", outcome: .unknown)
        }
    }
}
