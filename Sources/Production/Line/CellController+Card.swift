import Ground
import Ledger
import Stations

extension CellController {
    /// Plays one card to its end: asks the machine, writes, acts, tells the machine.
    func drive(_ machine: inout CardMachine, _ event: CardEvent, _ document: PreparedDocument?)
        async throws(SakkError) -> CardEnd
    {
        try await drive(&machine, machine.handle(event), document)
    }

    func drive(
        _ machine: inout CardMachine, _ first: [CardAction], _ prepared: PreparedDocument?,
        draft: (any DocumentDraft)? = nil
    ) async throws(SakkError) -> CardEnd {
        var document = prepared
        var actions = first
        var before: (machine: CardMachine, status: PrinterStatus)?
        while true {
            var event: CardEvent?
            for action in actions {
                switch action {
                case .commit(let changes):
                    do throws(SakkError) {
                        try await commit(changes)
                    } catch {
                        // taken back or held since that was last asked for: the store refused the good exit
                        guard let last = before, let opening = CellController.refusedExit(error) else { throw error }
                        machine = last.machine
                        return try await drive(&machine, .opened(opening, last.status, spare: nil), document)
                    }
                case .finish(let end): return end
                case .complete:
                    do throws(SakkError) {
                        let whole = try await complete(machine, draft)
                        document = whole
                        event = .completed(sodHash: whole.chip.sodHash, panels: whole.rendered.panels.count)
                    } catch {
                        guard CellController.isContent(error) else { throw error }
                        event = .completionFailed(error)
                    }
                default: event = try await perform(action, machine, document)
                }
            }
            guard let event else {
                throw hold(
                    "line.sequence", "The card's life came to no next act.", "Stop the line and call the engineer.",
                    subject: machine.attempt.rawValue)
            }
            before = if case .opened(.ours, let status, _) = event { (machine, status) } else { nil }
            actions = machine.handle(event)
        }
    }

    private func perform(_ action: CardAction, _ machine: CardMachine, _ document: PreparedDocument?)
        async throws(SakkError) -> CardEvent?
    {
        report(machine.attempt, machine.open?.step)
        try demandNoAbort()
        let printer = stations.printer
        switch action {
        case .feed:
            try await irreversible("line.feed.before", "line.feed.after") { () async throws(SakkError) in
                try await binding.feed(configuration.cell) { () async throws(SakkError) in
                    try await printer.feed(to: .contactless)
                }
            }
            return .fed
        case .identify:
            let seen = try await see()
            if let booklet = try await seeBooklet() {
                return .identifiedBooklet(seen, booklet, try await printer.whereabouts())
            }
            return .identified(seen, try await printer.whereabouts())
        case .personalise: return try await personalise(machine, try needed(document, machine))
        case .readBack:
            let document = try needed(document, machine)
            let report = try await act("line.readback.before", "line.readback.after") {
                () async throws(SakkError) in try await stations.chip.read(with: document.chip.access)
            }
            return .readBack(opening(report, machine, mrz: document.mrz), try await printer.whereabouts())
        case .moveToPrint:
            try await moveTo(.print)
            if let reason = try await astray(machine) { return .astray(reason) }
            return .arrived(try await printer.whereabouts())
        case .print: return try await print(machine, try needed(document, machine))
        case .look: return try await look(machine, try needed(document, machine))
        case .open: return try await open(machine, try needed(document, machine))
        case .kill:
            return try await kill(machine)
        case .eject(let exit): return try await eject(exit, machine)
        case .commit, .complete, .finish: return nil
        }
    }

    private func needed(_ document: PreparedDocument?, _ machine: CardMachine) throws(SakkError) -> PreparedDocument {
        guard let document else {
            throw hold(
                "line.sequence", "An act needs the prepared document and there is none.",
                "Stop the line and call the engineer.", subject: machine.attempt.rawValue)
        }
        return document
    }

    func moveTo(_ station: PrinterStation) async throws(SakkError) {
        guard try await stations.printer.whereabouts().position != .at(station) else { return }
        try await act("line.move.before", "line.move.after") { () async throws(SakkError) in
            try await stations.printer.move(to: station)
        }
    }

    /// What lies at the encoder, and what the books know about it.
    func see() async throws(SakkError) -> Seen {
        let presence = try await act("line.identify.before", "line.identify.after") { () async throws(SakkError) in
            try await stations.chip.identify()
        }
        switch presence {
        case .absent, .mute: return .mute
        case .answers(let chip, let personalised):
            let blank = try await store.blanks(.chip(chip)).first
            let owner = try await store.attempts(.chip(chip)).first
            return .card(FoundCard(chip: chip, personalised: personalised, blank: blank, owner: owner?.attempt))
        }
    }

