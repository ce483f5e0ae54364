import Ground
import Ledger
import Shipping
import Stations

extension Console {
    /// Office, mission or mobile station: bags, boxes and envelopes are scanned in.
    func arrivalRoutes() -> [Route] {
        [
            Route(
                "GET", "/dispatch/arrival", Console.packers,
                "Arrival at an office, mission or mobile station: what is scanned next, and what a box lacks"
            ) { [unowned self] visit throws(SakkError) in .page("arrival", try await arrival(visit)) },
            Route("POST", "/dispatch/arrival/place", Console.packers, "Where this desk stands", fields: ["place"]) {
                [unowned self] visit throws(SakkError) in
                let place = try knownPlace(try visit.required("place"))
                await lay(visit, "arrival", ["place": .string(place.rawValue)])
                return .done(to: "/dispatch/arrival", ["said": "place_set", "number": .string(place.rawValue)])
            },
            Route(
                "POST", "/dispatch/arrival/scan", Console.packers,
                "A bag (then its seal and signatures are asked for), each of its boxes, each envelope; `place` when none was set",
                fields: ["scan", "place"]
            ) { [unowned self] visit throws(SakkError) in try await scanIn(visit) },
            Route(
                "POST", "/dispatch/arrival/bags/{number}", Console.packers,
                "A bag is taken over: the seal that is on it, and as many signatures as its route asks for",
                fields: ["seal", "signature", "place"]
            ) { [unowned self] visit throws(SakkError) in
                guard let number = SSCC(visit.parameter("number")) else {
                    throw Console.unknown("bag", visit.parameter("number"))
                }
                let place = try await here(visit)
                try await desk(visit, "container.arrive", number.digits).perform(
                    .arrive(
                        .container(number), at: place, seal: visit.form["seal"],
                        signatures: visit.form.all("signature")), by: visit.person.signature)
                await lay(visit, "arrival", ["place": .string(place.rawValue)])
                return .done(to: "/dispatch/arrival", ["said": "bag_arrived", "number": .string(number.digits)])
            },
        ]
    }

    // MARK: what lies at a desk

    func tray(_ visit: Visit, _ name: String) async -> JSONValue? {
        guard let token = visit.token else { return nil }
        return await sessions.tray(name, token)
    }

    func lay(_ visit: Visit, _ name: String, _ value: JSONValue) async {
        guard let token = visit.token else { return }
        await sessions.lay(value, at: name, token)
    }

    func knownPlace(_ id: String) throws(SakkError) -> PlaceID {
        guard let place = try shippingDesk().plan.places[PlaceID(id)] else { throw Refusal.unknownOffice.error(id) }
        return place.id
    }

    /// The place of this desk: said in the form, or set before.
    private func here(_ visit: Visit) async throws(SakkError) -> PlaceID {
        if let named = visit.form["place"] { return try knownPlace(named) }
        guard let set = await tray(visit, "arrival")?["place"]?.string else { throw Visit.wrong("place") }
        return try knownPlace(set)
    }

    /// A label of another kind than the desk asks for is refused and journaled.
    func wrongKind(_ scan: ScannedCode, _ act: String, _ visit: Visit) async throws(SakkError) -> SakkError {
        let error = Refusal.scanKind.error(scan)
        try await books.refused(
            ScanNote(act: act, items: [scan.description]), error, by: visit.person.signature)
        return error
    }

    // MARK: acts

    private func scanIn(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let place = try await here(visit)
        let scan = try await scanned(try visit.required("scan"), visit)
        let by = visit.person.signature
        var left: [String: JSONValue] = ["place": .string(place.rawValue)]
        let said: String
        switch scan {
        case .document: throw try await wrongKind(scan, "receive", visit)
        case .envelope:
            try await desk(visit, "parcel.receive", scan.description).perform(.receive(scan, at: place), by: by)
            left["box"] = await tray(visit, "arrival")?["box"]
            said = "received"
        case .container(let number):
            let found = try? await shippingDesk().container(number)
            if let found, found.kind == .bag, found.state == .dispatched {
                left["bag"] = .string(number.digits)
                said = "bag_waits"
            } else {
                try await desk(visit, "container.arrive", number.digits).perform(
                    .arrive(scan, at: place, seal: nil, signatures: []), by: by)
                left["box"] = .string(number.digits)
                said = "box_arrived"
            }
        }
        await lay(visit, "arrival", .object(left))
        return .done(to: "/dispatch/arrival", ["said": .string(said), "number": .string(scan.description)])
    }

    private func arrival(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let desk = try shippingDesk()
        let left = await tray(visit, "arrival")
        var members: [String: JSONValue] = [
            "tabs": Console.tabs("/dispatch/arrival"), "place": .null, "bag": .null, "box": .null,
            "places": places(desk.plan, visit.look.language), "has_place": false,
        ]
        if let id = left?["place"]?.string, let place = desk.plan.places[PlaceID(id)] {
            members["has_place"] = true
            members["place"] = [
                "id": .string(id), "name": .string(Console.name(place.names, visit.look.language)),
            ]
        }
        if let number = left?["bag"]?.string.flatMap({ SSCC($0) }), let bag = try? await desk.container(number) {
            let rule = try desk.plan.rule(bag.target.route)
            members["bag"] = [
                "number": .string(number.digits), "path": .string("/dispatch/arrival/bags/\(number.digits)"),
                "has_seal": .bool(bag.seal != nil), "is_by_two": .bool(rule.signatures == 2),
                "target": shown(bag.target, desk.plan, visit.look.language),
            ]
        }
        if let number = left?["box"]?.string.flatMap({ SSCC($0) }),
            let closing = try? await desk.closing(arrived: number)
        {
            members["box"] = shown(closing, number)
        }
        return .object(members)
    }

    /// Everything that was in it is here, or each envelope that is not.
    private func shown(_ closing: Closing, _ box: SSCC) -> JSONValue {
        var gaps: [Gap] = []
        var count = 0
        switch closing {
        case .accounted(let all): count = all
        case .missing(let found): gaps = found
        }
        return [
            "number": .string(box.digits), "is_accounted": .bool(gaps.isEmpty), "count": .integer(Int64(count)),
            "missing": .integer(Int64(gaps.count)), "gaps": Console.shown(gaps),
        ]
    }

    func places(_ plan: LogisticsPlan, _ language: Language) -> JSONValue {
        .array(
            plan.places.values.sorted { $0.id < $1.id }.map { place in
                ["id": .string(place.id.rawValue), "name": .string(Console.name(place.names, language))]
            })
    }
}
