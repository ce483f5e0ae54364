/// The rules, each as a sentence about books and cards.
struct Comparison {
    let books: LedgerView
    let cards: CensusView

    func breaches() -> [String] {
        everyRecordHasAtMostOneGoodDocument() + everyGoodDocumentIsThere() + everyGoodBookletBearsItsNumber()
            + nothingElseIsInTheGoodBox() + noDeadManWalks() + everyUsedCardIsKnown()
            + theCountsAgree()
    }

    private func named(_ chip: String?) -> CensusView.Card? {
        chip.flatMap { name in cards.cards.first { $0.chip.lowercased() == name.lowercased() } }
    }

    private func everyRecordHasAtMostOneGoodDocument() -> [String] {
        let good = Dictionary(grouping: books.attempts.filter { $0.state == "produced" }, by: \.production)
        var breaches = good.filter { $0.value.count > 1 }.map {
            "record \($0.key) has \($0.value.count) good documents"
        }
        let zones = Dictionary(grouping: cards.cards.filter { $0.lives && $0.mrz != nil }, by: { $0.mrz ?? "" })
        for (_, same) in zones where same.count > 1 {
            breaches.append("cards \(same.map(\.number)) hold live documents of one person")
        }
        return breaches
    }

    /// In the good box, alive, the document that was written, each panel printed once.
    private func everyGoodDocumentIsThere() -> [String] {
        var breaches: [String] = []
        for attempt in books.attempts where attempt.state == "produced" {
            guard let card = named(attempt.chip) else {
                breaches.append("attempt \(attempt.id) is good in the books, its card is nowhere")
                continue
            }
            if books.packed.contains(attempt.blank ?? "") {
                if ["good", "hopper", "machine", "reject"].contains(card.box) {
                    breaches.append("attempt \(attempt.id) was packed by the books, its card lies in \(card.place)")
                }
            } else if card.box != "good" {
                breaches.append("attempt \(attempt.id) is good in the books, its card lies in \(card.place)")
            }
            if !card.lives {
                breaches.append("attempt \(attempt.id) is good in the books, its chip holds no live document")
            }
            if let written = attempt.sodHash, card.sodHash?.lowercased() != written.lowercased() {
                breaches.append("attempt \(attempt.id): the chip holds another document than the books say")
            }
            let cardPanels = ["front.y", "front.m", "front.c", "front.k", "front.o", "back.k"]
            let wanted = card.booklet == nil ? cardPanels : ["front.k"]
            if card.panels != wanted { breaches.append("attempt \(attempt.id): the card was printed \(card.panels)") }
        }
        return breaches
    }

    /// Perforated, in the books and in the chip: one number. The zone of a TD3 has it in its second line (Doc 9303-4).
    private func everyGoodBookletBearsItsNumber() -> [String] {
        var breaches: [String] = []
        for attempt in books.attempts where attempt.state == "produced" {
            guard let card = named(attempt.chip), let number = card.booklet else { continue }
            if attempt.blank?.hasSuffix(":" + number) != true {
                breaches.append("booklet \(number) is \(attempt.blank ?? "no blank") in the books")
            }
            let written = card.mrz.map { String($0.dropFirst(44).prefix(9)) }
            if written != number { breaches.append("booklet \(number): its chip says \(written ?? "nothing")") }
        }
        return breaches
    }

    private func nothingElseIsInTheGoodBox() -> [String] {
        // a document that was withdrawn when it lay in the box waits there for its destruction
        let good = Set(
            books.attempts.filter { ["produced", "voided"].contains($0.state) }.compactMap { $0.chip?.lowercased() })
        return cards.cards.filter { $0.box == "good" && !good.contains($0.chip.lowercased()) }.map {
            "card \($0.number) lies in the good box and is not good in the books"
        }
    }

    /// A spoiled card's chip is dead, or the books say that its death is not confirmed.
    private func noDeadManWalks() -> [String] {
        var breaches: [String] = []
        for blank in books.blanks where blank.account == "spoiled" {
            guard let card = named(blank.chip), card.lives else { continue }
            let unconfirmed = books.attempts.contains { $0.blank == blank.id && $0.death == "unconfirmed" }
            if !unconfirmed { breaches.append("card \(card.number) is spoiled in the books and its document lives") }
        }
        return breaches
    }

    /// Every card that was fed is in the books, and not as a good or untouched one when it is neither.
    private func everyUsedCardIsKnown() -> [String] {
        let known = Dictionary(
            books.blanks.compactMap { blank in blank.chip.map { ($0.lowercased(), blank) } },
            uniquingKeysWith: { first, _ in first })
        return cards.used.compactMap { card in
            // a mute card is counted, it cannot be named
            guard card.answers || card.box == "shredder" else { return nil }
            guard let blank = known[card.chip.lowercased()] else {
                return card.lives || !card.panels.isEmpty ? "card \(card.number) was used and is not in the books" : nil
            }
            let boxes: [String: [String]] = [
                "good": ["good"], "reject": ["spoiled", "held", "quarantine", "missing"],
                "machine": ["cell", "held", "missing", "spoiled"], "shredder": ["destroyed"],
            ]
            let isAllowed = boxes[card.box].map { $0.contains(blank.account) } ?? (blank.account != "destroyed")
            guard !isAllowed else { return nil }
            return "card \(card.number) lies in \(card.place) and is \(blank.account) in the books"
        }
    }

    private func theCountsAgree() -> [String] {
        var breaches: [String] = []
        let untouched = books.blanks.filter { ["vault", "line"].contains($0.account) }.count
        let taken = books.blanks.count - untouched
        if taken != cards.used.count {
            breaches.append("the books took \(taken) blanks, \(cards.used.count) cards were used")
        }
        if books.openIntents > 0 { breaches.append("\(books.openIntents) acts have no known result") }
        for attempt in books.attempts where attempt.state == "unknown" {
            breaches.append("attempt \(attempt.id) is unknown")
        }
        return breaches
    }
}
