import Ground
import Ledger
import Stations

extension Console {
    static let inspectors: Access = .roles([.inspector, .supervisor])

    func inspectRoutes() -> [Route] {
        [
            Route(
                "GET", "/inspect", Console.inspectors, "What waits for an inspector's eyes, and the cards in the trays"
            ) {
                [unowned self] visit throws(SakkError) in .page("inspect", try await inspection(visit))
            },
            Route(
                "POST", "/inspect/scan", Console.inspectors,
                "Selects a waiting card by the number that was scanned: blank, document, request or attempt",
                fields: ["scan"]
            ) { [unowned self] visit throws(SakkError) in
                .done(to: try await scanned(try visit.required("scan"), visit), ["said": "selected"])
            },
            Route(
                "GET", "/inspect/rates", .roles([.inspector, .supervisor, .auditor]),
                "How well inspectors see: each one the own rate, supervisor and auditor all"
            ) { [unowned self] visit throws(SakkError) in .page("rates", try await rates(visit)) },
            Route(
                "POST", "/inspect/samples", .roles([.supervisor]),
                "Takes a good document out of the good box, to be looked at",
                fields: ["blank"]
            ) { [unowned self] visit throws(SakkError) in try await sample(visit) },
            Route(
                "POST", "/inspect/seeds", .roles([.supervisor]),
                "Puts pictures with a known defect before all inspectors", fields: ["pictures", "truth"]
            ) { [unowned self] visit throws(SakkError) in try await seed(visit) },
            Route("GET", "/inspect/{item}", Console.inspectors, "One card: reference and capture side by side") {
                [unowned self] visit throws(SakkError) in try await look(visit)
            },
            Route(
                "POST", "/inspect/{item}/verdict", Console.inspectors,
                "`pass`, `reject` with a reason, or `hold`; a card lies on the desk reader, and a held one is passed with its zone",
                fields: ["verdict", "reason", "zone", "final"]
            ) { [unowned self] visit throws(SakkError) in try await judge(visit) },
            Route(
                "GET", "/inspect/{item}/{picture}", Console.inspectors, "A picture of the card",
                type: "image/*"
            ) {
                [unowned self] visit throws(SakkError) in
                let item = try await lookItem(visit.parameter("item"), visit.person)
                // pictures of the next card are fetched while this one is looked at
                try await mayLook(at: item.id, visit)
                guard let (side, kind) = LookPictures.parts(visit.parameter("picture")), kind != .annotated,
                    let reply = try await pictures(of: item)?.reply(side, kind)
                else { throw Console.unknown("picture", visit.parameter("picture")) }
                return .reply(reply)
            },
        ]
    }

    private func inspection(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let queue = try await lookQueue(visit.person)
        let pause = try await block(visit).pauseUntil
        let now = time.wall()
        let hidden = Set(
            queue.compactMap { item in
                if case .audit(let task) = item { return task.item } else { return nil }
            })
        // a sample that this person has still to look at would be known by its place in the list
        let cards = try await waitingCards().filter { !hidden.contains($0.card.attempt.rawValue) }
        return [
            "count": .integer(Int64(queue.count)), "is_none": .bool(queue.isEmpty),
            "first": pause == nil ? queue.first.map { .string($0.path) } ?? .null : .null,
            "pause": pause.map {
                [
                    "until": .integer($0.microseconds),
                    "minutes": .integer(max(1, ($0.microseconds - now.microseconds + 59_999_999) / 60_000_000)),
                    "block": .integer(settings.inspection.block / 60_000_000),
                ]
            } ?? .null,
            "cards": .array(
                cards.map { card, line in
                    guard case .object(var row) = Console.row(card, line) else { return .null }
                    row["in_hand"] = card.isFree(for: visit.by, at: now) ? .null : .string(card.holder?.person ?? "")
                    return .object(row)
                }), "has_cards": .bool(!cards.isEmpty),
        ]
    }

    private static func row(_ card: WaitingCard, _ line: LineID) -> JSONValue {
        [
            "attempt": .string(card.attempt.rawValue),
            "path": .string("/inspect/\(Address.escape(card.attempt.rawValue))"),
            "blank": .string(card.blank.rawValue), "line": .string(line.rawValue), "cell": .string(card.cell.rawValue),
            "kind": card.isSample ? "sample" : "held", "reason": card.reason.map { .string($0) } ?? .null,
            "place": card.place.map { .integer(Int64($0)) } ?? .null, "since": .integer(card.since.microseconds),
            "said": .array(card.verdicts.map(Console.said)),
        ]
    }

    static func said(_ given: GivenVerdict) -> JSONValue {
        [
            "verdict": .string(given.verdict.rawValue), "reason": given.reason.map { .string($0) } ?? .null,
            "person": .string(given.person), "at": .integer(given.at.microseconds),
            "weight": given.weight.map { .string($0.rawValue) } ?? .null, "overrides": .bool(given.overrides),
        ]
    }

    /// By whole numbers, as a scanner reads them.
    private func scanned(_ text: String, _ visit: Visit) async throws(SakkError) -> String {
        guard text.count <= 100 else { throw Visit.wrong("scan") }
        let production = try await books.read(RecordQuery(name: text))?["production"]?.string
        let cards = try await waitingCards()
        let blanks = Set([text] + lines.map { BlankID(stock: $0.stock, serial: text).rawValue })
        let found = cards.first { waiting in
            waiting.card.attempt.rawValue == text || waiting.card.production.rawValue == production
                || blanks.contains(waiting.card.blank.rawValue)
        }
        guard let found else {
            throw SakkError(
                "console.look.none", source: "console", text: "No card of this number waits for an inspector.",
                remedy: "Scan it again, or look for it on the page Search.")
        }
        try await mayLook(at: found.card.attempt.rawValue, visit)
        guard found.card.isFree(for: visit.by, at: time.wall()) else {
            throw Console.taken(found.card.attempt.rawValue)
        }
        return "/inspect/\(Address.escape(found.card.attempt.rawValue))"
    }