    private func personalise(_ machine: CardMachine, _ document: PreparedDocument) async throws(SakkError) -> CardEvent
    {
        guard let chip = machine.chip else { return .personalisationFailed(hold("chip.mute", "No chip.", "")) }
        do {
            try await irreversible("line.personalise.before", "line.personalise.after") { () async throws(SakkError) in
                try await stations.chip.personalise(document.chip, on: chip) { _ in }
            }
            return .personalised(sodHash: document.chip.sodHash)
        } catch {
            // the reader's failures and wrong keys say nothing against this card: it stays where it is, unless it is
            // the second time
            let plant = error.code.rawValue.hasPrefix("chip.keys.") && machine.tries[.personalise] == 1
            guard CellController.mayGoOn(error), !error.code.rawValue.hasPrefix("reader."), !plant else { throw error }
            return .personalisationFailed(error)
        }
    }

    private func print(_ machine: CardMachine, _ document: PreparedDocument) async throws(SakkError) -> CardEvent {
        let job = PrintJob(
            attempt: machine.attempt, ribbon: document.rendered.ribbon, panels: document.rendered.panels)
        async let next: Void = prepareAhead()
        let result: Result<Void, SakkError>
        do {
            try await irreversible("line.print.before", "line.print.after") { () async throws(SakkError) in
                try await stations.printer.print(job)
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await next
        ordered(document.rendered.panels.count, result)
        try result.get()
        return .printed(try await stations.printer.whereabouts())
    }

    func failureToMoveBack() async -> SakkError? {
        do throws(SakkError) {
            try await moveTo(.contactless)
            return nil
        } catch {
            return error
        }
    }

    /// A pass without a readable zone is no pass: the zone must open the chip.
    static func judgement(_ result: InspectionResult) -> Look {
        switch result.verdict {
        case .reject(let findings): .reject(findings.map(\.code))
        case .cannotJudge(let text): .cannotJudge(DoubtCode.of(text))
        case .pass: SeenMRZ.access(result.seenMRZ) == nil ? .cannotJudge("mrz.unreadable") : .pass
        }
    }

    /// How a card goes on that the store did not let out by the good exit; nil for any other error.
    static func refusedExit(_ error: SakkError) -> Opening? {
        switch error.code.rawValue {
        case CellController.withdrawn: .wrong(CellController.withdrawn)
        case Books.heldByPerson: .held
        default: nil
        }
    }

    func opening(_ report: BorderReport, _ machine: CardMachine, mrz: [String]) -> Opening {
        CellController.opening(report, sodHash: machine.sodHash, mrz: mrz)
    }

    static func opening(_ report: BorderReport, sodHash: Bytes, mrz: [String]) -> Opening {
        if let failed = report.checks.first(where: { !$0.passed }) { return .wrong("chip.\(failed.name)") }
        guard report.passed else { return .wrong("chip.unread") }
        guard report.sodHash == sodHash else { return .wrong("chip.document.other") }
        guard report.mrz == mrz else { return .wrong("chip.person.other") }
        return .ours
    }

    /// Never kills the chip of another card than the attempt's.
    private func kill(_ machine: CardMachine) async throws(SakkError) -> CardEvent {
        try await moveTo(.contactless)
        if case .card(let card) = try await see(), card.chip != machine.chip {
            let spare = try await spare()
            return .killFoundOther(card, try await stations.printer.whereabouts(), spare: spare)
        }
        let death = try await irreversible("line.kill.before", "line.kill.after") { () async throws(SakkError) in
            try await stations.chip.kill()
        }
        return .killed(death, try await stations.printer.whereabouts())
    }

    private func eject(_ exit: CardExit, _ machine: CardMachine) async throws(SakkError) -> CardEvent {
        let before = try await stations.printer.whereabouts()
        if exit == .good {
            try await irreversible("line.eject.good.before", "line.eject.good.after") { () async throws(SakkError) in
                try await stations.printer.eject(.good)
            }
        } else {
            try await irreversible("line.eject.reject.before", "line.eject.reject.after") {
                () async throws(SakkError) in
                try await stations.printer.eject(.reject)
            }
        }
        let after = try await stations.printer.whereabouts()
        // two kinds of evidence: no card inside, and the printer is the one that got the order, with nothing fed since
        guard after.position == .none, after.connection == before.connection,
            after.counters.cards == before.counters.cards
        else {
            throw SakkError(
                "line.eject.doubt", source: "cell \(configuration.cell)", subject: machine.attempt.rawValue,
                outcome: .unknown, text: "It is not proved by which exit the card left.",
                remedy: "The cell is looked at again; if it holds, look into both boxes.")
        }
        return .ejected(after)
    }
}
