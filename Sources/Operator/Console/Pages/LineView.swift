import Ground
import Ledger
import Stations

/// A line as its pages show it.
struct LineView {
    let line: any ServedLine
    let cells: [CellView]
    let holder: LineHolder?
    let hand: LineHand
    let pace: Pace
    let hours: [Int: Pace]
    let now: WallTime

    var works: Bool { hand.works || holder?.works == true }

    /// The cell that most needs somebody speaks for the line.
    var urgency: CellView.Urgency {
        guard works else { return .off }
        let order: [CellView.Urgency] = [.held, .wait, .run, .rest, .off]
        return order.first { urgency in cells.contains { $0.urgency == urgency } } ?? .off
    }

    func json(roles: Set<PersonRole>) -> JSONValue {
        let mayOrder = !roles.isDisjoint(with: [.operator, .supervisor])
        let path = "/lines/\(Address.escape(line.id.rawValue))"
        var members: [String: JSONValue] = [
            "line": .string(line.id.rawValue), "path": .string(path), "product": .string(line.product),
            "live": .string(path),
            "is_training": .bool(line.isTraining), "urgency": .string(urgency.rawValue), "works": .bool(works),
            "cells": .array(cells.map { $0.json(roles: roles) }), "good_hour": .integer(Int64(pace.good)),
            "rejects_hour": .integer(Int64(pace.rejects)), "is_counting": .bool(cells.contains(where: \.isCounting)),
            "first_pass": pace.firstPass.map { .integer(Int64($0)) } ?? .null,
            "may_begin": .bool(!works && mayOrder), "may_end": .bool(hand.works && !hand.isEnding && mayOrder),
            "is_ending": .bool(hand.isEnding), "may_order_all": .bool(works && mayOrder),
            "hours": .array(hourBars), "at": .integer(now.microseconds / 60_000_000 * 60_000_000),
        ]
        members["holder"] = works ? .string(holder?.name ?? "") : .null
        members["is_elsewhere"] = .bool(!hand.works && holder?.works == true)
        members["host"] = .string(holder?.host ?? "")
        members["failure"] = .null
        if !works, let failure = hand.failure { members["failure"] = Console.object(of: failure) }
        if let target = line.targetPerHour {
            let all = target * max(cells.count, 1)
            members["target"] = .integer(Int64(all))
            members["target_percent"] = .integer(Int64(min(100, all > 0 ? pace.good * 100 / all : 0)))
        }
        members["first_out"] = firstOut
        return .object(members)
    }

    /// The supply that stops the line first, and in how many minutes.
    private var firstOut: JSONValue {
        let all = cells.flatMap { cell in
            (cell.json(roles: [])["supplies"]?.array ?? []).compactMap { supply -> (JSONValue, Int64)? in
                // also while a count is blind: an empty hopper is seen by everybody
                let isEmpty = supply["level"]?.string == "empty"
                guard let minutes = isEmpty ? 0 : supply["minutes"]?.integer else { return nil }
                return (
                    [
                        "what": supply["what"] ?? .null, "cell": .string(cell.cell.rawValue),
                        "minutes": .integer(minutes), "is_out": .bool(isEmpty),
                    ], minutes
                )
            }
        }
        return all.min { $0.1 < $1.1 }?.0 ?? .null
    }

    /// The last eight hours, the oldest first, as parts of the tallest.
    private var hourBars: [JSONValue] {
        let hour = now.microseconds / 3_600_000_000
        let span = (0..<8).map { Int(hour) - 7 + $0 }
        let top = max(
            1, span.compactMap { hours[$0]?.good }.max() ?? 1, (line.targetPerHour ?? 0) * max(cells.count, 1))
        return span.map { hour in
            let good = hours[hour]?.good ?? 0
            let tall = good * 100 / top
            return [
                "from": .integer(Int64(hour) * 3_600_000_000), "good": .integer(Int64(good)),
                "rejects": .integer(Int64(hours[hour]?.rejects ?? 0)), "tall": .integer(Int64(tall)),
                "top": .integer(Int64(100 - tall)), "is_now": .bool(hour == span.last),
            ]
        }
    }
}

extension Console {
    func view(of line: any ServedLine) async throws(SakkError) -> LineView {
        let now = time.wall()
        let holder = try await books.holder(of: line.id)
        let statuses = try await books.read(CellsQuery(line: line.id))
        let live = try await books.attempts(.live(line.id))
        let isCounting = try await books.read(OpenShiftQuery(line: line.id)) != nil
        let hand = await line.controller()
        let works = hand.works || holder?.works == true
        let ended = try await figures.ask(
            "pace \(line.id)",
            LinePaceQuery(line: line.id, since: WallTime(microseconds: now.microseconds - 8 * 3_600_000_000))
        ).0
        let hoppers = try await books.read(HopperQuery(line: line.id))
        let supplies = try await figures.ask("supplies", ConsumablesQuery()).0
        let cameras = try await figures.ask("cameras \(line.id)", CameraHealthQuery(line: line.id)).0
        let lastHour = ended.filter { $0.ended >= now.microseconds - 3_600_000_000 }
        let cells = line.cells.map { cell in
            CellView(
                line: line, cell: cell, status: statuses.first { $0.cell == cell }, works: works,
                attempt: live.last {
                    $0.cell == cell && ![.held, .unknown].contains($0.state)
                        && !($0.state == .claimed && $0.steps.isEmpty)
                },
                pace: Pace(lastHour.filter { $0.cell == cell }), hopper: hoppers[cell] ?? 0, isCounting: isCounting,
                supplies: supplies.filter {
                    $0.line == line.id.rawValue && $0.cell == cell.rawValue && $0.account == .mounted
                }, camera: cameras.first { $0.cell == cell }.map(CameraView.init))
        }
        return LineView(
            line: line, cells: cells, holder: holder, hand: hand, pace: Pace(lastHour),
            hours: Dictionary(grouping: ended) { Int($0.ended / 3_600_000_000) }.mapValues { Pace($0) }, now: now)
    }
}
