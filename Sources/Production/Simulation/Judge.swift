import Ground
import Stations

/// Compares the physical census with the books, card by card and record by record.
struct Judge {
    enum Breach { case duplicate, lost, unexplained }

    let world: World.State
    private(set) var balance = Balance()
    let reading: BooksReading
    private let documents: Int

    init(_ plant: SimulatedPlant) throws {
        try self.init(world: plant.world.look { $0 }, documents: plant.documents, books: plant.path)
    }

    init(world: World.State, documents: Int, books: String) throws {
        self.world = world
        self.documents = documents
        reading = try BooksReading(books)
    }

    private struct Blank {
        let blank: String
        let account: String
        let chip: String?
        let reason: String
        let line: String
    }

    mutating func judge() throws -> Balance {
        let places = self.places()
        let productions = try reading.rows("SELECT production, state, reason FROM production")
        let good = try reading.rows("SELECT production, chip, sod_hash FROM attempt WHERE state = 'produced'")
        let blanks = try reading.rows("SELECT blank, account, chip, reason, line FROM blank").map {
            Blank(
                blank: $0.text("blank"), account: $0.text("account"), chip: $0["chip"], reason: $0.text("reason"),
                line: $0.text("line"))
        }
        let open = try reading.count("SELECT COUNT(*) AS n FROM intent WHERE open = 1")
        let unknown = try reading.count("SELECT COUNT(*) AS n FROM attempt WHERE state = 'unknown'")
        let gaps = try reading.count(
            "SELECT COUNT(*) AS n FROM (SELECT log FROM journal GROUP BY log HAVING COUNT(*) <> MAX(seq)) AS gaps")
        if open != 0 { breach(.unexplained, "\(open) acts have no result") }
        if unknown != 0 { breach(.unexplained, "\(unknown) attempts are unknown") }
        if gaps != 0 { breach(.lost, "the journal has gaps") }
        records(productions, good, places)
        persons(places)
        acts()
        let passports = Set(world.categories.keys.map { SimulatedPlant.line($0).rawValue })
        if !passports.isEmpty { try booklets(places) }
        if passports.count < world.cells.count { cards(blanks.filter { !passports.contains($0.line) }, places) }
        balance.documents = documents
        balance.cards = world.cards.count
        for blank in blanks where ["spoiled", "destroyed"].contains(blank.account) {
            balance.spoiled[blank.reason, default: 0] += 1
        }
        return balance
    }

    mutating func breach(_ kind: Breach, _ words: String) {
        switch kind {
        case .duplicate: balance.duplicates += 1
        case .lost: balance.lost += 1
        case .unexplained: balance.unexplained += 1
        }
        balance.breaches += 1
        if balance.findings.count < 5 { balance.findings.append(words) }
    }

    enum Place: String { case hopper, good, reject, hand, drawer, destroyed, inside }

    /// Where each card lies. A card in two places is the world's own fault.
    private func places() -> [Place?] {
        var places = [Place?](repeating: nil, count: world.cards.count)
        func lay(_ cards: [Int], _ place: Place) { for card in cards { places[card - 1] = place } }
        for cell in world.cells {
            lay(cell.hopper, .hopper)
            lay(cell.good, .good)
            lay(cell.reject, .reject)
            lay(cell.hand + cell.aside, .hand)
            lay(cell.drawer, .drawer)
            lay(cell.destroyed, .destroyed)
            lay([cell.inside, cell.dragged].compactMap { $0 }, .inside)
        }
        return places
    }

    /// Each approved record is one good document in the good box, or waits with a reason.
    private mutating func records(_ rows: [BooksRow], _ good: [BooksRow], _ places: [Place?]) {
        let byChip = Dictionary(world.cards.map { ($0.chip.rawValue, $0) }) { first, _ in first }
        var producedBy: [String: [BooksRow]] = [:]
        for row in good { producedBy[row.text("production"), default: []].append(row) }
        if rows.count != documents { breach(.lost, "\(rows.count) records in the books, \(documents) were approved") }
        var expected: Set<Int> = []
        for row in rows {
            let production = row.text("production")
            let state = row.text("state")
            let reason = row["reason"]
            switch state {
            case "produced":
                balance.good += 1
                guard let attempts = producedBy[production], attempts.count == 1, let attempt = attempts.first,
                    let chip = attempt["chip"], let card = byChip[chip]
                else {
                    breach(.lost, "\(production) is produced and has no card")
                    continue
                }
                expected.insert(card.number)
                whole(card, production, places, sod: attempt.blob("sod_hash"))
            case "held":
                balance.held[reason ?? "", default: 0] += 1
                if reason?.isEmpty ?? true { breach(.lost, "\(production) is held without a reason") }
            case "queued": balance.queued += 1
            default: breach(.lost, "\(production) is \(state) at the end")
            }
        }
        for (index, place) in places.enumerated() where place == .good && !expected.contains(index + 1) {
            breach(.duplicate, "card \(index + 1) lies in a good box and is no good document")
        }
    }

