public import Ground
import Ledger
internal import Stations

/// What became of a card that a person brought to the desk.
public struct Settlement: Sendable, Hashable {
    public enum Decision: String, Sendable {
        case good, spoiled, destroyed, unconfirmed, missing, quarantined, back
        /// For another person.
        case waiting
    }
    public let decision: Decision
    public let attempt: AttemptID?
    public let blank: BlankID
    /// For the person at the desk.
    public let text: String

    public init(decision: Decision, attempt: AttemptID?, blank: BlankID, text: String) {
        self.decision = decision
        self.attempt = attempt
        self.blank = blank
        self.text = text
    }
}

extension CellController {
    /// Settles a card that was found, by its chip at the desk reader. `box` is where it was found, nil for elsewhere.
    ///
    /// A card that had passed, whose good eject was ordered, and that lies in the good box is good. Every other card's
    /// chip is killed here and the blank spoiled; its record is made again only when the death is confirmed.
    /// Errors: `settle.card.absent`, `settle.card.mute`, `settle.card.unexpected`.
    func settleFound(in box: CardExit?, at desk: any ChipStation, by actor: String) async throws(SakkError)
        -> Settlement
    {
        try await desk.connect()
        switch try await desk.identify() {
        case .absent:
            throw hold("settle.card.absent", "No card lies on the desk reader.", "Lay the card on the reader.")
        case .mute:
            throw hold(
                "settle.card.mute", "The card's chip does not answer.",
                "Seal and punch the card with a second person and settle it by its blank number (sakk card settle --destroyed)."
            )
        case .answers(let chip, let personalised):
            return try await settle(chip, personalised: personalised, in: box, at: desk, by: actor)
        }
    }

    /// A mute or lost-and-found card that two people sealed and punched.
    func settleDestroyed(_ blank: BlankID, by actor: String, witness: String) async throws(SakkError)
        -> Settlement
    {
        guard !actor.isEmpty, !witness.isEmpty, actor != witness else {
            throw hold("settle.witness", "Two different people must destroy a card.", "Name the second person.")
        }
        let found = try await store.blanks(.blank(blank)).first
        guard let found, [.held, .missing, .spoiled, .quarantine].contains(found.account) else {
            throw hold(
                "settle.card.unexpected", "This blank is not one that waits to be settled.",
                "See `sakk status` for the cards that are looked for.", subject: blank.rawValue)
        }
        var changes: [Change] = [
            .note(kind: "card.destroyed", subjects: [blank.rawValue, actor, witness], facts: [:]),
            .move(blank, from: found.account, to: .destroyed, reason: "destroyed", attempt: nil),
        ]
        let bound = try await boundAttempt(found)
        if let bound {
            changes.append(.death(bound.attempt, .confirmed))
            changes += try await spoil(bound, .confirmed, reason: "card.destroyed")
        }
        try await commit(changes)
        return Settlement(
            decision: .destroyed, attempt: bound?.attempt, blank: blank, text: "The card is destroyed in the books.")
    }

    /// What was under way in the machine when the card was taken out has no other result.
    func openActs(of attempt: AttemptID) async throws(SakkError) -> [Change] {
        try await store.openIntents(configuration.line).filter { $0.key.attempt == attempt }
            .map { .conclude($0.key, outcome: .unknown, facts: ["code": "card.found"]) }
    }

    /// As `openActs(of:)`, for a card that no attempt wrote: it was on its way out of the machine, and is not looked for.
    private func openActs(with blank: BlankID) async throws(SakkError) -> [Change] {
        try await store.openIntents(configuration.line).filter { $0.facts["blank"]?.string == blank.rawValue }
            .map { .conclude($0.key, outcome: .unknown, facts: ["code": "card.found"]) }
    }

    func boundAttempt(_ blank: BlankReport) async throws(SakkError) -> AttemptReport? {
        guard let chip = blank.chip else { return nil }
        return try await store.attempts(.chip(chip)).first
    }

    private func settle(
        _ chip: ChipIdentity, personalised: Bool, in box: CardExit?, at desk: any ChipStation, by actor: String
    ) async throws(SakkError) -> Settlement {
        if let foreign = try await quarantined(chip, personalised: personalised, by: actor) { return foreign }
        let blank = try await settled(chip)
        let owner = try await store.attempts(.chip(chip)).first
        let found = Change.note(
            kind: "card.found", subjects: [blank.blank.rawValue, chip.rawValue, actor],
            facts: ["box": .string(box?.rawValue ?? "elsewhere")])
        let named = blank.chip == nil ? [Change.identify(blank.blank, chip)] : []
        if let owner, box == .good, goodWasOrdered(owner), try await isInForce(owner.production) {
            var changes = [
                found, Change.move(blank.blank, from: blank.account, to: .good, reason: "found", attempt: nil),
            ]
            if owner.state != .produced {
                changes += [
                    .exit(blank.blank, .good), .attempt(owner.attempt, .produced, reason: nil),
                    .record(owner.production, .produced, reason: nil),
                ]
            }
            try await commit(changes, for: owner.cell)
            return Settlement(
                decision: .good, attempt: owner.attempt, blank: blank.blank,
                text: "It passed and its good exit was ordered: it is good. Lay it back into the good box.")
        }
        guard owner?.state != .produced else {
            throw hold(
                "settle.card.unexpected", "This card is a good document and was not found in the good box.",
                "Take it to the supervisor; the holder's document must not be destroyed by mistake.",
                subject: owner?.attempt.rawValue)
        }
        let death = try await irreversible("line.desk.kill.before", "line.desk.kill.after") {
            () async throws(SakkError) in
            try await desk.kill()
        }
        var changes = [found] + named
        if let owner {
            changes += try await openActs(of: owner.attempt)
            changes.append(.death(owner.attempt, death))
            changes += try await spoil(owner, death, reason: owner.reason ?? "card.lost")
        }
        if blank.account != .spoiled {
            changes.append(
                .move(blank.blank, from: blank.account, to: .spoiled, reason: owner?.reason ?? "found", attempt: nil))
        }
        try await commit(changes, for: owner?.cell)
        return Settlement(
            decision: death == .confirmed ? .spoiled : .unconfirmed, attempt: owner?.attempt, blank: blank.blank,
            text: death == .confirmed
                ? "The chip is dead and the card spoiled. Lay it into the reject box."
                : "The chip did not confirm its death: seal and punch the card with a second person.")
    }

