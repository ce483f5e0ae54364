import Foundation
import Ground

/// Times as they are read at the plant: the wall clock of its time zone, 24 hours, day before month.
struct Clock: Sendable {
    /// Minutes east of Greenwich; Baghdad has no summer time.
    let offsetMinutes: Int

    private func local(_ time: WallTime) -> String {
        WallTime(microseconds: time.microseconds + Int64(offsetMinutes) * 60_000_000).iso8601
    }

    /// `17:05`
    func minutes(_ time: WallTime) -> String { String(local(time).dropFirst(11).prefix(5)) }
    /// `17:05:09`
    func seconds(_ time: WallTime) -> String { String(local(time).dropFirst(11).prefix(8)) }
    /// `21/11/2026`, the order of day, month and year in Iraq.
    func day(_ time: WallTime) -> String { Clock.day(String(local(time).prefix(10))) }

    /// From `2026-11-21`.
    static func day(_ iso: String) -> String {
        let parts = iso.split(separator: "-")
        guard parts.count == 3 else { return iso }
        return "\(parts[2])/\(parts[1])/\(parts[0])"
    }

    func isoDay(_ time: WallTime) -> String { String(local(time).prefix(10)) }
    func hour(_ time: WallTime) -> Int64 { (time.microseconds + Int64(offsetMinutes) * 60_000_000) / 3_600_000_000 }
}
