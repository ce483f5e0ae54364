import Ground
import Stations
import USBTransport

/// One conversation with the printer (firmware-spec F1 to F8). Orders are not answered, so a question follows each. After any
/// doubt the conversation is synchronised anew before the next byte: what is half a job on the other side stays one.
final class MagicardSession: DeviceSession {
    private let device: any BulkDevice
    private let configuration: MagicardConfiguration
    private var isDoubtful = true
    private static let lines = 32

    init(device: any BulkDevice, configuration: MagicardConfiguration) {
        self.device = device
        self.configuration = configuration
    }

    var connection: String { device.connection }
    private var source: String { "printer \(configuration.serial)" }

    func close() { device.close() }

    /// Drops half an order or half a job on the device and stray answers on our side; an answer that bears its own key proves
    /// that both are in step. Moves nothing, prints nothing.
    func synchronise() throws(SakkError) {
        for _ in 0..<3 {
            try device.softReset()
            try drain()
            try device.send(MagicardCodec.question(.product), timeoutMS: configuration.commandTimeoutMS)
            var time = configuration.commandTimeoutMS
            // answers that come late come before this one
            for _ in 0..<64 {
                let answer = try device.receive(upTo: 4096, timeoutMS: time)
                guard !answer.isEmpty else { break }
                if MagicardCodec.value(answer, of: .product) != nil {
                    try drain()
                    isDoubtful = false
                    return
                }
                time = min(time, 200)
            }
        }
        throw SakkError(
            "printer.desynchronised", source: source, outcome: .unknown,
            text: "The printer's answers do not fit the questions.",
            remedy: "Switch the printer off and on; the cell looks for what is inside before it goes on.")
    }

    /// Waits until nothing comes any more, and drops what came.
    private func drain() throws(SakkError) {
        var quiet = 0
        for _ in 0..<256 where quiet < 2 {
            quiet = try device.receive(upTo: 4096, timeoutMS: 30).isEmpty ? quiet + 1 : 0
        }
    }

    /// The value of a key. What comes in its place is dropped, the conversation synchronised, and it is asked once more: a
    /// question changes nothing.
    func ask(_ key: MagicardKey, timeoutMS: Int? = nil) throws(SakkError) -> String {
        for _ in 0..<2 {
            let answer = try exchange(MagicardCodec.question(key), timeoutMS)
            if let value = MagicardCodec.value(answer, of: key) { return value }
            isDoubtful = true
        }
        throw unreadable(key.rawValue)
    }

    func number(_ key: MagicardKey, timeoutMS: Int? = nil) throws(SakkError) -> Int {
        let text = try ask(key, timeoutMS: timeoutMS)
        guard let number = Int(text), number >= 0 else {
            isDoubtful = true
            throw unreadable(key.rawValue)
        }
        return number
    }

    /// Q9.
    func cleaningIsDue() throws(SakkError) -> Bool {
        switch try ask(.cleaningDue) {
        case "ON": return true
        case "OFF": return false
        default: throw unreadable(MagicardKey.cleaningDue.rawValue)
        }
    }

    /// I1, I2; read back.
    func setMark() throws(SakkError) -> Bool {
        if isDoubtful { try synchronise() }
        try send(MagicardCodec.setMark)
        return try number(.ramp) == MagicardCodec.mark
    }

    /// F3, up to `END`.
    func sensors() throws(SakkError) -> [String] {
        again: for _ in 0..<2 {
            var lines: [String] = []
            for number in 1...MagicardSession.lines {
                let answer = try exchange(MagicardCodec.sensor(number), nil)
                guard let line = MagicardCodec.line(answer) else {
                    isDoubtful = true
                    continue again
                }
                if line.hasPrefix("END") { return lines }
                lines.append(line)
            }
            isDoubtful = true
        }
        throw unreadable("sensors")
    }

    /// F8; nil where it means nothing.
    func portStatus() throws(SakkError) -> UInt8? {
        configuration.trustsPortStatus ? try device.portStatus() : nil
    }

    /// Sends what moves a card. Whatever went wrong, it may have been carried out.
    func order(_ order: MagicardOrder) throws(SakkError) {
        if isDoubtful { try synchronise() }
        try send(MagicardCodec.order(order))
    }

    /// A part of a job. When it does not go through, the next byte waits for a synchronisation (P13).
    func send(_ bytes: Bytes) throws(SakkError) {
        isDoubtful = true
        try device.send(bytes, timeoutMS: configuration.panelTimeoutMS)
        isDoubtful = false
    }

    /// Sends a job's planes without its end: they lie in memory, nothing is printed.
    func download(_ job: Bytes) throws(SakkError) {
        if isDoubtful { try synchronise() }
        try send(job)
    }

    /// Drops the job that waits for its end.
    func drop() throws(SakkError) {
        isDoubtful = true
        try synchronise()
    }

    private func exchange(_ question: Bytes, _ timeoutMS: Int?) throws(SakkError) -> Bytes {
        if isDoubtful { try synchronise() }
        isDoubtful = true
        try device.send(question, timeoutMS: configuration.commandTimeoutMS)
        let deadline = SystemTime().boot().microseconds + Int64(timeoutMS ?? configuration.commandTimeoutMS) * 1000
        while true {
            let left = (deadline - SystemTime().boot().microseconds) / 1000
            let answer = try device.receive(upTo: 4096, timeoutMS: Int(max(1, min(left, 1000))))
            if !answer.isEmpty {
                isDoubtful = false
                return answer
            }
            guard left > 0 else { break }
        }
        throw SakkError(
            "printer.timeout", source: source, outcome: .unknown, text: "The printer did not answer in time.",
            remedy: "The outcome is unknown: the cell asks the printer before it goes on.")
    }

    func unreadable(_ what: String) -> SakkError {
        SakkError(
            "printer.answer.unknown", source: source, native: SakkError.Native(kind: "question", value: what),
            outcome: .unknown, text: "The printer gave an answer that does not fit the question.",
            remedy: "Stop, look at the printer, and report its firmware version.")
    }
}
