import Ground
import Ledger

extension Console {
    /// What is not as it should be and asks for a person: cause, consequence, action (ISA-18.2). One row per cause, however
    /// many places have it; what is shelved comes back by itself.
    func alarmRoutes() -> [Route] {
        let workers: Access = .roles([.operator, .supervisor])
        return [
            Route(
                "GET", "/alarms", .roles([.operator, .supervisor, .auditor]),
                "Alarms by their cause, the most urgent first, and those that are shelved"
            ) { [unowned self] visit throws(SakkError) in .page("alarms", try await alarms(visit.roles)) },
            Route(
                "POST", "/alarms/shelve", workers,
                "Put a cause aside for 15 or 60 minutes (`alarm` is `MINUTES CODE`); its places still show it",
                fields: ["alarm"]
            ) { [unowned self] visit throws(SakkError) in
                let parts = try visit.required("alarm").split(separator: " ", maxSplits: 1).map(String.init)
                guard parts.count == 2, let minutes = Int(parts[0]), Console.shelves.contains(minutes) else {
                    throw Visit.wrong("alarm")
                }
                guard try await open().contains(where: { $0.code == parts[1] }) else {
                    throw Console.unknown("alarm", parts[1])
                }
                try await did("alarm.shelve.\(minutes)", parts[1], visit.person, visit.ask)
                return .done(to: "/alarms", ["said": "alarm_shelved"])
            },
            Route(
                "POST", "/alarms/unshelve", workers, "Show a shelved cause again (`alarm` is its code)",
                fields: ["alarm"]
            ) {
                [unowned self] visit throws(SakkError) in
                let code = try visit.required("alarm")
                guard try await shelved(code) != nil else { throw Console.unknown("alarm", code) }
                try await did("alarm.unshelve", code, visit.person, visit.ask)
                return .done(to: "/alarms", ["said": "alarm_back"])
            },
        ]
    }

    /// Minutes for which a cause may be put aside.
    static let shelves: Set<Int> = [15, 60]

    /// One place with a cause.
    private struct Alarm {
        let code: String
        let urgency: CellView.Urgency
        let why: JSONValue
        /// The page of the place, and its name.
        let path: String
        let place: String
        let since: Int64?
    }

    private func alarms(_ roles: Set<PersonRole>) async throws(SakkError) -> JSONValue {
        let all = try await open()
        var shown: [JSONValue] = []
        var put: [JSONValue] = []
        let order: [CellView.Urgency] = [.held, .off, .wait]
        let codes = Dictionary(grouping: all, by: \.code).sorted { left, right in
            let (a, b) = (rank(left.value, order), rank(right.value, order))
            return a == b ? left.key < right.key : a < b
        }
        let mayShelve = !roles.isDisjoint(with: [.operator, .supervisor])
        for (code, places) in codes {
            var members = row(code, places, order, roles)
            members["may_shelve"] = .bool(mayShelve)
            if let shelf = try await shelved(code) {
                members["shelved_by"] = .string(shelf.person)
                members["until"] = .integer(shelf.until.microseconds)
                put.append(.object(members))
            } else {
                shown.append(.object(members))
            }
        }
        return [
            "alarms": .array(shown), "count": .integer(Int64(shown.count)), "is_none": .bool(shown.isEmpty),
            "shelved": .array(put), "has_shelved": .bool(!put.isEmpty), "live": "/alarms",
        ]
    }

    private func rank(_ places: [Alarm], _ order: [CellView.Urgency]) -> Int {
        places.compactMap { order.firstIndex(of: $0.urgency) }.min() ?? order.count
    }

    private func row(
        _ code: String, _ places: [Alarm], _ order: [CellView.Urgency], _ roles: Set<PersonRole>
    ) -> [String: JSONValue] {
        [
            "code": .string(code), "why": places[0].why,
            "urgency": .string(order[min(rank(places, order), order.count - 1)].rawValue),
            "since": places.compactMap(\.since).min().map { .integer($0) } ?? .null,
            "shelve_15": .string("15 \(code)"), "shelve_60": .string("60 \(code)"),
            "places": .array(
                places.map {
                    // nobody is led to a page of another role
                    let isOpen = Menu.admits(roles, to: $0.path)
                    return ["path": isOpen ? .string($0.path) : .null, "name": .string($0.place)]
                }),
        ]
    }

