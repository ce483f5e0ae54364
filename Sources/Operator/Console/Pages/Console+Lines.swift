import Ground
import Ledger
import Line
import Stations

extension Console {
    private static let orderers: Access = .roles([.operator, .supervisor])

    func lineRoutes() -> [Route] {
        [
            Route("GET", "/lines/{line}", .signedIn, "One line with its cells") {
                [unowned self] visit throws(SakkError) in
                .page("line", try await view(of: try line(visit.parameter("line"))).json(roles: visit.roles))
            },
            Route("GET", "/lines/{line}/cells/{cell}", .signedIn, "One cell: why it stopped and what to do") {
                [unowned self] visit throws(SakkError) in .page("cell", try await cellPage(visit))
            },
            Route("POST", "/lines/{line}/begin", Console.orderers, "Start the controller of a line in this process") {
                [unowned self] visit throws(SakkError) in
                let line = try line(visit.parameter("line"))
                try await did("line.begin", line.id.rawValue, visit.person, visit.ask)
                try await line.begin(by: visit.by)
                return .done(to: back(visit, "/lines/\(Address.escape(line.id.rawValue))"), ["said": "begun"])
            },
            Route("POST", "/lines/{line}/end", Console.orderers, "End the controller after the cards in the machines") {
                [unowned self] visit throws(SakkError) in
                let line = try line(visit.parameter("line"))
                try await did("line.end", line.id.rawValue, visit.person, visit.ask)
                try await line.end(by: visit.by)
                return .done(to: back(visit, "/lines/\(Address.escape(line.id.rawValue))"), ["said": "ended"])
            },
            Route(
                "POST", "/lines/{line}/orders", Console.orderers,
                "PackML's commands to one cell (`order` is `word cell`) or to all (`word`)", fields: ["order", "why"]
            ) { [unowned self] visit throws(SakkError) in try await order(visit) },
            Route(
                "POST", "/lines/{line}/cells/{cell}/mode", .roles([.supervisor]), "The cell's mode",
                fields: ["mode", "why"]
            ) { [unowned self] visit throws(SakkError) in
                guard let mode = UnitMode(rawValue: try visit.required("mode")) else { throw Visit.wrong("mode") }
                return try await command(.mode, visit, ["mode": .string(mode.rawValue)], needsWhy: true)
            },
            Route(
                "POST", "/lines/{line}/cells/{cell}/clearance", Console.orderers,
                "Hopper and machine were seen empty, and the boxes counted",
                fields: ["hopper_empty", "machine_empty", "hopper", "good", "reject"]
            ) { [unowned self] visit throws(SakkError) in
                var facts: [String: JSONValue] = [
                    "hopper_empty": .bool(visit.form["hopper_empty"] != nil),
                    "machine_empty": .bool(visit.form["machine_empty"] != nil),
                ]
                for name in ["hopper", "good", "reject"] {
                    facts[name] = .integer(Int64(try visit.requiredNumber(name)))
                }
                return try await command(.clearance, visit, facts)
            },
            Route(
                "POST", "/lines/{line}/cells/{cell}/found", .roles([.operator, .inspector, .supervisor]),
                "A found card lies on the desk reader; `found` is the box it lay in, or `elsewhere`", fields: ["found"]
            ) { [unowned self] visit throws(SakkError) in
                let found = try visit.required("found")
                guard found == "elsewhere" || CardExit(rawValue: found) != nil else { throw Visit.wrong("found") }
                return try await command(
                    .settle, visit, found == "elsewhere" ? [:] : ["found": .string(found)], all: true)
            },
        ]
    }

    /// Where the form came from, if it is a page of ours.
    func back(_ visit: Visit, _ otherwise: String) -> String {
        visit.form["back"].flatMap { Console.isLocal($0) ? $0 : nil } ?? otherwise
    }

    private func order(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let line = try line(visit.parameter("line"))
        let parts = try visit.required("order").split(separator: " ", maxSplits: 1).map(String.init)
        let words: Set<LineCommand.Word> = [.start, .hold, .unhold, .stop, .abort, .clear, .reset]
        guard let word = LineCommand.Word(rawValue: parts[0]), words.contains(word) else { throw Visit.wrong("order") }
        let cell = try parts.count > 1 ? self.cell(parts[1], of: line) : nil
        let answer = try await ask(word, line, cell, visit, facts: try why(visit, needed: false))
        await figures.forget()
        return .done(
            to: back(visit, "/lines/\(Address.escape(line.id.rawValue))"),
            Console.told(word, cell, answer))
    }

    /// `all`: it is the line's affair; the cell only says where the page was.
    private func command(
        _ word: LineCommand.Word, _ visit: Visit, _ facts: [String: JSONValue], needsWhy: Bool = false,
        all: Bool = false
    ) async throws(SakkError) -> Route.Answer {
        let line = try line(visit.parameter("line"))
        let cell = try cell(visit.parameter("cell"), of: line)
        var facts = facts
        facts.merge(try why(visit, needed: needsWhy)) { $1 }
        let answer = try await ask(word, line, all ? nil : cell, visit, facts: facts)
        await figures.forget()
        let path = "/lines/\(Address.escape(line.id.rawValue))/cells/\(Address.escape(cell.rawValue))"
        return .done(
            to: back(visit, path), Console.told(word, cell, answer))
    }

