import Ground

/// One conversation (firmware-spec F1 to F9). No answer says which question it belongs to: after a timeout, a broken element or
/// an answer out of turn the connection is let go, and nothing more is said on it.
final class IXLASession {
    private let stream: any ByteStream
    private let configuration: IXLAConfiguration
    private var scanner = IXLAScanner()
    private var isLost = false

    init(_ stream: any ByteStream, _ configuration: IXLAConfiguration) {
        self.stream = stream
        self.configuration = configuration
    }

    var connection: String { stream.connection }
    private var source: String { "printer \(configuration.serial)" }

    func close() {
        guard !isLost else { return }
        isLost = true
        stream.close()
    }

    /// How an order ended.
    enum End {
        case executed
        /// Nothing was begun (F3).
        case refused(String)
        /// It began, and broke off (F4).
        case failed(String)
    }

    /// A question and its one answer.
    func ask(_ command: IXLACommand) throws(SakkError) -> IXLAAnswer {
        try send(command, timeoutMS: configuration.commandTimeoutMS)
        let answer = try hear(configuration.commandTimeoutMS)
        switch answer {
        case .valid, .refused, .stacker: return answer
        case .executed, .failed: throw doubt("printer.desynchronised", "an answer to another command")
        }
    }

    /// The attributes that were asked for; `printer.answer.unknown` when the question was refused.
    func attributes(_ command: IXLACommand) throws(SakkError) -> IXLAElement {
        guard case .valid(let element) = try ask(command) else { throw unreadable(command.name) }
        return element
    }

    /// An order, up to its end.
    func order(_ command: IXLACommand, timeoutMS: Int) throws(SakkError) -> End {
        try send(command, timeoutMS: timeoutMS)
        switch try hear(configuration.commandTimeoutMS) {
        case .refused(let reason): return .refused(reason)
        case .valid: break
        case .executed, .failed, .stacker: throw doubt("printer.desynchronised", "an answer to another command")
        }
        switch try hear(timeoutMS) {
        case .executed(command.name): return .executed
        case .failed(command.name, let reason): return .failed(reason)
        default: throw doubt("printer.desynchronised", "an answer to another command")
        }
    }

    private func send(_ command: IXLACommand, timeoutMS: Int) throws(SakkError) {
        guard !isLost else {
            throw SakkError(
                "printer.network.lost", source: source, text: "The connection was let go after an answer in doubt.",
                remedy: "The cell connects anew and looks for what is inside.")
        }
        // a closing tag may still lie there (F5)
        var stray: IXLAElement?
        do throws(IXLAScanner.Malformed) { stray = try scanner.next() } catch {
            throw doubt("printer.answer.unknown", "an answer that is no element")
        }
        guard stray == nil, scanner.isEmpty else {
            throw doubt("printer.desynchronised", "an answer that nobody asked for")
        }
        do throws(SakkError) {
            try stream.send(
                IXLACodec.bytes(command, decimalComma: configuration.decimalComma), timeoutMS: timeoutMS)
        } catch {
            close()
            throw error
        }
    }

    private func hear(_ timeoutMS: Int) throws(SakkError) -> IXLAAnswer {
        let deadline = SystemTime().boot().microseconds + Int64(timeoutMS) * 1000
        while true {
            var element: IXLAElement?
            do throws(IXLAScanner.Malformed) { element = try scanner.next() } catch {
                throw doubt("printer.answer.unknown", "an answer that is no element")
            }
            if let element {
                guard let answer = IXLACodec.answer(element) else {
                    throw doubt("printer.answer.unknown", "an element that its firmware spec does not list")
                }
                return answer
            }
            let left = (deadline - SystemTime().boot().microseconds) / 1000
            do throws(SakkError) {
                let bytes = try stream.receive(upTo: 65_536, timeoutMS: Int(max(1, min(left, 1000))))
                scanner.append(bytes)
                if bytes.isEmpty, left <= 0 { throw doubt("printer.timeout", "no answer in time") }
            } catch {
                close()
                throw error
            }
        }
    }

    private func doubt(_ code: SakkError.Code, _ what: String) -> SakkError {
        close()
        return SakkError(
            code, source: source, outcome: .unknown, text: "The machine gave \(what).",
            remedy: "The outcome is unknown: the cell connects anew and looks for what is inside.")
    }

    func unreadable(_ what: String) -> SakkError { doubt("printer.answer.unknown", "no readable \(what)") }
}
