public import Ground
public import Ledger
public import Stations

/// What an inspector says of the card on the desk reader.
public struct InspectorsWord: Sendable, Hashable {
    public let verdict: CardVerdict
    /// One of the published codes (`profiles/reasons.yaml`) for a reject; may be nil for "hold".
    public let reason: String?
    /// `LedgerStore.zoneTag` of the machine readable zone as the inspector read it from the card: a held card is passed
    /// with it only.
    public let zone: Bytes?
    /// A reject of print is carried out at once, without waiting for what a second inspector says.
    public let isFinal: Bool
    /// Whose pictures the inspector judged; nil when the card was judged by itself. Another card on the reader is refused.
    public let attempt: AttemptID?

    public init(
        _ verdict: CardVerdict, reason: String? = nil, zone: Bytes? = nil, isFinal: Bool = false,
        attempt: AttemptID? = nil
    ) {
        self.verdict = verdict
        self.reason = reason
        self.zone = zone
        self.isFinal = isFinal
        self.attempt = attempt
    }
}

extension CellController {
    /// A card that was held for an inspector, or a sample, lies on the desk reader: its chip says which one it is.
    ///
    /// - *Pass*: never against a reason of identity, chip or number, nor by who rejected it. A held card must open as its
    ///   document with the zone of its record, which must be the one that the inspector read from it; then it is
    ///   produced. A sample goes back into the good box.
    /// - *Reject*: a held card's chip is killed here and its record made again; for a reason of print only once a second
    ///   inspector rejects it too, or `isFinal`. A sample waits to be voided before two people.
    /// - *Hold*: it stays where it is.
    ///
    /// The word is in the books before anything is done to the chip: after a crash it is said again. Errors:
    /// `settle.card.absent`, `settle.card.mute`, `verdict.unexpected`, `verdict.other`, `verdict.final`, `verdict.same`,
    /// `verdict.reason`, `verdict.zone.missing`, `verdict.zone.differs`, `verdict.chip`, `record.withdrawn`.
    func judge(_ word: InspectorsWord, at desk: any ChipStation, by actor: String) async throws(SakkError) -> Settlement
    {
        let (owner, blank) = try await onDesk(desk)
        try demand(word.attempt, is: owner.attempt)
        let given = Change.verdict(
            .given(owner.attempt, blank.blank, word.verdict, reason: word.reason, by: actor))
        switch word.verdict {
        case .hold:
            try await commit([given], for: owner.cell)
            return Settlement(
                decision: .waiting, attempt: owner.attempt, blank: blank.blank,
                text: "It stays held. Lay it back into its tray.")
        case .reject:
            guard let reason = word.reason, !reason.isEmpty else {
                throw hold("verdict.reason", "A reject needs a reason.", "Choose one of the list.")
            }
            return try await reject(reason, given, owner, blank, word, at: desk, by: actor)
        case .pass where blank.account == .sample:
            try await commit(
                [given, .verdict(.sampleBack(blank.blank, owner.attempt, by: actor))], for: owner.cell)
            return Settlement(
                decision: .good, attempt: owner.attempt, blank: blank.blank,
                text: "It is good. Lay it back into the good box.")
        case .pass: return try await pass(given, owner, blank, word, at: desk)
        }
    }

    private func onDesk(_ desk: any ChipStation) async throws(SakkError) -> (AttemptReport, BlankReport) {
        try await desk.connect()
        switch try await desk.identify() {
        case .absent:
            throw hold("settle.card.absent", "No card lies on the desk reader.", "Lay the card on the reader.")
        case .mute:
            throw hold(
                "settle.card.mute", "The card's chip does not answer: it is not passed.",
                "Seal and punch it with a second person and settle it by its blank number (sakk card settle --destroyed)."
            )
        case .answers(let chip, _):
            guard let owner = try await store.attempts(.chip(chip)).first, owner.line == configuration.line,
                let blank = owner.blank
            else {
                throw hold(
                    "verdict.unexpected", "This card is of no attempt of this line.",
                    "Take it to the supervisor, or settle it (sakk card settle).")
            }
            return (owner, blank)
        }
    }

    /// What lies on the reader is what was looked at.
    private func demand(_ wanted: AttemptID?, is found: AttemptID) throws(SakkError) {
        guard let wanted, wanted != found else { return }
        throw hold(
            "verdict.other", "Another card lies on the desk reader than the one that was looked at.",
            "Lay the right card on the reader, or look at the one that lies there.", subject: found.rawValue)
    }

