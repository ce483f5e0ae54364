import Ground
import Ledger
import Stations

extension Console {
    /// The zone is read from the card by a person or a scanner; only its keyed tag goes on.
    func judge(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let item = try await lookItem(visit.parameter("item"), visit.person)
        let words = try visit.required("verdict").split(separator: " ").map(String.init)
        guard words.count <= 2, let verdict = words.first.flatMap(CardVerdict.init(rawValue:)) else {
            throw Visit.wrong("verdict")
        }
        let reason = verdict == .reject ? words.count == 2 ? words[1] : visit.form["reason"] : nil
        if verdict == .reject {
            guard let reason, settings.rejects.contains(reason) else { throw Visit.wrong("reason") }
        }
        try await mayLook(at: item.id, visit)
        if case .card(let card, _) = item, !card.isFree(for: visit.by, at: time.wall()) {
            throw Console.taken(card.attempt.rawValue)
        }
        let following = Console.following(item.id, in: try await lookQueue(visit.person))
        let next = try await block(visit).pauseUntil == nil ? following : nil
        switch item {
        case .audit(let task):
            try await hand(visit, "audit.answer", task.id.rawValue).answerAudit(
                task.id, verdict, reason: reason, by: visit.by)
            return .done(to: next?.path ?? "/inspect", ["said": "kept"])
        case .card(let card, let line):
            var facts: [String: JSONValue] = [
                "verdict": .string(verdict.rawValue), "final": .bool(visit.form["final"] != nil),
                "attempt": .string(card.attempt.rawValue),
            ]
            facts["reason"] = reason.map { .string($0) }
            if verdict == .pass, let zone = try zone(visit) { facts["zone"] = .string(zone.hex) }
            let answer = try await self.line(line.rawValue).ask(.settle, cell: nil, by: visit.by, facts: facts)
            try await did("card.verdict", card.attempt.rawValue, visit.person, visit.ask)
            return .done(to: next?.path ?? "/inspect", Console.told(.settle, nil, answer))
        }
    }

    /// Two lines of 44 characters or three of 30, however they are parted.
    private func zone(_ visit: Visit) throws(SakkError) -> Bytes? {
        guard let typed = visit.form["zone"] else { return nil }
        let text = String(typed.filter { !$0.isWhitespace }).uppercased()
        let length = text.utf8.count == 90 ? 30 : 44
        guard [88, 90].contains(text.utf8.count), text.utf8.allSatisfy({ $0 < 128 }) else { throw Visit.wrong("zone") }
        let all = Bytes(text.utf8)
        let lines = stride(from: 0, to: all.count, by: length).map {
            String(decoding: all[$0..<($0 + length)], as: UTF8.self)
        }
        return try books.zoneTag(lines)
    }

    func voidRoutes() -> [Route] {
        [
            Route(
                "POST", "/documents/{production}/void", Console.inspectors,
                "Voids a produced document that lies unpacked in the plant, before two people; the card lies on the desk reader, or `mute`",
                fields: ["reason", "mute", "second", "second_password"]
            ) { [unowned self] visit throws(SakkError) in try await void(visit) }
        ]
    }

    private func void(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let production = ProductionID(visit.parameter("production"))
        let reason = try visit.required("reason")
        guard settings.rejects.contains(reason) else { throw Visit.wrong("reason") }
        let attempt = try await books.attempts(.production(production)).first { $0.state == .produced }
        guard let attempt, let blank = attempt.blank else {
            throw Console.unknown("produced document", production.rawValue)
        }
        let isMute = visit.form["mute"] != nil
        let agreement = try await agreed(
            visit, ApprovalAction("document.void"), item: production.rawValue,
            facts: [
                "attempt": .string(attempt.attempt.rawValue), "mute": .bool(isMute), "reason": .string(reason),
            ], reason: reason)
        // used up before the line is asked: what the line then refuses is asked for anew
        try await hand(visit, "document.agreed", production.rawValue, approval: agreement.use).did(
            PersonAct(
                person: visit.person.id, act: "document.void.asked", item: production.rawValue,
                station: station(visit.ask)))
        var facts: [String: JSONValue] = [
            "void": .string(reason), "witness": .string(agreement.people.second),
            "attempt": .string(attempt.attempt.rawValue),
        ]
        if isMute { facts["blank"] = .string(blank.blank.rawValue) }
        let answer = try await line(attempt.line.rawValue).ask(
            .settle, cell: nil, by: visit.person.signature, facts: facts)
        try await did("document.void", production.rawValue, visit.person, visit.ask)
        return .done(to: "/documents/\(Address.escape(production.rawValue))", Console.told(.settle, nil, answer))
    }
}
