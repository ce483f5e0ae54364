public import Ground

/// Changes of the stock: each is one row of the journal and is refused by the projector when it breaks a rule.
public enum StockChange: Sendable {
    /// A delivery; its blanks follow as `blank`.
    case lot(StockLot)
    case blank(BlankID, LotID, ordinal: Int, box: String?)
    /// Blanks of a held lot are not issued and not loaded; `LotHeldQuery` stops the cells that have some.
    case holdLot(LotID, reason: String)
    case releaseLot(LotID, reason: String, TwoPeople)
    /// From the vault to a line; in no hopper yet.
    case issue(BlankID, LineID)
    /// Into the hopper, behind what lies there.
    case load(BlankID, LineID, CellID)
    /// From the line back to the vault; only a blank that no attempt had.
    case giveBack(BlankID, reason: String)
    /// A named person has the card, at a named place.
    case custody(BlankID, person: String, place: String)
    case custodyEnded(BlankID)
    /// The number was told to the authority as void, and the books do not know why (they are restored ones).
    case voided(BlankID, reason: String)
    case releaseQuarantine(BlankID, to: Account, reason: String, TwoPeople)
    /// A document that was called back and is faultless all the same.
    case releaseRecall(BlankID, reason: String, TwoPeople)
    /// A missing card that turned up; into quarantine.
    case turnedUp(BlankID, place: String)
    /// A faultless document that is called back: into the held account, with a person who has it.
    case recall(BlankID, reason: String, person: String, place: String)
    /// Its blanks follow as `destroy`, its supplies as `consumableMoved`.
    case certificate(DestructionCertificate)
    case destroy(BlankID, from: Account, certificate: String)
    case consumable(Consumable)
    /// `line` for `line` and `mounted`, `cell` for `mounted`; `certificate` for `destroyed`.
    case consumableMoved(
        ConsumableID, from: Consumable.Account, to: Consumable.Account, line: LineID?, cell: CellID?, reason: String,
        certificate: String?)
    case genealogy(AttemptID, [GenealogyKey: String])

    static let kinds: Set<String> = [
        "lot.received", "lot.held", "lot.released", "custody.taken", "custody.ended", "blank.voided",
        "stock.certificate",
        "consumable.received", "consumable.moved", "attempt.genealogy",
    ]

    var entry: JournalEntry {
        switch self {
        case .lot, .holdLot, .releaseLot: lotEntry
        case .certificate, .consumable, .consumableMoved: supplyEntry
        case .blank(let blank, let lot, let ordinal, let box):
            JournalEntry(
                "blank.registered", [blank.rawValue],
                [
                    "lot": .string(lot.lot), "ordinal": .count(ordinal), "stock": .string(lot.stock),
                    "to": .string(Account.vault.rawValue), "reason": "received", "box": .optional(box),
                ])
        case .issue(let blank, let line):
            StockChange.moved(blank, .vault, .line, "issued", ["line": .string(line.rawValue)])
        case .load(let blank, let line, let cell):
            JournalEntry(
                "blank.loaded", [blank.rawValue],
                ["line": .string(line.rawValue), "cell": .string(cell.rawValue), "behind": .bool(true)])
        case .giveBack(let blank, let reason): StockChange.moved(blank, .line, .vault, reason, ["unused": .bool(true)])
        case .custody(let blank, let person, let place):
            JournalEntry(
                "custody.taken", [blank.rawValue], ["person": .string(person), "place": .string(place)])
        case .voided(let blank, let reason):
            JournalEntry("blank.voided", [blank.rawValue], ["reason": .string(reason)])
        case .custodyEnded(let blank): JournalEntry("custody.ended", [blank.rawValue])
        case .releaseQuarantine(let blank, let to, let reason, let people):
            StockChange.moved(blank, .quarantine, to, reason, StockChange.people(people))
        case .releaseRecall(let blank, let reason, let people):
            StockChange.moved(blank, .held, .good, reason, StockChange.people(people))
        case .turnedUp(let blank, let place):
            StockChange.moved(blank, .missing, .quarantine, "turned.up", ["place": .string(place)])
        case .recall(let blank, let reason, let person, let place):
            StockChange.moved(
                blank, .good, .held, "recall",
                ["because": .string(reason), "person": .string(person), "place": .string(place)])
        case .destroy(let blank, let from, let certificate):
            StockChange.moved(blank, from, .destroyed, "destroyed", ["certificate": .string(certificate)])
        case .genealogy(let attempt, let facts):
            JournalEntry(
                "attempt.genealogy", [attempt.rawValue],
                Dictionary(uniqueKeysWithValues: facts.map { ($0.key.rawValue, .string($0.value)) }))
        }
    }

    private var lotEntry: JournalEntry {
        switch self {
        case .lot(let lot):
            JournalEntry(
                "lot.received", [lot.id.stock, lot.id.lot],
                [
                    "chip_lot": .optional(lot.chipLot), "transport_key": .optional(lot.transportKey),
                    "category": .optional(lot.category), "engraved": .bool(lot.isEngraved), "count": .count(lot.count),
                    "manifest": .string(lot.manifest.hex), "gaps": .array(lot.gaps.map { .string($0.description) }),
                    "extras": .array(lot.extras.map { .string($0.description) }),
                ])
        case .holdLot(let lot, let reason):
            JournalEntry("lot.held", [lot.stock, lot.lot], ["reason": .string(reason)])
        case .releaseLot(let lot, let reason, let people):
            JournalEntry(
                "lot.released", [lot.stock, lot.lot],
                StockChange.people(people).merging(["reason": .string(reason)]) { $1 })
        default: JournalEntry("lot", [])
        }
    }

    private var supplyEntry: JournalEntry {
        switch self {
        case .certificate(let paper):
            JournalEntry(
                "stock.certificate",
                [paper.number] + paper.blanks.map(\.rawValue) + paper.consumables.map(\.rawValue),
                StockChange.people(paper.people).merging([
                    "method": .string(paper.method), "place": .string(paper.place), "count": .count(paper.count),
                ]) { $1 })
        case .consumable(let supply):
            JournalEntry(
                "consumable.received", [supply.id.rawValue],
                [
                    "kind": .string(supply.kind.rawValue), "part": .string(supply.part), "lot": .string(supply.lot),
                    "capacity": .count(supply.capacity),
                ])
        case .consumableMoved(let supply, let from, let to, let line, let cell, let reason, let certificate):
            JournalEntry(
                "consumable.moved", [supply.rawValue],
                [
                    "from": .string(from.rawValue), "to": .string(to.rawValue), "line": .optional(line?.rawValue),
                    "cell": .optional(cell?.rawValue), "reason": .string(reason), "certificate": .optional(certificate),
                ])
        default: JournalEntry("consumable", [])
        }
    }

    private static func moved(
        _ blank: BlankID, _ from: Account, _ to: Account, _ reason: String, _ more: [String: JSONValue]
    ) -> JournalEntry {
        JournalEntry(
            "blank.moved", [blank.rawValue],
            more.merging([
                "from": .string(from.rawValue), "to": .string(to.rawValue), "reason": .string(reason),
            ]) { $1 })
    }

    static func people(_ people: TwoPeople) -> [String: JSONValue] {
        ["first": .string(people.first), "second": .string(people.second)]
    }
}
