public import Ground

extension Books {
    /// Opens a shift of a line; everything in the line's hands is carried in.
    ///
    /// Errors: `shift.open` while another shift of this line is open, `shift.known` for a shift that was closed before.
    /// - Parameter cells: the cells of the line's file; each is counted at the end, also one that nothing lies in.
    public func openShift(
        _ line: LineID, day: FactoryDay, name: String, cells: [CellID] = [], by person: String
    ) async throws(SakkError) -> ShiftID {
        let shift = ShiftID(line, day: day, name: name)
        guard ![name, person].contains(where: { TwoPeople.plain($0).isEmpty }), !name.contains("/") else {
            throw shiftError("shift.name", "A shift needs a name without slash and a person.", "Give both.", shift)
        }
        try await plant(line) { books in
            let open = try books.session.row(
                "SELECT shift FROM shift WHERE line = ? AND closed IS NULL", [.text(line.rawValue)])
            if let open {
                throw self.shiftError(
                    "shift.open", "Shift \(try open.text("shift")) of this line is open.", "Close it first.", shift)
            }
            let known = try books.session.row("SELECT 1 AS n FROM shift WHERE shift = ?", [.text(shift.rawValue)])
            guard known == nil else {
                throw self.shiftError("shift.known", "This shift was closed before.", "Take another name.", shift)
            }
            let carried = try books.session.row(
                """
                SELECT COUNT(*) AS n FROM blank WHERE line = ? AND account IN ('line','cell','held','quarantine')
                """, [.text(line.rawValue)])
            let entry = JournalEntry(
                "shift.opened", [shift.rawValue, line.rawValue],
                [
                    "factory_day": .string(day.description), "name": .string(name), "person": .string(person),
                    "carried_in": .count(try carried?.count("n") ?? 0),
                    "cells": .array(cells.map { .string($0.rawValue) }),
                ])
            try books.append([entry], to: .vault, epoch: 0, actor: person)
        }
        return shift
    }

    /// Puts down what a person counted. Nothing of what the books expect comes back: see `ShiftComparisonQuery`, which
    /// answers once every cell was counted. A second count of a cell is another person's (`shift.count.same`).
    public func countShift(_ count: ShiftCount) async throws(SakkError) {
        let places = CountedPlace.allCases
        guard places.allSatisfy({ (0...100_000).contains(count.counts[$0]) }), !TwoPeople.plain(count.person).isEmpty,
            !count.cell.rawValue.isEmpty
        else {
            throw shiftError(
                "shift.count.value", "A count is a number from 0 by a named person.", "Count again.", count.shift)
        }
        let line = try await read(ShiftStateQuery(count.shift)).line
        try await plant(line) { books in
            let shift = ShiftBooks(books: BooksReader(session: books.session, source: books.source))
            _ = try shift.open(count.shift)
            let cells = try shift.cells(count.shift, line)
            guard cells.contains(count.cell) else {
                throw self.shiftError(
                    "shift.cell.unknown", "Line \(line) has no cell \(count.cell).",
                    "Its cells: \(cells.map(\.rawValue).joined(separator: ", ")).", count.shift)
            }
            let expected = try shift.expected(count.shift, line)[count.cell] ?? PlaceCounts()
            var body: [String: JSONValue] = [
                "person": .string(count.person),
                "number": .count((try shift.last(count.shift)[count.cell]?.number ?? 0) + 1),
            ]
            for place in places {
                body[place.rawValue] = .count(count.counts[place])
                body["\(place.rawValue)_expected"] = .count(expected[place])
            }
            let entry = JournalEntry("shift.counted", [count.shift.rawValue, count.cell.rawValue], body)
            try books.append([entry], to: .vault, epoch: 0, actor: count.person)
        }
    }

