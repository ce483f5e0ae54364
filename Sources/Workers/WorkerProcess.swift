internal import Glibc
public import Ground

/// A program of ours that answers requests as a process of its own. It is started at the first request, answers one after
/// another, and is ended and started anew when it died, was late, or answered what cannot be an answer.
///
/// A request and an answer are four bytes of length, big-endian, and so many bytes (`WorkerDesk.serve` is the other end).
public actor WorkerProcess {
    /// Says whose errors they are, for example `border check`.
    public nonisolated let name: String
    private let program: String
    private let arguments: [String]
    private let variables: [String]
    private let thread: DeviceThread
    private var child: WorkerChild?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - program: path; with a name alone, the program of that name beside ours.
    ///   - arguments: nothing secret and nothing of a person: everybody on this machine can read them.
    ///   - variables: names of the variables that it gets of ours.
    public init(name: String, program: String, arguments: [String], variables: [String] = []) {
        self.name = name
        self.program = program.contains("/") ? program : WorkerChild.beside(program)
        self.arguments = arguments
        self.variables = variables.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
        thread = DeviceThread(label: name)
    }

    isolated deinit {
        child?.end()
        thread.stop()
    }

    /// One request, and the answer within `limitMS`, of at most `answerMax` bytes. `reply` says what goes back to a worker that
    /// asks something first (`WorkerDesk.inquire`), and nil to an answer; it is asked once, so a second question is an answer. Errors: `worker.missing` (it cannot be started),
    /// `worker.ended` (it died; native: exit or signal), `worker.late`, `worker.answer` (no answer can be so long).
    public func ask(
        _ request: Bytes, limitMS: Int, answerMax: Int = 1 << 24, reply: @Sendable (Bytes) -> Bytes? = { _ in nil }
    ) throws(SakkError) -> Bytes {
        let deadline = WorkerSocket.now + Int64(limitMS) * 1000
        let asked = try running()
        do throws(WorkerFault) {
            func exchange(_ words: Bytes) throws(WorkerFault) -> Bytes {
                try asked.socket.write(BigEndian.bytes(UInt32(words.count)) + words, until: deadline)
                let length = Int(BigEndian.unsigned(try asked.socket.read(4, until: deadline)) ?? 0)
                guard length <= answerMax else { throw .nonsense }
                return try asked.socket.read(length, until: deadline)
            }
            let answer = try exchange(request)
            return if let words = reply(answer) { try exchange(words) } else { answer }
        } catch {
            child = nil
            throw said(error, after: limitMS, by: asked.end())
        }
    }

    /// Ends it, if it runs; the next request starts it anew.
    public func stop() {
        child?.end()
        child = nil
    }

    /// Process identifier while it runs: for measurements and tests.
    public var pid: Int32? { child?.pid }

    private func running() throws(SakkError) -> WorkerChild {
        if let child { return child }
        do throws(WorkerStartFailure) {
            let fresh = try WorkerChild(program: program, arguments: arguments, variables: variables)
            child = fresh
            return fresh
        } catch {
            throw SakkError(
                "worker.missing", source: name, subject: program, native: .init(kind: "errno", value: "\(error.errno)"),
                text: "The program for the \(name) cannot be started.",
                remedy: "Check that it is there, beside the other programs of Sakk, and may be executed.")
        }
    }

    private func said(_ fault: WorkerFault, after limitMS: Int, by ending: SakkError.Native) -> SakkError {
        let remedy = "It is started anew with the next document. When it happens again, call the engineer."
        return switch fault {
        case .late:
            SakkError(
                "worker.late", source: name, outcome: .unknown,
                text: "The \(name) said nothing for \(limitMS) ms and was ended.",
                remedy: remedy)
        case .nonsense:
            SakkError(
                "worker.answer", source: name, outcome: .unknown,
                text: "The \(name) answered what cannot be an answer.",
                remedy: remedy)
        case .ended:
            SakkError(
                "worker.ended", source: name, native: ending, outcome: .unknown,
                text: "The \(name) ended without an answer (\(ending.kind) \(ending.value)).", remedy: remedy)
        }
    }
}
