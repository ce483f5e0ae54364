import Catalog
public import Ground
import Stations

extension LogisticsPlan {
    /// Reads `logistics/governorates.yaml`, `logistics/routes.yaml`, `logistics/numbers.yaml` and `offices.json` of the
    /// folder `seeds`. Errors are `config.*` with file, line and reason; nothing is taken from a folder with a fault.
    public init(seeds: String) throws(SakkError) {
        let lists = "\(seeds)/logistics"
        let governorates = try ConfigurationFile(path: "\(lists)/governorates.yaml")
        let routes = try ConfigurationFile(path: "\(lists)/routes.yaml")
        let numbers = try ConfigurationFile(path: "\(lists)/numbers.yaml")
        // JSON is YAML: read the same way, it gives the lines too
        let offices = try ConfigurationFile(path: "\(seeds)/offices.json")
        try self.init(governorates: governorates, routes: routes, numbers: numbers, offices: offices)
    }

    /// As `init(seeds:)`, from texts.
    public init(governorates: String, routes: String, numbers: String, offices: String) throws(SakkError) {
        try self.init(
            governorates: ConfigurationFile(path: "governorates.yaml", text: governorates),
            routes: ConfigurationFile(path: "routes.yaml", text: routes),
            numbers: ConfigurationFile(path: "numbers.yaml", text: numbers),
            offices: ConfigurationFile(path: "offices.json", text: offices))
    }

    private init(
        governorates: ConfigurationFile, routes: ConfigurationFile, numbers: ConfigurationFile,
        offices: ConfigurationFile
    ) throws(SakkError) {
        self.governorates = try LogisticsPlan.governorates(governorates.root)
        placeTypes = try LogisticsPlan.placeTypes(routes.root)
        self.routes = try LogisticsPlan.routes(routes.root, placeTypes)
        places = try LogisticsPlan.places(offices.root, placeTypes, self.governorates)
        itemRanges = try LogisticsPlan.itemRanges(numbers.root)
        containerRanges = try LogisticsPlan.containerRanges(numbers.root)
        for file in [governorates, routes, numbers, offices] { try file.root.finish() }
    }

    private static func governorates(_ root: ConfigurationNode) throws(SakkError) -> [Governorate] {
        var list: [Governorate] = []
        let nodes = try root.nodes("governorates")
        guard !nodes.isEmpty else { throw root.error("governorates", "must name at least one") }
        for node in nodes {
            let iso = try node.string("iso")
            guard !list.contains(where: { $0.iso == iso }) else { throw node.error("iso", "stands twice") }
            guard iso.wholeMatch(of: /[A-Z]{2}-(?:[A-Z0-9]{1,3}|X-[A-Z]+)/) != nil else {
                throw node.error("iso", "must be a code of ISO 3166-2, or a private one with -X-")
            }
            let post = try node.optionalInteger("post")
            if let post, !(10...99).contains(post) { throw node.error("post", "must have two digits") }
            list.append(
                Governorate(
                    iso: iso, names: try names(node, english: "english"), postCode: post,
                    routedWith: try node.optionalString("routed_with")))
        }
        for (node, governorate) in zip(nodes, list) {
            guard let other = governorate.routedWith else { continue }
            guard let target = list.first(where: { $0.iso == other }), target.routedWith == nil else {
                throw node.error("routed_with", "must name a governorate that has bags of its own")
            }
        }
        return list
    }

    private static func placeTypes(_ root: ConfigurationNode) throws(SakkError) -> [PlaceType] {
        var list: [PlaceType] = []
        for node in try root.nodes("place_types") {
            let id = try node.string("id")
            guard !list.contains(where: { $0.id == id }) else { throw node.error("id", "stands twice") }
            list.append(
                PlaceType(
                    id: id, names: try names(node, english: "english"), region: try choice(node, "region")))
        }
        guard !list.isEmpty else { throw root.error("place_types", "must name at least one") }
        return list
    }

    private static func places(
        _ root: ConfigurationNode, _ types: [PlaceType], _ governorates: [Governorate]
    ) throws(SakkError) -> [PlaceID: Place] {
        _ = try root.string("schema", oneOf: ["sakk.offices/1"])
        var list: [PlaceID: Place] = [:]
        for node in try root.nodes("offices") {
            let id = PlaceID(try node.string("id"))
            guard list[id] == nil else { throw node.error("id", "stands twice") }
            let name = try node.string("type")
            guard let type = types.first(where: { $0.id == name }) else {
                throw node.error("type", "is not a place type of routes.yaml")
            }
            let iso = try node.string("iso")
            switch type.region {
            case .governorate:
                guard governorates.contains(where: { $0.iso == iso }) else {
                    throw node.error("iso", "is not a governorate of governorates.yaml")
                }
            case .country:
                guard iso.wholeMatch(of: /[A-Z]{2}/) != nil else {
                    throw node.error("iso", "must be a country code of ISO 3166-1")
                }
            }
            let place = Place(
                id: id, type: name, iso: iso, names: try names(node, english: "latin"), from: try day(node, "from"),
                until: try day(node, "until"))
            if let from = place.from, let until = place.until, until < from {
                throw node.error("until", "must not lie before from")
            }
            list[id] = place
        }
        guard !list.isEmpty else { throw root.error("offices", "must name at least one") }
        return list
    }

    /// Arabic and Sorani in Arabic letters, the third in Latin ones: a name in the wrong column is found here.
    static func names(_ node: ConfigurationNode, english key: String) throws(SakkError) -> PlaceNames {
        for (key, isArabic) in [("arabic", true), ("sorani", true), (key, false)] {
            let text = try node.string(key)
            let letters = text.unicodeScalars.filter(\.properties.isAlphabetic)
            guard !letters.isEmpty, letters.allSatisfy({ (0x600...0x6FF).contains($0.value) == isArabic }) else {
                throw node.error(key, "must be written in \(isArabic ? "Arabic" : "Latin") letters")
            }
        }
        return PlaceNames(
            arabic: try node.string("arabic"), sorani: try node.string("sorani"), english: try node.string(key))
    }

    static func choice<Word: RawRepresentable<String> & CaseIterable>(_ node: ConfigurationNode, _ key: String)
        throws(SakkError) -> Word
    {
        let text = try node.string(key, oneOf: Word.allCases.map(\.rawValue))
        guard let word = Word(rawValue: text) else { throw node.error(key, "is not known") }
        return word
    }

    private static func day(_ node: ConfigurationNode, _ key: String) throws(SakkError) -> CivilDate? {
        guard let text = try node.optionalString(key) else { return nil }
        guard let day = CivilDate(iso8601: text) else { throw node.error(key, "must be a day, YYYY-MM-DD") }
        return day
    }
}