    private func reject(
        _ reason: String, _ given: Change, _ owner: AttemptReport, _ blank: BlankReport, _ word: InspectorsWord,
        at desk: any ChipStation, by actor: String
    ) async throws(SakkError) -> Settlement {
        // the same hand twice (a form that was sent again) is one inspector
        let before = try await store.read(VerdictsQuery(owner.attempt)).contains {
            $0.verdict == .reject && (try? TwoPeople(actor, $0.person)) != nil
        }
        try await commit([given], for: owner.cell)
        guard blank.account != .sample else {
            return Settlement(
                decision: .waiting, attempt: owner.attempt, blank: blank.blank,
                text: "The document waits for a second inspector, or to be voided before two people (sakk card void).")
        }
        guard word.isFinal || before || ReasonWeight(reason: reason) == .final else {
            return Settlement(
                decision: .waiting, attempt: owner.attempt, blank: blank.blank,
                text: "A second inspector looks at it. Lay it back into its tray.")
        }
        let death = try await irreversible("line.desk.kill.before", "line.desk.kill.after") {
            () async throws(SakkError) in
            try await desk.kill()
        }
        try await commit(
            [.death(owner.attempt, death)] + (try await spoil(owner, death, reason: reason)) + [
                .move(blank.blank, from: blank.account, to: .spoiled, reason: reason, attempt: owner.attempt)
            ], for: owner.cell)
        return dead(death, owner.attempt, blank.blank)
    }

    private func dead(_ death: ChipDeath, _ attempt: AttemptID, _ blank: BlankID) -> Settlement {
        Settlement(
            decision: death == .confirmed ? .spoiled : .unconfirmed, attempt: attempt, blank: blank,
            text: death == .confirmed
                ? "The chip is dead and the card spoiled. Lay it into the reject box."
                : "The chip did not confirm its death: seal and punch the card with a second person.")
    }

    private func pass(
        _ given: Change, _ owner: AttemptReport, _ blank: BlankReport, _ word: InspectorsWord, at desk: any ChipStation
    ) async throws(SakkError) -> Settlement {
        guard let zone = word.zone else {
            throw hold(
                "verdict.zone.missing", "The camera could not judge this card: its zone must be read by a person.",
                "Read the machine readable zone from the card, line by line.", subject: owner.attempt.rawValue)
        }
        // the books ask the same again; here it is asked before the record is opened
        guard owner.state == .held, blank.account == .held else {
            throw hold(
                "verdict.unexpected", "This card waits for no verdict.", "Settle it (sakk card settle).",
                subject: owner.attempt.rawValue)
        }
        guard owner.reason.map({ ReasonWeight(reason: $0) }) == .print else {
            throw hold(
                "verdict.final", "A reason of identity, chip or number is overridden by nobody.",
                "Reject the card: it is made again.", subject: owner.attempt.rawValue)
        }
        let document = try await documentAgain(owner, blank)
        guard try store.zoneTag(document.mrz) == zone else {
            throw hold(
                "verdict.zone.differs", "The zone that was read from the card is not that of its record.",
                "Read it again; if it says the same, reject the card (mrz.character).", subject: owner.attempt.rawValue)
        }
        guard try await stands(owner.production) else {
            throw hold(
                SakkError.Code(rawValue: CellController.withdrawn), "The approval was taken back.",
                "Reject the card with the flag --final: its chip is killed.", subject: owner.attempt.rawValue)
        }
        guard try await !store.read(HeldByPersonQuery(owner.production)) else {
            throw hold(
                "verdict.held", "A person holds the record: the card stays where it is.",
                "Lay it back; when the hold is lifted (sakk queue release) it may be passed.",
                subject: owner.attempt.rawValue)
        }
        let report = try await act("line.desk.open.before", "line.desk.open.after") { () async throws(SakkError) in
            try await desk.read(with: document.chip.access)
        }
        if case .wrong(let code) = CellController.opening(report, sodHash: owner.sodHash ?? [], mrz: document.mrz) {
            throw hold(
                "verdict.chip", "The chip does not open as this card's document: \(code).",
                "Reject the card: its record is made again.", subject: owner.attempt.rawValue)
        }
        try await commit(
            [
                given, .attempt(owner.attempt, .produced, reason: nil),
                .move(blank.blank, from: .held, to: .good, reason: "verdict.passed", attempt: owner.attempt),
                .exit(blank.blank, .good), .record(owner.production, .produced, reason: nil),
            ], for: owner.cell)
        return Settlement(
            decision: .good, attempt: owner.attempt, blank: blank.blank,
            text: "It is good. Lay it on top of the good box.")
    }

