internal import BorderReader
internal import Ground
internal import Stations
internal import Synchronization
public import Workers

/// The border check of one reader as a process of its own (`sakk-border --serve`): it gets the reader's name and the paths of the
/// country signing certificates, and for each document the three values of its zone, through its input; no ledger, no key, no
/// record. Where the line has an inspection system it gets its certificates, too, and asks for the one signature of each document:
/// the key, in memory or in a token, stays on this side. It must have the card to itself: our own session is closed before it is asked.
public struct BorderProcess: Sendable {
    private let worker: WorkerProcess
    private let limitMS: Int
    private let inspection: InspectionSystem?

    /// `limitMS`: how long one document may take. A border's own gates give up after 20 s; a document of 60 kB takes 6 s at a
    /// slow contactless reader.
    public init(worker: WorkerProcess, inspection: InspectionSystem? = nil, limitMS: Int = 30_000) {
        self.worker = worker
        self.inspection = inspection
        self.limitMS = limitMS
    }

    /// `inspection`: what reads fingers back; nil: they stay closed.
    public init(
        program: String = "sakk-border", reader: String, trust: [String], inspection: InspectionSystem? = nil,
        limitMS: Int = 30_000
    ) {
        let words =
            ["--serve", "--reader", reader] + trust.flatMap { ["--csca", $0] }
            + (inspection?.certificates ?? []).flatMap { ["--certificate", $0] }
        // where the PC/SC service is, when that is not the usual place; what scripts/fault-test orders
        self.init(
            worker: WorkerProcess(
                name: "border check at \(reader)", program: program, arguments: words,
                variables: ["PCSCLITE_CSOCK_NAME", "SAKK_BORDER_FAULT"]),
            inspection: inspection, limitMS: limitMS)
    }

    /// Starts it, so that a missing program or a trust that cannot be read stops the line before the first card.
    func begin() async throws(SakkError) {
        let bytes = try await worker.ask([], limitMS: limitMS)
        guard bytes != BorderAnswer.ready else { return }
        if case .failure(let error)? = BorderAnswer.decoded(bytes) { throw error }
        throw SakkError(
            "worker.answer", source: worker.name, text: "The \(worker.name) is another program than ours.",
            remedy: "Install the programs of one version of Sakk beside each other.")
    }

    /// What it says of the document at the reader. It is asked once more when it died or said nonsense, in case it was not the
    /// document's doing; when it does so again, or is late, nothing is known of the document, and a failed check `border`
    /// says so: it is not passed.
    /// - Throws: what the process reports of reader, chip and trust (`reader.*`, `chip.*`, `border.*`), `worker.missing`, and why
    ///   the inspection system's key did not sign (`vault.*`): nothing is known of the document then.
    func answer(for access: MRZAccess) async throws(SakkError) -> BorderReport {
        let request = Bytes(
            [access.documentNumber, access.dateOfBirth, access.dateOfExpiry].joined(separator: ",").utf8)
        var last = ""
        for _ in 0..<2 {
            let bytes: Bytes
            do {
                bytes = try await ask(request)
            } catch {
                guard error.code.rawValue.hasPrefix("worker.") else { throw error }
                guard error.code != "worker.missing" else { throw error }
                last = error.text
                if error.code == "worker.late" { break }
                continue
            }
            switch BorderAnswer.decoded(bytes) {
            case .success(let answer)?: return BorderReport(answer)
            case .failure(let error)?:
                guard error.code == "border.request" else { throw error }
                return BorderReport(failed: "border", error.text)
            case nil:
                await worker.stop()
                last = "The border check answered what is no answer."
            }
        }
        return BorderReport(failed: "border", last)
    }

    private func ask(_ request: Bytes) async throws(SakkError) -> Bytes {
        let refusal = Mutex<SakkError?>(nil)
        let bytes = try await worker.ask(request, limitMS: limitMS) { question in
            do throws(SakkError) {
                return try inspection?.signature(for: question)
            } catch {
                refusal.withLock { $0 = error }
                // the process is told that there is none, and ends its session
                return []
            }
        }
        if let error = refusal.withLock({ $0 }) { throw error }
        return bytes
    }

    func stop() async { await worker.stop() }
}

extension BorderReport {
    init(_ answer: BorderAnswer) {
        self.init(
            checks: answer.checks.map { BorderCheck(name: $0.name, passed: $0.passed, detail: $0.detail) },
            mrz: answer.mrz, portrait: answer.portrait, sodHash: answer.sodHash, fileHashes: answer.fileHashes)
    }

    /// Nothing is known but why.
    init(failed name: String, _ detail: String) {
        self.init(
            checks: [BorderCheck(name: name, passed: false, detail: detail)], mrz: [], portrait: [], sodHash: [],
            fileHashes: [:])
    }
}
