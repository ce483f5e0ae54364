import Ground
import Stations
import USBTransport

/// One conversation with the printer: each command is answered once, in order (firmware-spec F2). After any doubt the
/// conversation is synchronised anew before the next command.
final class EvolisSession: DeviceSession {
    private let device: any BulkDevice
    private let configuration: EvolisConfiguration
    private var inbox = Bytes()
    private var doubtful = true

    init(device: any BulkDevice, configuration: EvolisConfiguration) {
        self.device = device
        self.configuration = configuration
    }

    var connection: String { device.connection }
    private var source: String { "printer \(configuration.serial)" }

    func close() { device.close() }

    /// Before the next command the conversation is to be synchronised anew: an answer did not fit its question.
    func distrust() { doubtful = true }

    /// Drops half a command on the device and stray answers on our side; the model's name proves that both are in step.
    func synchronise() throws(SakkError) {
        var other: String?
        for _ in 0..<3 {
            try device.softReset()
            try drain()
            try device.send(EvolisCodec.command("Rtp"), timeoutMS: configuration.commandTimeoutMS)
            var heard: String?
            var time = configuration.commandTimeoutMS
            // answers that come late (F7) come before this one, which then follows at once
            for _ in 0..<64 {
                guard let bytes = try nextAnswer(timeoutMS: time) else { break }
                let answer = EvolisCodec.answer(bytes)
                if answer == .value(configuration.model) {
                    try drain()
                    doubtful = false
                    return
                }
                if case .value(let text) = answer { heard = text }
                time = min(time, 200)
            }
            if let heard, heard == other {
                throw SakkError(
                    "printer.model", source: source, native: SakkError.Native(kind: "Rtp", value: heard),
                    text: "The printer is a \(heard), the line is configured for a \(configuration.model).",
                    remedy: "Name the right model file in the line's configuration.")
            }
            other = heard
        }
        throw desynchronised
    }

    /// Waits until nothing comes any more, and drops what came.
    private func drain() throws(SakkError) {
        var quiet = 0
        for _ in 0..<256 {
            quiet = try device.receive(upTo: 4096, timeoutMS: 30).isEmpty ? quiet + 1 : 0
            guard quiet < 2 else {
                inbox = []
                return
            }
        }
        throw desynchronised
    }

    private var desynchronised: SakkError {
        SakkError(
            "printer.desynchronised", source: source, outcome: .unknown,
            text: "The printer's answers do not fit the questions.",
            remedy: "Switch the printer off and on; the cell looks for what is inside before it goes on.")
    }

    /// Sends a command and reads its answer. A USB failure, a timeout or an answer that is not known leaves doubt.
    func ask(_ command: Bytes, timeoutMS: Int, outcomeIfLost: SakkError.Outcome) throws(SakkError) -> EvolisAnswer {
        // bytes that nobody asked for would become the answer to this command
        if doubtful || !inbox.isEmpty { try synchronise() }
        doubtful = true
        do {
            try device.send(command, timeoutMS: max(timeoutMS, configuration.commandTimeoutMS))
            let answer = try readAnswer(timeoutMS: timeoutMS)
            doubtful = false
            return answer
        } catch {
            var error = error
            // a question changes nothing, whatever became of it; an act may have happened
            if error.outcome == .unknown { error.outcome = outcomeIfLost }
            throw error
        }
    }

    /// Sends a command that is not answered; the conversation is over (M10).
    func tell(_ command: Bytes) throws(SakkError) {
        if doubtful || !inbox.isEmpty { try synchronise() }
        doubtful = true
        try device.send(command, timeoutMS: configuration.commandTimeoutMS)
    }

    private func readAnswer(timeoutMS: Int) throws(SakkError) -> EvolisAnswer {
        guard let text = try nextAnswer(timeoutMS: timeoutMS) else {
            throw SakkError(
                "printer.timeout", source: source, outcome: .unknown, text: "The printer did not answer in time.",
                remedy: "The outcome is unknown: the cell asks the printer before it goes on.")
        }
        guard let answer = EvolisCodec.answer(text) else {
            throw SakkError(
                "printer.answer.unknown", source: source,
                native: SakkError.Native(kind: "answer", value: String(decoding: text.prefix(40), as: UTF8.self)),
                outcome: .unknown, text: "The printer gave an answer that is not known.",
                remedy: "Stop, look at the printer, and report its firmware version.")
        }
        return answer
    }

    /// The bytes before the next NUL; nil when none comes in time.
    private func nextAnswer(timeoutMS: Int) throws(SakkError) -> Bytes? {
        let deadline = SystemTime().boot().microseconds + Int64(timeoutMS) * 1000
        while true {
            if let end = inbox.firstIndex(of: 0) {
                let text = Bytes(inbox[..<end])
                inbox.removeFirst(end + 1)
                return text
            }
            // an answer that is there is taken, however late this thread comes to look
            let left = (deadline - SystemTime().boot().microseconds) / 1000
            let bytes = try device.receive(upTo: 4096, timeoutMS: Int(max(1, min(left, 1000))))
            guard !bytes.isEmpty || left > 0 else { return nil }
            inbox += bytes
        }
    }
}
