internal import Ground
import Ledger
import Stations

/// What a cell for booklets asks of what it is fed, before anything is written to it.
public struct BookletRule: Sendable, Hashable {
    /// Category of the product's booklets, as the manufacturer's manifest says, for example `diplomatic`.
    public var category: String
    /// Booklets come out of the hopper in the order in which they were laid in: another number than the next one of the
    /// books holds the cell. False where only the hopper as a whole is known.
    public var knowsOrder = true

    public init(category: String) { self.category = category }
}

/// What lies in the machine, and what the books know about its number.
struct SeenBooklet: Sendable, Hashable {
    let reading: BookletReading
    /// The booklet of the number that was read.
    let known: BookletQuery.Booklet?
    /// The next one of the hopper, as the books have it.
    let expected: BlankID?

    var number: String? {
        if case .booklet(let identity) = reading { identity.number } else { nil }
    }
}

/// A booklet that nothing is written to.
struct RefusedBooklet: Sendable, Hashable {
    enum Row: Sendable, Hashable {
        case blank(BlankID, in: Account)
        /// No booklet of this plant, or not the one whose number it bears.
        case stranger
        /// Nothing lies there; this one should.
        case gone(BlankID?)
    }
    /// One of the published reasons (`booklet.…`).
    let reason: String
    let number: String?
    let row: Row
}

enum BookletJudgement: Sendable, Hashable {
    case ours(BlankID, number: String)
    case refused(RefusedBooklet)
}

extension BookletRule {
    /// Whether a booklet that was fed may be written to. Each reason has a test (`BookletTests`).
    ///
    /// | reason | what is wrong |
    /// |---|---|
    /// | `booklet.absent` | the machine took nothing in |
    /// | `booklet.unreadable` | its number cannot be read |
    /// | `booklet.number.unknown` | outside what was received |
    /// | `booklet.number.duplicate` | a second booklet with a number that another chip has |
    /// | `booklet.number.used` | made, spoiled, held or void already |
    /// | `booklet.category.other` | another stock type or category, in the books or on its page |
    /// | `booklet.lot.held` | its lot is held |
    /// | `booklet.number.elsewhere` | the books have it in the vault or in another hopper |
    /// | `booklet.number.other` | another one than the next of the hopper |
    /// | `booklet.page` | another page is open than the data page |
    /// | `booklet.chip.other` | its chip belongs to another blank, or is personalised |
    func judge(_ booklet: SeenBooklet, _ seen: Seen, _ cell: LineConfiguration) -> BookletJudgement {
        func refused(_ reason: String, _ row: RefusedBooklet.Row) -> BookletJudgement {
            .refused(RefusedBooklet(reason: reason, number: booklet.number, row: row))
        }
        guard case .booklet(let identity) = booklet.reading else {
            return refused("booklet.absent", .gone(booklet.expected))
        }
        guard let number = identity.number else {
            return refused("booklet.unreadable", booklet.expected.map { .blank($0, in: .line) } ?? .stranger)
        }
        guard let known = booklet.known else { return refused("booklet.number.unknown", .stranger) }
        let row = RefusedBooklet.Row.blank(known.blank, in: known.account)
        let chip: FoundCard? = if case .card(let card) = seen { card } else { nil }
        if let own = known.chip, let chip, chip.chip != own { return refused("booklet.number.duplicate", .stranger) }
        if known.isVoid || known.attempt != nil || ![.vault, .line].contains(known.account) {
            return refused("booklet.number.used", row)
        }
        if known.lot.stock != cell.stock || known.category != category
            || (identity.category ?? category) != category
        {
            return refused("booklet.category.other", row)
        }
        if known.lotHold != nil { return refused("booklet.lot.held", row) }
        guard known.account == .line, known.line == cell.line, known.cell == cell.cell else {
            return refused("booklet.number.elsewhere", row)
        }
        if knowsOrder, known.blank != booklet.expected { return refused("booklet.number.other", row) }
        if identity.page != .data { return refused("booklet.page", row) }
        if let chip, chip.personalised || chip.owner != nil || (chip.blank.map { $0.blank != known.blank } ?? false) {
            return refused("booklet.chip.other", row)
        }
        return .ours(known.blank, number: number)
    }
}

extension RefusedBooklet {
    /// What the person at the machine is told: what is wrong, and where the booklet lies now.
    static func words(_ reason: String, _ number: String?, _ blank: BlankID, _ place: String) -> CardEnd {
        let name = number.map { "Booklet \($0)" } ?? "The booklet"
        let (text, remedy): (String, String) =
            switch reason {
            case "booklet.absent":
                (
                    "The machine says that it took a booklet in, and none is there; \(blank) is missing from the hopper.",
                    "Look into machine and hopper; the booklet is settled by its number (sakk card settle --booklet)."
                )
            case "booklet.unreadable":
                (
                    "The number of the booklet cannot be read; the books expected \(blank).",
                    "Take the top one of the reject box and type its number twice (sakk card settle --booklet)."
                )
            case "booklet.number.unknown":
                ("\(name) was never received: it is kept as \(blank).", "Take it to the supervisor.")
            case "booklet.number.duplicate":
                (
                    "\(name) bears a number that another booklet has: it is kept as \(blank).",
                    "Take it to the security officer: one of the two is false."
                )
            case "booklet.number.used":
                ("\(name) was used before, or its number is void.", "Take it to the supervisor and check the hopper.")
            case "booklet.category.other":
                ("\(name) is of another category.", "Check the hopper for booklets of another kind.")
            case "booklet.lot.held": ("\(name) is of a held lot.", "Take the booklets of this lot out of the hopper.")
            case "booklet.number.elsewhere":
                ("\(name) does not lie in this hopper in the books.", "Check what was loaded, and where.")
            case "booklet.number.other":
                ("\(name) came out of turn.", "Check the order of the hopper, or whether one was dragged with it.")
            case "booklet.page": ("\(name) is open at another page.", "Check how booklets lie in the hopper.")
            default: ("The chip of \(name.lowercased()) is another blank's.", "Take it to the supervisor.")
            }
        return .holdCell(reason, "\(text) It lies in \(place).", remedy)
    }
}
