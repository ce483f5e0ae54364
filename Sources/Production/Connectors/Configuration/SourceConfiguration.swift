import Catalog
public import Ground

/// A file that says where approved records are pulled from (`docs/configuration.md`, Source). No secret stands in it.
public struct SourceConfiguration: Sendable {
    public enum Kind: Sendable {
        case folder(path: String, afterwards: WatchedFolder.Afterwards)
        case https(address: String, pageRecords: Int, limits: WebLimits, tls: MutualTLS)
        case table(database: String, table: TableSource.Table, window: Int64, pageRecords: Int)
    }

    /// Stands in the ledger beside the cursor: with another name everything is read anew, which changes nothing.
    public let name: String
    public let kind: Kind
    /// The file that says who is asked whether an approval still stands; nil: nobody is.
    public let standing: String?
    public let everyMilliseconds: Int
    public let retry: RetryPolicy

    /// Relative paths are resolved against the folder of the file itself.
    public init(path: String) throws(SakkError) {
        try self.init(try ConfigurationFile(path: path))
    }

    init(_ file: ConfigurationFile) throws(SakkError) {
        let place = ConfigurationPlace(file: file.path)
        let root = file.root
        let name = try root.string("source")
        guard !name.isEmpty, name.utf8.count <= 40, name.utf8.allSatisfy(PlainName.isPlain) else {
            throw root.error("source", "must be letters, digits, `.`, `-`, `_`, at most 40")
        }
        self.name = name
        let kind = try root.string("kind", oneOf: ["folder", "https", "table"])
        let node = try root.node(kind)
        switch kind {
        case "folder":
            let taken = node.has("taken") ? try node.string("taken", oneOf: ["keep", "remove"]) : "keep"
            self.kind = .folder(
                path: place(try node.string("path")), afterwards: WatchedFolder.Afterwards(rawValue: taken) ?? .keep)
        case "table": self.kind = try SourceConfiguration.table(node)
        default:
            self.kind = .https(
                address: try node.string("address"),
                pageRecords: try node.integer("page_records", in: 1...1000, orElse: 100),
                limits: try node.webLimits(), tls: try node.mutualTLS(place.callAsFunction))
        }
        standing = try root.optionalString("standing").map(place.callAsFunction)
        let pull = try root.optionalNode("pull")
        everyMilliseconds = try pull?.integer("every_ms", in: 100...3_600_000, orElse: 10_000) ?? 10_000
        retry = try pull?.retryPolicy() ?? RetryPolicy()
        try root.finish()
    }

    private static func table(_ node: ConfigurationNode) throws(SakkError) -> Kind {
        let database = try node.string("database")
        // postgresql://user:secret@host/… or password=secret
        let authority = database.split(separator: "@", maxSplits: 1).first?.split(separator: "/").last ?? ""
        guard !database.contains("password"), !database.contains("@") || !authority.contains(":") else {
            throw node.error("database", "must hold no password: use .pgpass, a service file or a client certificate")
        }
        func identifier(_ key: String, orElse standard: String?) throws(SakkError) -> String? {
            guard let name = try node.optionalString(key) ?? standard else { return nil }
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            let plain = name.utf8.allSatisfy { PlainName.isPlain($0) && $0 != UInt8(ascii: "-") }
            guard plain, parts.count <= (key == "name" ? 2 : 1), parts.allSatisfy({ (1...63).contains($0.utf8.count) })
            else { throw node.error(key, "must be a plain name of letters, digits and `_`") }
            return name
        }
        var table = TableSource.Table(try identifier("name", orElse: nil) ?? "")
        guard !table.name.isEmpty else { throw node.error("name", "is missing", code: "config.missing") }
        table.id = try identifier("id", orElse: table.id) ?? table.id
        table.record = try identifier("record", orElse: table.record) ?? table.record
        table.acknowledged = try identifier("acknowledged", orElse: table.acknowledged) ?? table.acknowledged
        table.refusal = try identifier("refusal", orElse: nil)
        return .table(
            database: database, table: table,
            window: Int64(try node.integer("window", in: 0...1_000_000_000, orElse: 10_000)),
            pageRecords: try node.integer("page_records", in: 1...1000, orElse: 100))
    }

    public func source() throws(SakkError) -> any RecordSource {
        switch kind {
        case .folder(let path, let afterwards):
            return WatchedFolder(name: name, folder: path, afterwards: afterwards)
        case .https(let address, let pageRecords, let limits, let tls):
            let client = try WebClient(base: address, tls: tls, limits: limits, name: name)
            return HTTPSSource(name: name, client: client, pageRecords: pageRecords)
        case .table(let database, let table, let window, let pageRecords):
            return TableSource(
                name: name, database: database, table: table, window: window, pageRecords: pageRecords)
        }
    }
}
