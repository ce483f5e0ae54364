public import Ground

/// A shift of one line: line, factory day and name.
public struct ShiftID: Identifier {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ line: LineID, day: FactoryDay, name: String) { rawValue = "\(line)/\(day)/\(name)" }
}

/// The day a shift belongs to: said by the person who opens it and stored; a night shift keeps the day it began on.
public struct FactoryDay: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    /// `YYYY-MM-DD` (ISO 8601); nil for a day that no month has.
    public init?(_ text: String) {
        guard let day = CivilDate(iso8601: text) else { return nil }
        description = day.iso8601
    }
}

/// Where a blank of a shift ended.
public enum ShiftFate: String, Sendable, Hashable, CaseIterable {
    case good, spoiled, sample, setup, returned, carried, missing

    static let sql = """
        CASE WHEN b.line <> s.line THEN 'returned' WHEN b.account IN ('good','dispatched') THEN 'good'
          WHEN b.account IN ('spoiled','destroyed') THEN 'spoiled' WHEN b.account IN ('vault','returned') THEN 'returned'
          WHEN b.account IN ('sample','setup','missing') THEN b.account ELSE 'carried' END
        """
}

/// The places of a cell that a person counts.
public enum CountedPlace: String, Sendable, Hashable, CaseIterable { case hopper, good, reject, held }

/// What lies in the four places of a cell.
public struct PlaceCounts: Sendable, Hashable {
    public var hopper: Int
    public var good: Int
    public var reject: Int
    public var held: Int

    public init(hopper: Int = 0, good: Int = 0, reject: Int = 0, held: Int = 0) {
        self.hopper = hopper
        self.good = good
        self.reject = reject
        self.held = held
    }

    public subscript(_ place: CountedPlace) -> Int {
        switch place {
        case .hopper: hopper
        case .good: good
        case .reject: reject
        case .held: held
        }
    }
}

/// What one person counted at one cell, without having seen what the books expect.
public struct ShiftCount: Sendable, Hashable {
    public let shift: ShiftID
    public let cell: CellID
    public let person: String
    public let counts: PlaceCounts

    public init(shift: ShiftID, cell: CellID, person: String, counts: PlaceCounts) {
        self.shift = shift
        self.cell = cell
        self.person = person
        self.counts = counts
    }
}

/// A card that the shift hands on: each one is named, with who has it and where.
public struct CarriedCard: Sendable, Hashable {
    public let blank: BlankID
    public let person: String
    public let place: String

    public init(blank: BlankID, person: String, place: String) {
        self.blank = blank
        self.person = person
        self.place = place
    }
}

/// How a shift is to be closed.
public struct ShiftClosing: Sendable, Hashable {
    public var shift: ShiftID
    /// Every card in a cell, held, in quarantine or in custody; the hoppers are named by the books.
    public var carried: [CarriedCard]
    public var missing: [BlankID]
    public var missingSupplies: [ConsumableID] = []
    /// What happened; needed when something is missing.
    public var incident: String?
    public var people: TwoPeople?

    public init(
        shift: ShiftID, carried: [CarriedCard] = [], missing: [BlankID] = [], incident: String? = nil,
        people: TwoPeople? = nil
    ) {
        self.shift = shift
        self.carried = carried
        self.missing = missing
        self.incident = incident
        self.people = people
    }
}

/// Carried in + taken = good + spoiled + sample + setup + returned + carried out + missing.
public struct ShiftBalance: Sendable, Hashable {
    public let carriedIn: Int
    public let taken: Int
    public let fates: [ShiftFate: Int]

    public var isEven: Bool { carriedIn + taken == fates.values.reduce(0, +) }
    public subscript(_ fate: ShiftFate) -> Int { fates[fate] ?? 0 }
}
