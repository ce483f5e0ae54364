import Ground
import Ledger
import Stations

extension CellController {
    /// Looks at the machine, asks the table, and plays the card that is found to its end. Throws a hold when a person
    /// must look; returns when the cell is empty and without doubt.
    func reconcile(after cause: SakkError? = nil) async throws(SakkError) {
        let situation = try await look()
        var decision = Recovery.decide(situation)
        // the station said why before the table did
        if case .kill("print.unknown") = decision, let cause { decision = .kill(cause.code.rawValue) }
        try await carryOut(decision, situation)
        try await searchForLost()
    }

    private func look() async throws(SakkError) -> Situation {
        let status = try await stations.printer.status()
        guard status.position != .somewhere else {
            throw hold(
                "line.card.jammed", "A card is stuck between two stations.",
                "Open the cover, take the card out, close the cover, and bring the card to the desk reader.")
        }
        let open = try await store.openIntents(configuration.line).first { $0.cell == configuration.cell }
        let live = try await store.attempts(.live(configuration.line)).filter { $0.cell == configuration.cell }
        let inWork: [AttemptState] = [.bound, .encoded, .verified, .printed, .passed]
        let attempt =
            if let open { live.first { $0.attempt == open.key.attempt } } else {
                live.first { inWork.contains($0.state) }
            }
        var inside = Situation.Inside.none
        if status.position != .none {
            try await moveTo(.contactless)
            switch try await see() {
            case .mute: inside = .mute
            case .card(let card): inside = .card(card)
            }
        }
        let booklet = status.position == .none ? nil : try await seeBooklet()
        // a machine for booklets may say that it holds one and be empty
        if booklet?.reading == .absent, inside == .mute { inside = .none }
        return Situation(
            attempt: attempt, open: open, inside: inside, status: status, touched: touched, booklet: booklet)
    }

    private func carryOut(_ decision: Decision, _ situation: Situation) async throws(SakkError) {
        guard decision != .nothing else { return }
        guard let attempt = situation.attempt else { return try await found(decision, situation, []) }
        let decision = try await stopped(decision, attempt)
        let record = try await machine(for: attempt, situation)
        var machine = record
        let document = try await needsDocument(decision) ? self.document(again: attempt) : nil
        if let document, decision == .personalise || decision == .fed { machine.sodHash = document.chip.sodHash }
        var note: [Change] = [
            .note(
                kind: "cell.reconciled", subjects: [attempt.attempt.rawValue],
                facts: ["decision": .string(Recovery.word(decision))])
        ]
        let status = try await stations.printer.status()
        switch decision {
        case .nothing: return
        case .notBegun:
            note.append(machine.conclude(.notDone))
            return try await commit(note)
        case .lost, .stranger, .strangerMute: return try await found(decision, situation, note)
        case .left(let fate):
            note.append(machine.conclude(.done, status.facts.merging(["position": "none"]) { $1 }))
            try await commit(note + machine.left(fate))
            return try await ended(machine.end(fate), attempt.attempt)
        default: break
        }
        let isStopped = decision == .fed ? try await !stands(attempt.production) : false
        let actions =
            isStopped
            ? machine.refuse(status, situation, before: note)
            : machine.resume(decision, status, situation, before: note)
        do throws(SakkError) {
            try await ended(try await drive(&machine, actions, document), attempt.attempt)
        } catch {
            // taken back or held since `stopped` asked
            guard let refused = CellController.refusedExit(error) else { throw error }
            machine = record
            let next: Decision =
                refused == .held ? .ejectAgain(.hold(Books.heldByPerson)) : .kill(CellController.withdrawn)
            let actions = machine.resume(next, status, situation, before: note)
            try await ended(try await drive(&machine, actions, document), attempt.attempt)
        }
    }

    private func needsDocument(_ decision: Decision) -> Bool {
        switch decision {
        // a booklet that was fed has its document once its number is bound
        case .fed: configuration.booklets == nil
        case .personalise, .readBack, .print, .printed, .look: true
        default: false
        }
    }

    private func document(again attempt: AttemptReport) async throws(SakkError) -> PreparedDocument {
        // the queue's names are inside the envelope too, and the ledger binds the envelope to the production id
        let envelope = try await store.envelope(of: attempt.production)
        let record = try stations.verification.verify(envelope)
        guard let number = attempt.blank?.number else {
            return try await stations.preparation.prepare(record, for: attempt.attempt)
        }
        return try await draft(record, for: attempt.attempt).complete(number: number)
    }

