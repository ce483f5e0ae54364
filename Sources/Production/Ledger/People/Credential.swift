public import Ground

/// What proves a person at sign-in. The verifier lies in a table of its own and never in the journal, which has a keyed
/// tag of it: whoever exchanges a verifier in the file is seen (`people.credential.changed`).
public enum Credential: Sendable, Hashable {
    /// The whole string of a password's scrypt (RFC 7914) with its parameters and salt; one per person.
    case password(scrypt: String)
    /// SHA-256 of a client certificate's DER; one certificate belongs to one person.
    case certificate(sha256: Bytes)

    public enum Kind: String, Sendable, Hashable, CaseIterable { case password, certificate }

    public var kind: Kind {
        switch self {
        case .password: .password
        case .certificate: .certificate
        }
    }

    var verifier: String {
        switch self {
        case .password(let scrypt): scrypt
        case .certificate(let digest): digest.hex
        }
    }

    init?(_ kind: String, _ verifier: String) {
        switch Kind(rawValue: kind) {
        case .password: self = .password(scrypt: verifier)
        case .certificate:
            guard let digest = Bytes(hex: verifier) else { return nil }
            self = .certificate(sha256: digest)
        case nil: return nil
        }
    }
}

/// A credential as it is kept.
public struct StoredCredential: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    public let person: PersonID
    public let credential: Credential
    /// Good for one sign-in, at which another is set.
    public let isOneTime: Bool
    public let expires: WallTime?
    public let since: WallTime
    public let setBy: String

    // the verifier stays out of logs and errors
    public var description: String { "\(credential.kind.rawValue) of \(person)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
