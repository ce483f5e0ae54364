import Catalog
public import Ground
import OpenSSLCrypto
public import Stations

/// A file that says who is asked whether an approval still stands (`docs/configuration.md`, Standing).
public struct StandingConfiguration: Sendable {
    public struct Ask: Sendable {
        public let address: String
        public let maxAgeSeconds: Int64
        public let limits: WebLimits
        public let tls: MutualTLS
    }

    public let stopLists: StopListKeeper.Configuration?
    public let ask: Ask?

    public init(path: String) throws(SakkError) {
        let file = try ConfigurationFile(path: path)
        let place = ConfigurationPlace(file: path)
        if let node = try file.root.optionalNode("stop_lists") {
            var trust: [X509Certificate] = []
            for path in try node.requiredStrings("trust") {
                guard let bytes = FileBytes.read(place(path)) else {
                    throw node.error("trust", "names a file that cannot be read", code: "config.file.missing")
                }
                trust.append(try X509Certificate(pem: bytes))
            }
            stopLists = StopListKeeper.Configuration(
                authorities: try node.requiredStrings("authorities"),
                trust: trust, maxAgeSeconds: Int64(try node.integer("max_age_s", in: 60...2_592_000)))
        } else {
            stopLists = nil
        }
        ask = try file.root.optionalNode("ask").map { node throws(SakkError) in
            Ask(
                address: try node.string("address"),
                maxAgeSeconds: Int64(try node.integer("max_age_s", in: 1...2_592_000)), limits: try node.webLimits(),
                tls: try node.mutualTLS(place.callAsFunction))
        }
        guard stopLists != nil || ask != nil else {
            throw file.root.error("stop_lists", "or `ask` is needed: somebody must know", code: "config.missing")
        }
        try file.root.finish()
    }

    /// The keeper of the stop-lists; nil when none are configured.
    public func keeper(books: any StopListBooks, time: any TimeSource) -> StopListKeeper? {
        stopLists.map { StopListKeeper($0, books: books, time: time) }
    }

    /// Whoever is configured, all to be heard.
    public func standing(books: any StopListBooks, time: any TimeSource) throws(SakkError) -> any RecordStanding {
        var all: [any RecordStanding] = []
        if let keeper = keeper(books: books, time: time) { all.append(keeper) }
        if let ask {
            let client = try WebClient(base: ask.address, tls: ask.tls, limits: ask.limits, name: "standing")
            all.append(HTTPSStanding(name: "standing", client: client, maxAgeSeconds: ask.maxAgeSeconds, time: time))
        }
        return EveryStanding(all)
    }
}
