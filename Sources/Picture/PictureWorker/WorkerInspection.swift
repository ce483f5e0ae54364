public import Ground
public import Stations
internal import Workers

/// The inspection of a cell as a process of its own, `sakk-picture`: untrusted pictures live and die there. It gets no key, no
/// environment and no descriptor but a socket and the memory in which it is shown pictures. A worker that ends, hangs or
/// answers nonsense gives "cannot judge" for the card it was at; another is started for the next.
public actor WorkerInspection: InspectionStation {
    private let thread: DeviceThread
    private let program: String
    private let settings: PictureSettings
    private let limitMS: Int64
    private var worker: PictureChild?
    private var pictures: SharedPictures?
    /// Workers that were lost at a picture.
    public private(set) var lost = 0

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - program: its path; a name alone is the program of that name beside ours.
    ///   - limitMS: after so many milliseconds without an answer the worker is ended. A card takes some 300; the first
    ///     one of a worker, on a machine with much else to do, many times that.
    public init(program: String = "sakk-picture", settings: PictureSettings, limitMS: Int = 30_000) {
        self.program = program.contains("/") ? program : WorkerChild.beside(program)
        self.settings = settings
        self.limitMS = Int64(limitMS)
        thread = DeviceThread(label: "sakk-picture")
    }

    deinit { thread.stop() }

    /// Process number of the worker; nil when none runs.
    public var process: Int32? { worker?.child.pid }

    /// Where this worker is shown pictures.
    var shown: (address: UInt, bytes: Int)? {
        pictures.map { (UInt(bitPattern: $0.memory.bytes.baseAddress), $0.memory.bytes.count) }
    }

    /// Starts the worker where it does not run. Errors: `inspection.worker.start`, `inspection.worker.memory`.
    public func start() throws(SakkError) { _ = try running() }

    /// Throws what the inspection itself throws, and `inspection.worker.start` where there is no worker to be had.
    public func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult {
        try ask(.inspect(request))
    }

    /// As `inspect`: what came from a chip is decoded by the worker.
    public func compare(_ request: PortraitRequest) async throws(SakkError) -> InspectionResult {
        try ask(.compare(request))
    }

    private func ask(_ question: PictureQuestion) throws(SakkError) -> InspectionResult {
        let worker = try running()
        let answer: WorkerAnswer
        do throws(PictureChild.Fault) {
            answer = try worker.judge({ question.write(&$0) }, until: deadline)
        } catch {
            self.worker = nil
            lost += 1
            return InspectionResult(
                verdict: .cannotJudge("inspection.failed (\(error.words))"), seenMRZ: [], annotated: [:],
                measures: ["worker.lost": 1000])
        }
        let result = try answer.outcome.get()
        var measures = result.measures
        measures["worker.processor_ms"] = answer.effort
        return InspectionResult(
            verdict: result.verdict, seenMRZ: result.seenMRZ, annotated: result.annotated, measures: measures,
            seen: result.seen, evidence: result.evidence, portrait: result.portrait)
    }

    private var deadline: Int64 { WorkerSocket.now + limitMS * 1000 }

    private func running() throws(SakkError) -> PictureChild {
        if let worker, !worker.child.socket.hasNews { return worker }
        // gone between two cards, or speaks without being asked: no card is lost by it
        worker = nil
        let shared: SharedPictures
        if let pictures {
            shared = pictures
        } else {
            shared = try SharedPictures()
            pictures = shared
        }
        // one that dies before it is ready is as little against the card as one that died idle
        for _ in 0..<2 {
            if let fresh = try? PictureChild(program, settings: settings, pictures: shared, until: deadline) {
                worker = fresh
                return fresh
            }
        }
        let fresh = try PictureChild(program, settings: settings, pictures: shared, until: deadline)
        worker = fresh
        return fresh
    }
}
