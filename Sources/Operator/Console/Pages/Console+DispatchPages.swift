import Foundation
import Ground
import Ledger
import Shipping
import Stations

/// What the pages of dispatch show: the packing table, what lies there, what is accounted for.
extension Console {
    func packingTable(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let table = try shippingDesk()
        let bench = await bench(visit)
        var members: [String: JSONValue] = ["bench": bench.json, "has_document": .bool(bench.document != nil)]
        members["has_any"] = .bool(bench.document != nil || bench.envelope != nil || bench.container != nil)
        members["tabs"] = Console.tabs("/dispatch")
        members["has_key"] = .bool(signer != nil)
        members["target"] = .null
        members["container"] = .null
        if let envelope = bench.envelope, let scan = try? ScannedCode(bench.document ?? envelope),
            let parcel = try? await table.find(scan),
            let target = try? table.plan.target(parcel.address)
        {
            members["target"] = shown(target, table.plan, visit.look.language)
            members["label_path"] = .string("/dispatch/labels/\(Address.escape(parcel.label?.description ?? envelope))")
        }
        let held = bench.container.flatMap { SSCC($0) }
        var container: Container?
        if let held { container = try? await table.container(held) }
        members["wants"] = .string(
            bench.document != nil && !bench.isMatched
                ? "envelope" : bench.envelope != nil ? "box" : container?.state == .open ? "item" : "document")
        if let container { members["container"] = shown(container, table.plan, visit.look.language) }
        offer(container, table.plan, &members)
        // nothing in hand: what was begun and put down is found again without its label
        var begun: [ContainersHereQuery.Row] = []
        if members["has_any"] != true { begun = try await books.read(ContainersHereQuery(limit: 40)) }
        members["begun"] = .array(begun.map { shown($0, table.plan, visit.look.language) })
        members["has_begun"] = .bool(!begun.isEmpty)
        members["batches"] = .array(
            try await books.read(BatchesQuery(limit: 8, offset: 0)).map { .string($0.batch.rawValue) })
        members["places"] = .array(
            table.plan.places.values.sorted { $0.id < $1.id }.map { place in
                ["id": .string(place.id.rawValue), "name": .string(Console.name(place.names, visit.look.language))]
            })
        return .object(members)
    }

    static func name(_ names: PlaceNames, _ language: Language) -> String {
        switch language {
        case .ar: names.arabic
        case .ckb: names.sorani
        case .en: names.english
        }
    }

    func shown(_ target: Target, _ plan: LogisticsPlan, _ language: Language) -> JSONValue {
        shown(target.route.rawValue, target.region, target.place, plan, language)
    }

    private func shown(
        _ route: String, _ iso: String?, _ id: PlaceID?, _ plan: LogisticsPlan, _ language: Language
    ) -> JSONValue {
        let region = iso.flatMap { iso in plan.governorates.first { $0.iso == iso }?.names }
        let place = id.flatMap { plan.places[$0]?.names }
        return [
            "route": .string(route),
            "region": region.map { .string(Console.name($0, language)) } ?? .null,
            "place": place.map { .string(Console.name($0, language)) } ?? .null,
            "place_id": id.map { .string($0.rawValue) } ?? .null,
        ]
    }

    /// What is opened next: for what is in hand a box of its place, for a closed box a bag, for a sealed bag a consignment.
    private func offer(_ container: Container?, _ plan: LogisticsPlan, _ members: inout [String: JSONValue]) {
        var (kind, route) = (ContainerKind.box, members["target"]?["route"]?.string)
        var place = members["target"]?["place_id"]?.string
        if let container, container.state != .open {
            kind = container.kind == .box ? .bag : .consignment
            route = container.target.route.rawValue
            place = somePlace(of: container.target, plan)?.rawValue
        }
        members["next_place"] = place.map { .string($0) } ?? .null
        members["kinds"] = .array(
            ContainerKind.allCases.map { ["kind": .string($0.rawValue), "is_on": .bool($0 == kind)] })
        members["routes"] = .array(
            plan.routes.keys.map(\.rawValue).sorted().map { ["route": .string($0), "is_on": .bool($0 == route)] })
    }

