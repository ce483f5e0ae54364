import Ground
import Ledger
import Stations

extension Console {
    func heldRoutes() -> [Route] {
        let settlers: Access = .roles([.inspector, .supervisor])
        return [
            Route("GET", "/held", settlers, "Cards that wait for a person: held, or of unknown outcome") {
                [unowned self] _ throws(SakkError) in .page("held", try await held())
            },
            Route("GET", "/held/{attempt}", settlers, "One of them: what was drawn beside what the camera saw") {
                [unowned self] visit throws(SakkError) in .page("case", try await heldCase(visit))
            },
            Route("GET", "/held/{attempt}/{picture}", settlers, "A picture of the card", type: "image/*") {
                [unowned self] visit throws(SakkError) in .reply(try await picture(visit))
            },
            Route(
                "POST", "/held/{attempt}/settle", settlers,
                "The card lies on the desk reader (`found`: good, reject or elsewhere): its chip says what becomes of it",
                fields: ["found"]
            ) { [unowned self] visit throws(SakkError) in
                let attempt = try await attempt(visit.parameter("attempt"))
                let line = try line(attempt.line.rawValue)
                let found = try visit.required("found")
                guard found == "elsewhere" || CardExit(rawValue: found) != nil else { throw Visit.wrong("found") }
                let answer = try await line.ask(
                    .settle, cell: nil, by: visit.by,
                    facts: found == "elsewhere" ? [:] : ["found": .string(found)])
                return .done(to: "/held", Console.told(.settle, nil, answer))
            },
            Route(
                "POST", "/held/{attempt}/destroyed", .roles([.supervisor]),
                "A card whose chip is mute was sealed and punched by two people", fields: ["second", "second_password"]
            ) { [unowned self] visit throws(SakkError) in try await beforeTwo(visit, "destroyed", [:]) },
            Route(
                "POST", "/held/{attempt}/missing", .roles([.supervisor]),
                "Nobody finds the card: it is given up before two people",
                fields: ["incident", "second", "second_password"]
            ) { [unowned self] visit throws(SakkError) in
                try await beforeTwo(visit, "missing", ["incident": .string(try visit.required("incident"))])
            },
        ]
    }

    private func beforeTwo(_ visit: Visit, _ what: String, _ more: [String: JSONValue]) async throws(SakkError)
        -> Route.Answer
    {
        let attempt = try await attempt(visit.parameter("attempt"))
        guard let blank = attempt.blank?.blank else { throw Console.unknown("blank", attempt.attempt.rawValue) }
        let agreement = try await agreed(
            visit, .destroy, item: blank.rawValue,
            facts: .object(more.merging(["attempt": .string(attempt.attempt.rawValue), "what": .string(what)]) { $1 }),
            reason: more["incident"]?.string ?? what)
        // used up before the line is asked: what the line then refuses is asked for anew
        try await hand(visit, "card.agreed", blank.rawValue, approval: agreement.use).did(
            PersonAct(
                person: visit.person.id, act: "card.\(what).asked", item: blank.rawValue, station: station(visit.ask))
        )
        var facts = more
        facts[what] = .string(blank.rawValue)
        facts["witness"] = .string(agreement.people.second)
        let answer = try await line(attempt.line.rawValue).ask(
            .settle, cell: nil, by: visit.person.signature, facts: facts)
        try await did("card.\(what)", blank.rawValue, visit.person, visit.ask)
        return .done(to: "/held", Console.told(.settle, nil, answer))
    }

    private func attempt(_ name: String) async throws(SakkError) -> AttemptReport {
        guard let attempt = try await books.attempts(.attempt(AttemptID(name))).first else {
            throw Console.unknown("attempt", name)
        }
        return attempt
    }

    private func held() async throws(SakkError) -> JSONValue {
        var list: [JSONValue] = []
        for line in lines {
            for attempt in try await books.attempts(.live(line.id)) where [.held, .unknown].contains(attempt.state) {
                list.append(summary(attempt))
            }
        }
        return ["cards": .array(list), "count": .integer(Int64(list.count)), "is_none": .bool(list.isEmpty)]
    }

    private func summary(_ attempt: AttemptReport) -> JSONValue {
        [
            "attempt": .string(attempt.attempt.rawValue), "state": .string(attempt.state.rawValue),
            "reason": attempt.reason.map(JSONValue.string) ?? .null, "line": .string(attempt.line.rawValue),
            "cell": .string(attempt.cell.rawValue),
            "path": .string("/held/\(Address.escape(attempt.attempt.rawValue))"),
            "blank": attempt.blank.map { .string($0.blank.rawValue) } ?? .null,
            "exit": attempt.blank?.exit.map { .string($0.rawValue) } ?? .null,
            "place": attempt.blank?.place.map { .integer(Int64($0)) } ?? .null,
            "since": .integer(attempt.startedAt.microseconds), "production": .string(attempt.production.rawValue),
            "last_step": attempt.steps.last.map { .string($0.key.step.rawValue) } ?? .null,
        ]
    }

    private func heldCase(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let attempt = try await attempt(visit.parameter("attempt"))
        guard var members = summary(attempt).object else { throw Console.unknown("attempt", attempt.attempt.rawValue) }
        try await did("card.look", attempt.attempt.rawValue, visit.person, visit.ask)
        let kept = try await picturesToSettle(attempt)
        var sides: [JSONValue] = []
        for side in CardSide.allCases {
            // the whole frame only where no card was found in it
            let drawn: LookPictures.Kind? = kept?.has(side, .drawn) == true ? .drawn : nil
            let pictures = [drawn, kept?.seen(side)].compactMap { $0 }
            guard !pictures.isEmpty else { continue }
            sides.append([
                "side": .string(side.rawValue),
                "pictures": .array(
                    pictures.map {
                        [
                            "kind": .string($0.rawValue),
                            "path": .string(
                                "/held/\(Address.escape(attempt.attempt.rawValue))/\(side.rawValue)-\($0.rawValue)"),
                        ]
                    }),
            ])
        }
        members["sides"] = .array(sides)
        members["has_pictures"] = .bool(!sides.isEmpty)
        members["is_case"] = .bool([.held, .unknown].contains(attempt.state))
        members["is_supervisor"] = .bool(visit.roles.contains(.supervisor))
        members["history"] = Console.attempt(attempt)
        return .object(members)
    }

    private func picture(_ visit: Visit) async throws(SakkError) -> Reply {
        let attempt = try await attempt(visit.parameter("attempt"))
        guard let (side, kind) = LookPictures.parts(visit.parameter("picture")),
            let reply = try await picturesToSettle(attempt)?.reply(side, kind)
        else { throw Console.unknown("picture", visit.parameter("picture")) }
        return reply
    }

    /// A person's face is shown while the card waits for somebody, and not again.
    private func picturesToSettle(_ attempt: AttemptReport) async throws(SakkError) -> LookPictures? {
        guard try line(attempt.line.rawValue).isTraining || [.held, .unknown].contains(attempt.state) else {
            return nil
        }
        return try await pictures(of: attempt.attempt, on: attempt.line)
    }
}
