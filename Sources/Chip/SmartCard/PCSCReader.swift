import CPCSC
public import Ground

/// One PC/SC reader, by name, on a thread of its own (PC/SC blocks). It is waited on by state changes, never by sleeping:
/// pcscd asks its drivers every 400 ms.
public actor PCSCReader {
    /// What is at the reader.
    public enum Presence: Sendable, Equatable {
        case absent
        /// A card that does not answer to reset.
        case mute
        case present(atr: Bytes)
    }

    /// How the card is left after `withCard`.
    public enum Disposition: Sendable {
        case leave, reset, unpower
        var code: DWORD {
            switch self {
            case .leave: 0
            case .reset: 1
            case .unpower: 2
            }
        }
    }

    public nonisolated let name: String
    private let thread: DeviceThread
    private let trace: APDUTrace.Sink?
    private let revealingData: Bool
    private var context: SCARDCONTEXT?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - name: the reader's name as PC/SC lists it.
    ///   - trace: gets every exchange; data stays out of it unless `revealingData`.
    public init(name: String, trace: APDUTrace.Sink? = nil, revealingData: Bool = false) {
        self.name = name
        self.trace = trace
        self.revealingData = revealingData
        thread = DeviceThread(label: "reader \(name)")
    }

    isolated deinit {
        if let context { SCardReleaseContext(context) }
        thread.stop()
    }

    /// Opens the service and checks that the reader is there: `reader.service.missing`, or `reader.missing` with the
    /// names of those that are.
    public func connect() throws(SakkError) {
        disconnect()
        var fresh: SCARDCONTEXT = 0
        try check(SCardEstablishContext(DWORD(SCARD_SCOPE_SYSTEM), nil, nil, &fresh), during: "connecting")
        context = fresh
        let readers = try list()
        guard readers.contains(name) else {
            disconnect()
            let found = readers.isEmpty ? "none is connected" : "there are: " + readers.joined(separator: "; ")
            throw SakkError(
                "reader.missing", source: "reader \(name)", text: "There is no reader of this name; \(found).",
                remedy: "Connect the reader, or write the name of one that is there into the cell's settings.")
        }
    }

    public func disconnect() {
        if let context { SCardReleaseContext(context) }
        context = nil
    }

    /// Whether `connect` has been called, and nothing let go since.
    public var isConnected: Bool { context != nil }

    /// Names of all readers.
    public func list() throws(SakkError) -> [String] { try PCSCReader.list(in: try opened(), reader: name) }

    /// Names of all readers, without one of them at hand. It runs on a thread of its own for the moment.
    public static func names() async throws(SakkError) -> [String] {
        let reader = PCSCReader(name: "PC/SC")
        return try await reader.namesOnce()
    }

    private func namesOnce() throws(SakkError) -> [String] {
        var fresh: SCARDCONTEXT = 0
        try check(SCardEstablishContext(DWORD(SCARD_SCOPE_SYSTEM), nil, nil, &fresh), during: "connecting")
        defer { SCardReleaseContext(fresh) }
        return try PCSCReader.list(in: fresh, reader: name)
    }

    /// The list may grow between asking for its length and reading it: then it is asked for again.
    static func list(in context: SCARDCONTEXT, reader name: String) throws(SakkError) -> [String] {
        while true {
            var length: DWORD = 0
            let sized = PCSCError(SCardListReaders(context, nil, nil, &length))
            if sized == .noReadersAvailable { return [] }
            guard sized == .success else { throw sized.error(reader: name, during: "listing the readers") }
            var buffer = [CChar](repeating: 0, count: Int(length))
            let listed = PCSCError(SCardListReaders(context, nil, &buffer, &length))
            if listed == .noReadersAvailable { return [] }
            if listed == .insufficientBuffer { continue }
            guard listed == .success else { throw listed.error(reader: name, during: "listing the readers") }
            return buffer.prefix(Int(length)).split(separator: 0).map {
                String(decoding: $0.map(UInt8.init(bitPattern:)), as: UTF8.self)
            }
        }
    }

    /// Waits until a card is there (also a mute one) or the time is over.
    public func waitForCard(timeoutMS: Int) throws(SakkError) -> Presence {
        try wait(timeoutMS: timeoutMS) { $0 != .absent }
    }

    /// Waits until the reader is empty or the time is over.
    public func waitForRemoval(timeoutMS: Int) throws(SakkError) -> Presence {
        try wait(timeoutMS: timeoutMS) { $0 == .absent }
    }

    private func wait(timeoutMS: Int, until done: (Presence) -> Bool) throws(SakkError) -> Presence {
        let clock = ContinuousClock()
        let deadline = clock.now + .milliseconds(timeoutMS)
        var (presence, state) = try status(known: DWORD(SCARD_STATE_UNAWARE), timeoutMS: 0)
        while !done(presence) {
            let left = (deadline - clock.now).components
            let leftMS = Int(left.seconds) * 1000 + Int(left.attoseconds / 1_000_000_000_000_000)
            guard leftMS > 0 else { break }
            (presence, state) = try status(known: state, timeoutMS: leftMS)
        }
        return presence
    }

    private func status(known: DWORD, timeoutMS: Int) throws(SakkError) -> (Presence, DWORD) {
        var state = known
        var atr = Bytes(repeating: 0, count: Int(MAX_ATR_SIZE))
        var length: DWORD = 0
        let result = PCSCError(
            sakk_pcsc_status_change(try opened(), name, DWORD(timeoutMS), &state, &atr, &length))
        if result == .timeout { state = known } else { try check(result, during: "waiting for a card") }
        // the upper half counts insertions; the changed bit must not go back into the next call
        state &= ~DWORD(SCARD_STATE_CHANGED)
        if state & DWORD(SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE) != 0 {
            throw PCSCError.readerUnavailable.error(reader: name, during: "waiting for a card")
        }
        guard state & DWORD(SCARD_STATE_PRESENT) != 0 else { return (.absent, state) }
        guard state & DWORD(SCARD_STATE_MUTE) == 0, length > 0 else { return (.mute, state) }
        return (.present(atr: Bytes(atr.prefix(Int(length)))), state)
    }

    /// Powers the card, keeps every other program off it, runs `body` on the reader's thread and lets the card go.
    /// A card found reset at the start is connected once more: nothing of ours was in it yet. One that another program holds is
    /// waited for `busyMS`: pcscd takes it from a program that died when the command that was under way has ended.
    public func withCard<Result: Sendable>(
        exclusive: Bool = true, leaving disposition: Disposition = .reset, busyMS: Int = 0,
        _ body: @Sendable (any CardChannel) throws(SakkError) -> Result
    ) throws(SakkError) -> Result {
        let card = try connected(exclusive: exclusive, busyMS: busyMS)
        defer { card.release(disposition.code) }
        var channel: any CardChannel = card
        if let trace { channel = TracingChannel(over: channel, revealingData: revealingData, sink: trace) }
        return try body(CompletingChannel(over: channel, transport: card.transport))
    }

    private func connected(exclusive: Bool, busyMS: Int) throws(SakkError) -> PCSCCard {
        let deadline = ContinuousClock().now + .milliseconds(busyMS)
        while true {
            do {
                return try PCSCCard(context: try opened(), reader: name, exclusive: exclusive)
            } catch {
                guard error.code == "reader.busy", ContinuousClock().now < deadline else { throw error }
                let (_, state) = try status(known: DWORD(SCARD_STATE_UNAWARE), timeoutMS: 0)
                _ = try status(known: state, timeoutMS: 50)
            }
        }
    }

    private func opened() throws(SakkError) -> SCARDCONTEXT {
        guard let context else { throw PCSCError.noService.error(reader: name, during: "use before connecting") }
        return context
    }

    private func check(_ code: LONG, during act: String) throws(SakkError) {
        try check(PCSCError(code), during: act)
    }

    private func check(_ result: PCSCError, during act: String) throws(SakkError) {
        guard result == .success else { throw result.error(reader: name, during: act) }
    }
}
