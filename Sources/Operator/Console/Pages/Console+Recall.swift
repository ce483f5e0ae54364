import Ground
import Ledger

extension Console {
    /// Documents by what they were made with, and the hold over them.
    func recallRoutes() -> [Route] {
        let conditions = ["lot", "chip_lot", "line", "cell", "ribbon", "key", "value"]
        return [
            Route(
                "GET", "/recall", .roles([.supervisor, .auditor]),
                "Documents by what they were made with: all that is given must hold",
                query: conditions
            ) { [unowned self] visit throws(SakkError) in .page("recall", try await recall(visit)) },
            Route(
                "POST", "/recall", .roles([.supervisor]),
                "Hold the good ones that are still here, in somebody's hands, and the lots of a recall by lot",
                fields: conditions + ["reason", "custodian", "place"]
            ) { [unowned self] visit throws(SakkError) in
                let filter = try filter { visit.form[$0] }
                let reason = try visit.required("reason")
                let (custodian, place) = (try visit.required("custodian"), try visit.required("place"))
                let held = try await hand(
                    visit, "recall", conditions.compactMap { visit.form[$0] }.joined(separator: " ")
                )
                .recall(filter, reason: reason, custodian: custodian, place: place, by: visit.person.signature)
                await figures.forget()
                return .done(
                    to: back(visit, "/recall"), ["said": "recalled", "number": .string(String(held.count))])
            },
        ]
    }

    private func filter(_ field: (String) -> String?) throws(SakkError) -> RecallFilter {
        var filter = RecallFilter()
        filter.lot = field("lot")
        filter.chipLot = field("chip_lot")
        filter.line = field("line").map { LineID($0) }
        filter.cell = field("cell").map { CellID($0) }
        filter.ribbon = field("ribbon")
        if let value = field("value") {
            guard let key = field("key").flatMap(GenealogyKey.init(rawValue:)) else { throw Visit.wrong("key") }
            filter.genealogy[key] = value
        }
        return filter
    }

    /// The place says no more than the state does.
    private static func says(_ state: String, _ account: Account) -> Bool {
        state == account.rawValue || state == AttemptState.produced.rawValue && account == .good
    }

    private func recall(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let query = visit.ask.query
        let filter = try filter { name in query[name].flatMap { $0.isEmpty ? nil : $0 } }
        let list = filter.isEmpty ? [] : try await books.read(RecallQuery(filter))
        if !filter.isEmpty {
            try await did("recall.look", query.values.sorted().joined(separator: " "), visit.person, visit.ask)
        }
        let good = list.count { $0.account == .good }
        let gone = list.count { $0.account == .dispatched }
        let making = list.count { $0.account == .cell }
        return [
            "lot": .string(query["lot"] ?? ""), "chip_lot": .string(query["chip_lot"] ?? ""),
            "line": .string(query["line"] ?? ""), "cell": .string(query["cell"] ?? ""),
            "ribbon": .string(query["ribbon"] ?? ""), "key": .string(query["key"] ?? ""),
            "value": .string(query["value"] ?? ""), "is_asked": .bool(!filter.isEmpty),
            "keys": .array(
                GenealogyKey.allCases.map {
                    ["key": .string($0.rawValue), "is_on": .bool($0.rawValue == query["key"])]
                }),
            "count": .integer(Int64(list.count)), "good": .integer(Int64(good)), "gone": .integer(Int64(gone)),
            "making": .integer(Int64(making)),
            "may_hold": .bool(!filter.isEmpty && !list.isEmpty && visit.roles.contains(.supervisor)),
            "rows": .array(
                list.prefix(500).map { row in
                    [
                        "production": .string(row.production.rawValue), "state": .string(row.state),
                        "blank": row.blank.map { .string($0.rawValue) } ?? .null,
                        "account": row.account.flatMap { Console.says(row.state, $0) ? nil : .string($0.rawValue) }
                            ?? .null,
                        "lot": row.lot.map { .string($0) } ?? .null, "line": .string(row.line.rawValue),
                        "cell": .string(row.cell.rawValue), "started": .integer(row.startedAt.microseconds),
                    ]
                }),
        ]
    }
}
