import ArgumentParser
import Catalog
import Ground
import Ledger
import Line
import Reporting
import Stations

struct LineStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Each cell: state, mode, counters, since when, why it stopped and what to do.")

    @OptionGroup var options: LineOptions
    @Flag(help: "One JSON object (sakk.line-cells/1).") var json = false

    func run() async throws {
        let profile = try options.profile()
        let store = try await options.openLedger(profile)
        let known = try await store.read(CellsQuery(line: profile.id))
        let cameras = try await store.read(CameraHealthQuery(line: profile.id))
        let ribbons = try await store.read(RibbonQuery(line: profile.id))
        var cells: [Cell] = []
        for cell in profile.cells {
            cells.append(
                Cell(
                    id: cell.id, status: known.first { $0.cell == cell.id },
                    counters: try await store.read(CellCountersQuery(line: profile.id, cell: cell.id)),
                    camera: cameras.first { $0.cell == cell.id }, ribbon: ribbons.first { $0.cell == cell.id }))
        }
        let holder = try await store.holder(of: profile.id)
        print(json ? self.json(profile.id, cells, holder) : text(profile.id, cells, holder))
    }

    private struct Cell {
        let id: CellID
        let status: CellStatus?
        let counters: CellCounters
        let camera: CameraHealthQuery.Row?
        let ribbon: RibbonQuery.Row?
    }

    private func text(_ line: LineID, _ cells: [Cell], _ holder: LineHolder?) -> String {
        var lines = ["Line \(line): \(hand(holder))"]
        for cell in cells {
            guard let status = cell.status else {
                lines.append("  \(cell.id)  never started")
                continue
            }
            let unit = status.unit
            lines.append("  \(cell.id)  \(unit.state.word), \(unit.mode.rawValue) mode, since \(status.since.iso8601)")
            let counters = cell.counters
            lines.append(
                "    processed \(counters.processed), defective \(counters.defective), "
                    + "blanks taken \(counters.consumed)")
            if let camera = cell.camera { lines.append("    \(camera.words)") }
            if let ribbon = cell.ribbon { lines.append("    \(ribbon.words)") }
            if let code = unit.code {
                lines.append("    why: \(unit.text) [\(code)]")
                lines.append("    do:  \(unit.remedy)")
            } else if !unit.text.isEmpty {
                lines.append("    \(unit.text)")
            }
        }
        return lines.joined(separator: "\n")
    }

    private func hand(_ holder: LineHolder?) -> String {
        guard let holder, !holder.host.isEmpty else { return "no controller" }
        let seconds = holder.microsecondsLeft / 1_000_000
        return holder.works
            ? "a controller of \(holder.name) on \(holder.host)"
            : "the controller of \(holder.name) on \(holder.host) has been silent since its lease ran out \(-seconds) s ago"
    }

    private func json(_ line: LineID, _ cells: [Cell], _ holder: LineHolder?) -> String {
        var controller: JSONValue = .null
        if let holder, !holder.host.isEmpty {
            controller = .object([
                "name": .string(holder.name), "host": .string(holder.host), "works": .bool(holder.works),
                "epoch": .integer(holder.epoch),
            ])
        }
        return JSONValue.object([
            "line": .string(line.rawValue), "controller": controller, "cells": .array(cells.map(json)),
        ]).document(schema: "sakk.line-cells/1")
    }

    private func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

    private func json(_ cell: Cell) -> JSONValue {
        let unit = cell.status?.unit
        var members: [String: JSONValue] = [
            "cell": .string(cell.id.rawValue), "state": text(unit?.state.word),
            "mode": text(unit?.mode.rawValue), "since": text(cell.status?.since.iso8601),
        ]
        members["code"] = text(unit?.code)
        members["text"] = text(unit?.text)
        members["remedy"] = text(unit?.remedy)
        members["product"] = text(unit?.product)
        members["batch"] = text(unit?.batch)
        members["camera"] = cell.camera?.json
        members["ribbon"] = cell.ribbon?.json
        members["processed"] = .integer(Int64(cell.counters.processed))
        members["defective"] = .integer(Int64(cell.counters.defective))
        members["consumed"] = .integer(Int64(cell.counters.consumed))
        return .object(members)
    }
}

extension RibbonQuery.Row {
    /// One line for a terminal: how many cards can still be printed.
    var words: String {
        "ribbon: \(account.cardsLeft) cards left by our account, \(account.last.cardsLeft) by the printer's of \(at.iso8601)"
    }

    var json: JSONValue {
        .object([
            "at": .string(at.iso8601), "cards_left": .integer(Int64(account.cardsLeft)),
            "cards_left_printer": .integer(Int64(account.last.cardsLeft)),
        ])
    }
}

extension CameraHealthQuery.Row {
    /// One line for a terminal.
    var words: String {
        let lost = health.incomplete + health.late + health.repeated
        let degrees = health.temperatureTenths.map { ", \($0 / 10).\($0 % 10) degrees" } ?? ""
        return "camera: \(health.frames) frames of \(health.triggers) triggers, \(lost) taken again, "
            + "packets \(health.packetsResent) resent, \(health.packetsMissing) missing, "
            + "opened anew \(health.reopened)\(degrees) (\(at.iso8601))"
    }

    var json: JSONValue {
        var members: [String: JSONValue] = ["at": .string(at.iso8601)]
        for (name, place) in CameraHealth.counters { members[name] = .integer(Int64(health[keyPath: place])) }
        if let tenths = health.temperatureTenths { members["temperature_tenths"] = .integer(Int64(tenths)) }
        return .object(members)
    }
}
