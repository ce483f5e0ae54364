/// What a person does at the plant. A person has one or more.
public enum Role: String, Sendable, Hashable, CaseIterable {
    case `operator`, inspector, logistics, supervisor, keyOfficer = "key_officer", auditor
}

/// Who may use a route.
public enum Access: Sendable, Hashable {
    /// No sign-in: the page shows nothing of anybody.
    case everyone
    /// Whoever is signed in, whatever the role.
    case signedIn
    case roles(Set<Role>)

    func admits(_ roles: Set<Role>) -> Bool {
        switch self {
        case .everyone, .signedIn: true
        case .roles(let wanted): !wanted.isDisjoint(with: roles)
        }
    }
}