    private mutating func whole(_ card: Card, _ production: String, _ places: [Place?], sod: Bytes?) {
        let person = Int(production.dropFirst(4)) ?? 0
        let mrz = SimulatedPeople.mrz(person, booklet: card.booklet?.number)
        let ink = Bytes(mrz.joined(separator: "\n").utf8)
        // person 1 is the first cell's, 2 the second one's, and so on round
        let category = world.categories[(person - 1) % world.cells.count]
        if card.booklet?.category != category {
            breach(
                .unexplained,
                "\(production): its document is a \(card.booklet?.category ?? "card"), not a \(category ?? "card")")
        }
        if places[card.number - 1] != .good {
            breach(
                .lost, "\(production): its card \(card.number) lies in \(places[card.number - 1]?.rawValue ?? "none")")
        }
        guard let document = card.document, document.mrz == mrz, document.complete, card.isLiving else {
            return breach(.lost, "\(production): its chip is not this person's, whole and alive")
        }
        if document.sodHash != sod { breach(.lost, "\(production): its chip holds another document") }
        if card.ink.count != 6 || card.ink.contains(where: { $0.pixels != ink }) {
            breach(.lost, "\(production): its print is not this person's, whole and once")
        }
    }

    /// No two living documents of one person anywhere.
    private mutating func persons(_ places: [Place?]) {
        var living: [String: Int] = [:]
        for card in world.cards where card.isLiving && card.document?.complete == true && !card.foreign {
            guard places[card.number - 1] != .destroyed, let zone = card.document?.mrz.last else { continue }
            living[zone, default: 0] += 1
        }
        for (zone, count) in living where count > 1 {
            breach(.duplicate, "\(count) living documents of \(zone)")
        }
    }

    static let accounts: [Place: Set<String>] = [
        .hopper: ["line"], .good: ["good"], .reject: ["spoiled", "held", "quarantine"],
        .hand: ["held", "quarantine", "missing"], .drawer: ["held", "quarantine", "spoiled"],
        .destroyed: ["destroyed"],
    ]

    /// Each card's place agrees with its account; cards that the books do not know by chip are compared by number.
    private mutating func cards(_ blanks: [Blank], _ places: [Place?]) {
        let known = Dictionary(blanks.compactMap { blank in blank.chip.map { ($0, blank) } }) { first, _ in first }
        var nameless: [String: Int] = [:]
        var out: [String] = []
        for card in world.cards where card.booklet == nil {
            let place = places[card.number - 1]
            if let blank = known[card.chip.rawValue] {
                let allowed = place.flatMap { Judge.accounts[$0] } ?? []
                if !allowed.contains(blank.account) {
                    breach(
                        .unexplained,
                        "card \(card.number) lies in \(place?.rawValue ?? "none"), the books say \(blank.account)")
                }
                if card.isLiving, place != .good, !["held", "quarantine", "destroyed"].contains(blank.account) {
                    breach(.duplicate, "card \(card.number) lives outside the good box")
                }
            } else {
                if card.document != nil, !card.foreign {
                    breach(.unexplained, "card \(card.number) was written to and is not in the books")
                }
                switch place {
                case .hopper: nameless["line", default: 0] += 1
                case .destroyed: nameless["destroyed", default: 0] += 1
                case .some(let place):
                    nameless["out", default: 0] += 1
                    out.append("\(card.number) \(card.answers ? "" : "mute ")in \(place.rawValue)")
                case nil: breach(.unexplained, "card \(card.number) is nowhere")
                }
            }
        }
        var rows: [String: Int] = [:]
        for blank in blanks where blank.chip == nil {
            switch blank.account {
            case "line", "destroyed": rows[blank.account, default: 0] += 1
            case "spoiled", "held", "quarantine", "missing": rows["out", default: 0] += 1
            default: breach(.unexplained, "\(blank.blank) is in account \(blank.account)")
            }
        }
        for place in ["line", "destroyed", "out"] where nameless[place] != rows[place] {
            breach(
                .unexplained,
                "\(nameless[place] ?? 0) cards without a known chip are \(place), the books have \(rows[place] ?? 0)"
                    + (place == "out" ? ": \(out.prefix(12).joined(separator: ", "))" : ""))
        }
    }
}