    /// As it was made: for its zone. Its keys and its signature are new ones and are thrown away.
    private func documentAgain(_ owner: AttemptReport, _ blank: BlankReport) async throws(SakkError) -> PreparedDocument
    {
        let record = try stations.verification.verify(try await store.envelope(of: owner.production))
        guard configuration.booklets != nil else {
            return try await stations.preparation.prepare(record, for: owner.attempt)
        }
        guard let number = blank.number else {
            throw hold(
                "line.booklet.number", "The booklet has no number in the books.", "Take it to the supervisor.",
                subject: owner.attempt.rawValue)
        }
        return try await draft(record, for: owner.attempt).complete(number: number)
    }
}

extension CellController {
    /// A produced document that lies in the plant is voided before two people: first in the books, where its number is
    /// void and its record waits; then its chip is killed, and the record is made again. With `blank` it is named by its
    /// number, because its chip does not answer, and is destroyed afterwards (`settleDestroyed`).
    ///
    /// Errors: `verdict.away`, `verdict.other`, `settle.witness`, `verdict.reason`, and those of the desk.
    func void(
        _ reason: String, blank named: BlankID?, attempt wanted: AttemptID? = nil, at desk: (any ChipStation)?,
        by actor: String, witness: String
    ) async throws(SakkError) -> Settlement {
        let people: TwoPeople
        do throws(SakkError) {
            people = try TwoPeople(actor, witness)
        } catch {
            throw hold("settle.witness", "Two different people void a document.", "Name the second person.")
        }
        guard !reason.isEmpty else { throw hold("verdict.reason", "A void needs a reason.", "Give one.") }
        let (owner, blank) = try await voidable(named, at: desk)
        try demand(wanted, is: owner.attempt)
        var changes: [Change] = [
            .verdict(.voided(owner.attempt, owner.production, blank.blank, reason: reason, people))
        ]
        if blank.account != .held {
            changes.append(.move(blank.blank, from: blank.account, to: .held, reason: "voided", attempt: owner.attempt))
        }
        try await commit(changes, for: owner.cell)
        guard named == nil, let desk, let voided = try await store.attempts(.attempt(owner.attempt)).first else {
            return Settlement(
                decision: .unconfirmed, attempt: owner.attempt, blank: blank.blank,
                text: "The document is void. Seal and punch it now, both of you (sakk card settle --destroyed).")
        }
        let death = try await irreversible("line.desk.kill.before", "line.desk.kill.after") {
            () async throws(SakkError) in
            try await desk.kill()
        }
        if death == .confirmed {
            try await commit(
                [.death(owner.attempt, death)] + (try await spoil(voided, death, reason: reason)) + [
                    .move(blank.blank, from: .held, to: .spoiled, reason: "voided", attempt: owner.attempt)
                ], for: owner.cell)
        }
        return dead(death, owner.attempt, blank.blank)
    }

    private func voidable(_ named: BlankID?, at desk: (any ChipStation)?) async throws(SakkError) -> (
        AttemptReport, BlankReport
    ) {
        if let named {
            guard let chip = try await store.blanks(.blank(named)).first?.chip,
                let owner = try await store.attempts(.chip(chip)).first, owner.line == configuration.line,
                let blank = owner.blank
            else {
                throw hold(
                    "verdict.away", "No document of this line is on this blank.", "Look at its number again.",
                    subject: named.rawValue)
            }
            return (owner, blank)
        }
        guard let desk else {
            throw hold(
                "config.missing", "The line has no desk reader.", "Name it in the line's configuration.",
                subject: "cell.desk_reader")
        }
        return try await onDesk(desk)
    }
}

extension LineController {
    /// See `InspectorsWord`: pass, reject or hold of the card on the desk reader, by a named person.
    ///
    /// Errors: `settle.card.absent`, `settle.card.mute`, `verdict.unexpected`, `verdict.other`, `verdict.final`,
    /// `verdict.same`, `verdict.reason`, `verdict.zone.missing`, `verdict.zone.differs`, `verdict.chip`, `record.withdrawn`.
    public func judge(_ word: InspectorsWord, at desk: any ChipStation, by actor: String) async throws(SakkError)
        -> Settlement
    {
        if !lease.isTaken { try await takeOver() }
        return try await cells[0].judge(word, at: desk, by: actor)
    }

    /// Voids a produced document before two people: the one on the desk reader, or a mute one by its blank's number. Of
    /// another attempt than the one that is named, it is refused (`verdict.other`).
    public func void(
        _ reason: String, blank: BlankID? = nil, attempt: AttemptID? = nil, at desk: (any ChipStation)?,
        by actor: String, witness: String
    ) async throws(SakkError) -> Settlement {
        if !lease.isTaken { try await takeOver() }
        return try await cells[0].void(reason, blank: blank, attempt: attempt, at: desk, by: actor, witness: witness)
    }
}
