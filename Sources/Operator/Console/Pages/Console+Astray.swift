import Ground
import Ledger
import Shipping
import Stations

extension Console {
    /// What does not go its way: returned, withdrawn, lost, found again, sent elsewhere; containers opened again.
    func astrayRoutes() -> [Route] {
        [
            Route(
                "GET", "/dispatch/astray", Console.packers,
                "What came back, was withdrawn or is lost, with who has it; and the item in hand"
            ) { [unowned self] visit throws(SakkError) in .page("astray", try await astray(visit)) },
            Route(
                "POST", "/dispatch/astray/scan", Console.packers, "A document or envelope is taken in hand",
                fields: ["scan"]
            ) {
                [unowned self] visit throws(SakkError) in
                let scan = try await scanned(try visit.required("scan"), visit)
                if case .container = scan { throw try await wrongKind(scan, "find", visit) }
                _ = try await shippingDesk().find(scan)
                await lay(visit, "astray", ["item": .string(scan.description)])
                return .done(to: "/dispatch/astray", ["said": "scan_in_hand", "number": .string(scan.description)])
            },
            Route(
                "POST", "/dispatch/astray/return", Console.packers,
                "It came back to the plant: why, who has it, and where",
                fields: ["scan", "reason", "custodian", "place"]
            ) { [unowned self] visit throws(SakkError) in
                let reason = try returnReason(visit)
                let (person, place) = (try visit.required("custodian"), try visit.required("place"))
                return try await act(visit, "parcel.return", "returned") {
                    .comeBack($0, reason, person: person, place: place)
                }
            },
            Route(
                "POST", "/dispatch/astray/set-aside", Console.packers,
                "A withdrawn document, out of its box, is given to a custodian", fields: ["scan", "custodian", "place"]
            ) { [unowned self] visit throws(SakkError) in
                let (person, place) = (try visit.required("custodian"), try visit.required("place"))
                return try await act(visit, "parcel.aside", "set_aside") {
                    .setAside($0, person: person, place: place)
                }
            },
            Route(
                "POST", "/dispatch/astray/found", Console.packers, "A lost document turned up",
                fields: ["scan", "custodian", "place"]
            ) { [unowned self] visit throws(SakkError) in
                let (person, place) = (try visit.required("custodian"), try visit.required("place"))
                return try await act(visit, "parcel.found", "turned_up") { .turnUp($0, person: person, place: place) }
            },
            Route(
                "POST", "/dispatch/astray/lost", Console.packers, "It is nowhere: before two people, with the incident",
                fields: ["scan", "incident", "second", "second_password"]
            ) { [unowned self] visit throws(SakkError) in
                let incident = try visit.required("incident")
                return try await beforeTwo(visit, .lost, ["incident": .string(incident)], incident, "lost") {
                    .lose($0, $1, incident: incident)
                }
            },
            Route(
                "POST", "/dispatch/astray/reroute", Console.packers,
                "What came back goes out again to another place, before two people, under a new label",
                fields: ["scan", "route", "place", "second", "second_password"]
            ) { [unowned self] visit throws(SakkError) in
                let address = try address(visit)
                let facts: [String: JSONValue] = [
                    "route": .string(address.route.rawValue), "place": .string(address.place.rawValue),
                ]
                return try await beforeTwo(
                    visit, .reroute, facts, "\(address.route.rawValue) \(address.place)", "rerouted"
                ) { .reroute($0, to: address, $1) }
            },
            Route(
                "POST", "/dispatch/containers/{number}/reopen", Console.packers,
                "Open a closed container again, before two people",
                fields: ["reason", "second", "second_password"]
            ) { [unowned self] visit throws(SakkError) in
                guard let number = SSCC(visit.parameter("number")) else {
                    throw Console.unknown("container", visit.parameter("number"))
                }
                let reason = try visit.required("reason")
                let agreement = try await agreed(
                    visit, .reopen, item: number.digits,
                    facts: ["container": .string(number.digits), "reason": .string(reason)], reason: reason)
                try await shippingDesk().acting(
                    PersonAct(
                        person: visit.person.id, act: "container.reopen", item: number.digits,
                        station: station(visit.ask)), approval: agreement.use
                ).perform(
                    .reopen(.container(number), agreement.people, reason: reason), by: visit.person.signature)
                return .done(to: "/dispatch", ["said": "container_reopened", "number": .string(number.digits)])
            },
        ]
    }

    private func act(
        _ visit: Visit, _ name: String, _ said: String, _ act: (ScannedCode) -> ShippingAct
    ) async throws(SakkError) -> Route.Answer {
        let scan = try await scanned(try visit.required("scan"), visit)
        try await desk(visit, name, scan.description).perform(act(scan), by: visit.person.signature)
        return .done(to: "/dispatch/astray", ["said": .string(said), "number": .string(scan.description)])
    }

