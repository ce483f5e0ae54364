internal import Ground
import Ledger

/// One thing that can be asked for. Whoever is not admitted never reaches the handler.
public struct Route: Sendable {
    /// What a handler answers with.
    enum Answer: Sendable {
        /// A template and what it shows; the API gets what it shows.
        case page(String, JSONValue)
        /// Done: where the browser goes on, and what the API is told.
        case done(to: String, JSONValue)
        case reply(Reply)
    }

    public let method: String
    /// `/lines/{line}`.
    public let path: String
    public let access: Access
    /// What it does, for the API's description.
    public let summary: String
    /// Names of the form's fields; `name.*` stands for all that begin so.
    public let fields: [String]
    /// Names that the address may have after its `?`.
    public let query: [String]
    /// What the API answers with when it is not an object.
    public let type: String?
    /// The API has it too, under `/api`.
    public let isInAPI: Bool
    /// The page asks by itself, so that it does not keep a session awake.
    let isByItself: Bool
    let segments: [String]
    let handler: @Sendable (Visit) async throws(SakkError) -> Answer

    init(
        _ method: String, _ path: String, _ access: Access, _ summary: String, fields: [String] = [],
        query: [String] = [], type: String? = nil, isInAPI: Bool = true, isByItself: Bool = false,
        _ handler: @escaping @Sendable (Visit) async throws(SakkError) -> Answer
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.summary = summary
        self.fields = fields
        self.query = query
        self.type = type
        self.isInAPI = isInAPI
        self.isByItself = isByItself
        self.handler = handler
        segments = path.split(separator: "/").map(String.init)
    }

    /// What stands for the names in braces; nil when the path is another.
    func match(_ path: ArraySlice<String>) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var found: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            if segment.hasPrefix("{") {
                found[String(segment.dropFirst().dropLast())] = text
            } else if segment != text {
                return nil
            }
        }
        return found
    }
}

/// One request at its route: who asks, with what.
struct Visit: Sendable {
    let ask: Ask
    let parameters: [String: String]
    let form: Form
    let look: Look
    /// Nil on pages for everyone, where nobody is signed in.
    let session: Session?
    let token: String?
    let isAPI: Bool

    /// Of a route that only signed-in people reach.
    var person: Person { session?.person ?? Person(id: PersonID("nobody"), name: "", roles: [], isActive: false) }
    /// For journal rows.
    var by: String { person.id.rawValue }
    var roles: Set<PersonRole> { session?.person.roles ?? [] }

    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// A field that must be there.
    func required(_ name: String) throws(SakkError) -> String {
        guard let value = form[name] else { throw Visit.wrong(name) }
        return value
    }

    func requiredNumber(_ name: String) throws(SakkError) -> Int {
        guard let value = form.number(name) else { throw Visit.wrong(name) }
        return value
    }

    static func wrong(_ field: String) -> SakkError {
        SakkError(
            "console.field", source: "console", subject: field, text: "The field `\(field)` is missing or wrong.",
            remedy: "Fill it in and send it again.")
    }
}
