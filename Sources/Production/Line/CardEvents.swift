import Ground
import Ledger
import Stations

/// The card that lies at the encoder, as chip and ledger know it.
struct FoundCard: Sendable, Hashable {
    let chip: ChipIdentity
    let personalised: Bool
    /// Row of the blank that carries this chip, when there is one.
    let blank: BlankReport?
    /// The attempt that this chip is bound to.
    let owner: AttemptID?
}

/// What the encoder saw.
enum Seen: Sendable, Hashable {
    /// No answer at all, or no identity.
    case mute
    case card(FoundCard)
}

/// What opening the chip said.
enum Opening: Sendable, Hashable {
    case ours
    /// The document does not open, or is not the one that was prepared: a stable reason code.
    case wrong(String)
    /// It opens as prepared, but nobody could say whether it shows whom the print shows: a code.
    case unjudged(String)
    /// Another card than the bound one lies there.
    case other(FoundCard)
    /// The document is ours and faultless; a person holds its record.
    case held
}

/// What the picture said.
enum Look: Sendable, Hashable {
    case pass
    case reject([String])
    case cannotJudge(String)
}

enum CardEvent: Sendable {
    /// A fresh document, nothing inside; the blank that is next in the hopper.
    case begin(PrinterStatus)
    case fed
    case identified(Seen, PrinterStatus)
    /// In a cell for booklets.
    case identifiedBooklet(Seen, SeenBooklet, PrinterStatus)
    /// The document has its number.
    case completed(sodHash: Bytes, panels: Int)
    /// The record cannot be made, whatever its number.
    case completionFailed(SakkError)
    /// Written and locked; the security object that is on the chip now.
    case personalised(sodHash: Bytes)
    case personalisationFailed(SakkError)
    case readBack(Opening, PrinterStatus)
    /// The card lies at the print station.
    case arrived(PrinterStatus)
    /// The booklet may not be printed on: a stable reason code.
    case astray(String)
    case printed(PrinterStatus)
    case looked(Look, PrinterStatus)
    /// Opened with the MRZ that was seen; `spare` is the next blank of the line, for a card that was swapped in.
    case opened(Opening, PrinterStatus, spare: BlankID?)
    case killed(ChipDeath, PrinterStatus)
    /// The chip that was to be killed is not there, another card is.
    case killFoundOther(FoundCard, PrinterStatus, spare: BlankID?)
    case ejected(PrinterStatus)
}

/// What the actor does next. Only one of a list is an act; it answers with the next event.
enum CardAction: Sendable {
    case commit([Change])
    case feed
    case identify
    /// Finish the document with the number of the booklet.
    case complete
    case personalise
    case readBack
    case moveToPrint
    case print
    case look
    case open
    case kill
    case eject(CardExit)
    case finish(CardEnd)
}

/// How the life of a card in the cell ended.
enum CardEnd: Sendable, Hashable {
    case produced
    case spoiled(String)
    /// The blank was dead: the attempt is still without one.
    case deadOnArrival
    /// By the reject exit, to be judged by an inspector; the cell goes on.
    case heldCard(String)
    /// The cell must hold: code, words, remedy.
    case holdCell(String, String, String)
}

/// Why a card is ejected; written into the eject's intent, so that a fresh process knows it.
enum Fate: Sendable, Hashable {
    case good
    case spoil(String, ChipDeath)
    case dead(String)
    case hold(String)
    /// A card that the ledger knows came from the hopper.
    case known(AttemptID?)
    case foreign
    /// Another card lies where the bound one should be.
    case swapped
    /// A booklet that nothing was written to: reason and number as it was read.
    case refused(String, String?)

    var word: String {
        switch self {
        case .good: "good"
        case .spoil: "spoil"
        case .dead: "dead"
        case .hold: "hold"
        case .known: "known"
        case .foreign: "foreign"
        case .swapped: "swapped"
        case .refused: "refused"
        }
    }

    var exit: CardExit { self == .good ? .good : .reject }

    var facts: [String: JSONValue] {
        var facts: [String: JSONValue] = ["exit": .string(exit.rawValue), "fate": .string(word)]
        switch self {
        case .spoil(let reason, let death):
            facts["reason"] = .string(reason)
            facts["death"] = .string(death.rawValue)
        case .dead(let reason), .hold(let reason): facts["reason"] = .string(reason)
        case .refused(let reason, let number):
            facts["reason"] = .string(reason)
            facts["number"] = number.map { .string($0) }
        case .known(let owner): facts["owner"] = owner.map { .string($0.rawValue) }
        case .good, .foreign, .swapped: break
        }
        return facts
    }

    /// From the facts of an eject's intent.
    init?(_ facts: [String: JSONValue]) {
        let reason = facts["reason"]?.string ?? ""
        switch facts["fate"]?.string {
        case "good": self = .good
        case "spoil": self = .spoil(reason, facts["death"]?.string.flatMap { ChipDeath(rawValue: $0) } ?? .unconfirmed)
        case "dead": self = .dead(reason)
        case "hold": self = .hold(reason)
        case "known": self = .known(facts["owner"]?.string.map { AttemptID($0) })
        case "foreign": self = .foreign
        case "swapped": self = .swapped
        case "refused": self = .refused(reason, facts["number"]?.string)
        default: return nil
        }
    }
}

extension PrinterStatus {
    /// Evidence for the journal.
    var facts: [String: JSONValue] {
        [
            "cards": .integer(Int64(counters.cards)), "panels": .integer(Int64(counters.panels)),
            "connection": .string(connection),
        ]
    }
}
