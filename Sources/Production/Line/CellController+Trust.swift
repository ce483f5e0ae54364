public import Ground
import Ledger
import Stations

/// Trust in the inspection (`ChallengeWatch`): read from the books, asked before each card, written with each change.
/// Without a set in the configuration nothing here reads or writes anything.
extension CellController {
    /// Why nothing is made now; nil when the inspection is trusted, or is not tried here.
    func distrust() async throws(SakkError) -> (code: String, text: String, remedy: String)? {
        guard configuration.challenges != nil else { return nil }
        let now = try await store.read(CellTrustQuery(line: configuration.line, cell: configuration.cell))
        try await readTrust(now)
        guard let trust else { return nil }
        var causes: [ChallengeWatch.Cause] = []
        if let shift = now.shift, shift != trust.shift { causes.append(.shift) }
        if now.ribbon != trust.ribbon { causes.append(.ribbon) }
        if configuration.genealogy[.plan] != trust.plan { causes.append(.plan) }
        self.trust?.shift = now.shift ?? trust.shift
        self.trust?.ribbon = now.ribbon
        self.trust?.plan = configuration.genealogy[.plan]
        if !causes.isEmpty { try await commit(causes.flatMap { turn(.due($0), by: configuration.actor) } + kept()) }
        return challenge?.stop
    }

    /// The watch as the books have it. The first time it is written down at once: what was made before there was a set is
    /// not in question.
    private func readTrust(_ known: CellTrust) async throws(SakkError) {
        guard challenge == nil, let set = configuration.challenges else { return }
        let cards = set.cards.map { ChallengeWatch.Card(name: $0.name, reasons: $0.reasons) }
        guard let state = known.state else {
            challenge = ChallengeWatch(cards: cards, interval: set.interval)
            var first = TrustState(.owing)
            (first.shift, first.ribbon, first.plan) = (known.shift, known.ribbon, configuration.genealogy[.plan])
            trust = first
            return try await commit(kept())
        }
        challenge = ChallengeWatch(cards: cards, interval: set.interval, from: state, since: known.since)
        trust = state
    }

    private func readTrust() async throws(SakkError) {
        guard configuration.challenges != nil, challenge == nil else { return }
        try await readTrust(
            try await store.read(CellTrustQuery(line: configuration.line, cell: configuration.cell)))
    }

    /// The row that keeps the watch; the last of what is committed for an event.
    private func kept() -> [Change] {
        guard let challenge else { return [] }
        var state = challenge.known
        (state.shift, state.ribbon, state.plan) = (trust?.shift, trust?.ribbon, trust?.plan)
        trust = state
        return [.trust(.state(configuration.cell, state, resets: challenge.since.isEmpty))]
    }

    /// One event, and what the books say of it; documents to be put aside are called back by `aside`.
    private func turn(_ event: ChallengeWatch.Event, by person: String) -> [Change] {
        let actions = challenge?.handle(event) ?? []
        return actions.compactMap { action -> Change? in
            switch action {
            case .record(let isGood, let card):
                .note(
                    kind: "challenge.result", subjects: [configuration.cell.rawValue, person],
                    facts: ["good": .bool(isGood), "card": card.map { .string($0) } ?? .null])
            case .stopCell(let code, let text, _):
                .note(
                    kind: "challenge.stopped", subjects: [configuration.cell.rawValue, person],
                    facts: ["code": .string(code), "text": .string(text)])
            case .quarantine(let attempts):
                attempts.isEmpty ? nil : .trust(.doubted(configuration.cell, attempts, reason: "inspection"))
            case .askForCards, .showAgain, .askForApproval, .produce: nil
            }
        }
    }

