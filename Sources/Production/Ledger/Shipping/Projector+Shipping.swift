import Ground

extension Projector {
    func shipping(_ entry: JournalEntry, _ at: Stamp) throws {
        switch entry.kind {
        case "parcel.released": try release(entry, at)
        case "parcel.labelled": try label(entry, at)
        case "parcel.enveloped":
            try one(
                """
                UPDATE parcel SET envelope = ?, state = 'enveloped', since = ? WHERE production = ? AND state = 'released'
                  AND stopped IS NULL AND EXISTS (SELECT 1 FROM parcel_label l
                    WHERE l.number = ? AND l.production = parcel.production AND l.void = 0)
                """,
                [
                    .text(try entry.subject(1)), .integer(at.wall), .text(try entry.subject(0)),
                    .text(try entry.subject(1)),
                ], else: "Document and envelope do not belong together, or it may not go on.", try entry.subject(0))
        case _ where entry.kind.hasPrefix("container."): try container(entry, at)
        case "numbers.doubted":
            try session.later(
                "INSERT INTO number_doubt (generation, wall) VALUES (?,?)",
                [.integer(try entry.integer("generation")), .integer(at.wall)])
        case "numbers.confirmed": try confirm(entry)
        case "document.remade": try remake(entry, at)
        case "scan.refused":
            try session.later(
                "INSERT INTO scan_refused (log, seq, act, code, items, actor, wall) VALUES (?,?,?,?,?,?,?)",
                [
                    .text(at.log), .integer(at.seq), .text(try entry.text("act")), .text(try entry.text("code")),
                    .text(entry.subjects.joined(separator: " ")), .text(try entry.text("actor")), .integer(at.wall),
                ])
        default: try handover(entry, at)
        }
    }

    // MARK: numbers

    /// Serials of a range only grow: none is given out twice, by whatever controller.
    private func use(_ entry: JournalEntry) throws {
        let range = try entry.text("range")
        let doubt = try session.row("SELECT MAX(generation) AS n FROM number_doubt")?.optionalInteger("n") ?? 0
        let row = try session.row("SELECT generation FROM number_range WHERE range = ?", [.text(range)])
        guard try row?.integer("generation") ?? 0 >= doubt else {
            throw SakkError(
                "shipping.numbers.restored", source: source, subject: range,
                text: "The ledger was restored: which numbers of this range were given out since is not known.",
                remedy: "Find the last number that was printed, and let two people say it (sakk dispatch numbers).")
        }
        let changed = try session.execute(
            """
            INSERT INTO number_range (range, last, generation) VALUES (?,?,?)
            ON CONFLICT (range) DO UPDATE SET last = excluded.last WHERE number_range.last < excluded.last
            """, [.text(range), .integer(try entry.integer("serial")), .integer(doubt)])
        guard changed == 1 else {
            throw SakkError(
                "shipping.number.used", source: source, subject: range,
                text: "A number of this range that is not behind the last one was to be given out.",
                remedy: "Take the next number; call the engineer if it comes again.")
        }
    }

    private func confirm(_ entry: JournalEntry) throws {
        try two(entry)
        let doubt = try session.row("SELECT MAX(generation) AS n FROM number_doubt")?.optionalInteger("n") ?? 0
        try one(
            """
            INSERT INTO number_range (range, last, generation) VALUES (?,?,?)
            ON CONFLICT (range) DO UPDATE SET last = excluded.last, generation = excluded.generation
              WHERE number_range.last <= excluded.last
            """, [.text(try entry.subject(0)), .integer(try entry.integer("last")), .integer(doubt)],
            else: "The books know a later number of this range.", try entry.subject(0))
    }

    // MARK: packing

