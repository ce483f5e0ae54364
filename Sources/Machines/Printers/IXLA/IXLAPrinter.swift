public import Ground
public import Stations

/// A laser for passport booklets (firmware-specs/ixla-xml). The machine neither looks whether a booklet lies there nor tells where
/// one is: the driver looks with the machine's camera before and behind whatever it orders. It never repeats an order, and
/// engraves a document only that bears this attempt's name.
public actor IXLAPrinter: ServicePrinter {
    /// Opens a connection anew; called at each connect.
    public typealias Opener = @Sendable () throws(SakkError) -> any ByteStream

    private let thread: DeviceThread
    let configuration: IXLAConfiguration
    private let open: Opener
    private var session: IXLASession?
    /// Categories whose data page the camera was taught.
    private var categories: [String] = []
    /// The document that lies in memory as we left it; nil when it is not known.
    var document: String?
    /// Number of the booklet in the machine as it was read last.
    private var number: String?
    /// What the booklet was taken to the one place for.
    private var station = PrinterStation.print

    // The machine tells no counters: ours. They begin with the clock's seconds, so that no two processes count alike.
    var loads: Int
    var marks: Int
    private let first: Int

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    public init(_ configuration: IXLAConfiguration, open: @escaping Opener) {
        self.configuration = configuration
        self.open = open
        thread = DeviceThread(label: "printer \(configuration.serial)")
        first = Int(SystemTime().wall().microseconds / 1_000_000) * 1000
        loads = first
        marks = first
    }

    /// Over the system's sockets.
    public init(_ configuration: IXLAConfiguration) {
        let (host, port) = (configuration.host, configuration.port)
        let source = "printer \(configuration.serial)"
        self.init(
            configuration,
            open: { () throws(SakkError) in try StreamSocket(host: host, port: port, source: source) })
    }

    deinit { thread.stop() }

    // MARK: connection

    public func connect() async throws(SakkError) -> PrinterIdentity {
        let returns = session != nil
        session?.close()
        session = nil
        let session = IXLASession(try Reopening.open(patiently: returns, open), configuration)
        do {
            try prepare(session)
            self.session = session
        } catch {
            session.close()
            throw error
        }
        return identity(session)
    }

    private func identity(_ session: IXLASession) -> PrinterIdentity {
        PrinterIdentity(
            family: "ixla-xml", model: configuration.model, serial: configuration.serial,
            firmware: IXLAPrinter.untold, connection: session.connection)
    }

    /// What stands for a version that no published command tells.
    public static let untold = "not told"

    public func disconnect() async {
        session?.close()
        session = nil
    }

    private func prepare(_ session: IXLASession) throws(SakkError) {
        number = nil
        document = nil
        let names = IXLACodec.list(try session.attributes(.patterns), "Patterns")
        guard let names else { throw session.unreadable("patterns") }
        categories = names.filter { $0.hasPrefix(configuration.dataPattern) }.map {
            String($0.dropFirst(configuration.dataPattern.count))
        }
        guard names.contains(configuration.emptyPattern), !categories.isEmpty, !categories.contains("") else {
            throw failure(
                "printer.serial",
                "The camera of this machine was not taught the patterns of \(configuration.serial).",
                "Compare the address with the line's configuration; teach the patterns at set-up.")
        }
        if configuration.refusesUnknownFirmware, !configuration.knownFirmware.contains(IXLAPrinter.untold) {
            throw failure(
                "printer.firmware", "The machine does not tell its version.",
                "List '\(IXLAPrinter.untold)' in the model's file when a person has read it from the display.")
        }
        let deadline = SystemTime().boot().microseconds + Int64(configuration.readyTimeoutMS) * 1000
        while try state(session).isWorking, SystemTime().boot().microseconds < deadline {
            Reopening.rest(milliseconds: 20)
        }
        // in `Error` no document can be made: what is inside can still be thrown out
        if try state(session).stop(.mark) == nil { try clear(session) }
    }

    // MARK: questions

    /// S1, I, M7.
    private func state(_ session: IXLASession) throws(SakkError) -> IXLAState {
        let modules = try session.attributes(.machineStatus)
        guard let transport = modules["transportstatus"], let laser = modules["laserstatus"],
            let interface = modules["interfacestatus"]
        else { throw session.unreadable("state") }
        guard let open = IXLAState.interlocks(try session.attributes(.interlocks)) else {
            throw session.unreadable("interlocks")
        }
        guard case .stacker(let isEmpty) = try session.ask(.stacker) else { throw session.unreadable("stacker") }
        return IXLAState(
            transport: transport, laser: laser, interface: interface, open: open, stackerIsEmpty: isEmpty)
    }

    /// State, and the proof that it was not reset since: the document in memory is the one that we left there.
    func examine(_ session: IXLASession) throws(SakkError) -> IXLAState {
        if let document {
            guard try inMemory(session) == document else {
                throw failure(
                    "printer.reset", "The machine was switched on or reset in between.",
                    "The cell finds out what is inside before it goes on.", outcome: .unknown)
            }
        }
        return try state(session)
    }

    /// The one entity in memory; nil for none or several (E8, E9).
    func inMemory(_ session: IXLASession) throws(SakkError) -> String? {
        switch try session.ask(.entities) {
        case .valid(let element):
            let lists = ["texts", "barcodes", "images"].map { IXLACodec.list(element, $0) }
            guard let texts = lists[0], let codes = lists[1], let images = lists[2] else {
                throw session.unreadable("entities")
            }
            let names = texts + codes + images
            return names.count == 1 ? names[0] : nil
        case .refused("No active layouts"): return nil
        default: throw session.unreadable("entities")
        }
    }

    /// What the camera sees at the laser's place.
    struct Look {
        /// The empty bed itself was seen, and no number.
        var isEmpty: Bool
        var number: String?
        var category: String?
        var sight: IXLACodec.Sight?
    }

    func see(_ session: IXLASession) throws(SakkError) -> Look {
        let bed = try sight(session, configuration.emptyPattern)
        var look = Look(isEmpty: false)
        switch try session.ask(.barcode(configuration.numberPattern)) {
        case .valid(let element):
            guard let text = element["Barcode"] else { throw session.unreadable("barcode") }
            look.number = text.isEmpty ? nil : text
        case .refused("Barcode failed"): break
        default: throw session.unreadable("barcode")
        }
        look.isEmpty = bed != nil && look.number == nil
        guard bed == nil else { return look }
        for category in categories {
            guard let sight = try sight(session, configuration.dataPattern + category) else { continue }
            // two pages at once are none
            guard look.category == nil else {
                (look.category, look.sight) = (nil, nil)
                break
            }
            (look.category, look.sight) = (category, sight)
        }
        return look
    }

    private func sight(_ session: IXLASession, _ pattern: String) throws(SakkError) -> IXLACodec.Sight? {
        switch try session.ask(.seek(pattern: pattern)) {
        case .valid(let element):
            guard let sight = IXLACodec.sight(element) else { throw session.unreadable("offset") }
            return sight.percent >= configuration.leastPercent ? sight : nil
        case .refused("Autopositioning failed"): return nil
        default: throw session.unreadable("offset")
        }
    }

    public func status() async throws(SakkError) -> PrinterStatus {
        try asked { session throws(SakkError) in
            let state = try examine(session)
            let look = try see(session)
            return PrinterStatus(
                position: state.isStuck ? .somewhere : look.isEmpty ? .none : .at(station), reasons: state.reasons,
                counters: PrinterCounters(cards: loads, panels: marks, ribbonRemaining: nil),
                connection: session.connection)
        }
    }

    public func details() async throws(SakkError) -> PrinterDetails {
        _ = try connected()
        var details = PrinterDetails(
            ribbonCards: nil, ribbonLot: nil, cleaningCards: nil,
            counters: [
                .init("loads_since_start", loads - first), .init("marks_since_start", marks - first),
            ])
        details.tellsLife = false
        return details
    }

    public func clean() async throws(SakkError) {
        throw failure(
            "printer.clean.display", "No command of this family that cleans is published.",
            "Clean rollers and window by hand, as the maker's manual says.")
    }

    /// M8, with the empty bed before the camera and the transport in order: else a booklet may lie where nobody sees it.
    public func reset() async throws(SakkError) -> PrinterIdentity {
        let failures = ResetFailures(source: "printer \(configuration.serial)")
        try asked { session throws(SakkError) in
            guard try !state(session).isStuck, try see(session).isEmpty else { throw failures.occupied }
        }
        try order(.reset, "printer.reset.undone")
        let after = try acted { session throws(SakkError) in
            guard try inMemory(session) == nil else { throw failures.undone }
            try prepare(session)
            return try see(session)
        }
        guard after.isEmpty else { throw failures.moved }
        return identity(try connected())
    }

    /// What a reader of booklets is told: number, category and page as the camera sees them now.
    func read() throws(SakkError) -> BookletReading {
        let look: Look = try asked { session throws(SakkError) in try see(session) }
        number = look.number
        guard !look.isEmpty else { return .absent }
        return .booklet(
            BookletIdentity(
                number: look.number, category: look.category, page: look.category == nil ? .other : .data))
    }

    // MARK: acts

    public func feed(to station: PrinterStation) async throws(SakkError) {
        try check(station)
        try asked { session throws(SakkError) in
            let state = try examine(session)
            guard try see(session).isEmpty else {
                throw failure(
                    "printer.occupied", "Something lies in the machine already.",
                    "The cell finds out what it is before it feeds another.")
            }
            try refuse(state, .feed)
            if document != IXLACodec.idle { try clear(session) }
        }
        try FaultPoint.pass("printer.feed.before")
        number = nil
        self.station = station
        loads += 1
        do throws(SakkError) {
            try order(.move(from: configuration.stacker, to: configuration.laser), "printer.feed")
        } catch {
            if error.outcome == .notDone { loads -= 1 }
            throw error
        }
        try FaultPoint.pass("printer.feed.after")
        let look = try acted { session throws(SakkError) in
            _ = try examine(session)
            return try see(session)
        }
        guard !look.isEmpty else {
            throw failure(
                "printer.feed", "The machine says that it took a booklet in, and none lies there.",
                "Look into machine and stacker; a booklet that is found is settled by its number.", outcome: .unknown)
        }
    }

    public func move(to station: PrinterStation) async throws(SakkError) {
        try check(station)
        try asked { session throws(SakkError) in
            let state = try examine(session)
            guard try !see(session).isEmpty else { throw empty }
            try refuse(state, .move)
        }
        // camera, antenna and laser share one place (M11)
        self.station = station
    }

    public func present(_ side: CardSide) async throws(SakkError) {
        guard side == .front else {
            throw failure(
                "printer.side", "A data page has one side.", "Use the artwork of a booklet for this machine.")
        }
        try asked { session throws(SakkError) in
            _ = try examine(session)
            guard try !see(session).isEmpty else { throw empty }
        }
    }

    public func eject(_ exit: CardExit) async throws(SakkError) {
        try asked { session throws(SakkError) in
            let state = try examine(session)
            guard try !see(session).isEmpty else { throw empty }
            try refuse(state, .move)
            guard exit == .reject || document != nil else {
                throw failure(
                    "printer.laser", "The machine's laser is in error, so that a reset would go unnoticed.",
                    "Throw the booklet out by the reject exit; then reset the machine (`sakk printer reset`).")
            }
        }
        try FaultPoint.pass("printer.eject.before")
        let leaves = IXLACommand.move(from: configuration.laser, to: configuration.reject)
        try order(exit == .good ? .eject : leaves, "printer.eject")
        try FaultPoint.pass("printer.eject.after")
        // two evidences: the machine ended this very order well, was not reset meanwhile, which would throw a booklet out by the good
        // exit, and the camera sees the empty bed
        let (state, after) = try acted { session throws(SakkError) in (try examine(session), try see(session)) }
        guard after.isEmpty, !state.isStuck else {
            throw failure(
                "printer.exit", "The camera does not see the empty bed after the eject.",
                "Open the machine and look; read what is found at the desk.", outcome: .unknown)
        }
        number = nil
    }

    /// The booklet of the camera's last reading lies there, right way up, open at its data page, where the laser reaches it.
    func ready(_ session: IXLASession) throws(SakkError) -> IXLACodec.Sight {
        let look = try see(session)
        guard !look.isEmpty else { throw empty }
        guard let seen = look.number, look.category != nil, let sight = look.sight else {
            throw failure(
                "printer.booklet.page", "The camera does not see the data page of a booklet with its number.",
                "Throw it out; check how booklets lie in the stacker.")
        }
        guard number == nil || number == seen else {
            throw failure(
                "printer.booklet.other", "Another booklet lies there than the one that was read.",
                "Throw it out and read it at the desk: a hand was in the machine.")
        }
        guard abs(sight.x) <= configuration.mostOffset, abs(sight.y) <= configuration.mostOffset else {
            throw failure(
                "printer.booklet.offset", "The page lies too far from its place.",
                "Throw it out; check the guides of the transport.")
        }
        number = seen
        return sight
    }

    // MARK: conversation

    private func check(_ station: PrinterStation) throws(SakkError) {
        guard station != .contact else {
            throw failure(
                "printer.station", "A booklet has no contacts.", "Choose another printer for this product.")
        }
    }

    /// What moves a booklet. Refused: nothing moved; broken off, or no word of its end: it may lie anywhere.
    private func order(_ command: IXLACommand, _ code: SakkError.Code) throws(SakkError) {
        let end = try acted { session throws(SakkError) in
            try session.order(command, timeoutMS: configuration.moveTimeoutMS)
        }
        switch end {
        case .executed: return
        case .refused(let reason): throw told(code, "The machine refused the order", reason, .notDone)
        case .failed(let reason): throw told(code, "The order broke off", reason, .unknown)
        }
    }

    func connected() throws(SakkError) -> IXLASession {
        guard let session else {
            throw failure("printer.disconnected", "The printer is not connected.", "Connect the cell first.")
        }
        return session
    }

    /// A question, or a document of which nothing is engraved: whatever became of it, nothing was moved.
    func asked<Value>(_ body: (IXLASession) throws(SakkError) -> Value) throws(SakkError) -> Value {
        try exchange(body, outcome: .notDone)
    }

    /// An act, or a question behind one: when it fails, the act may have happened all the same.
    func acted<Value>(_ body: (IXLASession) throws(SakkError) -> Value) throws(SakkError) -> Value {
        try exchange(body, outcome: .unknown)
    }

    private func exchange<Value>(
        _ body: (IXLASession) throws(SakkError) -> Value, outcome: SakkError.Outcome
    ) throws(SakkError) -> Value {
        let session = try connected()
        do {
            return try body(session)
        } catch {
            var error = error
            // after a reset nothing that was known of the booklet holds
            error.outcome = error.code == "printer.reset" ? .unknown : outcome
            throw error
        }
    }
}
