import Ground

extension Judge {
    private struct Known {
        let account: String
        let chip: String?
        let engraved: String?
        let isVoid: Bool
    }

    /// Each booklet's place agrees with the account of its number; what was written to had its number bound; and the
    /// void numbers are those of the booklets that are no good documents and never will be.
    mutating func booklets(_ places: [Place?]) throws {
        var rows: [String: Known] = [:]
        let fetched = try reading.rows(
            """
            SELECT b.number, b.account, b.chip, a.engraved, v.number AS void FROM blank b
            LEFT JOIN attempt a ON a.blank = b.blank LEFT JOIN void_number v ON v.blank = b.blank
            WHERE b.number IS NOT NULL
            """)
        for row in fetched {
            rows[row.text("number")] = Known(
                account: row.text("account"), chip: row["chip"], engraved: row["engraved"], isVoid: row["void"] != nil)
        }
        for card in world.cards {
            let place = places[card.number - 1]
            guard let number = card.booklet?.number else { continue }
            if card.foreign {
                if card.document != nil || !card.ink.isEmpty || place == .good {
                    breach(.duplicate, "foreign booklet \(number) was written to or lies in a good box")
                }
                continue
            }
            guard let row = rows[number] else {
                breach(.unexplained, "booklet \(number) is not in the books")
                continue
            }
            if !(place.flatMap { Judge.accounts[$0] } ?? []).contains(row.account) {
                breach(
                    .unexplained,
                    "booklet \(number) lies in \(place?.rawValue ?? "none"), the books say \(row.account)")
            }
            if card.document != nil || !card.ink.isEmpty, row.engraved != number || row.chip != card.chip.rawValue {
                breach(.unexplained, "booklet \(number) was written to and its number was not bound")
            }
            if card.isLiving, place != .good, !["held", "quarantine", "destroyed"].contains(row.account) {
                breach(.duplicate, "booklet \(number) lives outside the good box")
            }
            if ["spoiled", "destroyed", "missing"].contains(row.account), !row.isVoid {
                breach(.lost, "the number \(number) is on no document and not void")
            }
            if row.isVoid, row.account == "good" { breach(.lost, "the number \(number) is void and on a document") }
        }
    }
}
