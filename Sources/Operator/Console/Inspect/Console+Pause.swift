import Ground
import Ledger

/// How long an inspector looks at cards without a pause, in microseconds: eyes that looked for half an hour miss defects.
public struct InspectionTimes: Sendable, Hashable {
    public var block: Int64 = 1_500_000_000
    public var pause: Int64 = 300_000_000

    public init() {}
}

/// What an inspector did of late, and whether it is time for a pause. It follows from the books alone, so it is the same at
/// every console and after a restart.
struct InspectionBlock: Sendable {
    /// The pause that is due ends then; nil while cards are given.
    let pauseUntil: WallTime?
    /// The card or item that was looked at last.
    let item: String?
    /// The journal has a row of this pause.
    let isTold: Bool
}

struct InspectionBlockQuery: LedgerQuery {
    let person: PersonID
    let now: WallTime
    let times: InspectionTimes

    func answer(_ books: BooksReader) throws -> InspectionBlock {
        let since = now.microseconds - times.block - times.pause * 2
        let rows = try books.rows(
            """
            SELECT act, item, wall FROM person_act WHERE person = ? AND wall > ? AND code IS NULL
              AND act IN ('card.look','card.verdict','audit.answer','inspect.pause') ORDER BY seq DESC
            """, [.text(person.rawValue), .integer(since)])
        let looks = try rows.filter { try $0.text("act") != "inspect.pause" }
        let item = try looks.first { try $0.text("act") == "card.look" }?.text("item")
        guard let last = try looks.first?.integer("wall"), now.microseconds - last < times.pause else {
            return InspectionBlock(pauseUntil: nil, item: item, isTold: false)
        }
        var began = last
        for row in looks {
            let wall = try row.integer("wall")
            guard began - wall < times.pause else { break }
            began = wall
        }
        guard now.microseconds - began >= times.block else {
            return InspectionBlock(pauseUntil: nil, item: item, isTold: false)
        }
        let isTold = try rows.contains { row in
            try row.text("act") == "inspect.pause" && row.integer("wall") >= began + times.block
        }
        return InspectionBlock(
            pauseUntil: WallTime(microseconds: last + times.pause), item: item, isTold: isTold)
    }
}

extension Console {
    /// The inspector's block; when a pause begins, the journal gets its row.
    func block(_ visit: Visit) async throws(SakkError) -> InspectionBlock {
        let block = try await books.read(
            InspectionBlockQuery(person: visit.person.id, now: time.wall(), times: settings.inspection))
        if block.pauseUntil != nil, !block.isTold, visit.token != nil {
            try await did("inspect.pause", visit.by, visit.person, visit.ask)
        }
        return block
    }

    /// Nothing new is looked at in a pause; the card that is on the screen may still be judged.
    func mayLook(at item: String, _ visit: Visit) async throws(SakkError) {
        let block = try await block(visit)
        guard block.pauseUntil != nil, block.item != item else { return }
        throw SakkError(
            "console.inspect.pause", source: "console", text: "Your eyes need a pause before the next card.",
            remedy: "Look at something far away; the desk goes on by itself.")
    }
}
