import Foundation
import Ground
import Ledger
import Shipping
import Stations

extension Console {
    static let packers: Access = .roles([.logistics, .supervisor])

    func dispatchRoutes() -> [Route] {
        [
            Route("GET", "/dispatch", Console.packers, "The packing table: what is in hand, and what is scanned next") {
                [unowned self] visit throws(SakkError) in .page("dispatch", try await packingTable(visit))
            },
            Route(
                "POST", "/dispatch/scan", Console.packers,
                "One scan: a document gets its label, then its envelope, then its box; a container is taken in hand",
                fields: ["scan"]
            ) { [unowned self] visit throws(SakkError) in try await scan(visit) },
            Route("POST", "/dispatch/put-down", Console.packers, "Nothing is in hand any more") {
                [unowned self] visit throws(SakkError) in
                await bench(visit, Bench())
                return .done(to: "/dispatch", [:])
            },
            Route(
                "POST", "/dispatch/open", Console.packers, "Open the next box, bag or consignment",
                fields: ["kind", "route", "place"]
            ) { [unowned self] visit throws(SakkError) in
                let desk = try desk(visit, "container.open", try visit.required("kind"))
                guard let kind = ContainerKind(rawValue: try visit.required("kind")) else { throw Visit.wrong("kind") }
                let number = try await desk.open(kind, for: try address(visit), by: visit.person.signature)
                await bench(visit, Bench(container: number.digits))
                return .done(to: "/dispatch", ["said": "container_opened", "number": .string(number.digits)])
            },
            Route(
                "POST", "/dispatch/containers/{number}/close", Console.packers,
                "Close a container: `count` was counted by hand, before anybody saw what was scanned", fields: ["count"]
            ) { [unowned self] visit throws(SakkError) in
                let scan = try container(visit)
                let count = try visit.requiredNumber("count")
                try await desk(visit, "container.close", scan.description)
                    .perform(.close(scan, count: count), by: visit.person.signature)
                return .done(to: "/dispatch", ["said": "container_closed", "number": .string(scan.description)])
            },
            Route("POST", "/dispatch/containers/{number}/seal", Console.packers, "Seal a closed bag", fields: ["seal"])
            {
                [unowned self] visit throws(SakkError) in
                let scan = try container(visit)
                let seal = try visit.required("seal")
                try await desk(visit, "container.seal", scan.description)
                    .perform(.seal(scan, seal: seal), by: visit.person.signature)
                return .done(to: "/dispatch", ["said": "container_sealed"])
            },
            Route(
                "POST", "/dispatch/containers/{number}/take-out", Console.packers,
                "Take an item out of an open container",
                fields: ["scan"]
            ) { [unowned self] visit throws(SakkError) in
                let scan = try container(visit)
                let item = try await scanned(try visit.required("scan"), visit)
                try await desk(visit, "container.take", scan.description)
                    .perform(.takeOut(item, from: scan), by: visit.person.signature)
                return .done(to: "/dispatch", ["said": "item_taken"])
            },
            Route(
                "POST", "/dispatch/containers/{number}/hand-over", Console.packers,
                "A closed consignment leaves: the carrier and, where the route asks for them, two signatures",
                fields: ["carrier", "signature"]
            ) { [unowned self] visit throws(SakkError) in
                let scan = try container(visit)
                let carrier = try visit.required("carrier")
                try await desk(visit, "container.dispatch", scan.description).perform(
                    .dispatch(scan, carrier: carrier, signatures: visit.form.all("signature")),
                    by: visit.person.signature)
                await bench(visit, Bench())
                return .done(to: "/dispatch", ["said": "handed_over"])
            },
            Route(
                "POST", "/dispatch/relabel", Console.packers,
                "Print a document's label again: it gets a new number, the old is void",
                fields: ["scan"]
            ) { [unowned self] visit throws(SakkError) in
                let scan = try await scanned(try visit.required("scan"), visit)
                let number = try await desk(visit, "label", scan.description).relabel(scan, by: visit.person.signature)
                await bench(visit, Bench(document: scan.description, envelope: number.description))
                return .done(to: "/dispatch", ["said": "labelled", "number": .string(number.description)])
            },
            Route(
                "GET", "/dispatch/labels/{number}", Console.packers, "The label on paper (A6)", type: "application/pdf"
            ) {
                [unowned self] visit throws(SakkError) in .reply(try await label(visit))
            },
            Route(
                "GET", "/dispatch/manifests/{number}", Console.packers, "The manifest of a closed consignment on paper",
                type: "application/pdf"
            ) {
                [unowned self] visit throws(SakkError) in .reply(try await manifest(visit))
            },
            Route(
                "GET", "/dispatch/manifests/{number}/list.json", Console.packers,
                "The manifest itself, whose digest its signed code bears: for the phone of whoever receives it",
                type: "application/json"
            ) {
                [unowned self] visit throws(SakkError) in .reply(try await listing(visit))
            },
            Route(
                "GET", "/dispatch/checker.html", Console.packers,
                "A page to keep on a phone: it says without a network whether the plant signed a code",
                type: "text/html"
            ) {
                [unowned self] _ throws(SakkError) in .reply(try checker())
            },
            Route("GET", "/dispatch/refused", Console.packers, "The scans that were refused, the newest first") {
                [unowned self] _ throws(SakkError) in
                let rows = try await books.read(RefusedScansQuery(limit: 100))
                return .page(
                    "refused",
                    [
                        "rows": .array(
                            rows.map { row in
                                [
                                    "act": .string(row.act), "code": .string(row.code.rawValue),
                                    "person": .string(row.person),
                                    "at": .integer(row.at.microseconds), "items": .array(row.items.map { .string($0) }),
                                ]
                            })
                    ])
            },
            Route("GET", "/dispatch/batches/{batch}", Console.packers, "Everything accounted for, or what is missing") {
                [unowned self] visit throws(SakkError) in .page("accounts", try await accounts(visit))
            },
        ]
    }