    /// Puts down the ribbons and films that a person found at the line: mounted, spent, or waiting there. As blind as
    /// the count of the cards.
    public func countSupplies(_ shift: ShiftID, seen: [ConsumableID], by person: String) async throws(SakkError) {
        guard Set(seen).count == seen.count, !TwoPeople.plain(person).isEmpty,
            seen.allSatisfy({ !$0.rawValue.contains(" ") })
        else {
            throw shiftError(
                "shift.count.value", "A ribbon or film is named once, by a named person.", "Count again.", shift)
        }
        let line = try await read(ShiftStateQuery(shift)).line
        try await plant(line) { books in
            let reader = ShiftBooks(books: BooksReader(session: books.session, source: books.source))
            _ = try reader.open(shift)
            let entry = JournalEntry(
                "shift.supplies", [shift.rawValue],
                [
                    "person": .string(person), "number": .count((try reader.supplies(shift)?.number ?? 0) + 1),
                    "seen": .array(seen.map(\.rawValue).sorted().map { .string($0) }),
                    "expected": .array(try reader.suppliesHere(line).map { .string($0.id.rawValue) }),
                ])
            try books.append([entry], to: .vault, epoch: 0, actor: person)
        }
    }

    /// Closes a shift on what was counted; every difference is a named card or the shift stays open.
    ///
    /// Errors: `shift.count.first`, `shift.count.stale` (a card moved after the count), `shift.count.differs`,
    /// `shift.card.unnamed`, `shift.card.elsewhere`, `shift.incident`.
    public func closeShift(_ closing: ShiftClosing, by person: String) async throws(SakkError) -> ShiftBalance {
        let line = try await read(ShiftStateQuery(closing.shift)).line
        return try await plant(line) { books in
            let reader = BooksReader(session: books.session, source: books.source)
            let shift = ShiftBooks(books: reader)
            let state = try shift.open(closing.shift)
            let closer = ShiftCloser(shift: shift, closing: closing, state: state)
            let cards = try closer.check()
            let supplies = try closer.missingSupplies()
            try closer.demandIncident(cards.missing.count + supplies.count)
            var entries = supplies.map { supply, account in
                StockChange.consumableMoved(
                    supply, from: account, to: .missing, line: nil, cell: nil, reason: "shift.missing",
                    certificate: nil
                ).entry
            }
            for card in cards.missing {
                entries.append(
                    BooksWriter.moved(card.blank.rawValue, from: card.account, to: .missing, reason: "shift.missing"))
            }
            for card in closing.carried {
                entries.append(
                    StockChange.custody(card.blank, person: card.person, place: card.place).entry)
            }
            try books.append(entries, to: .vault, epoch: 0, actor: person)
            let balance = try shift.balance(closing.shift, state)
            var body: [String: JSONValue] = [
                "person": .string(person), "taken": .count(balance.taken), "incident": .optional(closing.incident),
                "supplies_missing": .array(supplies.map { .string($0.0.rawValue) }),
            ]
            for fate in ShiftFate.allCases { body[fate.rawValue] = .count(balance[fate]) }
            if let people = closing.people { body.merge(StockChange.people(people)) { $1 } }
            let entry = JournalEntry("shift.closed", [closing.shift.rawValue], body)
            try books.append([entry], to: .vault, epoch: 0, actor: person)
            return balance
        }
    }

    /// One transaction at the vault's log in which no card of the line moves.
    func plant<Value: Sendable>(
        _ line: LineID, _ body: @escaping @Sendable (BooksWriter) throws -> Value
    ) async throws(SakkError) -> Value {
        try await write { books in
            try books.ensure(LogID(line))
            _ = try books.epoch(of: LogID(line))
            try books.ensure(.vault)
            _ = try books.epoch(of: .vault)
            return try body(books)
        }
    }

    func shiftError(_ code: SakkError.Code, _ text: String, _ remedy: String, _ shift: ShiftID) -> SakkError {
        SakkError(code, source: store.source, subject: shift.rawValue, text: text, remedy: remedy)
    }
}

/// Judges whether a shift may be closed.
struct ShiftCloser {
    let shift: ShiftBooks
    let closing: ShiftClosing
    let state: ShiftBooks.State

