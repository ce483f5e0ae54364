import Ground
import Ledger
import Reporting

extension Console {
    private static let counters: Access = .roles([.operator, .supervisor])

    func shiftRoutes() -> [Route] {
        [
            Route("GET", "/shifts", .roles([.operator, .supervisor, .auditor]), "The shifts of each line") {
                [unowned self] visit throws(SakkError) in .page("shifts", try await shifts(visit))
            },
            Route("GET", "/shifts/{line}/{day}/{name}", .roles([.operator, .supervisor, .auditor]), "One shift") {
                [unowned self] visit throws(SakkError) in .page("shift", try await shift(visit))
            },
            Route(
                "GET", "/shifts/{line}/{day}/{name}/report.pdf", .roles([.operator, .supervisor, .auditor]),
                "The report of a closed shift on paper", type: "application/pdf"
            ) { [unowned self] visit throws(SakkError) in .reply(try await shiftPaper(visit)) },
            Route("POST", "/shifts", .roles([.supervisor]), "Open a shift", fields: ["line", "day", "name"]) {
                [unowned self] visit throws(SakkError) in
                let line = try line(try visit.required("line"))
                guard let day = FactoryDay(try visit.required("day")) else { throw Visit.wrong("day") }
                let name = try visit.required("name")
                let shift = try await hand(visit, "shift.open", "\(line.id)/\(day)/\(name)")
                    .openShift(line.id, day: day, name: name, cells: line.cells, by: visit.person.signature)
                // figures of before are for the blind count to find
                await figures.forget()
                return .done(to: Console.path(shift), ["said": "shift_opened", "shift": .string(shift.rawValue)])
            },
            Route(
                "POST", "/shifts/{line}/{day}/{name}/counts", Console.counters,
                "What was counted at one cell, before anybody sees what the books hold",
                fields: ["cell", "hopper", "good", "reject", "held"]
            ) { [unowned self] visit throws(SakkError) in
                let shift = Console.shiftID(visit)
                let line = try line(visit.parameter("line"))
                let cell = try cell(try visit.required("cell"), of: line)
                let counts = PlaceCounts(
                    hopper: try visit.requiredNumber("hopper"), good: try visit.requiredNumber("good"),
                    reject: try visit.requiredNumber("reject"), held: try visit.requiredNumber("held"))
                try await hand(visit, "shift.count", shift.rawValue).countShift(
                    ShiftCount(shift: shift, cell: cell, person: visit.person.signature, counts: counts))
                return .done(to: Console.path(shift), ["said": "counted"])
            },
            Route(
                "POST", "/shifts/{line}/{day}/{name}/supplies", Console.counters,
                "The ribbons and films that were found at the line, as `ribbon:SERIAL`, parted by blanks or lines",
                fields: ["seen"]
            ) { [unowned self] visit throws(SakkError) in
                let shift = Console.shiftID(visit)
                let names = (visit.form["seen"] ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
                guard names.allSatisfy({ $0.hasPrefix("ribbon:") || $0.hasPrefix("film:") }) else {
                    throw Visit.wrong("seen")
                }
                try await hand(visit, "shift.supplies", shift.rawValue)
                    .countSupplies(shift, seen: names.map { ConsumableID($0) }, by: visit.person.signature)
                return .done(to: Console.path(shift), ["said": "counted"])
            },
            Route(
                "POST", "/shifts/{line}/{day}/{name}/close", .roles([.supervisor]),
                "Close the shift on what was counted; `carried.BLANK` and `place.BLANK` name who has each card and where",
                fields: ["carried.*", "place.*", "missing", "incident", "second", "second_password"]
            ) { [unowned self] visit throws(SakkError) in try await close(visit) },
        ]
    }

    private static func shiftID(_ visit: Visit) -> ShiftID {
        ShiftID("\(visit.parameter("line"))/\(visit.parameter("day"))/\(visit.parameter("name"))")
    }

    static func path(_ shift: ShiftID) -> String {
        "/shifts/" + shift.rawValue.split(separator: "/").map { Address.escape(String($0)) }.joined(separator: "/")
    }

    private func shiftPaper(_ visit: Visit) async throws(SakkError) -> Reply {
        let id = Console.shiftID(visit)
        guard let report = try await books.read(ShiftReportQuery(id)) else {
            throw SakkError(
                "shift.unclosed", source: "console", subject: id.rawValue,
                text: "The shift is open and has no report yet.",
                remedy: "Count it and close it first.")
        }
        try await did("report.shift", id.rawValue, visit.person, visit.ask)
        let pdf = ShiftReportPDF(
            report, language: ReportLanguage(visit.look.language), offsetMinutes: settings.offsetMinutes)
        return try paper("shift-\(id.rawValue.replacing("/", with: "-"))") { path throws(SakkError) in
            try pdf.write(to: path)
        }
    }

    private func shifts(_ visit: Visit) async throws(SakkError) -> JSONValue {
        var list: [JSONValue] = []
        for line in lines {
            let rows = try await books.read(ShiftsQuery(line: line.id, limit: 20))
            list.append([
                "line": .string(line.id.rawValue), "has_open": .bool(rows.contains { $0.closedAt == nil }),
                "may_open": .bool(visit.roles.contains(.supervisor) && !rows.contains { $0.closedAt == nil }),
                "today": .string(clock.isoDay(time.wall())), "next": .integer(Int64(next(rows))),
                "shifts": .array(
                    rows.map { row in
                        [
                            "shift": .string(row.shift.rawValue), "path": .string(Console.path(row.shift)),
                            "opened": .integer(row.openedAt.microseconds), "opened_by": .string(row.openedBy),
                            "closed": row.closedAt.map { .integer($0.microseconds) } ?? .null,
                            "closed_by": row.closedBy.map(JSONValue.string) ?? .null,
                            "is_open": .bool(row.closedAt == nil),
                        ]
                    }),
            ])
        }
        return ["lines": .array(list)]
    }

    /// The first number that no shift of today has.
    private func next(_ rows: [ShiftsQuery.Row]) -> Int {
        let today = clock.isoDay(time.wall())
        let taken = Set(rows.map { $0.shift.rawValue.split(separator: "/").dropFirst().joined(separator: "/") })
        return (1...100).first { !taken.contains("\(today)/\($0)") } ?? 1
    }

    private func shift(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let id = Console.shiftID(visit)
        let state = try await books.read(ShiftStateQuery(id))
        var members: [String: JSONValue] = [
            "shift": .string(id.rawValue), "path": .string(Console.path(id)), "line": .string(state.line.rawValue),
            "day": .string(visit.parameter("day")), "name": .string(visit.parameter("name")),
            "is_open": .bool(state.isOpen), "may_count": .bool(state.isOpen && Console.counters.admits(visit.roles)),
            "may_close": .bool(state.isOpen && visit.roles.contains(.supervisor)),
        ]
        if let report = try await books.read(ShiftReportQuery(id)) {
            members["report"] = Console.report(report)
            return .object(members)
        }
        members["cells"] = .array(
            state.cells.map { cell in
                ["cell": .string(cell.rawValue), "is_counted": .bool(state.counted.contains(cell))]
            })
        members["owes_supplies"] = .bool(state.notCounted.contains("supplies"))
        members["is_all_counted"] = .bool(state.notCounted.isEmpty)
        if state.notCounted.isEmpty { members["comparison"] = try await comparison(id) }
        return .object(members)
    }

    private func comparison(_ id: ShiftID) async throws(SakkError) -> JSONValue {
        let seen = try await books.read(ShiftComparisonQuery(id))
        let differs = seen.cells.contains { $0.counted != $0.expected }
        return [
            "cells": .array(
                seen.cells.map { cell in
                    [
                        "cell": .string(cell.cell.rawValue), "person": .string(cell.person),
                        "number": .integer(Int64(cell.number)), "is_even": .bool(cell.counted == cell.expected),
                        "places": .array(
                            CountedPlace.allCases.map { place in
                                [
                                    "place": .string(place.rawValue), "counted": .integer(Int64(cell.counted[place])),
                                    "expected": .integer(Int64(cell.expected[place])),
                                    "difference": .integer(Int64(cell.counted[place] - cell.expected[place])),
                                    "is_even": .bool(cell.counted[place] == cell.expected[place]),
                                ]
                            }),
                    ]
                }), "differs": .bool(differs),
            "has_to_name": .bool(!seen.toName.isEmpty),
            "to_name": .array(
                seen.toName.map { card in
                    [
                        "blank": .string(card.blank.rawValue), "account": .string(card.account.rawValue),
                        "cell": .string(card.cell.rawValue), "person": .string(card.person ?? ""),
                        "place": .string(card.place ?? ""),
                    ]
                }), "hoppers": .array(seen.hoppers.map { .string($0.description) }),
            "supplies": seen.supplies.map { supplies in
                [
                    "seen": .array(supplies.seen.map { .string($0.rawValue) }),
                    "gone": .array(
                        supplies.expected.filter { !supplies.seen.contains($0) }.map { .string($0.rawValue) }),
                ]
            } ?? .null,
        ]
    }

    private static func report(_ report: ShiftReportQuery.ShiftReport) -> JSONValue {
        [
            "opened": .integer(report.openedAt.microseconds), "opened_by": .string(report.openedBy),
            "closed": .integer(report.closedAt.microseconds), "closed_by": .string(report.closedBy),
            "carried_in": .integer(Int64(report.balance.carriedIn)), "taken": .integer(Int64(report.balance.taken)),
            "fates": .array(
                ShiftFate.allCases.map { fate in
                    [
                        "fate": .string(fate.rawValue), "count": .integer(Int64(report.balance[fate])),
                        "is_abnormal": .bool(fate == .missing && report.balance[fate] > 0),
                    ]
                }), "incident": report.incident.map(JSONValue.string) ?? .null,
            "people": .array(report.people.map { .string($0) }),
            "has_missing": .bool(!report.missing.isEmpty || !report.missingSupplies.isEmpty),
            "has_carried": .bool(!report.carried.isEmpty),
            "missing": .array(
                (report.missing.map(\.rawValue) + report.missingSupplies.map(\.rawValue)).map { .string($0) }),
            "carried": .array(
                report.carried.map {
                    ["blank": .string($0.blank.rawValue), "person": .string($0.person), "place": .string($0.place)]
                }),
        ]
    }

    private func close(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let id = Console.shiftID(visit)
        let missing = visit.form.all("missing").flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
        let isSupply = { (name: String) in name.hasPrefix("ribbon:") || name.hasPrefix("film:") }
        var closing = ShiftClosing(
            shift: id,
            carried: visit.form.fields.filter { $0.name.hasPrefix("carried.") }.compactMap { field in
                let blank = String(field.name.dropFirst(8))
                guard !missing.contains(blank) else { return nil }
                return CarriedCard(
                    blank: BlankID(blank), person: field.value, place: visit.form["place.\(blank)"] ?? "")
            }, missing: missing.filter { !isSupply($0) }.map { BlankID($0) }, incident: visit.form["incident"])
        closing.missingSupplies = missing.filter(isSupply).map { ConsumableID($0) }
        var hand = hand(visit, "shift.close", id.rawValue)
        if !missing.isEmpty {
            guard let incident = closing.incident else { throw Visit.wrong("incident") }
            let facts: JSONValue = [
                "shift": .string(id.rawValue), "missing": .array(missing.sorted().map { .string($0) }),
            ]
            let (both, people) = try await together(
                visit, .shiftClose, item: id.rawValue, facts: facts, reason: incident)
            hand = both
            closing.people = people
        }
        let balance = try await hand.closeShift(closing, by: visit.person.signature)
        return .done(
            to: Console.path(id),
            [
                "said": "shift_closed", "good": .integer(Int64(balance[.good])),
                "missing": .integer(Int64(balance[.missing])),
            ])
    }
}
