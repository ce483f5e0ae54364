import Ground

extension Projector {
    func handover(_ entry: JournalEntry, _ at: Stamp) throws {
        let production = try entry.subject(0)
        switch entry.kind {
        case "parcel.received":
            try parcel(
                entry, at, from: "'dispatched'",
                set: "state = 'at_place', container = NULL, custodian_kind = 'place', custodian = ?",
                [.text(try entry.text("place"))],
                and: "EXISTS (SELECT 1 FROM container b WHERE b.number = parcel.container AND b.state = 'arrived')")
        case "parcel.out":
            try parcel(
                entry, at, from: "'at_place'", set: "state = 'with_courier', custodian_kind = 'courier', custodian = ?",
                [.text(try entry.text("courier"))], and: "stopped IS NULL")
        case "parcel.code":
            try parcel(
                entry, at, from: "'dispatched','at_place','with_courier'", set: "code_expires = ?, code_failures = 0",
                [.integer(try entry.integer("expires"))], and: "stopped IS NULL")
        case "parcel.code.failed":
            try parcel(
                entry, at, from: "'at_place','with_courier'", set: "code_failures = code_failures + 1", [],
                and: "code_expires IS NOT NULL")
        case "parcel.failed":
            try parcel(
                entry, at, from: "'with_courier'",
                set: "state = 'at_place', attempts = attempts + 1, custodian_kind = 'place', custodian = ?",
                [.text(try entry.text("place"))])
        case "parcel.delivered":
            try parcel(
                entry, at, from: "'at_place','with_courier'",
                set: """
                    state = 'delivered', proof = ?, custodian_kind = 'holder', custodian = NULL, custodian_place = NULL,
                    code_expires = NULL
                    """, [.text(try entry.text("proof"))], and: "stopped IS NULL")
            try notice(production, "active", at)
        case "parcel.returned":
            try withPerson(
                entry, at, from: "'released','enveloped','dispatched','at_place','with_courier'", to: "returned")
            try notice(production, "suspended", at)
        case "parcel.lost":
            try two(entry)
            guard !TwoPeople.plain(try entry.text("incident")).isEmpty else {
                throw rule("A loss needs an incident.", production)
            }
            // who had it last stays named
            try parcel(
                entry, at,
                from: "'released','enveloped','dispatched','at_place','with_courier','returned','withdrawn'",
                set: "state = 'lost', container = NULL, code_expires = NULL", [])
            try notice(production, "lost", at)
        case "parcel.found":
            try withPerson(entry, at, from: "'lost'", to: "returned")
            try notice(production, "suspended", at)
        case "parcel.aside":
            try withPerson(
                entry, at, from: "'released','enveloped','returned'", to: "withdrawn", and: "stopped IS NOT NULL")
        default: try reroute(entry, at)
        }
    }

    private func parcel(
        _ entry: JournalEntry, _ at: Stamp, from states: String, set change: String, _ arguments: [SQLValue],
        and condition: String = "1 = 1"
    ) throws {
        try one(
            "UPDATE parcel SET \(change), since = ? WHERE production = ? AND state IN (\(states)) AND \(condition)",
            arguments + [.integer(at.wall), .text(try entry.subject(0))],
            else: "The parcel is not where this can be done with it.", try entry.subject(0))
    }

    private func withPerson(
        _ entry: JournalEntry, _ at: Stamp, from states: String, to state: String, and condition: String = "1 = 1"
    ) throws {
        let person = try entry.text("person")
        let place = try entry.text("place")
        guard !TwoPeople.plain(person).isEmpty, !TwoPeople.plain(place).isEmpty else {
            throw rule("Custody needs a person and a place.", try entry.subject(0))
        }
        try parcel(
            entry, at, from: states,
            set: """
                state = '\(state)', container = NULL, code_expires = NULL, custodian_kind = 'person', custodian = ?,
                custodian_place = ?
                """, [.text(person), .text(place)], and: condition)
    }

    /// Goes out once more, under a new label. Not a document whose number was told to the authority as void.
    private func reroute(_ entry: JournalEntry, _ at: Stamp) throws {
        try two(entry)
        try parcel(
            entry, at, from: "'returned'",
            set: """
                state = 'released', route = ?, region = ?, place = ?, envelope = NULL, attempts = 0,
                custodian_kind = 'plant', custodian = NULL, custodian_place = NULL, code_failures = 0
                """,
            [.text(try entry.text("route")), .text(try entry.text("region")), .text(try entry.text("place"))],
            and: "stopped IS NULL AND NOT EXISTS (SELECT 1 FROM void_number v WHERE v.blank = parcel.blank)")
        try session.later(
            "UPDATE parcel_label SET void = 1 WHERE production = ? AND void = 0", [.text(try entry.subject(0))])
    }

    private func notice(_ production: String, _ word: String, _ at: Stamp) throws {
        try session.later(
            "INSERT INTO parcel_notice (log, seq, production, notice, wall) VALUES (?,?,?,?,?)",
            [.text(at.log), .integer(at.seq), .text(production), .text(word), .integer(at.wall)])
    }

    // MARK: what the stock and the authority do to parcels

    /// The authority took the approval back: wherever the parcel is, it goes on nowhere.
    func stopParcel(_ production: SQLValue, _ reason: SQLValue) throws {
        try session.later(
            """
            UPDATE parcel SET stopped = ? WHERE production = ? AND state NOT IN ('delivered','destroyed')
            """, [reason, production])
    }

    /// A blank with a parcel moved by an act of the stock.
    func shipping(moved blank: String, from: String, to: String, _ entry: JournalEntry, _ at: Stamp) throws {
        let name = SQLValue.text(blank)
        if from == Account.good.rawValue, to == Account.held.rawValue, entry.body["because"] != nil {
            try session.later(
                """
                UPDATE parcel SET stopped = 'recall' WHERE blank = ? AND stopped IS NULL
                  AND state NOT IN ('delivered','destroyed')
                """, [name])
        }
        if from == Account.held.rawValue, to == Account.good.rawValue {
            // faultless after all: what was set aside goes out again before two people
            try session.later(
                """
                UPDATE parcel SET stopped = NULL, state = CASE WHEN state = 'withdrawn' THEN 'returned' ELSE state END
                WHERE blank = ? AND stopped = 'recall'
                """, [name])
        }
        guard to == Account.destroyed.rawValue,
            let parcel = try session.row("SELECT production FROM parcel WHERE blank = ?", [name])
        else { return }
        let production = try parcel.text("production")
        try one(
            """
            UPDATE parcel SET state = 'destroyed', custodian_kind = 'nobody', custodian = NULL, custodian_place = NULL,
              since = ? WHERE production = ? AND state IN ('returned','withdrawn')
            """, [.integer(at.wall), .text(production)],
            else: "The document is in a box or on its way: it is set aside first.", blank)
        try notice(production, "destroyed", at)
    }
}