    /// A container of a governorate or of a route names no place: any of its places opens the next one for it.
    private func somePlace(of target: Target, _ plan: LogisticsPlan) -> PlaceID? {
        guard target.place == nil, let rule = plan.routes[target.route] else { return target.place }
        return plan.places.values.filter { place in
            rule.placeTypes.contains(place.type)
                && (target.region.map { $0 == plan.region(of: place) } ?? true)
        }.map(\.id).min()
    }

    private func shown(_ row: ContainersHereQuery.Row, _ plan: LogisticsPlan, _ language: Language) -> JSONValue {
        return [
            "number": .string(row.number), "kind": .string(row.kind), "state": .string(row.state),
            "target": shown(row.route, row.region, row.place.map { PlaceID($0) }, plan, language),
            "since": .integer(row.since.microseconds),
        ]
    }

    /// How many lie in an open container is for the count at its closing to find.
    private func shown(_ container: Container, _ plan: LogisticsPlan, _ language: Language) -> JSONValue {
        let path = "/dispatch/containers/\(container.number.digits)"
        return [
            "number": .string(container.number.digits), "kind": .string(container.kind.rawValue),
            "state": .string(container.state.rawValue), "path": .string(path),
            "target": shown(container.target, plan, language),
            "label_path": .string("/dispatch/labels/\(container.number.digits)"),
            "count": container.state == .open ? .null : .integer(Int64(container.count)),
            "seal": container.seal.map(JSONValue.string) ?? .null,
            "is_open": .bool(container.state == .open),
            "may_seal": .bool(container.kind == .bag && container.state == .closed),
            "may_reopen": .bool([.closed, .sealed].contains(container.state) && container.inside == nil),
            "may_leave": .bool(container.kind == .consignment && container.state == .closed),
            "is_by_two": .bool(plan.routes[container.target.route]?.signatures == 2),
            "manifest_path": container.kind == .consignment && container.state != .open
                ? .string("/dispatch/manifests/\(container.number.digits)") : .null,
        ]
    }

    func accounts(_ visit: Visit) async throws(SakkError) -> JSONValue {
        let batch = BatchID(visit.parameter("batch"))
        let closing = try await shippingDesk().closing(batch: batch)
        var gaps: [Gap] = []
        var count = 0
        switch closing {
        case .accounted(let all): count = all
        case .missing(let found): gaps = found
        }
        // what lies in an open box is for the count at its closing to find: the box is named, not what is in it
        let open = Set(gaps.filter { $0.stage == .boxOpen }.compactMap { $0.container?.digits }).sorted()
        let named = gaps.filter { $0.stage != .boxOpen }
        return [
            "batch": .string(batch.rawValue), "is_accounted": .bool(gaps.isEmpty), "count": .integer(Int64(count)),
            "missing": .integer(Int64(named.count)), "has_named": .bool(!named.isEmpty),
            "is_abnormal": .bool(gaps.contains { Console.isAbnormal($0.stage) }),
            "open": .array(open.map { .string($0) }), "has_open": .bool(!open.isEmpty), "gaps": Console.shown(named),
        ]
    }

    static func shown(_ gaps: [Gap]) -> JSONValue {
        .array(
            gaps.prefix(500).map { gap in
                [
                    "production": .string(gap.production.rawValue), "blank": .string(gap.blank.rawValue),
                    "envelope": gap.envelope.map { .string($0.description) } ?? .null,
                    "stage": .string(gap.stage.rawValue), "is_abnormal": .bool(Console.isAbnormal(gap.stage)),
                    "container": gap.container.map { .string($0.digits) } ?? .null,
                    "custodian": .string(Console.words(gap.custodian)),
                ]
            })
    }

    /// No packing brings it further: somebody has to look for it. All other stages are a day's work that is not done yet.
    private static func isAbnormal(_ stage: Gap.Stage) -> Bool { [.lost, .notReceived, .notSetAside].contains(stage) }

    static func words(_ custodian: Custodian) -> String {
        switch custodian {
        case .plant, .holder, .nobody: ""
        case .carrier(let name), .courier(let name): name
        case .place(let place): place.rawValue
        case .person(let name, let place): "\(name), \(place)"
        }
    }
}
