public import Ground

/// A member of staff, by a short name that is given once: small letters, digits, `.`, `_` and `-`, 2 to 32 characters.
public struct PersonID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// So that two ids never differ in case or blanks alone.
    public var isWellFormed: Bool { rawValue.wholeMatch(of: /[a-z][a-z0-9._\-]{1,31}/) != nil }
}

/// What a person may do. A person has any number of roles; an auditor only looks.
public enum PersonRole: String, Sendable, Hashable, CaseIterable {
    case `operator`, inspector, logistics, supervisor
    case keyOfficer = "key_officer"
    case auditor
}

/// Which language the console speaks to a person (ISO 639).
public enum PersonLanguage: String, Sendable, Hashable, CaseIterable {
    case arabic = "ar"
    case sorani = "ckb"
    case english = "en"
}

/// A member of staff. The shown name stands in the journal, as the names of staff do everywhere in it.
public struct Person: Sendable, Hashable {
    public let id: PersonID
    public var name: String
    public var roles: Set<PersonRole>
    /// One who left stays in the books and does nothing more.
    public var isActive: Bool
    public var language: PersonLanguage

    public init(
        id: PersonID, name: String, roles: Set<PersonRole>, isActive: Bool = true, language: PersonLanguage = .arabic
    ) {
        self.id = id
        self.name = name
        self.roles = roles
        self.isActive = isActive
        self.language = language
    }

    /// As it stands on papers that two people sign: no two read alike.
    public var signature: String { "\(name) (\(id))" }
}

/// What a person did at a screen, to what, and where it stands.
public struct PersonAct: Sendable, Hashable {
    /// Nil for somebody who is not known; what was typed as a name is not kept, it may be a password.
    public let person: PersonID?
    /// Dotted, for example `shift.close`, `card.look`, `sign.in`.
    public let act: String
    /// An id; never a name of a holder.
    public let item: String
    /// The screen: its address or the name in its certificate.
    public let station: String
    /// Why it was refused; nil when it was done.
    public let refusal: SakkError.Code?

    public init(
        person: PersonID?, act: String, item: String, station: String, refusal: SakkError.Code? = nil
    ) {
        self.person = person
        self.act = act
        self.item = item
        self.station = station
        self.refusal = refusal
    }
}
