import Ground
import Ledger

extension Console {
    /// What waits, in which order, and the way of a record past the others.
    func queueRoutes() -> [Route] {
        [
            Route(
                "GET", "/queue", .roles([.operator, .supervisor, .auditor]),
                "What waits, in the order in which it is made, and who let a record go before its turn"
            ) { [unowned self] visit throws(SakkError) in .page("queue", try await queue(visit)) },
            Route(
                "POST", "/queue/bump", .roles([.supervisor]),
                "Puts a waiting record into another priority class, before two people; counted against that class's share",
                fields: ["record", "class", "reason", "second", "second_password"]
            ) { [unowned self] visit throws(SakkError) in try await bump(visit) },
        ]
    }

    private static let queueLength = 100

    private func queue(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let orders = settings.products.values.map { terms in
            var order = terms.order
            order.now = time.wall()
            return order
        }
        let rows = try await books.read(WaitingQueueQuery(limit: Console.queueLength, orders: orders))
        let (counts, _) = try await figures.ask("queue", WaitingCountsQuery())
        let classes = Set(settings.products.values.flatMap(\.headStarts.keys)).sorted()
        return [
            "rows": .array(
                rows.enumerated().map { index, row in
                    [
                        "number": .integer(Int64(index + 1)), "production": .string(row.production),
                        "path": .string("/documents/\(Address.escape(row.production))"),
                        "request": .string(row.request), "batch": .string(row.batch), "product": .string(row.product),
                        "class": .string(row.priorityClass), "is_remake": .bool(row.isRemake),
                        "approved": .integer(row.approved), "due": .integer(row.due),
                        "bump": row.bump.map { bump in
                            [
                                "from": .string(bump.from), "why": .string(bump.reason), "at": .integer(bump.at),
                                "people": .array(bump.people.map { .string($0) }),
                            ]
                        } ?? .null,
                    ]
                }), "is_none": .bool(rows.isEmpty),
            "counts": .array(
                counts.filter { $0.count > 0 }.map {
                    [
                        "product": .string($0.product), "class": .string($0.priorityClass),
                        "count": .integer(Int64($0.count)),
                    ]
                }), "classes": .array(classes.map { .string($0) }),
            "may_bump": .bool(visit.roles.contains(.supervisor) && !classes.isEmpty),
            "may_look": .bool(Console.seekers.admits(visit.roles)), "shown": .integer(Int64(rows.count)),
        ]
    }

    private func bump(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let name = try visit.required("record")
        guard name.count <= 100, let record = try await books.read(RecordQuery(name: name)),
            let production = record["production"]?.string, let product = record["product"]?.string
        else { throw Console.unknown("record", String(name.prefix(100))) }
        let wanted = try visit.required("class")
        guard let headStart = settings.products[product]?.headStarts[wanted] else { throw Visit.wrong("class") }
        let reason = try brief(visit, "reason")
        let agreement = try await agreed(
            visit, .priority, item: production,
            facts: ["class": .string(wanted), "production": .string(production), "reason": .string(reason)],
            reason: "\(wanted): \(reason)")
        try await hand(visit, "queue.priority", production, approval: agreement.use).bump(
            ProductionID(production), to: wanted, headStart: headStart, reason: reason, agreement.people,
            by: visit.person.signature)
        await figures.forget()
        return .done(to: "/queue", ["said": "bumped", "number": .string(production)])
    }
}
