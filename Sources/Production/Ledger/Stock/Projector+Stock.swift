import Ground

extension Projector {
    func stock(_ entry: JournalEntry, _ at: Stamp) throws {
        switch entry.kind {
        case "lot.received": try receiveLot(entry, at)
        case "lot.held":
            try session.later(
                """
                INSERT INTO lot (stock, lot, engraved, count, received, hold) VALUES (?,?,0,0,?,?)
                ON CONFLICT (stock, lot) DO UPDATE SET hold = excluded.hold
                """,
                [
                    .text(try entry.subject(0)), .text(try entry.subject(1)), .integer(at.wall),
                    .text(try entry.text("reason")),
                ])
        case "lot.released":
            try two(entry)
            try one(
                "UPDATE lot SET hold = NULL WHERE stock = ? AND lot = ? AND hold IS NOT NULL",
                [.text(try entry.subject(0)), .text(try entry.subject(1))], else: "The lot is not held.",
                try entry.subject(1))
        case "custody.taken": try custody(try entry.subject(0), entry, at)
        case "custody.ended":
            try one(
                "DELETE FROM custody WHERE blank = ?", [.text(try entry.subject(0))],
                else: "Nobody has this card in custody.", try entry.subject(0))
        case "blank.voided": try void(try entry.subject(0), entry, at)
        case "stock.certificate": try certify(entry, at)
        case "consumable.received": try receiveSupply(entry, at)
        case "consumable.moved": try moveSupply(entry, at)
        default:
            for (key, value) in entry.body.sorted(by: { $0.key < $1.key }) {
                try session.later(
                    """
                    INSERT INTO genealogy (attempt, key, value) VALUES (?,?,?)
                    ON CONFLICT (attempt, key) DO UPDATE SET value = excluded.value
                    """, [.text(try entry.subject(0)), .text(key), .text(value.string ?? "")])
            }
        }
    }

    /// What the stock's rules say about a blank's row, after the blank's own tables followed it.
    func stock(after entry: JournalEntry, _ at: Stamp) throws {
        let blank = try entry.subject(0)
        switch entry.kind {
        case "blank.loaded":
            try lotStands(blank)
            if entry.body["behind"] != nil { try layBehind(blank) }
            // whoever had it laid it in; books of before kept the custody until the blank was fed
            if entry.version >= 2 { try session.later("DELETE FROM custody WHERE blank = ?", [.text(blank)]) }
            try joinShift(blank, came: "taken")
        case "blank.found": try joinShift(blank, came: "found")
        case "blank.moved": try moved(blank, entry, at)
        default: return
        }
    }

    private func moved(_ blank: String, _ entry: JournalEntry, _ at: Stamp) throws {
        let from = try entry.text("from")
        let to = try entry.text("to")
        if to == Account.line.rawValue, from == Account.vault.rawValue { try lotStands(blank) }
        if to == Account.vault.rawValue {
            let used = try session.row("SELECT attempt FROM attempt WHERE blank = ?", [.text(blank)])
            guard used == nil else { throw rule("A blank that an attempt had does not go back to the vault.", blank) }
            try session.later("UPDATE blank SET hopper = NULL WHERE blank = ?", [.text(blank)])
        }
        if ["spoiled", "destroyed", "missing"].contains(to) { try void(blank, entry, at) }
        if to == Account.line.rawValue { try leaveTray(blank) }
        if entry.body["first"] != nil { try two(entry) }
        if let certificate = entry.body["certificate"]?.string { try strike(blank, certificate) }
        if from == Account.held.rawValue || from == Account.returned.rawValue {
            try calledBack(blank, to: to, entry, at)
        }
        try sampled(blank, from: from, to: to)
        try shipping(moved: blank, from: from, to: to, entry, at)
        if entry.body["person"] != nil {
            try custody(blank, entry, at)
        } else {
            // who had it has it no more: it went somewhere else
            try session.later("DELETE FROM custody WHERE blank = ?", [.text(blank)])
        }
        if Projector.onLine.contains(to), !Projector.onLine.contains(from) {
            let came = from == Account.vault.rawValue ? "taken" : from == Account.missing.rawValue ? "found" : "back"
            try joinShift(blank, came: came)
        }
    }