    /// Of the documents that are put aside, those that lie in the good box: into the held account, in the hands of the
    /// person who found it out. The others are in the books by id.
    private func aside(_ changes: [Change], by person: String) async throws(SakkError) -> [Change] {
        var calls: [Change] = []
        for case .trust(.doubted(_, let attempts, _)) in changes {
            for attempt in attempts {
                let blank = try await store.attempts(.attempt(attempt)).first?.blank
                guard let blank, blank.account == .good else { continue }
                calls.append(
                    .stock(.recall(blank.blank, reason: "inspection", person: person, place: "\(configuration.cell)")))
            }
        }
        return changes + calls
    }

    // MARK: what happens at the cell

    /// A card has left: what watch and trend make of it. Nothing when neither is there.
    func told(_ end: CardEnd, _ attempt: AttemptID) async throws(SakkError) -> [Change] {
        let result = inspected
        inspected = nil
        var changes: [Change] = []
        if end == .produced, configuration.challenges != nil {
            try await readTrust()
            // read from the books just now, it may know the card already
            if challenge?.since.contains(attempt) == false {
                changes += try await aside(turn(.passed(attempt), by: configuration.actor), by: configuration.actor)
                changes += kept()
            }
        }
        if let result { changes += try await trended(end, result, attempt) }
        return changes
    }

    /// After work at the machine the inspection is tried again.
    func maintained(_ mode: UnitMode) async throws(SakkError) -> [Change] {
        guard mode == .maintenance || mode == .manual, configuration.challenges != nil else { return [] }
        try await readTrust()
        return turn(.due(.maintenance), by: configuration.actor) + kept()
    }

    // MARK: what a person says

    /// Answers in words.
    func hear(_ word: TrustWord, by person: String) async throws(SakkError) -> String {
        if case .attended(let part) = word { return try await attended(part, by: person) }
        guard configuration.challenges != nil else {
            throw hold("line.challenge.none", "This cell has no challenge cards.", "Name them in the line's file.")
        }
        try await readTrust()
        switch word {
        case .challenge(let name): return try await show(name, by: person)
        case .approve, .refuse:
            guard case .article(.some(let attempt)) = challenge?.state else {
                throw hold("line.article.none", "No first document waits for approval.", "See `sakk line status`.")
            }
            if case .refuse(let reason) = word, reason.isEmpty {
                throw hold("verdict.reason", "A refusal needs a reason.", "Choose one of the list.")
            }
            let event: ChallengeWatch.Event =
                if case .refuse(let reason) = word { .refused(by: person, reason: reason) } else {
                    .approved(by: person)
                }
            let note = Change.note(
                kind: "challenge.article", subjects: [attempt.rawValue, configuration.cell.rawValue, person],
                facts: word.facts)
            try await commit([note] + (try await aside(turn(event, by: person), by: person)) + kept())
        case .repaired:
            guard case .failed = challenge?.state else {
                throw hold("line.challenge.failed", "Nothing failed here.", "See `sakk line status`.")
            }
            let note = Change.note(
                kind: "challenge.repaired", subjects: [configuration.cell.rawValue, person], facts: [:])
            try await commit([note] + turn(.repaired(by: person), by: person) + kept())
        case .attended: break
        }
        return try await said(by: person)
    }

    /// How it stands now; a cell that waits goes on by itself once it may.
    private func said(by person: String) async throws(SakkError) -> String {
        guard let stop = challenge?.stop else {
            if orders.isWaiting, cell.state == .held { goOn(.init(person: person)) }
            return "The inspection is trusted: the cell may go on."
        }
        if cell.state == .held { try await commit(cell.hold(stop.code, stop.text, stop.remedy)) }
        return "\(stop.text) \(stop.remedy)"
    }

    // MARK: a challenge card in the machine

