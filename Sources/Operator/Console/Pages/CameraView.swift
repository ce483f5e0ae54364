import Ground
import Ledger
import Stations

/// A cell's camera as the page of the cell shows it, and whether it asks for a person.
struct CameraView {
    let health: CameraHealthQuery.Row

    /// Frames that had to be taken again, of those that were triggered lately.
    var again: Int { CameraView.again(health.recent) }

    /// One frame in fifty taken again, or the acquisition begun anew twice: cards will soon not be judged.
    var isLossy: Bool {
        let recent = health.recent
        return again >= 2 && again * 50 >= recent.triggers || recent.reopened >= 2
    }

    private static func again(_ health: CameraHealth) -> Int { health.incomplete + health.late + health.repeated }

    var json: JSONValue {
        let all = health.health
        var members: [String: JSONValue] = [
            "told": .integer(health.at.microseconds), "again": .integer(Int64(CameraView.again(all))),
            "recent_triggers": .integer(Int64(health.recent.triggers)), "recent_again": .integer(Int64(again)),
            "degrees": all.temperatureTenths.map { .integer(Int64(($0 + 5) / 10)) } ?? .null,
            "is_lossy": .bool(isLossy), "why": .null,
        ]
        for (name, place) in CameraHealth.counters { members[name] = .integer(Int64(all[keyPath: place])) }
        if isLossy { members["why"] = CameraView.why }
        return .object(members)
    }

    static let why: JSONValue = ["code": "alarm.camera", "text": "frames are lost", "remedy": ""]
}

extension ServedCamera {
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "model": .string(model), "white_at": .null, "white_percent": .null, "has_white": .bool(white != .none),
            "is_white_lost": .bool(white == .unreadable),
        ]
        if case .taken(let at, let evenness) = white {
            members["white_at"] = .integer(at.microseconds)
            members["white_percent"] = .integer(evenness / 10)
        }
        return .object(members)
    }
}
