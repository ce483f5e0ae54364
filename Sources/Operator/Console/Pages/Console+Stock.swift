import Ground
import Ledger

extension Console {
    func stockRoutes() -> [Route] {
        let movers: Access = .roles([.operator, .supervisor])
        return [
            Route(
                "GET", "/stock", .roles([.operator, .logistics, .supervisor, .auditor]),
                "What is where: accounts, lots, ribbons and films, custody"
            ) { [unowned self] visit throws(SakkError) in .page("stock", try await stock(visit)) },
            Route(
                "POST", "/stock/issue", .roles([.supervisor]),
                "Blanks from the vault to a line, and into a hopper when a cell is named",
                fields: ["stock", "serials", "to"]
            ) { [unowned self] visit throws(SakkError) in
                let (line, cell) = try place(visit)
                let stock = try visit.required("stock")
                let serials = try serials(visit)
                try await hand(visit, "stock.issue", serials.description)
                    .issue(serials, stock: stock, to: line.id, cell: cell, by: visit.person.signature)
                return .done(to: back(visit, "/stock"), ["said": "issued", "count": .integer(Int64(serials.count))])
            },
            Route(
                "POST", "/stock/load", movers, "Blanks of the line into a hopper, behind what lies there",
                fields: ["stock", "serials", "to"]
            ) { [unowned self] visit throws(SakkError) in
                let (line, cell) = try place(visit)
                guard let cell else { throw Visit.wrong("to") }
                let stock = try visit.required("stock")
                let serials = try serials(visit)
                try await hand(visit, "stock.load", serials.description)
                    .load(serials, stock: stock, line: line.id, cell: cell, by: visit.person.signature)
                return .done(to: back(visit, "/stock"), ["said": "loaded", "count": .integer(Int64(serials.count))])
            },
            Route(
                "POST", "/stock/counted", .roles([.supervisor]),
                "Blanks without numbers of their own, counted into a hopper", fields: ["count", "lot", "to"]
            ) { [unowned self] visit throws(SakkError) in
                let (line, cell) = try place(visit)
                let count = try visit.requiredNumber("count")
                let lot = try visit.required("lot")
                guard let cell, line.countsBlanks else { throw Visit.wrong("to") }
                guard (1...5000).contains(count) else { throw Visit.wrong("count") }
                let blanks = try await hand(visit, "stock.count", "\(line.stock)/\(lot)")
                    .load(
                        count: count, stock: line.stock, lot: lot, line: line.id, cell: cell, by: visit.person.signature
                    )
                return .done(to: back(visit, "/stock"), ["said": "loaded", "count": .integer(Int64(blanks.count))])
            },
            Route(
                "POST", "/stock/supplies", movers,
                "A ribbon or film: `receive` (with part, lot, capacity), `mount` (with `to`), `unmount` (it is spent)",
                fields: ["act", "kind", "serial", "part", "lot", "capacity", "to"]
            ) { [unowned self] visit throws(SakkError) in try await supply(visit) },
            Route(
                "POST", "/stock/lots/hold", .roles([.supervisor]), "Hold a lot: nothing of it is issued, loaded or fed",
                fields: ["stock", "lot", "reason"]
            ) { [unowned self] visit throws(SakkError) in
                let lot = LotID(stock: try visit.required("stock"), lot: try visit.required("lot"))
                try await hand(visit, "lot.hold", lot.description)
                    .change(.holdLot(lot, reason: try visit.required("reason")), by: visit.person.signature)
                return .done(to: back(visit, "/stock"), ["said": "lot_held"])
            },
            Route(
                "POST", "/stock/lots/release", .roles([.supervisor]), "Release a held lot before two people",
                fields: ["stock", "lot", "reason", "second", "second_password"]
            ) { [unowned self] visit throws(SakkError) in
                let lot = LotID(stock: try visit.required("stock"), lot: try visit.required("lot"))
                let reason = try visit.required("reason")
                // the row of the act names stock and lot apart: the item is one of them, the content says both
                let (books, people) = try await together(
                    visit, .release, item: lot.lot,
                    facts: ["lot": .string(lot.description), "reason": .string(reason)], reason: reason)
                try await books.change(.releaseLot(lot, reason: reason, people), by: visit.person.signature)
                return .done(to: back(visit, "/stock"), ["said": "lot_released"])
            },
        ]
    }

    /// `to` is `LINE` or `LINE/CELL`.
    private func place(_ visit: Visit) throws(SakkError) -> (any ServedLine, CellID?) {
        let parts = try visit.required("to").split(separator: "/", maxSplits: 1).map(String.init)
        let line = try line(parts[0])
        return (line, try parts.count > 1 ? cell(parts[1], of: line) : nil)
    }

    private func serials(_ visit: Visit) throws(SakkError) -> SerialRange {
        guard let range = SerialRange(try visit.required("serials")), range.count <= 5000 else {
            throw Visit.wrong("serials")
        }
        return range
    }

