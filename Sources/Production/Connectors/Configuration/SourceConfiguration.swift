import Catalog
public import Ground

/// A file that says where approved records are pulled from (`docs/configuration.md`, Source). No secret stands in it.
public struct SourceConfiguration: Sendable {
    public enum Kind: Sendable {
        case folder(path: String, afterwards: WatchedFolder.Afterwards)
        case https(address: String, pageRecords: Int, limits: WebLimits, tls: MutualTLS)
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
        let kind = try root.string("kind", oneOf: ["folder", "https"])
        let node = try root.node(kind)
        switch kind {
        case "folder":
            let taken = node.has("taken") ? try node.string("taken", oneOf: ["keep", "remove"]) : "keep"
            self.kind = .folder(
                path: place(try node.string("path")), afterwards: WatchedFolder.Afterwards(rawValue: taken) ?? .keep)
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

    public func source() throws(SakkError) -> any RecordSource {
        switch kind {
        case .folder(let path, let afterwards):
            return WatchedFolder(name: name, folder: path, afterwards: afterwards)
        case .https(let address, let pageRecords, let limits, let tls):
            let client = try WebClient(base: address, tls: tls, limits: limits, name: name)
            return HTTPSSource(name: name, client: client, pageRecords: pageRecords)
        }
    }
}
