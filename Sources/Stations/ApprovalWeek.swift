public import Ground

/// The ISO 8601 week (UTC) in which a record was approved, for example `2026-W47`: what lives and is forgotten together.
/// A week belongs to the year of its Thursday, so 2027-01-01 is in `2026-W53`.
public struct ApprovalWeek: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// The week-numbering year, which differs from the calendar year around 1 January.
    public let year: Int
    /// 1 to 52 or 53.
    public let number: Int

    public init(_ time: WallTime) { self.init(time.date) }

    public init(_ date: CivilDate) {
        let days = date.daysSince1970
        let thursday = CivilDate(daysSince1970: ApprovalWeek.monday(before: days) + 3)
        year = thursday.year
        number = (thursday.daysSince1970 - ApprovalWeek.firstMonday(of: year)) / 7 + 1
    }

    /// Nil when the year does not have the week.
    public init?(year: Int, number: Int) {
        guard (1...9999).contains(year), number >= 1,
            ApprovalWeek.firstMonday(of: year) + 7 * (number - 1) < ApprovalWeek.firstMonday(of: year + 1)
        else { return nil }
        self.year = year
        self.number = number
    }

    /// Reads `YYYY-Www`; nil for anything else and for a week that the year does not have.
    public init?(rawValue: String) {
        let parts = rawValue.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 4, parts[1].utf8.count == 3, parts[1].first == "W",
            let year = ApprovalWeek.decimal(parts[0]), let number = ApprovalWeek.decimal(parts[1].dropFirst())
        else { return nil }
        self.init(year: year, number: number)
    }

    public var rawValue: String {
        let year = String(year)
        return String(repeating: "0", count: max(0, 4 - year.count)) + year + (number < 10 ? "-W0" : "-W") + "\(number)"
    }

    /// The first day of the week.
    public var monday: CivilDate {
        CivilDate(daysSince1970: ApprovalWeek.firstMonday(of: year) + 7 * (number - 1))
    }

    public var description: String { rawValue }

    public static func < (left: ApprovalWeek, right: ApprovalWeek) -> Bool {
        (left.year, left.number) < (right.year, right.number)
    }

    /// The Monday of week 1 in days since 1970: 4 January is always in week 1.
    private static func firstMonday(of year: Int) -> Int {
        let before = year - 1
        let january1 = 365 * before + before / 4 - before / 100 + before / 400 - 719_162
        return monday(before: january1 + 3)
    }

    /// 1970-01-01 was a Thursday.
    private static func monday(before days: Int) -> Int {
        let sinceMonday = (days + 3) % 7
        return days - (sinceMonday < 0 ? sinceMonday + 7 : sinceMonday)
    }

    private static func decimal(_ digits: Substring) -> Int? {
        digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(digits) : nil
    }
}