    /// A good document that was called back becomes good again only before two people; once it is destroyed it is void,
    /// and its record waits for an engineer.
    private func calledBack(_ blank: String, to account: String, _ entry: JournalEntry, _ at: Stamp) throws {
        let good = try session.row(
            "SELECT attempt, production FROM attempt WHERE blank = ? AND state = 'produced'", [.text(blank)])
        if account == Account.good.rawValue, entry.body["first"] != nil, good == nil {
            throw rule("This card is no good document.", blank)
        }
        guard account == Account.destroyed.rawValue, let good else { return }
        let parcel = try session.row("SELECT stopped FROM parcel WHERE blank = ?", [.text(blank)])
        let isRecall = parcel == nil || parcel?.optionalText("stopped") == "recall"
        let reason = SQLValue.text(isRecall ? "recall.destroyed" : "return.destroyed")
        try session.later(
            "UPDATE attempt SET state = 'voided', reason = ? WHERE attempt = ?",
            [reason, .text(try good.text("attempt"))])
        try session.later(
            "UPDATE production SET state = 'held', reason = ?, since = ? WHERE production = ?",
            [reason, .integer(at.wall), .text(try good.text("production"))])
    }

    /// Accounts of blanks that a shift answers for and hands on.
    static let onLine: Set<String> = ["line", "cell", "held", "quarantine"]

    private func joinShift(_ blank: String, came: String) throws {
        try session.later(
            """
            INSERT INTO shift_blank (shift, blank, came)
            SELECT s.shift, b.blank, CAST(? AS TEXT) FROM blank b JOIN shift s ON s.line = b.line AND s.closed IS NULL
            WHERE b.blank = ? AND b.account IN ('line','cell','held','quarantine') ON CONFLICT DO NOTHING
            """, [.text(came), .text(blank)])
    }

    /// Blanks of a held lot are not issued, loaded or fed.
    func lotStands(_ blank: String) throws {
        let held = try session.row(
            """
            SELECT l.lot, l.hold FROM blank b JOIN lot l ON l.stock = b.stock AND l.lot = b.lot
            WHERE b.blank = ? AND l.hold IS NOT NULL
            """, [.text(blank)])
        if let held {
            throw SakkError(
                "stock.lot.held", source: source, subject: blank,
                text: "The blank's lot \(try held.text("lot")) is held: \(try held.text("hold")).",
                remedy: "Take its blanks out (sakk stock return) and others in, or let two people release the lot "
                    + "(sakk stock release-lot).")
        }
    }

    /// Blanks are fed in the order in which they were laid in, whatever their serials are.
    private func layBehind(_ blank: String) throws {
        try session.later(
            """
            UPDATE blank SET ordinal = (
              SELECT MAX(o.ordinal) + 1 FROM blank o
              WHERE o.line = blank.line AND o.hopper = blank.hopper AND o.account = 'line' AND o.blank <> blank.blank)
            WHERE blank = ? AND ordinal <= (
              SELECT COALESCE(MAX(o.ordinal), -1) FROM blank o
              WHERE o.line = blank.line AND o.hopper = blank.hopper AND o.account = 'line' AND o.blank <> blank.blank)
            """, [.text(blank)])
    }

    func two(_ entry: JournalEntry) throws {
        let names = [try entry.text("first"), try entry.text("second")].map(TwoPeople.plain)
        guard names.allSatisfy({ !$0.isEmpty }), names[0] != names[1] else {
            throw rule("This needs two different people.", try entry.subject(0))
        }
    }

    private func custody(_ blank: String, _ entry: JournalEntry, _ at: Stamp) throws {
        let person = try entry.text("person")
        let place = try entry.text("place")
        guard !TwoPeople.plain(person).isEmpty, !TwoPeople.plain(place).isEmpty else {
            throw rule("Custody needs a person and a place.", blank)
        }
        try one(
            """
            INSERT INTO custody (blank, person, place, since)
            SELECT blank, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT) FROM blank
            WHERE blank = ? AND account IN ('line','cell','held','quarantine')
            ON CONFLICT (blank) DO UPDATE SET person = excluded.person, place = excluded.place, since = excluded.since
            """, [.text(person), .text(place), .integer(at.wall), .text(blank)],
            else: "Only a card of the line is taken into custody.", blank)
    }

    // MARK: lots, supplies and destruction

