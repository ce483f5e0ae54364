import Ground
import Ledger
import Stations

/// The life of one card in the cell, as a pure value: it says what to commit and what to do, the actor does it.
///
/// ```
///  begin -> feeding -> identifying -+-> personalising -> readingBack -> approaching -> printing -> looking <-+
///                                   |         |               |                                     |  |_____|
///                                   |         |               |                                  pass  again
///                                   |         +-------+-------+------- reject ---+----------<-------|   (2x)
///                 mute, known,      |                 v                          |                  v
///                 foreign           |              killing <--------- wrong -----+-------------- opening
///                                   |                 v                                             | ours
///                                   +-----------> ejecting (reject)                          ejecting (good)
///                                                     v                                             v
///                                       spoiled, dead, held, cell held                          produced
/// ```
///
/// Invariants (each has a test, and a mutant that a test catches):
/// 1. Before feed, personalise, print, kill and eject an intent of that step is committed; nothing else is open then.
/// 2. The chip is bound to the attempt in the transaction that opens the intent to write to it, never later.
/// 3. Nothing is printed on a card whose chip was not read back as ours.
/// 4. The good exit is ordered only after `looked(.pass)` and `opened(.ours)` of this very card; the card of a record
///    that a person holds leaves by the other one.
/// 5. A card whose chip was written to leaves by the reject exit only after a kill was tried and its result recorded,
///    except to an inspector (`hold`), who has the last word about it.
/// 6. A booklet's number is read and bound before the document is finished, so before anything can be written.
/// 7. A result and the next intent share one transaction: eight commits for a good card, the claim
///    included; nine for a booklet.
struct CardMachine: Sendable {
    enum Phase: Sendable, Hashable {
        case ready, feeding, identifying, completing, personalising, readingBack, approaching, printing, looking,
            opening, killing
        case ejecting, done
    }

    let production: ProductionID
    let attempt: AttemptID
    /// Earlier attempts of the record that were spoiled by a fault of card or print, not by an interruption.
    let faultsBefore: Int
    let limits: LineConfiguration
    /// The next blank of the hopper until one is bound, then that one.
    var blank: BlankID
    var chip: ChipIdentity?
    /// SHA-256 of the EF.SOD that is or will be on the chip.
    var sodHash: Bytes
    var panels: Int
    var tries: [Step: Int]
    var open: StepKey?
    var phase: Phase = .ready
    var looks = 0
    /// Set on the way out.
    var fate: Fate?
    /// The card that is being ejected, when it is not `blank`.
    var strange: BlankID?
    /// Its chip, in a cell for booklets.
    var strangeChip: ChipIdentity?
    /// The booklet's own number, once it is bound.
    var number: String?