    /// The row of the card: by its chip, else a blank without a known chip that is looked for. Such blanks have no name
    /// of their own: how many they are is what counts (`settleCount`).
    private func settled(_ chip: ChipIdentity) async throws(SakkError) -> BlankReport {
        if let known = try await store.blanks(.chip(chip)).first {
            // `cell`: a jammed card that a person took out of the machine, as the hold asked
            guard [.held, .missing, .spoiled, .quarantine, .cell].contains(known.account) else {
                throw unexpected(known.blank)
            }
            return known
        }
        // a booklet bears its number: it is settled by that, and never taken for another one
        guard configuration.booklets == nil else { throw unexpected(nil) }
        guard let blank = try await nameless().first else { throw unexpected(nil) }
        return blank
    }

    /// A document that no attempt wrote is somebody else's: its chip is left as it is. A blank of ours gets its chip in
    /// the books before the first write.
    private func quarantined(_ chip: ChipIdentity, personalised: Bool, by actor: String) async throws(SakkError)
        -> Settlement?
    {
        let known = try await store.blanks(.chip(chip)).first
        guard try await store.attempts(.chip(chip)).isEmpty, personalised || known?.account == .quarantine else {
            return nil
        }
        let blank = known?.blank ?? BlankID(stock: "found", serial: String(chip.rawValue.prefix(16)))
        var changes: [Change] = [
            .note(kind: "card.found", subjects: [blank.rawValue, chip.rawValue, actor], facts: ["box": "desk"])
        ]
        switch known?.account {
        case nil: changes.append(.admit(blank, to: .quarantine, chip: chip, reason: "found.at.desk"))
        case .quarantine: break
        case .some(let account):
            changes.append(.move(blank, from: account, to: .quarantine, reason: "found.at.desk", attempt: nil))
        }
        changes += try await openActs(with: blank)
        try await commit(changes)
        return Settlement(
            decision: .quarantined, attempt: nil, blank: blank,
            text: "It is a document of another plant: take it to the supervisor. Its chip was not touched.")
    }

    /// Blanks without a known chip that are looked for, and those that were given up.
    func nameless() async throws(SakkError) -> [BlankReport] {
        let held = try await store.blanks(.account(configuration.line, .held, limit: 1000))
            .filter { $0.chip == nil && $0.reason == "exit.unknown" }
        if !held.isEmpty { return held }
        return try await store.blanks(.account(configuration.line, .missing, limit: 1000)).filter { $0.chip == nil }
    }

    private func unexpected(_ blank: BlankID?) -> SakkError {
        hold(
            "settle.card.unexpected", "This card is not one that waits to be settled.",
            "Take it to the supervisor: it is a good document, a fresh blank, or no card of this line.",
            subject: blank?.rawValue)
    }

    /// What was taken back while the card was looked for is destroyed like any other card that is no good document.
    private func isInForce(_ production: ProductionID) async throws(SakkError) -> Bool {
        try await LedgerStanding(store: store).standing(of: production) == .valid
    }

    private func goodWasOrdered(_ owner: AttemptReport) -> Bool {
        if owner.state == .produced { return true }
        guard owner.state == .unknown, let last = owner.steps.last, last.key.step == .eject else { return false }
        return Fate(last.facts) == .good
    }

    func spoil(_ attempt: AttemptReport, _ death: ChipDeath, reason: String) async throws(SakkError)
        -> [Change]
    {
        let spoiled = Change.attempt(attempt.attempt, .spoiled, reason: reason)
        let next = CardMachine.after(
            reason, faultsBefore: try await faults(before: attempt.attempt, of: attempt.production),
            attempt.production, death: death, limits: configuration)
        switch attempt.state {
        case .spoiled:
            // it waited only for the proof of its death
            return death == .confirmed && attempt.death != .confirmed ? [next] : []
        case .voided:
            // a document that two people voided waited for this; one that was withdrawn or called back did not
            guard death == .confirmed, attempt.death == .unconfirmed, try await isInForce(attempt.production) else {
                return []
            }
            return [next]
        case .produced, .dropped: return []
        default: return [spoiled, next]
        }
    }
}
