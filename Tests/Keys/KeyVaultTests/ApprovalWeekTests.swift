import Foundation
import Ground
import Stations
import Testing

struct ApprovalWeekTests {
    @Test(arguments: [
        ("2026-01-01T00:00:00Z", "2026-W01"), ("2025-12-29T00:00:00Z", "2026-W01"),
        ("2025-12-28T23:59:59Z", "2025-W52"), ("2026-11-20T12:00:00Z", "2026-W47"),
        ("2026-12-31T23:59:59Z", "2026-W53"), ("2027-01-01T00:00:00Z", "2026-W53"),
        ("2027-01-03T23:59:59Z", "2026-W53"), ("2027-01-04T00:00:00Z", "2027-W01"),
        ("2000-01-01T00:00:00Z", "1999-W52"), ("2020-12-31T00:00:00Z", "2020-W53"),
        ("2024-12-30T00:00:00Z", "2025-W01"),
    ])
    func `A week belongs to the year of its Thursday`(_ time: String, _ week: String) throws {
        let wall = try #require(WallTime(iso8601: time))
        #expect(ApprovalWeek(wall).rawValue == week)
    }

    @Test func `Each day of eighty years is in the week that the system calendar says`() throws {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for day in stride(from: 0, to: 80 * 366, by: 1) {
            let date = Date(timeIntervalSince1970: Double(day) * 86400)
            let parts = calendar.dateComponents([.yearForWeekOfYear, .weekOfYear], from: date)
            let week = ApprovalWeek(WallTime(microseconds: Int64(day) * 86_400_000_000))
            guard week.year == parts.yearForWeekOfYear, week.number == parts.weekOfYear else {
                Issue.record("\(date) is in \(parts), not in \(week)")
                return
            }
        }
    }

    @Test func `A week reads back from its text, its Monday and its coded form`() throws {
        for day in stride(from: 18_000, to: 22_000, by: 3) {
            let week = ApprovalWeek(CivilDate(daysSince1970: day))
            #expect(ApprovalWeek(rawValue: week.rawValue) == week)
            #expect(ApprovalWeek(week.monday) == week)
            #expect((0..<7).contains(day - week.monday.daysSince1970))
        }
        let week = try #require(ApprovalWeek(rawValue: "2026-W53"))
        let coded = try JSONEncoder().encode([week])
        #expect(String(decoding: coded, as: UTF8.self) == #"["2026-W53"]"#)
        #expect(try JSONDecoder().decode([ApprovalWeek].self, from: coded) == [week])
    }

    @Test(arguments: [
        "", "2026", "2026-47", "2026-W", "2026-W00", "2026-W54", "2025-W53", "2026-w47", "2026-W4", "26-W47", "2026W47",
        "2026-W47 ", "+026-W47", "2026-W+7", "0000-W01", "2026-W47-1",
    ])
    func `What is no week of the year is not read`(_ text: String) {
        #expect(ApprovalWeek(rawValue: text) == nil)
    }

    @Test func `Weeks are in the order of time across a year end`() throws {
        let names = ["2025-W52", "2026-W01", "2026-W09", "2026-W10", "2026-W53", "2027-W01"]
        let weeks = try names.map { try #require(ApprovalWeek(rawValue: $0)) }
        #expect(weeks == weeks.sorted() && names == names.sorted())
    }
}