    /// Feeds the card that lies first, looks at both sides as at a document's, judges it against its own reference, and
    /// puts it out by the reject exit. That a card of this name is fed is in the books before it is.
    private func show(_ name: String, by person: String) async throws(SakkError) -> String {
        guard let set = configuration.challenges, set.cards.contains(where: { $0.name == name }) else {
            throw hold("line.challenge.unknown", "There is no challenge card \(name).", "Take one of the set.")
        }
        guard case .owing = challenge?.state else {
            throw hold("line.challenge.none", "No challenge card is due.", "See `sakk line status`.")
        }
        guard [.held, .idle, .stopped, .complete].contains(cell.state),
            try await store.openIntents(configuration.line).allSatisfy({ $0.cell != configuration.cell }),
            try await stations.printer.whereabouts().position == .none
        else {
            throw hold(
                "line.challenge.busy", "The cell is at work, or a card lies in it.", "Hold it first (sakk line hold).")
        }
        let subjects = [configuration.cell.rawValue, name, person]
        let reference = try await set.document(name)
        try await commit([.note(kind: "challenge.begun", subjects: subjects, facts: [:])])
        let verdict = try await look(at: reference, name)
        var facts: [String: JSONValue] = ["verdict": "pass"]
        switch verdict {
        case .pass: break
        case .reject(let findings):
            facts = ["verdict": "reject", "reasons": .array(findings.map { .string($0.code) })]
        case .cannotJudge(let code): facts = ["verdict": "cannot_judge", "code": .string(code)]
        }
        let shown = Change.note(kind: "challenge.shown", subjects: subjects, facts: facts)
        try await commit(
            [shown] + (try await aside(turn(.challenged(name, verdict), by: person), by: person)) + kept())
        return try await said(by: person)
    }

    private func look(at reference: ChallengeSet.Document, _ name: String) async throws(SakkError) -> Verdict {
        let attempt = AttemptID("challenge-\(name)")
        try await irreversible("line.challenge.feed.before", "line.challenge.feed.after") {
            () async throws(SakkError) in
            try await stations.printer.feed(to: .contactless)
        }
        try await demandChallenge(name)
        try await moveTo(.print)
        var frames: [Frame] = []
        for side in reference.rendered.shownSides {
            try await stations.printer.present(side)
            frames += try await capture(side, of: reference.rendered, for: attempt)
        }
        let result = try await stations.inspection.inspect(
            InspectionRequest(
                attempt: attempt, rendered: reference.rendered, mrz: reference.mrz, portrait: reference.portrait,
                frames: frames))
        try await out()
        return result.verdict
    }

    private func out() async throws(SakkError) {
        try await irreversible("line.challenge.eject.before", "line.challenge.eject.after") {
            () async throws(SakkError) in
            try await stations.printer.eject(.reject)
        }
    }

    /// A challenge card's chip is dead, or is one that the books have as a sample or spoiled. Anything else came from the
    /// hopper by mistake: it goes out again, and a fresh blank is held by its chip.
    private func demandChallenge(_ name: String) async throws(SakkError) {
        guard case .card(let card) = try await see() else { return }
        if let known = card.blank, [.sample, .setup, .spoiled].contains(known.account) { return }
        let next = try await card.blank == nil && !card.personalised ? spare() : nil
        try await out()
        if let next {
            try await commit([
                .identify(next, card.chip),
                .move(next, from: .line, to: .held, reason: "challenge.other", attempt: nil),
                .exit(next, .reject),
            ])
        }
        throw hold(
            "line.challenge.other", "The card that the machine took is not the challenge card \(name).",
            "Take the top card of the reject box to the desk reader, and lay the challenge card first.",
            subject: card.blank?.blank.rawValue ?? next?.rawValue)
    }
}

extension LineController {
    /// What a person says about the trust in a cell's inspection; answers in words.
    ///
    /// Errors: `line.challenge.none`, `.unknown`, `.busy`, `.other`, `line.article.none`, `line.cells`.
    public func hear(_ word: TrustWord, cell: CellID, by person: String) async throws(SakkError) -> String {
        guard let controller = cells.first(where: { $0.configuration.cell == cell }) else {
            throw SakkError(
                "line.cells", source: "line \(line)", subject: cell.rawValue, text: "The line has no such cell.",
                remedy: "Name one of its cells.")
        }
        if !lease.isTaken { try await takeOver() }
        return try await controller.hear(word, by: person)
    }
}