    /// Everything that asks for a person now.
    private func open() async throws(SakkError) -> [Alarm] {
        var found: [Alarm] = []
        for line in lines {
            let view = try await view(of: line)
            let path = "/lines/\(Address.escape(line.id.rawValue))"
            if !view.works, let failure = view.hand.failure {
                found.append(
                    Alarm(
                        code: failure.code.rawValue, urgency: .off, why: Console.object(of: failure), path: path,
                        place: line.id.rawValue, since: nil))
            }
            for cell in view.cells where view.works { found += alarms(of: cell) }
        }
        return found + (try await alarmsOfBooks())
    }

    /// What asks for a person whether a controller works or not.
    private func alarmsOfBooks() async throws(SakkError) -> [Alarm] {
        let now = time.wall()
        // whose moment is no part of the name: the answer is kept for a second at least
        let (state, _) = try await figures.ask("alarms", BooksAlarmsQuery(lines: lines.map(\.id), now: now))
        func alarm(_ kind: String, _ urgency: CellView.Urgency, _ path: String, _ place: String, _ since: Int64? = nil)
            -> Alarm
        {
            Alarm(
                code: "alarm.\(kind)", urgency: urgency,
                why: ["code": .string("alarm.\(kind)"), "text": .string(kind), "remedy": ""], path: path, place: place,
                since: since)
        }
        var found: [Alarm] = []
        if state.isReconciling { found.append(alarm("books.restored", .held, "/batches", "ledger")) }
        if let at = state.conflict { found.append(alarm("record.conflict", .held, "/journal/rows", "queue", at)) }
        found += state.quarantine.map { alarm("quarantine", .wait, "/stock", $0.rawValue) }
        if state.heldRecords > 0 { found.append(alarm("record.held", .wait, "/batches", "queue")) }
        return found
    }

    /// Which supply is out when a cell stands for this cause.
    private static let isOut = [
        "line.stock.empty": "blanks", "printer.hopper.empty": "blanks", "printer.feeder.empty": "blanks",
        "printer.ribbon.end": "ribbon", "printer.ribbon.missing": "ribbon", "printer.film.end": "film",
    ]

    private func alarms(of cell: CellView) -> [Alarm] {
        let shown = cell.json(roles: [])
        let (path, place) = (shown["path"]?.string ?? "/", "\(cell.line.id)/\(cell.cell)")
        var found: [Alarm] = []
        if let why = shown["why"], let code = why["code"]?.string, [.held, .wait].contains(cell.urgency) {
            found.append(
                Alarm(
                    code: code, urgency: cell.urgency, why: why, path: path, place: place,
                    since: shown["since"]?.integer))
        }
        if cell.camera?.isLossy == true {
            found.append(
                Alarm(
                    code: "alarm.camera", urgency: .wait, why: CameraView.why, path: path, place: place,
                    since: cell.camera?.health.at.microseconds))
        }
        let out = shown["why"]?["code"]?.string.flatMap { Console.isOut[$0] }
        for supply in shown["supplies"]?.array ?? [] where supply["is_short"]?.bool == true {
            // what has run out is said already, with its steps
            guard let what = supply["what"]?.string, what != out else { continue }
            let code = "alarm.\(what)"
            found.append(
                Alarm(
                    code: code, urgency: .wait,
                    why: ["code": .string(code), "text": .string("\(what) run short"), "remedy": ""], path: path,
                    place: place, since: nil))
        }
        return found
    }

    /// The last word about a cause is in the journal, so that all consoles know it.
    private func shelved(_ code: String) async throws(SakkError) -> (person: String, until: WallTime)? {
        let rows = try await books.read(PersonActsQuery(.item(code), limit: 20))
        guard let last = rows.first(where: { $0.act.refusal == nil && $0.act.act.hasPrefix("alarm.") }),
            let minutes = Console.shelves.first(where: { last.act.act == "alarm.shelve.\($0)" })
        else { return nil }
        let until = WallTime(microseconds: last.at.microseconds + Int64(minutes) * 60_000_000)
        guard time.wall() < until else { return nil }
        return (last.act.person?.rawValue ?? "", until)
    }
}