    static func taken(_ attempt: String) -> SakkError {
        SakkError(
            "verdict.taken", source: "console", subject: attempt, text: "Another inspector has this card before him.",
            remedy: "Take the next one.")
    }

    /// Lays the card before this inspector alone. One that another one has by now is passed over for the next; so a card is
    /// before one of them, at however many consoles they sit.
    private func look(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let item = try await lookItem(visit.parameter("item"), visit.person)
        do throws(SakkError) {
            try await mayLook(at: item.id, visit)
            if case .card(let card, _) = item, !card.verdicts.contains(where: { Console.isSame($0.person, visit.by) }) {
                try await books.take(card.attempt, for: settings.times.lock, by: visit.by)
            }
        } catch {
            guard !visit.isAPI, ["verdict.taken", "console.inspect.pause"].contains(error.code.rawValue) else {
                throw error
            }
            let next = try await lookQueue(visit.person).first { $0.id != item.id }
            let isPause = error.code == "console.inspect.pause"
            return .reply(.seeOther(isPause ? "/inspect" : next?.path ?? "/inspect"))
        }
        return .page("look", try await look(at: item, visit))
    }

    private func look(at item: LookItem, _ visit: Visit) async throws(SakkError) -> JSONValue {
        try await did("card.look", item.id, visit.person, visit.ask)
        var members: [String: JSONValue] = [
            "item": .string(item.id), "here": .string(item.path), "verdict_path": .string(item.path + "/verdict"),
            "may_pass": true, "why_not": .null, "said": [], "has_said": false, "reason": .null, "place": .null,
            "cell": .null, "line": .null, "blank": .null, "is_nothing": true, "kind": .null,
        ]
        let pictures = try await pictures(of: item)
        var isMarked = false
        if case .card(let card, let line) = item {
            members.merge(Console.row(card, line).object ?? [:]) { $1 }
            let mayPass = card.mayPass(visit.by)
            members["may_pass"] = .bool(mayPass)
            if !mayPass { members["why_not"] = .string(Console.whyNot(card)) }
            members["has_said"] = .bool(!card.verdicts.isEmpty)
            members["is_nothing"] = .bool(card.reason == nil && card.verdicts.isEmpty)
            isMarked = !card.isSample
        }
        members["sides"] = .array(CardSide.allCases.compactMap { Console.side($0, item, pictures, isMarked: isMarked) })
        members["has_pictures"] = .bool(members["sides"]?.array?.isEmpty == false)
        members["reasons"] = .array(
            reasonKeys.enumerated().map { ["key": .integer(Int64($0.offset + 1)), "code": .string($0.element)] })
        members["others"] = .array(settings.rejects.filter { !reasonKeys.contains($0) }.map { .string($0) })
        let queue = try await lookQueue(visit.person)
        members["left"] = .integer(Int64(queue.count))
        let next = Console.following(item.id, in: queue)
        members["next"] = next.map { .string($0.path) } ?? .null
        var coming: [JSONValue] = []
        if let next, let pictures = try await self.pictures(of: next) {
            for side in CardSide.allCases {
                for kind in [pictures.has(side, .drawn) ? .drawn : nil, pictures.seen(side)] {
                    if let kind { coming.append(.string("\(next.path)/\(side.rawValue)-\(kind.rawValue)")) }
                }
            }
        }
        members["coming"] = .array(coming)
        return .object(members)
    }

    /// Nil when no picture of this side is kept. The machine's marks are shown only of what is no audit.
    private static func side(_ side: CardSide, _ item: LookItem, _ pictures: LookPictures?, isMarked: Bool)
        -> JSONValue?
    {
        guard let pictures else { return nil }
        func path(_ kind: LookPictures.Kind) -> JSONValue {
            .string("\(item.path)/\(side.rawValue)-\(kind.rawValue)")
        }
        let seen = pictures.seen(side)
        guard seen != nil || pictures.has(side, .drawn) else { return nil }
        return [
            "side": .string(side.rawValue), "reference": pictures.has(side, .drawn) ? path(.drawn) : .null,
            "seen": seen.map(path) ?? .null, "boxes": .array(isMarked ? pictures.findings(side) : []),
        ]
    }

    /// The one after it, else the first other one.
    static func following(_ id: String, in queue: [LookItem]) -> LookItem? {
        let next = following(id, in: queue.map(\.id))
        return queue.first { $0.id == next }
    }

    static func following(_ id: String, in queue: [String]) -> String? {
        guard let index = queue.firstIndex(of: id), index + 1 < queue.count else { return queue.first { $0 != id } }
        return queue[index + 1]
    }

    private static func whyNot(_ card: WaitingCard) -> String {
        let isFinal =
            card.reason.map { ReasonWeight(reason: $0) == .final } ?? false
            || card.verdicts.contains { $0.verdict == .reject && $0.weight == .final }
        return isFinal ? "verdict.final" : "verdict.same"
    }

    /// The reasons that have a key of their own, 1 to 9.
    private var reasonKeys: [String] { Console.firstReasons.filter(settings.rejects.contains) }

    private static let firstReasons = [
        "mrz.character", "portrait.differs", "field.differs", "field.missing", "panel.missing", "print.registration",
        "print.scratch", "print.spot", "print.colour",
    ]
}
