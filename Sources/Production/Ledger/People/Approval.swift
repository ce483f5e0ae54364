public import Ground
import OpenSSLCrypto

/// One request that another person is to approve. UUIDv7.
public struct ApprovalID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// What is asked for, as a dotted word. The list is open: the rule is the same for each.
public struct ApprovalAction: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A blank or document out of quarantine, hold or recall.
    public static let release = ApprovalAction("release")
    public static let destroy = ApprovalAction("destroy")
    public static let priority = ApprovalAction("priority")
    /// A new document for one that was dispatched.
    public static let remake = ApprovalAction("remake")
    public static let shiftClose = ApprovalAction("shift.close")
    /// A machine's reason of print is overridden.
    public static let override = ApprovalAction("inspect.override")
    public static let forget = ApprovalAction("forget")
    /// A container that was closed.
    public static let reopen = ApprovalAction("dispatch.reopen")
    public static let lost = ApprovalAction("dispatch.lost")
    public static let reroute = ApprovalAction("dispatch.reroute")
}

/// A person asks that another one approves.
public struct ApprovalRequest: Sendable, Hashable {
    public let action: ApprovalAction
    /// The id that the act's own rows name: blank, certificate, shift, production, container.
    public let item: String
    /// SHA-256 of what exactly is approved (`digest(of:)`).
    public let digest: Bytes
    /// The role that whoever approves needs.
    public let role: PersonRole
    public let expires: WallTime
    /// For the second person to read; no personal data of a holder.
    public let reason: String

    public init(
        action: ApprovalAction, item: String, digest: Bytes, role: PersonRole, expires: WallTime, reason: String
    ) {
        self.action = action
        self.item = item
        self.digest = digest
        self.role = role
        self.expires = expires
        self.reason = reason
    }

    /// SHA-256 of the canonical JSON (RFC 8785): the screen that asks and the act that is done make it of the same facts.
    public static func digest(of facts: JSONValue) -> Bytes { Digest.sha256(facts.canonical) }
}

/// Where a request stands.
public struct Approval: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable {
        case asked, given, refused, used
        /// Nobody gave it in time, or it was given and not used in time.
        case expired
    }

    public let id: ApprovalID
    public let request: ApprovalRequest
    public let askedBy: Person
    public let askedAt: WallTime
    /// Who gave or refused it.
    public let answeredBy: Person?
    public let answeredAt: WallTime?
    public let answer: String?
    public let usedAt: WallTime?
    public let state: State

    /// The two as they stand on papers and in journal rows; nil until it was given.
    public var people: TwoPeople? {
        guard let answeredBy, state == .given || state == .used else { return nil }
        return try? TwoPeople(askedBy.signature, answeredBy.signature)
    }
}

/// An approval is used in the transaction of the act that it allows (`Books.acting`): for this action, this item and
/// exactly this, once.
public struct ApprovalUse: Sendable, Hashable {
    public let id: ApprovalID
    public let action: ApprovalAction
    public let item: String
    public let digest: Bytes

    public init(id: ApprovalID, action: ApprovalAction, item: String, digest: Bytes) {
        self.id = id
        self.action = action
        self.item = item
        self.digest = digest
    }
}