    // MARK: what is in hand

    /// What one packer has in hand: a document with its label, an envelope on its way to a box, an open container.
    struct Bench: Sendable {
        var document: String?
        var envelope: String?
        var isMatched = false
        var container: String?

        var json: JSONValue {
            [
                "document": document.map(JSONValue.string) ?? .null,
                "envelope": envelope.map(JSONValue.string) ?? .null,
                "is_matched": .bool(isMatched), "container": container.map(JSONValue.string) ?? .null,
            ]
        }

        init(document: String? = nil, envelope: String? = nil, isMatched: Bool = false, container: String? = nil) {
            self.document = document
            self.envelope = envelope
            self.isMatched = isMatched
            self.container = container
        }

        init(_ json: JSONValue?) {
            document = json?["document"]?.string
            envelope = json?["envelope"]?.string
            isMatched = json?["is_matched"]?.bool == true
            container = json?["container"]?.string
        }
    }

    func bench(_ visit: Visit) async -> Bench {
        guard let token = visit.token else { return Bench() }
        return Bench(await sessions.bench(token))
    }

    private func bench(_ visit: Visit, _ bench: Bench) async {
        guard let token = visit.token else { return }
        await sessions.lay(bench.json, token)
    }

    func desk(_ visit: Visit, _ act: String, _ item: String) throws(SakkError) -> ShippingDesk {
        try shippingDesk().acting(PersonAct(person: visit.person.id, act: act, item: item, station: station(visit.ask)))
    }

    func shippingDesk() throws(SakkError) -> ShippingDesk {
        guard let shipping else {
            throw SakkError(
                "console.shipping", source: "console", text: "This console has no logistics plan.",
                remedy: "Name the folder with logistics/*.yaml and offices.json (--seeds).")
        }
        return shipping
    }

    /// The desks of logistics, in the order of a parcel's way.
    static func tabs(_ on: String) -> JSONValue {
        let tabs = [
            ("table", "/dispatch"), ("arrival", "/dispatch/arrival"), ("run", "/dispatch/run"),
            ("handover", "/dispatch/handover"), ("astray", "/dispatch/astray"),
        ]
        return .array(tabs.map { ["name": .string($0.0), "path": .string($0.1), "is_on": .bool($0.1 == on)] })
    }