    /// The rows of a parcel name its production: that is the item that two people agree on.
    private func beforeTwo(
        _ visit: Visit, _ action: ApprovalAction, _ more: [String: JSONValue], _ reason: String, _ said: String,
        _ act: (ScannedCode, TwoPeople) -> ShippingAct
    ) async throws(SakkError) -> Route.Answer {
        let scan = try await scanned(try visit.required("scan"), visit)
        let production = try await shippingDesk().find(scan).document.production.rawValue
        var facts = more
        facts["production"] = .string(production)
        let agreement = try await agreed(visit, action, item: production, facts: .object(facts), reason: reason)
        try await shippingDesk().acting(
            PersonAct(
                person: visit.person.id, act: action.rawValue, item: production, station: station(visit.ask)),
            approval: agreement.use
        ).perform(act(scan, agreement.people), by: visit.person.signature)
        return .done(to: "/dispatch/astray", ["said": .string(said), "number": .string(scan.description)])
    }

    private func astray(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let desk = try shippingDesk()
        var members: [String: JSONValue] = [
            "tabs": Console.tabs("/dispatch/astray"), "parcel": .null,
            "reasons": .array(ReturnReason.allCases.map { .string($0.rawValue) }),
            "routes": .array(desk.plan.routes.keys.map(\.rawValue).sorted().map { .string($0) }),
            "places": places(desk.plan, visit.look.language),
        ]
        let rows = try await books.read(AstrayQuery())
        members["rows"] = .array(
            rows.map { row in
                [
                    "production": .string(row.production), "envelope": row.envelope.map { .string($0) } ?? .null,
                    "state": .string(row.state), "custodian": row.custodian.map { .string($0) } ?? .null,
                    "place": row.place.map { .string($0) } ?? .null, "since": .integer(row.since.microseconds),
                    "stopped": row.stopped.map { .string($0) } ?? .null,
                ]
            })
        let remakes = try await books.read(RemakesQuery())
        members["has_remakes"] = .bool(!remakes.isEmpty)
        members["remakes"] = .array(
            remakes.map { row in
                [
                    "production": .string(row.production), "blank": .string(row.blank), "cause": .string(row.cause),
                    "number": .string(row.number), "other": row.replacement.map { .string($0) } ?? .null,
                    "reference": .string(row.reference), "people": .array(row.people.map { .string($0) }),
                    "at": .integer(row.at), "state": .string(row.state), "account": .string(row.account),
                ]
            })
        if let text = await tray(visit, "astray")?["item"]?.string, let scan = try? ScannedCode(text),
            let parcel = try? await desk.find(scan), var shown = shown(parcel, desk.plan, visit.look.language).object
        {
            let state = parcel.state
            let isLoose = [.released, .enveloped, .dispatched, .atPlace, .withCourier].contains(state)
            shown["scan"] = .string(text)
            shown["may_return"] = .bool(isLoose)
            shown["may_set_aside"] = .bool(
                parcel.stopped != nil && [.released, .enveloped, .returned].contains(state))
            shown["may_lose"] = .bool(isLoose || [.returned, .withdrawn].contains(state))
            shown["may_find"] = .bool(state == .lost)
            shown["may_reroute"] = .bool(state == .returned && parcel.stopped == nil)
            shown["may_destroy"] = .bool([.returned, .withdrawn].contains(state))
            shown["may_remake"] = .bool(
                Console.mayRemake(parcel) && !remakes.contains { $0.blank == parcel.document.blank.rawValue })
            shown["is_lost"] = .bool(state == .lost)
            shown["is_booklet"] = .bool(try await books.blanks(.blank(parcel.document.blank)).first?.number != nil)
            shown["may_relabel"] = .bool([.released, .enveloped].contains(state) && parcel.stopped == nil)
            members["parcel"] = .object(shown)
        }
        return .object(members)
    }
}

/// What came back, was withdrawn or is lost, the longest there first.
struct AstrayQuery: LedgerQuery {
    struct Row: Sendable {
        let production: String
        let envelope: String?
        let state: String
        let custodian: String?
        let place: String?
        let since: WallTime
        /// `approval`, `recall` or `remade`; nil for what may go on.
        let stopped: String?
    }

    func answer(_ books: BooksReader) throws -> [Row] {
        try books.rows(
            """
            SELECT production, envelope, state, custodian, custodian_place, since, stopped FROM parcel
            WHERE state IN ('returned','lost','withdrawn')
              OR (stopped IS NOT NULL AND state NOT IN ('delivered','destroyed')) ORDER BY since, production LIMIT 300
            """
        ).map { row in
            Row(
                production: try row.text("production"), envelope: row.optionalText("envelope"),
                state: try row.text("state"), custodian: row.optionalText("custodian"),
                place: row.optionalText("custodian_place"), since: WallTime(microseconds: try row.integer("since")),
                stopped: row.optionalText("stopped").map(AstrayQuery.why))
        }
    }

    /// What an authority says why it took an approval back is its own affair.
    static func why(_ stopped: String) -> String { ["recall", "remade"].contains(stopped) ? stopped : "approval" }
}