    /// Only what is produced, lies in the good box and was not taken back.
    private func release(_ entry: JournalEntry, _ at: Stamp) throws {
        let production = try entry.subject(0)
        let blank = try entry.subject(1)
        let words = try words(about: production)
        if let reason = words.stopped {
            throw SakkError(
                "shipping.document.stopped", source: source, subject: blank,
                text: "The approval was taken back: \(reason).",
                remedy: "Take it out and give it to the custodian; it may not go on.")
        }
        guard !words.isHeld else {
            throw SakkError(
                "shipping.document.stopped", source: source, subject: blank, text: "A person holds the record.",
                remedy:
                    "Leave it where it is until the hold is lifted (sakk queue release), or recall it (sakk recall).")
        }
        let good = try session.row(
            """
            SELECT p.batch FROM production p JOIN attempt a ON a.production = p.production AND a.state = 'produced'
            JOIN blank b ON b.blank = a.blank AND b.account = 'good'
            WHERE p.production = ? AND p.state = 'produced' AND a.blank = ?
            """, [.text(production), .text(blank)])
        guard let good else { throw rule("This is no good document of the good box.", blank) }
        try session.later(
            "INSERT INTO parcel_mark (blank, production) VALUES (?,?)", [.text(blank), .text(production)])
        // the document that was destroyed before, or given up before two people, and is made again
        try one(
            """
            INSERT INTO parcel (production, blank, batch, route, region, place, state, custodian_kind, attempts,
              code_failures, since) VALUES (?,?,?,?,?,?,'released','plant',0,0,?)
            ON CONFLICT (production) DO UPDATE SET blank = excluded.blank, route = excluded.route,
              region = excluded.region, place = excluded.place, state = 'released', custodian_kind = 'plant',
              custodian = NULL, custodian_place = NULL, attempts = 0, envelope = NULL, stopped = NULL,
              code_expires = NULL, code_failures = 0, since = excluded.since WHERE parcel.state = 'destroyed'
              OR EXISTS (SELECT 1 FROM document_remake m WHERE m.blank = parcel.blank)
            """,
            [
                .text(production), .text(blank), .text(try good.text("batch")), .text(try entry.text("route")),
                .text(try entry.text("region")), .text(try entry.text("place")), .integer(at.wall),
            ], else: "The document is on its way already.", production)
        try session.later("UPDATE parcel_label SET void = 1 WHERE production = ? AND void = 0", [.text(production)])
    }

    private func label(_ entry: JournalEntry, _ at: Stamp) throws {
        let production = SQLValue.text(try entry.subject(0))
        try use(entry)
        try session.later("UPDATE parcel_label SET void = 1 WHERE production = ? AND void = 0", [production])
        try session.later(
            "INSERT INTO parcel_label (number, production, void) VALUES (?,?,0)",
            [.text(try entry.subject(1)), production])
        try one(
            """
            UPDATE parcel SET envelope = NULL, state = 'released', since = ?
            WHERE production = ? AND state IN ('released','enveloped') AND stopped IS NULL
            """, [.integer(at.wall), production], else: "No label is printed for this document now.",
            try entry.subject(0))
    }

    private func container(_ entry: JournalEntry, _ at: Stamp) throws {
        let number = try entry.subject(0)
        let name = SQLValue.text(number)
        switch entry.kind {
        case "container.opened":
            try use(entry)
            try session.later(
                "INSERT INTO container (number, kind, route, region, place, state, since) VALUES (?,?,?,?,?,'open',?)",
                [
                    name, .text(try entry.text("kind")), .text(try entry.text("route")),
                    .optional(entry.body["region"]?.string), .optional(entry.body["place"]?.string), .integer(at.wall),
                ])
        case "container.put": try put(entry, at)
        case "container.taken":
            let item = SQLValue.text(try entry.subject(1))
            let isOpen = "AND EXISTS (SELECT 1 FROM container o WHERE o.number = ? AND o.state = 'open')"
            try one(
                try entry.text("item") == "envelope"
                    ? """
                    UPDATE parcel SET container = NULL, state = 'enveloped', since = ?
                    WHERE envelope = ? AND container = ? AND state = 'boxed' \(isOpen)
                    """
                    : """
                    UPDATE container SET inside = NULL, inside_kind = NULL, since = ?
                    WHERE number = ? AND inside = ? \(isOpen)
                    """, [.integer(at.wall), item, name, name], else: "It does not lie there, or that is closed.",
                try entry.subject(1))
        case "container.closed":
            let lies = try session.row(
                """
                SELECT (SELECT COUNT(*) FROM parcel p WHERE p.container = ?) +
                  (SELECT COUNT(*) FROM container c WHERE c.inside = ?) AS n
                """, [name, name])
            guard try lies?.integer("n") == entry.integer("count"), try entry.integer("count") > 0 else {
                throw rule("The count is not what lies in it.", number)
            }
            try one(
                "UPDATE container SET state = 'closed', count = ?, contents = ?, since = ? WHERE number = ? AND state = 'open'",
                [
                    .integer(try entry.integer("count")), .blob(try entry.hex("contents")), .integer(at.wall), name,
                ], else: "It is not open.", number)
        case "container.sealed":
            try session.later(
                "INSERT INTO seal (seal, container) VALUES (?,?)", [.text(try entry.text("seal")), name])
            try one(
                "UPDATE container SET state = 'sealed', seal = ?, since = ? WHERE number = ? AND state = 'closed'",
                [.text(try entry.text("seal")), .integer(at.wall), name], else: "It is not closed.", number)
        case "container.reopened":
            try two(entry)
            try one(
                """
                UPDATE container SET state = 'open', seal = NULL, since = ?
                WHERE number = ? AND state IN ('closed','sealed') AND inside IS NULL
                """, [.integer(at.wall), name], else: "It is open, on its way, or lies in another.", number)
        case "container.dispatched": try dispatch(entry, at)
        default:
            try one(
                "UPDATE container SET state = 'arrived', since = ? WHERE number = ? AND state = 'dispatched'",
                [.integer(at.wall), name], else: "It is not on its way.", number)
        }
    }