    mutating func handle(_ event: CardEvent) -> [CardAction] {
        switch (phase, event) {
        case (.ready, .begin(let status)):
            phase = .feeding
            return [.commit([intend(.feed, status.facts.merging(blankFact) { $1 })]), .feed]
        case (.feeding, .fed):
            phase = .identifying
            return [.identify]
        case (.identifying, .identified(let seen, let status)): return identified(seen, status)
        case (.identifying, .identifiedBooklet(let seen, let booklet, let status)):
            return identified(seen, booklet, status)
        case (.completing, .completed(let sodHash, let panels)): return completed(sodHash, panels: panels)
        case (.completing, .completionFailed(let error)): return completionFailed(error)
        case (.personalising, .personalised(let written)):
            phase = .readingBack
            // a chip that bore its own keys is known by its security object only now
            let late: [Change] = written == sodHash ? [] : [.document(attempt, sodHash: written)]
            sodHash = written
            return [
                .commit([conclude(.done)] + late + [.attempt(attempt, .encoded, reason: nil), intend(.readback, [:])]),
                .readBack,
            ]
        case (.personalising, .personalisationFailed(let error)):
            return kill(
                reason: error.code.rawValue, before: [conclude(error.outcome, ["code": .string(error.code.rawValue)])])
        case (.readingBack, .readBack(.ours, _)):
            phase = .approaching
            return [.moveToPrint]
        case (.readingBack, .readBack(.wrong(let reason), _)):
            return kill(reason: reason, before: [conclude(.done, ["code": .string(reason)])])
        case (.readingBack, .readBack(.other(let card), let status)):
            return swapped(card, status, spare: nil)
        case (.approaching, .astray(let reason)):
            return kill(
                reason: reason, before: open == nil ? [] : [conclude(.done, ["code": .string(reason)])])
        case (.approaching, .arrived(let status)):
            phase = .printing
            var facts = status.facts
            facts["count"] = .integer(Int64(panels))
            // a resumed attempt is verified already and has no open readback
            let before = open == nil ? [] : [conclude(.done), .attempt(attempt, .verified, reason: nil)]
            return [.commit(before + [intend(.print, facts)]), .print]
        case (.printing, .printed(let status)):
            phase = .looking
            return [
                .commit([
                    conclude(.done, status.facts), .attempt(attempt, .printed, reason: nil), intend(.inspect, [:]),
                ]), .look,
            ]
        case (.looking, .looked(let look, let status)): return looked(look, status)
        case (.opening, .opened(let opening, let status, let spare)): return opened(opening, status, spare)
        case (.killing, .killed(let death, let status)): return killed(death, status)
        case (.killing, .killFoundOther(let card, let status, let spare)):
            return swapped(card, status, spare: spare)
        case (.ejecting, .ejected(let status)): return ejected(status)
        default:
            return [
                .finish(
                    .holdCell(
                        "line.sequence", "The card's life got an event out of order (\(phase)).",
                        "Stop the line and call the engineer."))
            ]
        }
    }

    private var blankFact: [String: JSONValue] { ["blank": .string(blank.rawValue)] }

    // MARK: at the encoder

    private mutating func identified(_ seen: Seen, _ status: PrinterStatus) -> [CardAction] {
        switch seen {
        case .mute:
            let moved = Change.move(blank, from: .line, to: .cell, reason: "fed", attempt: attempt)
            return leave(.dead("chip.mute"), status, before: [conclude(.done, ["seen": "mute"]), moved])
        case .card(let card) where card.blank != nil || card.owner != nil:
            return knownCard(card, status)
        case .card(let card) where card.personalised:
            let stranger = BlankID(stock: "found", serial: String(card.chip.rawValue.prefix(16)))
            strange = stranger
            return leave(
                .foreign, status,
                before: [
                    conclude(.done, ["seen": "foreign"]),
                    .admit(stranger, to: .quarantine, chip: card.chip, reason: "found.in.hopper"),
                ])
        case .card(let card):
            chip = card.chip
            phase = .personalising
            return [
                .commit([
                    conclude(.done, ["seen": "fresh"]),
                    .move(blank, from: .line, to: .cell, reason: "fed", attempt: attempt),
                    .bind(attempt, blank, card.chip), .document(attempt, sodHash: sodHash),
                    intend(.personalise, ["sod_hash": .string(sodHash.hex)]),
                ]), .personalise,
            ]
        }
    }

    /// A spoiled, good or lost card came from the hopper: it is taken out of the way and nothing else is fed.
    private mutating func knownCard(_ card: FoundCard, _ status: PrinterStatus) -> [CardAction] {
        var changes = [conclude(.done, ["seen": "known"])]
        changes.append(
            .note(
                kind: "cell.card.known",
                subjects: [card.chip.rawValue, attempt.rawValue] + (card.owner.map { [$0.rawValue] } ?? []), facts: [:])
        )
        if let known = card.blank {
            strange = known.blank
            if known.account != .held {
                changes.append(
                    .move(known.blank, from: known.account, to: .held, reason: "found.in.hopper", attempt: nil))
            }
        }
        return leave(.known(card.owner), status, before: changes)
    }

