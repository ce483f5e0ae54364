public import Ground
import Ledger
import Stations

/// What a count of a hopper said about the blanks that have no name of their own.
public struct CountSettlement: Sendable, Hashable {
    /// They never left the hopper, or came into it again: they lie on the line in the books too.
    public let returned: [BlankID]
    /// They left it unseen and are looked for now.
    public let gone: [BlankID]
    /// Cards more than this line ever lost: they came from elsewhere.
    public let surplus: Int
    /// For the person who counted.
    public let text: String
}

extension CellController {
    /// Puts a hand count of this cell's hopper beside the books, when a card is looked for and the boxes do not have it,
    /// and at the end of a shift.
    ///
    /// A blank whose chip was never read is known by its number only, so the count decides. More cards than the books
    /// hold: blanks that were looked for never left the hopper; after them, a card with a dead chip came from the hopper
    /// twice and was booked as two. Fewer: blanks left unseen, and nothing is fed until they are found or given up.
    func settleCount(hopper counted: Int, by actor: String) async throws(SakkError) -> CountSettlement {
        guard !actor.isEmpty, (0...100_000).contains(counted) else {
            throw hold("settle.count", "A count is a number from 0 by a named person.", "Count the hopper again.")
        }
        guard configuration.booklets == nil else {
            throw hold(
                "settle.count", "Booklets are told by their numbers, never by a count.",
                "Settle each that is found by its number (sakk card settle --booklet).")
        }
        let cell = configuration.cell
        let lying = try await store.blanks(.hopper(configuration.line, cell, limit: 100_000))
        let mine = try await store.blanks(.account(configuration.line, .held, limit: 1000)).filter {
            $0.hopper == cell && $0.chip == nil && $0.reason == "exit.unknown"
        }
        let dead = try await store.blanks(.account(configuration.line, .spoiled, limit: 100_000)).filter {
            $0.hopper == cell && $0.chip == nil && $0.reason == "chip.mute"
        }
        let more = counted - lying.count
        // the last that was fed first: it is the one that was booked for a card that had been there before
        let back = Array((mine + dead.reversed()).prefix(max(0, more)))
        let gone = Array(lying.prefix(max(0, -more)))
        var changes: [Change] = [
            .note(
                kind: "hopper.counted", subjects: [cell.rawValue, actor],
                facts: ["counted": .count(counted), "expected": .count(lying.count)])
        ]
        changes += back.map { .move($0.blank, from: $0.account, to: .line, reason: "counted", attempt: nil) }
        changes += gone.map { .move($0.blank, from: .line, to: .held, reason: "exit.unknown", attempt: nil) }
        try await commit(changes)
        return CountSettlement(
            returned: back.map(\.blank), gone: gone.map(\.blank), surplus: max(0, more) - back.count,
            text: CellController.words(back.count, gone.count, max(0, more) - back.count))
    }

    private static func words(_ back: Int, _ gone: Int, _ surplus: Int) -> String {
        if surplus > 0 {
            return "\(surplus) cards more than this line ever lost: take the hopper's cards to the supervisor."
        }
        if gone > 0 { return "\(gone) blanks left the hopper unseen: bring what you find to the desk reader." }
        if back > 0 { return "\(back) blanks that were looked for lie in the hopper: the cell may go on." }
        return "The hopper holds what the books say."
    }

    /// Gives a card up that nobody finds: two people, and what happened. A chip that was written to may still live, so
    /// its record waits; the card settles it when it is found after all.
    func settleMissing(_ blank: BlankID, by actor: String, witness: String, incident: String) async throws(SakkError)
        -> Settlement
    {
        guard !actor.isEmpty, !witness.isEmpty, actor != witness, !incident.isEmpty else {
            throw hold(
                "settle.witness", "Two different people give a card up, and say what happened.",
                "Name the second person and the incident.")
        }
        guard let found = try await store.blanks(.blank(blank)).first, [.held, .missing].contains(found.account) else {
            throw hold(
                "settle.card.unexpected", "This blank is not one that is looked for.",
                "See `sakk status` for the cards that are looked for.", subject: blank.rawValue)
        }
        var changes: [Change] = [
            .note(
                kind: "card.missing", subjects: [blank.rawValue, actor, witness], facts: ["incident": .string(incident)]
            )
        ]
        if found.account == .held {
            changes.append(.move(blank, from: .held, to: .missing, reason: "given.up", attempt: nil))
        }
        let bound = try await boundAttempt(found)
        if let bound {
            changes += try await openActs(of: bound.attempt)
            if bound.death != .confirmed { changes.append(.death(bound.attempt, .unconfirmed)) }
            changes += try await spoil(bound, bound.death ?? .unconfirmed, reason: "card.lost")
        }
        try await commit(changes, for: bound?.cell)
        return Settlement(
            decision: .missing, attempt: bound?.attempt, blank: blank,
            text: bound == nil
                ? "The blank is missing in the books."
                : "The card is missing in the books, and its record waits for it.")
    }
}