    /// What lies in a container goes where the container goes.
    private func put(_ entry: JournalEntry, _ at: Stamp) throws {
        let outer = SQLValue.text(try entry.subject(0))
        let item = SQLValue.text(try entry.subject(1))
        let fits = """
            o.number = ? AND o.state = 'open' AND o.route = i.route AND (o.region IS NULL OR o.region = i.region)
              AND (o.place IS NULL OR o.place = i.place)
            """
        if try entry.text("item") == "envelope" {
            try one(
                """
                UPDATE parcel SET container = ?, state = 'boxed', since = ?
                WHERE envelope = ? AND state = 'enveloped' AND stopped IS NULL AND EXISTS
                  (SELECT 1 FROM container o, parcel i WHERE i.production = parcel.production AND o.kind = 'box' AND \(fits))
                """, [outer, .integer(at.wall), item, outer],
                else: "It lies elsewhere, goes another way, or may not go on.", try entry.subject(1))
        } else {
            try one(
                """
                UPDATE container SET inside = ?, since = ?,
                  inside_kind = (SELECT kind FROM container k WHERE k.number = ?)
                WHERE number = ? AND inside IS NULL AND state IN ('closed','sealed') AND EXISTS
                  (SELECT 1 FROM container o, container i WHERE i.number = container.number AND \(fits))
                """, [outer, .integer(at.wall), outer, item, outer],
                else: "It lies elsewhere, is open, or goes another way.", try entry.subject(1))
        }
    }

    private func dispatch(_ entry: JournalEntry, _ at: Stamp) throws {
        let number = try entry.subject(0)
        let name = SQLValue.text(number)
        let boxes = """
            SELECT box.number FROM container box JOIN container bag ON bag.number = box.inside WHERE bag.inside = ?
            """
        let stopped = try session.row(
            "SELECT 1 FROM parcel WHERE stopped IS NOT NULL AND container IN (\(boxes)) LIMIT 1", [name])
        guard stopped == nil else { throw rule("A document in it may not go on.", number) }
        try one(
            """
            UPDATE container SET state = 'dispatched', carrier = ?, since = ?
            WHERE number = ? AND kind = 'consignment' AND state = 'closed'
            """, [.text(try entry.text("carrier")), .integer(at.wall), name], else: "It is no closed consignment.",
            number)
        try session.later(
            "UPDATE container SET state = 'dispatched', since = ? WHERE number IN (\(boxes)) OR inside = ?",
            [.integer(at.wall), name, name])
        try session.later(
            """
            UPDATE parcel SET state = 'dispatched', custodian_kind = 'carrier', custodian = ?, since = ?
            WHERE container IN (\(boxes))
            """, [.text(try entry.text("carrier")), .integer(at.wall), name])
    }
}
