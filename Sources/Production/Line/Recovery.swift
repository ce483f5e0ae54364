import Ground
import Ledger
import Stations

/// What lies in the cell when a controller starts or a fault stopped it, and what the books say about it.
struct Situation: Sendable {
    /// What is at the encoder; `none` when the printer says that it holds no card.
    enum Inside: Sendable, Hashable {
        case none
        case mute
        case card(FoundCard)
    }
    /// The attempt whose card should be in the machine.
    var attempt: AttemptReport?
    var open: OpenIntent?
    var inside: Inside
    /// Before anything was moved.
    var status: PrinterStatus
    /// The cell was held before this run: a person may have opened the machine and taken the card out, so that an empty
    /// machine proves no exit.
    var touched = false
    /// What the reader of a cell for booklets sees; nil in one for cards, and when the machine says that it is empty.
    var booklet: SeenBooklet?

    var seen: Seen { if case .card(let card) = inside { .card(card) } else { .mute } }
}

/// What is done about it. Nothing is guessed: each line of the table rests on chip, counters, position or connection.
enum Decision: Sendable, Hashable {
    /// No card, no doubt.
    case nothing
    /// The open act never began.
    case notBegun
    /// The card was fed: goes on with its identification.
    case fed
    /// The same blank, chip still blank: written again.
    case personalise
    case readBack
    case print
    /// The print is proved complete.
    case printed
    case look
    case kill(String)
    case ejectAgain(Fate)
    /// The ordered eject was obeyed.
    case left(Fate)
    /// The card left by an unknown exit: nobody feeds until it is found.
    case lost
    /// A card that should not be there.
    case stranger(FoundCard)
    case strangerMute
}

/// The recovery table.
///
/// | open intent | inside | evidence | decision |
/// |---|---|---|---|
/// | none | nothing | no card expected | nothing |
/// | none | nothing | a card expected | lost |
/// | none | our chip | bound, not installed / installed | personalise / kill |
/// | none | our chip | encoded / verified / printed, passed | readBack / print / look |
/// | none | a card, none expected | | stranger |
/// | feed | nothing | cards counter as in the intent | notBegun |
/// | feed | nothing | cards counter moved | lost |
/// | feed | any card | | fed |
/// | personalise | our chip | application not installed | personalise |
/// | personalise | our chip | installed | kill |
/// | readback | our chip | | readBack |
/// | print | our chip | panels counter and connection as in the intent | print |
/// | print | our chip | counter moved by the whole job, at the print station, same connection | printed |
/// | print | our chip | anything else | kill |
/// | inspect | our chip | | look |
/// | kill | our chip | | kill |
/// | eject | the card of the intent | | ejectAgain |
/// | eject good | mute | a good card answers | kill |
/// | eject | nothing | connection as in the intent, no hold since | left |
/// | eject | nothing | the cell was held since: a hand may have taken the card | lost |
/// | eject | nothing | connection changed: some printers eject on power-up, even to the good side | lost |
/// | any but feed, eject | mute | | kill (which will be unconfirmed) |
/// | any but feed | nothing | | lost |
/// | any but feed | another chip | | stranger |
enum Recovery {
    static func decide(_ situation: Situation) -> Decision {
        guard let attempt = situation.attempt else {
            switch situation.inside {
            case .none: return .nothing
            case .mute: return .strangerMute
            case .card(let card): return .stranger(card)
            }
        }
        guard let open = situation.open else { return withoutIntent(attempt, situation.inside) }
        switch open.key.step {
        case .feed: return feed(open, situation)
        case .eject: return eject(open, attempt, situation)
        case .personalise, .readback, .print, .inspect, .kill: return written(open, attempt, situation)
        }
    }

    /// Reasons that come from a stop of controller, power or path, not from a fault of record, card or print: they do
    /// not count towards the attempts after which an engineer is asked.
    static func isInterruption(_ reason: String) -> Bool {
        let words = [
            "personalise.interrupted", "print.unknown", "line.interrupted", "card.lost", "card.swapped",
            "printer.timeout",
            "printer.disconnected", "printer.desynchronised",
        ]
        return words.contains(reason) || reason.hasPrefix("usb.")
    }

    private static func withoutIntent(_ attempt: AttemptReport, _ inside: Situation.Inside) -> Decision {
        switch inside {
        case .none: return attempt.state == .claimed ? .nothing : .lost
        case .mute: return attempt.state == .claimed ? .strangerMute : .kill("chip.mute")
        case .card(let card):
            guard card.chip == attempt.chip else { return .stranger(card) }
            switch attempt.state {
            case .bound: return card.personalised ? .kill("personalise.interrupted") : .personalise
            case .encoded: return .readBack
            case .verified: return .print
            case .printed, .passed: return .look
            case .claimed, .produced, .spoiled, .held, .unknown, .dropped, .voided: return .kill("line.interrupted")
            }
        }
    }

    private static func feed(_ open: OpenIntent, _ situation: Situation) -> Decision {
        guard situation.inside == .none else { return .fed }
        return open.facts["cards"]?.integer == Int64(situation.status.counters.cards) ? .notBegun : .lost
    }

    private static func eject(_ open: OpenIntent, _ attempt: AttemptReport, _ situation: Situation) -> Decision {
        let fate = open.facts.object.flatMap { Fate($0) }
        switch situation.inside {
        case .none:
            guard let fate, sameConnection(open, situation), !situation.touched else { return .lost }
            return .left(fate)
        case .mute:
            guard let fate, fate != .good else { return .kill("chip.mute") }
            return .ejectAgain(fate)
        case .card(let card):
            let expected = open.facts["blank"]?.string
            guard let fate,
                card.chip == attempt.chip || card.blank?.blank.rawValue == expected
                    || card.chip.rawValue == open.facts["chip"]?.string
            else {
                return .stranger(card)
            }
            return .ejectAgain(fate)
        }
    }

    private static func written(_ open: OpenIntent, _ attempt: AttemptReport, _ situation: Situation) -> Decision {
        switch situation.inside {
        case .none: return .lost
        case .mute: return .kill(open.facts["reason"]?.string ?? "chip.mute")
        case .card(let card):
            guard card.chip == attempt.chip else { return .stranger(card) }
            switch open.key.step {
            case .personalise: return card.personalised ? .kill("personalise.interrupted") : .personalise
            case .readback: return .readBack
            case .print: return printing(open, situation)
            case .inspect: return .look
            case .kill, .feed, .eject: return .kill(open.facts["reason"]?.string ?? "line.interrupted")
            }
        }
    }

    private static func printing(_ open: OpenIntent, _ situation: Situation) -> Decision {
        guard let before = open.facts["panels"]?.integer, let count = open.facts["count"]?.integer,
            sameConnection(open, situation)
        else { return .kill("print.unknown") }
        switch Int64(situation.status.counters.panels) {
        case before: return .print
        case before + count where situation.status.position == .at(.print): return .printed
        default: return .kill("print.unknown")
        }
    }

    private static func sameConnection(_ open: OpenIntent, _ situation: Situation) -> Bool {
        open.facts["connection"]?.string == situation.status.connection
    }
}