    private func machine(for attempt: AttemptReport, _ situation: Situation) async throws(SakkError) -> CardMachine {
        let named = situation.open?.facts["blank"]?.string.map { BlankID($0) }
        var machine = CardMachine(
            production: attempt.production, attempt: attempt.attempt,
            faultsBefore: try await faults(before: attempt.attempt, of: attempt.production), limits: configuration,
            blank: attempt.blank?.blank ?? named ?? BlankID(""), chip: attempt.chip,
            sodHash: attempt.sodHash ?? [], panels: situation.open?.facts["count"]?.integer.map { Int($0) } ?? 0,
            tries: CellController.tries(attempt), open: situation.open?.key)
        machine.number = attempt.blank?.number
        if let facts = situation.open?.facts.object, let fate = Fate(facts) {
            switch fate {
            case .known, .foreign, .swapped, .refused: machine.strange = named
            case .good, .spoil, .dead, .hold: break
            }
        }
        return machine
    }

    /// Writes down a card that is not where it should be, and holds the cell.
    private func found(_ decision: Decision, _ situation: Situation, _ note: [Change]) async throws(SakkError) {
        var changes = note
        recovered.quarantined += 1
        if let open = situation.open {
            changes.append(.conclude(open.key, outcome: .unknown, facts: ["code": .string(Recovery.word(decision))]))
        }
        let blank = try await expectedBlank(situation)
        // a strange card that was on its way out is looked for too: it may lie in the good box
        if let blank, [.line, .cell, .held, .quarantine].contains(blank.account) {
            changes.append(
                .move(
                    blank.blank, from: blank.account, to: .held, reason: "exit.unknown",
                    attempt: situation.attempt?.attempt))
        }
        if let attempt = situation.attempt, attempt.blank != nil, attempt.state != .unknown {
            changes.append(.attempt(attempt.attempt, .unknown, reason: "card.lost"))
        }
        if case .stranger(let card) = decision { changes += try await stranger(card, situation.booklet) }
        if decision == .strangerMute { changes += stranger(situation.booklet) }
        try await commit(changes)
        guard decision != .lost else { return }
        throw hold(
            "line.card.inside", "A card lies in the machine that the books do not expect there.",
            "Open the cover, take the card to the desk reader, and go on when it is settled.")
    }

    /// A fate for a card that nobody expected: a known one is held, a fresh one is the next blank of the hopper (no other
    /// place gives fresh cards), anything else is quarantined.
    private func stranger(_ card: FoundCard, _ booklet: SeenBooklet?) async throws(SakkError) -> [Change] {
        if let known = card.blank {
            guard known.account != .held else { return [] }
            return [.move(known.blank, from: known.account, to: .held, reason: "found.in.cell", attempt: nil)]
        }
        if let known = booklet?.known {
            let named = known.chip == nil && card.owner == nil ? [Change.identify(known.blank, card.chip)] : []
            return named + stranger(booklet)
        }
        let next = try await store.blanks(.hopper(configuration.line, configuration.cell, limit: 1)).first?.blank
        if let next, !card.personalised {
            return [
                .identify(next, card.chip), .move(next, from: .line, to: .held, reason: "found.in.cell", attempt: nil),
            ]
        }
        let found = BlankID(stock: "found", serial: String(card.chip.rawValue.prefix(16)))
        return [.admit(found, to: .quarantine, chip: card.chip, reason: "found.in.cell")]
    }

    /// A booklet that the books know by its number alone.
    private func stranger(_ booklet: SeenBooklet?) -> [Change] {
        guard let known = booklet?.known, known.account != .held else { return [] }
        return [.move(known.blank, from: known.account, to: .held, reason: "found.in.cell", attempt: nil)]
    }

    /// The blank of the open act, or the one bound to the attempt.
    private func expectedBlank(_ situation: Situation) async throws(SakkError) -> BlankReport? {
        if let named = situation.open?.facts["blank"]?.string {
            return try await store.blanks(.blank(BlankID(named))).first
        }
        return situation.attempt?.blank
    }