    /// Another card lies where the bound one should be: both are held, and the bound one is looked for.
    private mutating func swapped(_ card: FoundCard, _ status: PrinterStatus, spare: BlankID?) -> [CardAction] {
        var changes = [
            conclude(.unknown, ["code": "card.swapped"]),
            .note(kind: "cell.card.swapped", subjects: [attempt.rawValue, card.chip.rawValue], facts: [:]),
            .attempt(attempt, .unknown, reason: "card.swapped"),
            .move(blank, from: .cell, to: .missing, reason: "card.swapped", attempt: attempt),
        ]
        if let known = card.blank {
            strange = known.blank
            if known.account != .held {
                changes.append(.move(known.blank, from: known.account, to: .held, reason: "card.swapped", attempt: nil))
            }
        } else if let spare {
            strange = spare
            changes.append(.identify(spare, card.chip))
            changes.append(.move(spare, from: .line, to: .held, reason: "card.swapped", attempt: nil))
        } else {
            let stranger = BlankID(stock: "found", serial: String(card.chip.rawValue.prefix(16)))
            strange = stranger
            changes.append(.admit(stranger, to: .held, chip: card.chip, reason: "card.swapped"))
        }
        return leave(.swapped, status, before: changes)
    }

    // MARK: under the camera

    private mutating func looked(_ look: Look, _ status: PrinterStatus) -> [CardAction] {
        looks += 1
        switch look {
        case .pass:
            phase = .opening
            return [.open]
        case .reject(let reasons):
            let reason = reasons.first ?? "inspection.reject"
            return kill(
                reason: reason,
                before: [conclude(.done, ["reasons": .array(reasons.map(JSONValue.string)), "verdict": "reject"])])
        case .cannotJudge(let code):
            if looks <= limits.looksAgain { return [.look] }
            return leave(
                .hold(code), status,
                before: [conclude(.done, ["code": .string(code), "verdict": "cannot_judge"])])
        }
    }

    private mutating func opened(_ opening: Opening, _ status: PrinterStatus, _ spare: BlankID?) -> [CardAction] {
        switch opening {
        case .ours:
            fate = .good
            return orderEject(
                status, before: [conclude(.done, ["verdict": "pass"]), .attempt(attempt, .passed, reason: nil)])
        case .wrong(let reason):
            return kill(reason: reason, before: [conclude(.done, ["code": .string(reason), "verdict": "pass"])])
        case .unjudged(let code):
            return leave(
                .hold(code), status,
                before: [conclude(.done, ["code": .string(code), "verdict": "cannot_judge"])])
        case .held:
            let reason = Books.heldByPerson
            return leave(
                .hold(reason), status, before: [conclude(.done, ["code": .string(reason), "verdict": "pass"])])
        case .other(let card): return swapped(card, status, spare: spare)
        }
    }

    // MARK: the way out

    /// Kills the chip, then out by the reject exit.
    mutating func kill(reason: String, before: [Change]) -> [CardAction] {
        phase = .killing
        fate = .spoil(reason, .unconfirmed)
        return [.commit(before + [intend(.kill, ["reason": .string(reason)])]), .kill]
    }

    private mutating func killed(_ death: ChipDeath, _ status: PrinterStatus) -> [CardAction] {
        guard case .spoil(let reason, _) = fate else { return [] }
        fate = .spoil(reason, death)
        return orderEject(
            status, before: [conclude(.done, ["death": .string(death.rawValue)]), .death(attempt, death)])
    }

    /// Out by the exit of this fate.
    mutating func leave(_ fate: Fate, _ status: PrinterStatus, before: [Change]) -> [CardAction] {
        self.fate = fate
        return orderEject(status, before: before)
    }

    private mutating func orderEject(_ status: PrinterStatus, before: [Change]) -> [CardAction] {
        guard let fate else { return [] }
        phase = .ejecting
        var facts = status.facts.merging(fate.facts) { $1 }
        facts["blank"] = .string((strange ?? blank).rawValue)
        facts["chip"] = strangeChip.map { .string($0.rawValue) }
        return [.commit(before + [intend(.eject, facts)]), .eject(fate.exit)]
    }

    private mutating func ejected(_ status: PrinterStatus) -> [CardAction] {
        guard let fate else { return [] }
        phase = .done
        let evidence = status.facts.merging(["position": "none"]) { $1 }
        return [.commit([conclude(.done, evidence)] + left(fate)), .finish(end(fate))]
    }
}
