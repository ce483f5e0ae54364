public import Ground

/// Somebody who works at the plant.
public struct Person: Sendable, Hashable {
    /// What is typed at sign-in, and what the journal names: letters, digits, `.`, `-`, `_`.
    public let id: String
    /// The name that is shown.
    public let name: String
    public let roles: Set<Role>
    public let isActive: Bool

    public init(id: String, name: String, roles: Set<Role>, isActive: Bool = true) {
        self.id = id
        self.name = name
        self.roles = roles
        self.isActive = isActive
    }

    /// Latin letters, digits, `.`, `-` and `_`, from 2 to 40: it stands in journal rows and in addresses.
    public static func isID(_ text: String) -> Bool {
        (2...40).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
            }
    }
}

/// How a person proves who he is: the verifier of a password, never the password.
public struct Credential: Sendable, Hashable {
    /// As `Scrypt.verifier` makes it.
    public let verifier: String
    /// It lets nobody in but to the page where an own password is chosen, once.
    public let isOneTime: Bool

    public init(verifier: String, isOneTime: Bool) {
        self.verifier = verifier
        self.isOneTime = isOneTime
    }
}

/// Where the people of the plant are kept.
public protocol PeopleStore: Sendable {
    /// In the order of their ids.
    func people() async throws(SakkError) -> [Person]
    func person(_ id: String) async throws(SakkError) -> Person?
    func credential(of id: String) async throws(SakkError) -> Credential?
    /// Adds a person, or changes name, roles and standing of one who is there.
    func put(_ person: Person, by actor: String) async throws(SakkError)
    func set(_ credential: Credential, of id: String, by actor: String) async throws(SakkError)
    /// A row in the journal about what somebody did at a console.
    func note(_ kind: String, _ subjects: [String], _ facts: [String: JSONValue], by actor: String)
        async throws(SakkError)
}