    /// The controller journals the order itself; this row lists it among all that a person did, also when it was refused.
    private func ask(
        _ word: LineCommand.Word, _ line: any ServedLine, _ cell: CellID?, _ visit: Visit, facts: [String: JSONValue]
    ) async throws(SakkError) -> CommandAnswer {
        let item = line.id.rawValue + (cell.map { "/\($0.rawValue)" } ?? "")
        do throws(SakkError) {
            let answer = try await line.ask(word, cell: cell, by: visit.by, facts: facts)
            try await did("line.\(word.rawValue)", item, visit.person, visit.ask)
            return answer
        } catch {
            try? await did("line.\(word.rawValue)", item, visit.person, visit.ask, refusal: error.code)
            throw error
        }
    }

    /// What came of a command, for the reader's language: the word, or what a settled card turned out to be.
    static func told(_ word: LineCommand.Word, _ cell: CellID?, _ answer: CommandAnswer) -> JSONValue {
        guard word == .settle else {
            let isOrder = [.start, .hold, .unhold, .stop, .abort, .clear, .reset].contains(word)
            return [
                "said": "ordered", "word": isOrder ? .string(word.rawValue) : .null,
                "number": cell.map { .string($0.rawValue) } ?? .null, "text": .null, "answer": .string(answer.text),
            ]
        }
        // `spoiled  pc-td1:0000007  The chip is dead ...`
        let parts = answer.text.split(separator: "  ", maxSplits: 2).map(String.init)
        return [
            "said": "ordered", "word": .null, "decision": parts.first.map(JSONValue.string) ?? .null,
            "number": parts.count > 1 ? .string(parts[1]) : .null, "text": .null, "answer": .string(answer.text),
        ]
    }

    /// A document number would stay in the journal for ever.
    private func why(_ visit: Visit, needed: Bool) throws(SakkError) -> [String: JSONValue] {
        guard needed || visit.form["why"] != nil else { return ["station": .string(station(visit.ask))] }
        return ["why": .string(try brief(visit, "why")), "station": .string(station(visit.ask))]
    }

    /// What a person gives as a reason, in few words.
    func brief(_ visit: Visit, _ field: String) throws(SakkError) -> String {
        let words = try visit.required(field)
        guard words.count <= 80, words.count(where: \.isNumber) < 6 else {
            throw SakkError(
                "console.why", source: "console", subject: field,
                text: "The reason is longer than 80 characters or has a long number in it.",
                remedy: "Say it in few words, without names or numbers of holders.")
        }
        return words
    }

    private func cellPage(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let line = try line(visit.parameter("line"))
        let name = try cell(visit.parameter("cell"), of: line)
        let view = try await view(of: line)
        guard let cell = view.cells.first(where: { $0.cell == name }),
            var members = cell.json(roles: visit.roles).object
        else { throw Console.unknown("cell", name.rawValue) }
        members["line_path"] = .string("/lines/\(Address.escape(line.id.rawValue))")
        members["product"] = .string(cell.status?.unit.product ?? line.product)
        members["batch"] = cell.status?.unit.batch.map(JSONValue.string) ?? .null
        members["may_mode"] = .bool(
            visit.roles.contains(.supervisor)
                && cell.status.map { LineCommand.Word.mode.hasPlace(in: $0.unit.state) } == true)
        members["modes"] = .array(
            [line.isTraining ? UnitMode.training : .production, .maintenance, .manual].map {
                ["mode": .string($0.rawValue), "is_on": .bool($0 == cell.status?.unit.mode)]
            })
        members["may_settle"] = .bool(!visit.roles.isDisjoint(with: [.operator, .inspector, .supervisor]))
        members["may_order"] = .bool(!visit.roles.isDisjoint(with: [.operator, .supervisor]))
        members["may_clear"] = .bool(
            !visit.roles.isDisjoint(with: [.operator, .supervisor])
                && cell.status.map { LineCommand.Word.clearance.hasPlace(in: $0.unit.state) } == true)
        members["works"] = .bool(view.works)
        members["last"] = .array(try await books.read(LastCardsQuery(line: line.id, cell: name, limit: 10)))
        members["last_frame"] =
            try await books.read(LastFrameQuery(line: line.id, cell: name)).map { .integer($0) }
            ?? .null
        members["station"] = try await line.cameras().first { $0.cell == name }?.json ?? .null
        return .object(members)
    }
}

/// When a cell last had a whole picture of a card, among its last cards.
struct LastFrameQuery: LedgerQuery {
    let line: LineID
    let cell: CellID

    func answer(_ books: BooksReader) throws -> Int64? {
        try books.row(
            """
            SELECT MAX(wall) AS wall FROM result WHERE step = 'inspect' AND outcome = 'done' AND attempt IN
              (SELECT attempt FROM attempt WHERE line = ? AND cell = ? ORDER BY started DESC LIMIT 20)
            """, [.text(line.rawValue), .text(cell.rawValue)])?.optionalInteger("wall")
    }
}

/// The last cards of a cell, the newest first.
struct LastCardsQuery: LedgerQuery {
    let line: LineID
    let cell: CellID
    let limit: Int

    func answer(_ books: BooksReader) throws -> [JSONValue] {
        try books.rows(
            """
            SELECT production, number, state, reason, started, ended FROM attempt
            WHERE line = ? AND cell = ? AND ended IS NOT NULL AND state <> 'dropped' ORDER BY ended DESC LIMIT ?
            """, [.text(line.rawValue), .text(cell.rawValue), .count(limit)]
        ).map { row in
            let started = try row.integer("started")
            let ended = try row.integer("ended")
            return [
                "production": .string(try row.text("production")), "state": .string(try row.text("state")),
                "reason": row.optionalText("reason").map(JSONValue.string) ?? .null, "ended": .integer(ended),
                "seconds": .integer((ended - started) / 1_000_000), "number": .integer(try row.integer("number")),
                "is_good": .bool(try row.text("state") == "produced"),
            ]
        }
    }
}
