import Ground
import Ledger
import Stations

/// Under the camera, and what it saw against the chip.
extension CellController {
    /// One frame by each lamp that a check of this side sees by.
    func capture(_ side: CardSide, of document: RenderedDocument, for attempt: AttemptID) async throws(SakkError)
        -> [Frame]
    {
        var frames: [Frame] = []
        for light in configuration.lights.lights(of: side, in: document) {
            frames.append(try await stations.camera.capture(side, under: light, for: attempt))
        }
        return frames
    }

    func look(_ machine: CardMachine, _ document: PreparedDocument) async throws(SakkError) -> CardEvent {
        try await moveTo(.print)
        (seenMRZ, seenPortrait) = ([], nil)
        var frames: [Frame] = []
        do {
            for side in document.rendered.shownSides {
                try await act("line.capture.before", "line.capture.after") { () async throws(SakkError) in
                    try await stations.printer.present(side)
                    frames += try await capture(side, of: document.rendered, for: machine.attempt)
                }
            }
        } catch {
            guard error.code == "camera.frame.incomplete" else { throw error }
            return .looked(.cannotJudge(error.code.rawValue), try await stations.printer.whereabouts())
        }
        let request = InspectionRequest(
            attempt: machine.attempt, rendered: document.rendered, mrz: document.mrz, portrait: document.portrait,
            frames: frames)
        // the machine does not wait for the verdict: pass or reject, the chip is next
        async let failure = failureToMoveBack()
        let judged: Result<InspectionResult, SakkError>
        do {
            let result = try await act("line.inspect.before", "line.inspect.after") { () async throws(SakkError) in
                try await stations.inspection.inspect(request)
            }
            try await evidence?.put(frames, result, for: machine.attempt, look: machine.looks + 1)
            judged = .success(result)
        } catch {
            judged = .failure(error)
        }
        if let failure = await failure { throw failure }
        let result = try judged.get()
        (seenMRZ, seenPortrait) = (result.seenMRZ, result.portrait)
        if configuration.trends != nil {
            // what a trend is made of, and nothing of the holder
            inspected = InspectionResult(
                verdict: result.verdict, seenMRZ: [], annotated: [:], measures: result.measures)
        }
        return .looked(CellController.judgement(result), try await stations.printer.whereabouts())
    }

    /// Opens the chip with what the camera read: print and chip are one person's, or this says so.
    func open(_ machine: CardMachine, _ document: PreparedDocument) async throws(SakkError) -> CardEvent {
        let status: PrinterStatus
        guard let access = SeenMRZ.access(seenMRZ) else {
            return .opened(.wrong("mrz.unreadable"), try await stations.printer.whereabouts(), spare: nil)
        }
        try await moveTo(.contactless)
        switch try await see() {
        case .mute: return .opened(.wrong("chip.mute"), try await stations.printer.whereabouts(), spare: nil)
        case .card(let card) where card.chip != machine.chip:
            let spare = try await spare()
            return .opened(.other(card), try await stations.printer.whereabouts(), spare: spare)
        case .card: break
        }
        if let reason = try await astray(machine) {
            return .opened(.wrong(reason), try await stations.printer.whereabouts(), spare: nil)
        }
        // perforated, printed and in the chip: one number
        if let number = machine.number, access.documentNumber != number {
            return .opened(.wrong("booklet.number.differs"), try await stations.printer.whereabouts(), spare: nil)
        }
        let report = try await act("line.open.before", "line.open.after") { () async throws(SakkError) in
            try await stations.chip.read(with: access)
        }
        status = try await stations.printer.whereabouts()
        guard seenMRZ == document.mrz else { return .opened(.wrong("mrz.other"), status, spare: nil) }
        // the approval must still stand before the good exit (DESIGN rule 8); what it says was read before the first act, and
        // the books hand out the same bytes or none
        do {
            try stations.verification.confirm(try await store.envelope(of: machine.production))
        } catch {
            guard CellController.isContent(error) else { throw error }
            return .opened(.wrong(error.code.rawValue), status, spare: nil)
        }
        guard try await stands(machine.production) else {
            return .opened(.wrong(CellController.withdrawn), status, spare: nil)
        }
        let opening = opening(report, machine, mrz: seenMRZ)
        guard opening == .ours else { return .opened(opening, status, spare: nil) }
        let compared = try await compared(report, machine, document)
        guard compared == .ours, try await store.read(HeldByPersonQuery(machine.production)) else {
            return .opened(compared, status, spare: nil)
        }
        return .opened(.held, status, spare: nil)
    }

    /// The portrait that was seen against the image that was read back: the chip's hash says that it is what was written,
    /// not whom it shows.
    private func compared(_ report: BorderReport, _ machine: CardMachine, _ document: PreparedDocument)
        async throws(SakkError) -> Opening
    {
        guard let seenPortrait else { return .ours }
        let field = document.rendered.fields.first { $0.kind == .portrait }
        let request = PortraitRequest(
            attempt: machine.attempt, side: field?.side ?? .front, seen: seenPortrait, chip: report.portrait)
        var code = ""
        // a worker that was lost at it says nothing against the card
        for _ in 0..<2 {
            let result = try await act("line.compare.before", "line.compare.after") { () async throws(SakkError) in
                try await stations.inspection.compare(request)
            }
            switch result.verdict {
            case .pass: return .ours
            case .reject(let findings): return .wrong(findings.first?.code ?? "portrait.chip")
            case .cannotJudge(let text): code = DoubtCode.of(text)
            }
        }
        return .unjudged(code)
    }

    /// What the books are told of the camera after a card: the first time, when something was lost, and now and then.
    func cameraHealth() async -> [Change] {
        guard let health = await stations.camera.health else { return [] }
        if let toldHealth {
            let troubles = CameraHealth.counters.filter { !["triggers", "frames"].contains($0.name) }
            let isWorse = troubles.contains { health[keyPath: $0.place] != toldHealth[keyPath: $0.place] }
            guard isWorse || health.triggers >= toldHealth.triggers + 50 else { return [] }
        }
        toldHealth = health
        var facts: [String: JSONValue] = [:]
        for (name, place) in CameraHealth.counters { facts[name] = .integer(Int64(health[keyPath: place])) }
        facts["temperature_tenths"] = health.temperatureTenths.map { .integer(Int64($0)) }
        return [.note(kind: "camera.health", subjects: [configuration.cell.rawValue], facts: facts)]
    }
}
