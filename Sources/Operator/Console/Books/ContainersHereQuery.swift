import Ground
import Ledger

/// Boxes, bags and consignments that have not left and lie in no other one, the newest first. How many lie in one is not
/// said: that is for its count to find.
struct ContainersHereQuery: LedgerQuery {
    struct Row: Sendable, Hashable {
        let number: String
        /// `box`, `bag` or `consignment`.
        let kind: String
        /// `open`, `closed` or `sealed`.
        let state: String
        let route: String
        let region: String?
        let place: String?
        let since: WallTime
    }
    let limit: Int

    func answer(_ books: BooksReader) throws -> [Row] {
        try books.rows(
            """
            SELECT number, kind, state, route, region, place, since FROM container
            WHERE state IN ('open', 'closed', 'sealed') AND inside IS NULL ORDER BY since DESC, number LIMIT ?
            """, [.count(limit)]
        ).map { row in
            Row(
                number: try row.text("number"), kind: try row.text("kind"), state: try row.text("state"),
                route: try row.text("route"), region: row.optionalText("region"), place: row.optionalText("place"),
                since: WallTime(microseconds: try row.integer("since")))
        }
    }
}
