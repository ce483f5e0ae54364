import Ground
import Ledger
import Line
import Stations

/// What a page shows of one cell. Nothing of a person, and no count that a blind count has to find.
struct CellView {
    /// How urgent it is, from a look: calm, waits for something outside, waits for a person, or out of work.
    enum Urgency: String { case run, rest, wait, held, off }

    let line: any ServedLine
    let cell: CellID
    let status: CellStatus?
    let works: Bool
    let attempt: AttemptReport?
    let pace: Pace
    let hopper: Int
    let isCounting: Bool
    let supplies: [ConsumablesQuery.Row]
    /// Nil until the books are told of its camera.
    let camera: CameraView?

    var urgency: Urgency {
        guard works, let state = status?.unit.state else { return .off }
        return switch state {
        case .execute, .starting, .unholding, .unsuspending, .completing: .run
        case .held, .holding: .held
        case .suspended, .suspending: .wait
        case .aborted, .aborting, .clearing: .held
        case .idle, .complete, .stopped, .stopping, .resetting: .rest
        }
    }

    func json(roles: Set<PersonRole>) -> JSONValue {
        let unit = status?.unit
        var members: [String: JSONValue] = [
            "cell": .string(cell.rawValue), "line": .string(line.id.rawValue),
            "path": .string("/lines/\(Address.escape(line.id.rawValue))/cells/\(Address.escape(cell.rawValue))"),
            "orders_path": .string("/lines/\(Address.escape(line.id.rawValue))/orders"),
            "urgency": .string(urgency.rawValue), "state": .string(works ? unit?.state.word ?? "aborted" : "off"),
            "mode": .string(unit?.mode.rawValue ?? "production"),
            "is_other_mode": .bool([.maintenance, .manual].contains(unit?.mode)),
            "since": status.map { .integer($0.since.microseconds) } ?? .null,
            "good_hour": .integer(Int64(pace.good)), "rejects_hour": .integer(Int64(pace.rejects)),
            "first_pass": pace.firstPass.map { .integer(Int64($0)) } ?? .null,
            "seconds_per_card": pace.perCard.map { .integer($0 / 1_000_000) } ?? .null,
        ]
        members["live"] = members["path"]
        members["why"] = .null
        if works, let unit, let code = unit.code {
            members["why"] = ["code": .string(code), "text": .string(unit.text), "remedy": .string(unit.remedy)]
        }
        members["orders"] = .array(orders(roles).map { .string($0.rawValue) })
        members["asks_clearance"] = .bool(works && unit?.code == "line.clearance")
        let maySettle = !roles.isDisjoint(with: [.operator, .inspector, .supervisor])
        members["asks_found"] = .bool(works && maySettle && unit?.code.map(CellView.asksFound.contains) == true)
        members["has_orders"] = .bool(!orders(roles).isEmpty)
        members["may_abort"] = .bool(
            works && mayOrder(roles) && unit.map { LineCommand.Word.abort.hasPlace(in: $0.state) } == true)
        members["card"] = card
        members["supplies"] = .array(supply)
        members["camera"] = camera?.json ?? .null
        if let target = line.targetPerHour {
            members["target"] = .integer(Int64(target))
            members["target_percent"] = .integer(Int64(min(100, target > 0 ? pace.good * 100 / target : 0)))
        }
        return .object(members)
    }

    /// Causes whose steps end with a card at the desk reader.
    private static let asksFound: Set<String> = [
        "line.card.known", "line.card.swapped", "line.card.search", "line.card.inside", "line.card.jammed",
        "line.eject.doubt", "printer.jam",
    ]

    private func mayOrder(_ roles: Set<PersonRole>) -> Bool { !roles.isDisjoint(with: [.operator, .supervisor]) }

    /// The next steps that PackML has from here, the likeliest first.
    private func orders(_ roles: Set<PersonRole>) -> [LineCommand.Word] {
        guard works, mayOrder(roles), let unit = status?.unit, unit.code != "line.clearance" else { return [] }
        let words: [LineCommand.Word] = [.unhold, .clear, .reset, .start, .hold, .stop]
        return words.filter { $0.hasPlace(in: unit.state) }
    }

    /// The card in the machine: how far it is.
    private var card: JSONValue {
        guard works, let attempt, ![.held, .unknown].contains(attempt.state) else { return .null }
        let shown: [Step] = [.feed, .personalise, .readback, .print, .inspect, .eject]
        let done = Set(attempt.steps.filter { $0.outcome == .done }.map(\.key.step))
        let now = attempt.steps.last { $0.outcome == nil }?.key.step
        return [
            "production": .string(attempt.production.rawValue), "started": .integer(attempt.startedAt.microseconds),
            "number": .integer(Int64(attempt.number)), "is_remake": .bool(attempt.number > 1),
            "steps": .array(
                shown.map { step in
                    let state = step == now ? "now" : done.contains(step) ? "done" : "todo"
                    return ["step": .string(step.rawValue), "at": .string(state), "is_now": .bool(step == now)]
                }),
        ]
    }

    /// How long something lasts at the pace of the last hour: enough for an hour, for a quarter, or less.
    private func level(cards: Int, minutes: Int?) -> String {
        if cards == 0 { return "empty" }
        if let minutes { return minutes >= 60 ? "plenty" : minutes >= 15 ? "low" : "last" }
        return cards >= 100 ? "plenty" : cards >= 20 ? "low" : "last"
    }

    private func minutes(_ cards: Int) -> Int? {
        pace.perCard.map { max(cards > 0 ? 1 : 0, Int(Int64(cards) * $0 / 60_000_000)) }
    }

    private var supply: [JSONValue] {
        var list: [JSONValue] = []
        let left = minutes(hopper)
        var blanks: [String: JSONValue] = [
            "what": "blanks", "name": .string(line.stock), "level": .string(level(cards: hopper, minutes: left)),
            "is_short": .bool(["last", "empty"].contains(level(cards: hopper, minutes: left))),
        ]
        // while a shift is open the figure is for its blind count to find: only how long it lasts, roughly
        if !isCounting {
            blanks["cards"] = .integer(Int64(hopper))
            blanks["minutes"] = left.map { .integer(Int64($0)) } ?? .null
        }
        list.append(.object(blanks))
        for row in supplies {
            let cards = max(0, row.supply.capacity - row.attempts)
            let level = level(cards: cards, minutes: minutes(cards))
            list.append([
                "what": .string(row.supply.kind.rawValue), "name": .string(row.supply.serial), "level": .string(level),
                "is_short": .bool(["last", "empty"].contains(level)), "cards": .integer(Int64(cards)),
                "minutes": minutes(cards).map { .integer(Int64($0)) } ?? .null,
                "percent": .integer(Int64(row.supply.capacity > 0 ? cards * 100 / row.supply.capacity : 0)),
            ])
        }
        return list
    }
}
