import Catalog
import Ground
import Stations

extension LogisticsPlan {
    static func routes(_ root: ConfigurationNode, _ types: [PlaceType]) throws(SakkError)
        -> [ApprovedRecord.DeliveryRoute: RouteRule]
    {
        var list: [ApprovedRecord.DeliveryRoute: RouteRule] = [:]
        for node in try root.nodes("routes") {
            let rule = try rule(node, types)
            guard list[rule.route] == nil else { throw node.error("route", "stands twice") }
            list[rule.route] = rule
        }
        for route in ApprovedRecord.DeliveryRoute.allCases where list[route] == nil {
            throw root.error("routes", "must have the route \(route.rawValue)", code: "config.missing")
        }
        return list
    }

    private static func rule(_ node: ConfigurationNode, _ types: [PlaceType]) throws(SakkError) -> RouteRule {
        let route: ApprovedRecord.DeliveryRoute = try choice(node, "route")
        let places = try node.requiredStrings("place_types")
        for place in places where !types.contains(where: { $0.id == place }) {
            throw node.error("place_types", "names \(place), which is no place type")
        }
        var grouping: [ContainerKind: RouteRule.Grouping] = [:]
        var capacity: [ContainerKind: Int] = [:]
        for kind in ContainerKind.allCases {
            let inner = try node.node(kind.rawValue)
            grouping[kind] = try choice(inner, "same")
            capacity[kind] = try inner.integer("capacity", in: 1...100_000)
        }
        guard grouping[.box] == .destination else {
            throw node.error("box", "must hold parcels of one destination only")
        }
        if grouping[.bag] != .destination, grouping[.consignment] == .destination {
            throw node.error("consignment", "cannot be narrower than its bags")
        }
        if grouping[.bag] == .route, grouping[.consignment] != .route {
            throw node.error("consignment", "cannot be narrower than its bags")
        }
        let handover: [HandoverKind] = try words(node, "handover")
        guard let isSealed = try node.optionalFlag("sealed"), let hasCourier = try node.optionalFlag("courier") else {
            throw node.error("sealed", "and courier must be said", code: "config.missing")
        }
        return RouteRule(
            route: route, names: try names(node, english: "english"), placeTypes: places, grouping: grouping,
            capacity: capacity, isSealed: isSealed, signatures: try node.integer("signatures", in: 1...2),
            hasCourier: hasCourier, handover: handover, codeHours: try node.integer("code_hours", in: 1...8760),
            codeTries: try node.integer("code_tries", in: 1...10), attempts: try node.integer("attempts", in: 1...10),
            recallDays: try node.integer("recall_days", in: 1...3650))
    }

    static func itemRanges(_ root: ConfigurationNode) throws(SakkError) -> [S10Range] {
        var list: [S10Range] = []
        var served: Set<ApprovedRecord.DeliveryRoute> = []
        for node in try root.nodes("s10") {
            let service = try node.string("service")
            let country = try node.string("country")
            guard S10(service: service, serial: 0, country: country) != nil else {
                throw node.error("service", "and country must have two capital letters each")
            }
            let range = S10Range(
                id: try node.string("id"), service: service, country: country,
                serials: try serials(node, most: 99_999_999), routes: try words(node, "routes"))
            for other in list where other.service == service && other.country == country {
                guard !other.serials.overlaps(range.serials) else {
                    throw node.error("first", "overlaps the range \(other.id)")
                }
            }
            for route in range.routes where !served.insert(route).inserted {
                throw node.error("routes", "names \(route.rawValue), which has a range already")
            }
            list.append(range)
        }
        for route in ApprovedRecord.DeliveryRoute.allCases where !served.contains(route) {
            throw root.error("s10", "must have a range for the route \(route.rawValue)", code: "config.missing")
        }
        return list
    }

    static func containerRanges(_ root: ConfigurationNode) throws(SakkError) -> [SSCCRange] {
        var list: [SSCCRange] = []
        var served: Set<ContainerKind> = []
        for node in try root.nodes("sscc") {
            let prefix = try node.string("prefix")
            guard (4...12).contains(prefix.utf8.count), GS1.checkDigit(of: prefix) != nil else {
                throw node.error("prefix", "must have 4 to 12 digits, in quotation marks")
            }
            var most = 1
            for _ in 0..<(16 - prefix.utf8.count) { most *= 10 }
            let range = SSCCRange(
                id: try node.string("id"), extensionDigit: try node.integer("extension", in: 0...9), prefix: prefix,
                serials: try serials(node, most: most - 1), kinds: try words(node, "kinds"))
            for other in list where other.extensionDigit == range.extensionDigit {
                // a longer prefix under the same digit may name the same numbers
                let related = other.prefix.hasPrefix(prefix) || prefix.hasPrefix(other.prefix)
                let same = other.prefix == prefix
                guard !related || (same && !other.serials.overlaps(range.serials)) else {
                    throw node.error("first", "overlaps the range \(other.id)")
                }
            }
            for kind in range.kinds where !served.insert(kind).inserted {
                throw node.error("kinds", "names \(kind.rawValue), which has a range already")
            }
            list.append(range)
        }
        for kind in ContainerKind.allCases where !served.contains(kind) {
            throw root.error("sscc", "must have a range for each \(kind.rawValue)", code: "config.missing")
        }
        return list
    }

    private static func serials(_ node: ConfigurationNode, most: Int) throws(SakkError) -> ClosedRange<Int> {
        let first = try node.integer("first", in: 0...most)
        let last = try node.integer("last", in: 0...most)
        guard first <= last else { throw node.error("last", "must not be smaller than first") }
        return first...last
    }

    private static func words<Word: RawRepresentable<String> & CaseIterable & Hashable>(
        _ node: ConfigurationNode, _ key: String
    ) throws(SakkError) -> [Word] {
        var list: [Word] = []
        for text in try node.requiredStrings(key) {
            guard let word = Word(rawValue: text) else {
                throw node.error(key, "may name \(Word.allCases.map(\.rawValue).joined(separator: ", ")) only")
            }
            guard !list.contains(word) else { throw node.error(key, "names \(text) twice") }
            list.append(word)
        }
        return list
    }
}