    private func supply(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        guard let kind = Consumable.Kind(rawValue: try visit.required("kind")) else { throw Visit.wrong("kind") }
        let serial = try visit.required("serial")
        guard SerialRange(serial)?.count == 1 else { throw Visit.wrong("serial") }
        let id = ConsumableID("\(kind.rawValue):\(serial)")
        let act = try visit.required("act")
        let change: StockChange
        switch act {
        case "receive":
            let capacity = try visit.requiredNumber("capacity")
            guard (1...1_000_000).contains(capacity) else { throw Visit.wrong("capacity") }
            change = .consumable(
                Consumable(
                    kind: kind, serial: serial, part: try visit.required("part"), lot: try visit.required("lot"),
                    capacity: capacity))
        case "mount":
            let (line, cell) = try place(visit)
            guard let cell else { throw Visit.wrong("to") }
            change = .consumableMoved(
                id, from: .vault, to: .mounted, line: line.id, cell: cell, reason: "mounted", certificate: nil)
        case "unmount":
            let known = try await books.read(ConsumablesQuery()).first { $0.supply.id == id }
            guard let line = known?.line else { throw Visit.wrong("serial") }
            change = .consumableMoved(
                id, from: .mounted, to: .spent, line: LineID(line), cell: nil, reason: "spent", certificate: nil)
        default: throw Visit.wrong("act")
        }
        try await hand(visit, "supply.\(act)", id.rawValue).change(change, by: visit.person.signature)
        await figures.forget()
        return .done(to: back(visit, "/stock"), ["said": "supply_\(act)".json])
    }

    private func stock(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let accounts = try await figures.ask("accounts", StockAccountsQuery()).0
        let lots = try await figures.ask("lots", LotsQuery()).0
        let supplies = try await books.read(ConsumablesQuery())
        let custody = try await books.read(CustodyQuery())
        var counting: [String] = []
        for line in lines where try await books.read(OpenShiftQuery(line: line.id)) != nil {
            counting.append(line.id.rawValue)
        }
        let stocks = Set(accounts.map(\.stock) + lots.map(\.id.stock) + lines.map(\.stock)).sorted()
        return [
            "stocks": .array(
                stocks.map { stock in
                    [
                        "stock": .string(stock),
                        "accounts": .array(
                            accounts.filter { $0.stock == stock }.map {
                                [
                                    "account": .string($0.account.rawValue),
                                    "line": $0.line.map(JSONValue.string) ?? .null,
                                    "count": .integer(Int64($0.count)),
                                    "is_abnormal": .bool([.missing, .quarantine].contains($0.account) && $0.count > 0),
                                ]
                            }),
                    ]
                }), "counting": .array(counting.map { .string($0) }), "is_counting": .bool(!counting.isEmpty),
            // what a lot has at a line is part of what is counted there
            "lots": .array(
                lots.map { lot in
                    [
                        "stock": .string(lot.id.stock), "lot": .string(lot.id.lot), "count": .integer(Int64(lot.count)),
                        "hold": lot.hold.map(JSONValue.string) ?? .null, "is_held": .bool(lot.hold != nil),
                        "category": lot.category.map(JSONValue.string) ?? .null,
                        "vault": .integer(Int64(lot.accounts[.vault] ?? 0)),
                    ]
                }),
            "supplies": .array(
                supplies.map { row in
                    [
                        "kind": .string(row.supply.kind.rawValue), "serial": .string(row.supply.serial),
                        "account": .string(row.account.rawValue), "capacity": .integer(Int64(row.supply.capacity)),
                        "left": .integer(Int64(max(0, row.supply.capacity - row.attempts))),
                        "place": row.cell.map { .string("\(row.line ?? "")/\($0)") } ?? .null,
                        "is_mounted": .bool(row.account == .mounted), "is_new": .bool(row.account == .vault),
                    ]
                }),
            "has_custody": .bool(!custody.isEmpty),
            "custody": .array(
                custody.map {
                    [
                        "blank": .string($0.card.blank.rawValue), "person": .string($0.card.person),
                        "place": .string($0.card.place), "since": .integer($0.since.microseconds),
                    ]
                }),
            "places": .array(
                lines.flatMap { line in
                    line.cells.map { cell in
                        ["to": .string("\(line.id)/\(cell)"), "name": .string("\(line.id) / \(cell)")]
                    }
                }), "line_stocks": .array(Set(lines.map(\.stock)).sorted().map { .string($0) }),
            "may_count": .bool(visit.roles.contains(.supervisor) && lines.contains(where: \.countsBlanks)),
            "may_issue": .bool(visit.roles.contains(.supervisor)),
            "may_load": .bool(!visit.roles.isDisjoint(with: [.operator, .supervisor])),
        ]
    }
}

extension String {
    var json: JSONValue { .string(self) }
}