    func check() throws -> (missing: [ShiftBooks.Card], carried: [ShiftBooks.Card]) {
        let last = try shift.counted(closing.shift, state.line)
        let expected = try shift.expected(closing.shift, state.line)
        let wanted = closing.missing
        guard Set(wanted).count == wanted.count, Set(closing.carried.map(\.blank)).count == closing.carried.count else {
            throw error("shift.card.twice", "A card is named twice.", "Name each card once.")
        }
        let here = try shift.cards(
            closing.shift, state.line, where: "b.account IN ('line','cell','good','spoiled','held','quarantine')")
        let byID = Dictionary(uniqueKeysWithValues: here.map { ($0.blank, $0) })
        let missing = try wanted.map { blank in
            guard let card = byID[blank] else { throw elsewhere(blank) }
            return card
        }
        for (cell, count) in last.sorted(by: { $0.key < $1.key }) {
            let now = expected[cell] ?? PlaceCounts()
            guard count.expected == now else {
                throw error(
                    "shift.count.stale", "Cards of cell \(cell) moved after they were counted.", "Count the cell again."
                )
            }
            for place in CountedPlace.allCases {
                let gone = missing.count { $0.cell == cell && $0.place == place }
                guard count.counted[place] + gone == now[place] else {
                    throw error(
                        "shift.count.differs",
                        "Cell \(cell), \(place.rawValue): \(count.counted[place]) counted and \(gone) named as missing, "
                            + "the books hold \(now[place]).",
                        "Find the cards and name each, or let somebody else count again.")
                }
            }
        }
        let carried = try name(here, except: Set(wanted))
        return (missing, carried)
    }

    /// What is missing has a story and two people.
    func demandIncident(_ missing: Int) throws {
        guard missing == 0 || (closing.people != nil && !TwoPeople.plain(closing.incident ?? "").isEmpty) else {
            throw error(
                "shift.incident", "Missing: \(missing).",
                "Say what happened (--incident) and give the names of two people (--first, --second).")
        }
    }

    /// Ribbons and films that are named as missing, with the account in which the books have them.
    func missingSupplies() throws -> [(ConsumableID, Consumable.Account)] {
        let wanted = Set(closing.missingSupplies)
        let here = try shift.suppliesHere(state.line)
        guard let count = try shift.supplies(closing.shift) else { return [] }
        guard count.expected == here.map(\.id) else {
            throw error("shift.count.stale", "Ribbons or films moved after they were counted.", "Count them again.")
        }
        let known = Set(count.expected)
        let extra = Set(count.seen).subtracting(known)
        guard extra.isEmpty else {
            throw error(
                "shift.supply.extra", "Found, and not at this line in the books: \(ShiftCloser.names(extra)).",
                "Find out where it comes from (sakk stock report), and count again.")
        }
        let gone = known.subtracting(count.seen)
        guard gone == wanted else {
            throw error(
                "shift.count.differs",
                "Not found: \(ShiftCloser.names(gone)); named as missing: \(ShiftCloser.names(wanted)).",
                "Find them, name each (--missing), or let somebody else count again.")
        }
        return here.filter { gone.contains($0.id) }.map { ($0.id, $0.account) }
    }

    private static func names(_ supplies: Set<ConsumableID>) -> String {
        supplies.isEmpty ? "none" : supplies.map(\.rawValue).sorted().joined(separator: ", ")
    }

    private func name(_ here: [ShiftBooks.Card], except missing: Set<BlankID>) throws -> [ShiftBooks.Card] {
        let toName = here.filter { $0.mustBeNamed && !missing.contains($0.blank) }
        let named = Dictionary(uniqueKeysWithValues: closing.carried.map { ($0.blank, $0) })
        if let stray = named.keys.sorted().first(where: { blank in !toName.contains { $0.blank == blank } }) {
            throw elsewhere(stray)
        }
        let unnamed = toName.filter { card in
            guard let name = named[card.blank] else { return true }
            return TwoPeople.plain(name.person).isEmpty || TwoPeople.plain(name.place).isEmpty
        }
        guard unnamed.isEmpty else {
            let names = unnamed.prefix(20).map { "\($0.blank) (\($0.account.rawValue))" }.joined(separator: ", ")
            throw error(
                "shift.card.unnamed", "Handed on without a person and a place: \(names).",
                "Name each card that is in a cell, held or in quarantine, and each blank that lies in no hopper "
                    + "(--carried BLANK=PERSON@PLACE).")
        }
        return toName
    }

    private func elsewhere(_ blank: BlankID) -> SakkError {
        error(
            "shift.card.elsewhere", "\(blank) is not among the cards that can be named so.",
            "See `sakk shift report` for the cards that must be named.")
    }

    private func error(_ code: SakkError.Code, _ text: String, _ remedy: String) -> SakkError {
        SakkError(code, source: shift.books.source, subject: closing.shift.rawValue, text: text, remedy: remedy)
    }
}
