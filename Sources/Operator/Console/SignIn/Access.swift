public import Ledger

/// Who may use a route.
public enum Access: Sendable, Hashable {
    /// No sign-in: the page shows nothing of anybody.
    case everyone
    /// Whoever is signed in, whatever the role.
    case signedIn
    case roles(Set<PersonRole>)

    public func admits(_ roles: Set<PersonRole>) -> Bool {
        switch self {
        case .everyone, .signedIn: true
        case .roles(let wanted): !wanted.isDisjoint(with: roles)
        }
    }
}
