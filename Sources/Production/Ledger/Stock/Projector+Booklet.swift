import Ground

/// Numbers that are engraved on booklets: read and bound before the first write, used once, void for ever.
extension Projector {
    /// The number of a blank that is being registered, when its lot's serials are document numbers.
    func engravedNumber(_ entry: JournalEntry) throws -> String? {
        let lot = try session.row(
            "SELECT engraved FROM lot WHERE stock = ? AND lot = ? AND engraved = 1",
            [.text(try entry.text("stock")), .text(try entry.text("lot"))])
        return lot == nil ? nil : String(try entry.subject(0).drop { $0 != ":" }.dropFirst())
    }

    /// The number that was read is the one of the bound booklet, and is not void.
    func number(_ attempt: String, _ number: String) throws {
        try one(
            """
            UPDATE attempt SET engraved = ? WHERE attempt = ? AND state = 'bound' AND engraved IS NULL
              AND EXISTS (SELECT 1 FROM blank b
                WHERE b.blank = attempt.blank AND b.number = ? AND b.account = 'cell')
              AND NOT EXISTS (SELECT 1 FROM void_number v WHERE v.number = ?)
            """, [.text(number), .text(attempt), .text(number), .text(number)],
            else: "The number is not the one of the bound booklet, or it is void.", attempt)
    }

    /// Nothing is written to a booklet whose number was not read and bound.
    func refuseUnnumbered(_ entry: JournalEntry) throws {
        guard ["personalise", "print"].contains(try entry.text("step")) else { return }
        let attempt = try entry.subject(0)
        let unnumbered = try session.row(
            """
            SELECT 1 AS yes FROM attempt a JOIN blank b ON b.blank = a.blank
            WHERE a.attempt = ? AND b.number IS NOT NULL AND a.engraved IS NULL
            """, [.text(attempt)])
        guard unnumbered == nil else {
            throw rule("The booklet's number was not bound before it is written to.", attempt)
        }
    }

    /// The number of a booklet that will be no good document: once, for ever.
    func void(_ blank: String, _ entry: JournalEntry, _ at: Stamp) throws {
        try session.later(
            """
            INSERT INTO void_number (number, blank, attempt, reason, wall, log, seq)
            SELECT b.number, b.blank, COALESCE(CAST(? AS TEXT), b.attempt), CAST(? AS TEXT), CAST(? AS BIGINT),
              CAST(? AS TEXT), CAST(? AS BIGINT)
            FROM blank b WHERE b.blank = ? AND b.number IS NOT NULL ON CONFLICT DO NOTHING
            """,
            [
                .optional(entry.body["attempt"]?.string), .text(try entry.text("reason")), .integer(at.wall),
                .text(at.log), .integer(at.seq), .text(blank),
            ])
    }

    /// A good document that was taken back.
    func voidNumbers(of production: SQLValue, _ at: Stamp) throws {
        try session.later(
            """
            INSERT INTO void_number (number, blank, attempt, reason, wall, log, seq)
            SELECT b.number, b.blank, a.attempt, 'withdrawn', CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS BIGINT)
            FROM attempt a JOIN blank b ON b.blank = a.blank
            WHERE a.production = ? AND a.state = 'voided' AND b.number IS NOT NULL ON CONFLICT DO NOTHING
            """, [.integer(at.wall), .text(at.log), .integer(at.seq), production])
    }

    /// What lies in a hopper again is in no tray.
    func leaveTray(_ blank: String) throws {
        try session.later(
            "UPDATE blank SET exit = NULL, place = NULL, cell = NULL WHERE blank = ? AND exit IS NOT NULL",
            [.text(blank)])
    }
}