    /// A label that cannot be read is a refusal too, and stands in the journal.
    func scanned(_ text: String, _ visit: Visit) async throws(SakkError) -> ScannedCode {
        do throws(SakkError) {
            // a scanner reads the blank's serial alone off a card
            if let line = lines.first, !text.contains(":"), text.count < 13,
                let scan = try? ScannedCode("\(line.stock):\(text)")
            {
                return scan
            }
            return try ScannedCode(text)
        } catch {
            try await books.refused(ScanNote(act: "scan", items: ["?"]), error, by: visit.person.signature)
            throw error
        }
    }

    private func container(_ visit: Visit) throws(SakkError) -> ScannedCode {
        guard let number = SSCC(visit.parameter("number")) else {
            throw Console.unknown("container", visit.parameter("number"))
        }
        return .container(number)
    }

    func address(_ visit: Visit) throws(SakkError) -> ShippingAddress {
        guard let route = ApprovedRecord.DeliveryRoute(rawValue: try visit.required("route")) else {
            throw Visit.wrong("route")
        }
        return ShippingAddress(route: route, place: PlaceID(try visit.required("place")))
    }

    /// Right in another container.
    private static let belongsElsewhere: Set<String> = [
        "shipping.route.other", "shipping.governorate.other", "shipping.office.other",
    ]

    /// What a scan means follows from what is in hand.
    private func scan(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let scan = try await scanned(try visit.required("scan"), visit)
        var bench = await bench(visit)
        let by = visit.person.signature
        let said: String
        switch scan {
        case .document:
            guard bench.document == nil || bench.document == scan.description || bench.isMatched else {
                throw SakkError(
                    "dispatch.in_hand", source: "dispatch", subject: bench.document,
                    text: "Another document is in hand and has no envelope yet.",
                    remedy: "Scan the envelope of that one first, or put it down.")
            }
            let given = try await desk(visit, "label", scan.description).label(scan, by: by)
            bench = Bench(document: scan.description, envelope: given.number.description, container: bench.container)
            said = given.isNew ? "labelled" : "label_stands"
        case .envelope(let number):
            if let document = bench.document, !bench.isMatched {
                try await desk(visit, "match", document).perform(
                    .match(document: try ScannedCode(document), envelope: scan), by: by)
                bench.envelope = scan.description
                bench.isMatched = true
                said = "matched"
            } else if let container = bench.container {
                do throws(SakkError) {
                    try await desk(visit, "container.put", container).perform(
                        .put(scan, into: try ScannedCode(container)), by: by)
                } catch {
                    // it is in the packer's hand, and the table shows where it goes
                    if Console.belongsElsewhere.contains(error.code.rawValue) {
                        bench.document = nil
                        bench.envelope = number.description
                        bench.isMatched = true
                        await self.bench(visit, bench)
                    }
                    throw error
                }
                bench.document = nil
                bench.envelope = nil
                bench.isMatched = false
                said = "put"
            } else {
                _ = try await shippingDesk().find(scan)
                bench.envelope = scan.description
                bench.isMatched = true
                said = "in_hand"
            }
        case .container(let number):
            if let envelope = bench.envelope, bench.isMatched {
                try await desk(visit, "container.put", number.digits).perform(
                    .put(try ScannedCode(envelope), into: scan), by: by)
                bench = Bench(container: number.digits)
                said = "put"
            } else if let open = bench.container, open != number.digits,
                let kind = try? await shippingDesk().container(number).kind, kind != .consignment,
                let target = SSCC(open), let outer = try? await shippingDesk().container(target), outer.kind != .box
            {
                try await desk(visit, "container.put", open).perform(.put(scan, into: .container(target)), by: by)
                said = "put"
            } else {
                _ = try await shippingDesk().container(number)
                bench = Bench(container: number.digits)
                said = "in_hand"
            }
        }
        await self.bench(visit, bench)
        // a label is printed for the envelope, not for the card in hand
        let number =
            ["labelled", "label_stands"].contains(said) ? bench.envelope ?? scan.description : scan.description
        return .done(to: "/dispatch", ["said": .string("scan_\(said)"), "number": .string(number)])
    }
}