    /// Nothing is fed while a card is being looked for.
    func searchForLost() async throws(SakkError) {
        let lost = try await store.attempts(.live(configuration.line)).filter {
            $0.state == .unknown && $0.cell == configuration.cell
        }
        let loose = try await looseBlanks()
        guard !lost.isEmpty || !loose.isEmpty else { return }
        let names = lost.isEmpty ? loose.map(\.blank.rawValue) : lost.map(\.attempt.rawValue)
        throw hold(
            "line.card.search", "A card left the machine by an unknown exit: \(names.joined(separator: ", ")).",
            "Bring the card from the boxes or the machine to the desk reader (sakk card settle), else count the hopper "
                + "(sakk card count).",
            subject: names.first)
    }
}

extension CellController {
    /// Blanks that left this cell by an unknown exit.
    private func looseBlanks() async throws(SakkError) -> [BlankReport] {
        var loose: [BlankReport] = []
        for blank in try await store.blanks(.account(configuration.line, .held, limit: 1000))
        where blank.reason == "exit.unknown" {
            let attempt =
                if let id = blank.attempt { try await store.attempts(.attempt(id)).first } else {
                    nil as AttemptReport?
                }
            // one of which nobody knows the cell holds all of them
            if attempt?.cell ?? blank.hopper ?? configuration.cell == configuration.cell { loose.append(blank) }
        }
        return loose
    }
}

extension CardMachine {
    /// Where a card that was found goes on. Closes the open act with what is known about it.
    mutating func resume(
        _ decision: Decision, _ status: PrinterStatus, _ situation: Situation, before: [Change]
    ) -> [CardAction] {
        switch decision {
        case .fed:
            phase = .identifying
            let seen = situation.seen
            if let booklet = situation.booklet {
                return [.commit(before)] + handle(.identifiedBooklet(seen, booklet, status))
            }
            return [.commit(before)] + handle(.identified(seen, status))
        case .personalise:
            phase = .personalising
            let changes = before + closing(.notDone) + [.document(attempt, sodHash: sodHash)]
            return [.commit(changes + [intend(.personalise, ["sod_hash": .string(sodHash.hex)])]), .personalise]
        case .readBack:
            phase = .readingBack
            return [.commit(before + closing(.notDone) + [intend(.readback, [:])]), .readBack]
        case .print:
            phase = .approaching
            return [.commit(before + closing(.notDone)), .moveToPrint]
        case .printed:
            phase = .looking
            let changes = before + closing(.done) + [.attempt(attempt, .printed, reason: nil)]
            return [.commit(changes + [intend(.inspect, [:])]), .look]
        case .look:
            phase = .looking
            return [.commit(before + closing(.notDone) + [intend(.inspect, [:])]), .look]
        case .kill(let reason): return kill(reason: reason, before: before + closing(.unknown))
        case .ejectAgain(let fate): return leave(fate, status, before: before + closing(.notDone))
        case .nothing, .notBegun, .left, .lost, .stranger, .strangerMute: return []
        }
    }

    /// A fed card that nothing was written to, and whose record may not be made any more, leaves unused.
    mutating func refuse(_ status: PrinterStatus, _ situation: Situation, before: [Change]) -> [CardAction] {
        var changes: [Change] = []
        if let rule = limits.booklets, let booklet = situation.booklet {
            guard case .ours(let read, _) = rule.judge(booklet, situation.seen, limits) else {
                return resume(.fed, status, situation, before: before)
            }
            blank = read
        }
        if case .card(let card) = situation.inside {
            guard card.blank == nil, card.owner == nil, !card.personalised else {
                return resume(.fed, status, situation, before: before)
            }
            changes.append(.identify(blank, card.chip))
        }
        changes += closing(.done)
        changes.append(.move(blank, from: .line, to: .cell, reason: "fed", attempt: attempt))
        return leave(.dead(CellController.withdrawn), status, before: before + changes)
    }

    private mutating func closing(_ outcome: SakkError.Outcome) -> [Change] {
        open == nil ? [] : [conclude(outcome)]
    }
}

extension Recovery {
    /// For the journal.
    static func word(_ decision: Decision) -> String {
        switch decision {
        case .nothing: "nothing"
        case .notBegun: "not_begun"
        case .fed: "fed"
        case .personalise: "personalise"
        case .readBack: "read_back"
        case .print: "print"
        case .printed: "printed"
        case .look: "look"
        case .kill: "kill"
        case .ejectAgain: "eject_again"
        case .left: "left"
        case .lost: "lost"
        case .stranger: "stranger"
        case .strangerMute: "stranger_mute"
        }
    }
}
