public import Ground

/// Office, mission or mobile station: an id of `seeds/offices.json`.
public struct PlaceID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The three names that stand on labels and screens.
public struct PlaceNames: Sendable, Hashable {
    public let arabic: String
    public let sorani: String
    public let english: String
}

/// A governorate, as `seeds/logistics/governorates.yaml` says it.
public struct Governorate: Sendable, Hashable {
    /// ISO 3166-2, or a private code `IQ-X-…` where the lists have none.
    public let iso: String
    public let names: PlaceNames
    /// First two digits of the post code (2004).
    public let postCode: Int?
    /// The governorate in whose bags it travels, when it has none of its own.
    public let routedWith: String?
}

/// Office type: what a place is, and where it may lie.
public struct PlaceType: Sendable, Hashable {
    public enum Region: String, Sendable, CaseIterable { case governorate, country }
    public let id: String
    public let names: PlaceNames
    public let region: Region
}

/// A place that parcels go to. The list changes with the years: dated data, never code.
public struct Place: Sendable, Hashable {
    public let id: PlaceID
    /// Id of a `PlaceType`.
    public let type: String
    public let iso: String
    public let names: PlaceNames
    /// Open from this day, and until this day; nil: not said.
    public let from: CivilDate?
    public let until: CivilDate?

    public func isOpen(on day: CivilDate) -> Bool {
        from.map { $0 <= day } ?? true && until.map { day <= $0 } ?? true
    }
}