    /// A lot that was held by name before it came stays held; a part that comes later adds to it.
    private func receiveLot(_ entry: JournalEntry, _ at: Stamp) throws {
        try one(
            """
            INSERT INTO lot (stock, lot, chip_lot, transport_key, category, engraved, count, manifest, received)
            VALUES (?,?,?,?,?,?,?,?,?)
            ON CONFLICT (stock, lot) DO UPDATE SET chip_lot = excluded.chip_lot,
              transport_key = excluded.transport_key, category = excluded.category, engraved = excluded.engraved,
              count = lot.count + excluded.count, manifest = excluded.manifest
            WHERE lot.manifest IS NULL OR lot.manifest = excluded.manifest
            """,
            [
                .text(try entry.subject(0)), .text(try entry.subject(1)), .optional(entry.body["chip_lot"]?.string),
                .optional(entry.body["transport_key"]?.string), .optional(entry.body["category"]?.string),
                .flag(entry.body["engraved"] == .bool(true)), .integer(try entry.integer("count")),
                .blob(try entry.hex("manifest")), .integer(at.wall),
            ], else: "The lot has another manifest.", try entry.subject(1))
    }

    private func certify(_ entry: JournalEntry, _ at: Stamp) throws {
        try two(entry)
        let certificate = SQLValue.text(try entry.subject(0))
        let items = entry.subjects.dropFirst()
        guard try entry.integer("count") == items.count else {
            throw rule("The certificate's count is not that of its list.", try entry.subject(0))
        }
        try session.later(
            """
            INSERT INTO destruction (certificate, first, second, method, place, count, wall) VALUES (?,?,?,?,?,?,?)
            """,
            [
                certificate, .text(try entry.text("first")), .text(try entry.text("second")),
                .text(try entry.text("method")), .text(try entry.text("place")), .count(items.count), .integer(at.wall),
            ])
        for item in items {
            try session.later(
                "INSERT INTO destroyed_item (item, certificate, done) VALUES (?,?,0)", [.text(item), certificate])
        }
    }

    private func strike(_ item: String, _ certificate: String) throws {
        try one(
            "UPDATE destroyed_item SET done = 1 WHERE item = ? AND certificate = ? AND done = 0",
            [.text(item), .text(certificate)], else: "The certificate does not list this.", item)
    }

    private func receiveSupply(_ entry: JournalEntry, _ at: Stamp) throws {
        let supply = try entry.subject(0)
        try session.later(
            "INSERT INTO consumable (consumable, kind, part, lot, capacity, account) VALUES (?,?,?,?,?,'vault')",
            [
                .text(supply), .text(try entry.text("kind")), .text(try entry.text("part")),
                .text(try entry.text("lot")), .integer(try entry.integer("capacity")),
            ])
        try supplyMovement(supply, from: nil, to: "vault", reason: "received", at)
    }

    private func moveSupply(_ entry: JournalEntry, _ at: Stamp) throws {
        let supply = try entry.subject(0)
        let from = try entry.text("from")
        let to = try entry.text("to")
        if to == "destroyed" { try strike(supply, try entry.text("certificate")) }
        try one(
            "UPDATE consumable SET account = ?, line = ?, cell = ? WHERE consumable = ? AND account = ?",
            [
                .text(to), .optional(entry.body["line"]?.string), .optional(entry.body["cell"]?.string), .text(supply),
                .text(from),
            ], else: "The supply is not in account \(from).", supply)
        if from == "mounted" {
            try session.later(
                "UPDATE mounting SET ended = ? WHERE consumable = ? AND ended IS NULL",
                [.integer(at.wall), .text(supply)])
        }
        if to == "mounted" {
            try session.later(
                "INSERT INTO mounting (consumable, line, cell, since) VALUES (?,?,?,?)",
                [.text(supply), .text(try entry.text("line")), .text(try entry.text("cell")), .integer(at.wall)])
        }
        try supplyMovement(supply, from: from, to: to, reason: try entry.text("reason"), at)
    }

    private func supplyMovement(_ supply: String, from: String?, to: String, reason: String, _ at: Stamp) throws {
        try session.later(
            """
            INSERT INTO consumable_movement (log, seq, consumable, from_account, to_account, reason, wall)
            VALUES (?,?,?,?,?,?,?)
            """,
            [
                .text(at.log), .integer(at.seq), .text(supply), .optional(from), .text(to), .text(reason),
                .integer(at.wall),
            ])
    }
}
