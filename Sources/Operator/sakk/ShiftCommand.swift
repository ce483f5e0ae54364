import ArgumentParser
import Catalog
import Foundation
import Ground
import Ledger

struct ShiftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shift", abstract: "Opens, counts and closes the shifts of a line.",
        subcommands: [
            ShiftOpenCommand.self, ShiftCountCommand.self, ShiftCloseCommand.self, ShiftReportCommand.self,
        ])
}

extension Books {
    /// The shift that is named, or the one that is open.
    fileprivate func shift(_ name: String?, of line: LineID) async throws -> ShiftID {
        if let name { return ShiftID(name) }
        guard let open = try await read(OpenShiftQuery(line: line)) else {
            throw SakkError(
                "shift.none", source: "line \(line)", text: "No shift of this line is open.",
                remedy: "Open one (sakk shift open), or name a closed one (--shift).")
        }
        return open
    }
}

struct ShiftOpenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open", abstract: "Opens a shift; what is in the line's hands is carried in.")

    @OptionGroup var options: StockOptions
    @Option(help: "The factory day, YYYY-MM-DD; a night shift keeps the day it begins on.") var day: String
    @Option(help: "Name of the shift within the day.") var name = "1"

    func run() async throws {
        guard let day = FactoryDay(day) else { throw ValidationError("--day is YYYY-MM-DD.") }
        let (books, profile) = try await options.open()
        let shift = try await books.openShift(profile.id, day: day, name: name, by: options.person)
        options.say(["shift": .string(shift.rawValue)], schema: "sakk.shift-open/1", "Shift \(shift) is open.")
    }
}

struct ShiftCountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count",
        abstract: "Puts down what was counted at one cell, before anybody sees what the books hold.",
        discussion: "A second count of a cell is another person's. When every cell is counted the report compares.")

    @OptionGroup var options: StockOptions
    @Option(help: "The cell.") var cell: String
    @Option(help: "Cards in the hopper.") var hopper: Int
    @Option(help: "Cards in the good tray.") var good: Int
    @Option(help: "Spoiled cards in the reject tray.") var reject: Int
    @Option(help: "Held cards in the reject tray.") var held: Int

    func run() async throws {
        let (books, profile) = try await options.open()
        let shift = try await books.shift(nil, of: profile.id)
        try await books.countShift(
            ShiftCount(
                shift: shift, cell: CellID(cell), person: options.person,
                counts: PlaceCounts(hopper: hopper, good: good, reject: reject, held: held)))
        let state = try await books.read(ShiftStateQuery(shift))
        let open = state.cells.filter { !state.counted.contains($0) }.map(\.rawValue)
        options.say(
            ["shift": .string(shift.rawValue), "cell": .string(cell), "not_counted": .array(open.map { .string($0) })],
            schema: "sakk.shift-count/1",
            open.isEmpty
                ? "Every cell is counted: see `sakk shift report`."
                : "Put down. To be counted: \(open.joined(separator: ", ")).")
    }
}

struct ShiftCloseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Closes the shift on what was counted; every difference is a named card.")

    @OptionGroup var options: StockOptions
    @Option(help: "A card in a cell, held or in quarantine: BLANK=PERSON@PLACE.") var carried: [String] = []
    @Option(help: "A blank that is missing.") var missing: [String] = []
    @Option(help: "What happened; needed when something is missing.") var incident: String?
    @Option(help: "One of two people; needed when something is missing.") var first: String?
    @Option(help: "The other.") var second: String?

    func run() async throws {
        guard (first == nil) == (second == nil) else { throw ValidationError("Give --first and --second, or neither.") }
        var closing = ShiftClosing(shift: ShiftID(""), missing: missing.map { BlankID($0) }, incident: incident)
        closing.carried = try carried.map { text in
            guard let equals = text.firstIndex(of: "="), let at = text.lastIndex(of: "@"), equals < at else {
                throw ValidationError("`\(text)` is not BLANK=PERSON@PLACE.")
            }
            return CarriedCard(
                blank: BlankID(String(text[..<equals])), person: String(text[text.index(after: equals)..<at]),
                place: String(text[text.index(after: at)...]))
        }
        if let first, let second { closing.people = try TwoPeople(first, second) }
        let (books, profile) = try await options.open()
        closing.shift = try await books.shift(nil, of: profile.id)
        let balance = try await books.closeShift(closing, by: options.person)
        options.say(
            ShiftReportCommand.json(balance), schema: "sakk.shift-balance/1",
            "Shift \(closing.shift) is closed.\n  \(ShiftReportCommand.text(balance))")
    }
}

struct ShiftReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "A closed shift; of an open one, what is counted, and the comparison when all is.")

    @OptionGroup var line: LineOptions
    @Option(help: "The shift (LINE/DAY/NAME); the open one when not given.") var shift: String?
    @Flag(help: "One JSON object (sakk.shift-report/1).") var json = false

    func run() async throws {
        let profile = try line.profile()
        let books = try await line.openLedger(profile)
        let shift = try await books.shift(shift, of: profile.id)
        if let report = try await books.read(ShiftReportQuery(shift)) {
            print(json ? closed(report).document(schema: "sakk.shift-report/1") : closedText(report))
            return
        }
        let state = try await books.read(ShiftStateQuery(shift))
        let open = state.cells.filter { !state.counted.contains($0) }.map(\.rawValue)
        guard open.isEmpty else {
            let value: JSONValue = [
                "shift": .string(shift.rawValue), "open": .bool(true),
                "not_counted": .array(open.map { .string($0) }),
            ]
            print(
                json
                    ? value.document(schema: "sakk.shift-report/1")
                    : "Shift \(shift) is open. To be counted: \(open.joined(separator: ", ")).")
            return
        }
        let seen = try await books.read(ShiftComparisonQuery(shift))
        print(json ? compared(shift, seen).document(schema: "sakk.shift-report/1") : comparedText(shift, seen))
    }

    private func closed(_ report: ShiftReportQuery.ShiftReport) -> JSONValue {
        [
            "shift": .string(report.shift.rawValue), "open": .bool(false), "line": .string(report.line.rawValue),
            "factory_day": .string(report.factoryDay), "opened_at": .string(report.openedAt.iso8601),
            "opened_by": .string(report.openedBy), "closed_at": .string(report.closedAt.iso8601),
            "closed_by": .string(report.closedBy), "balance": ShiftReportCommand.json(report.balance),
            "incident": report.incident.map { .string($0) } ?? .null,
            "people": .array(report.people.map { .string($0) }),
            "missing": .array(report.missing.map { .string($0.rawValue) }),
        ]
    }

    private func closedText(_ report: ShiftReportQuery.ShiftReport) -> String {
        var lines = [
            "Shift \(report.shift), closed \(report.closedAt.iso8601) by \(report.closedBy)",
            "  " + ShiftReportCommand.text(report.balance),
        ]
        if let incident = report.incident {
            lines.append("  incident: \(incident) (\(report.people.joined(separator: ", ")))")
        }
        lines += report.missing.map { "  missing: \($0)" }
        lines += report.carried.map { "  handed on: \($0.blank) with \($0.person), \($0.place)" }
        return lines.joined(separator: "\n")
    }

    private func compared(_ shift: ShiftID, _ seen: ShiftComparisonQuery.Comparison) -> JSONValue {
        [
            "shift": .string(shift.rawValue), "open": .bool(true), "hoppers": seen.hoppers.json,
            "cells": .array(
                seen.cells.map { cell in
                    [
                        "cell": .string(cell.cell.rawValue), "person": .string(cell.person),
                        "count": .integer(Int64(cell.number)), "counted": figures(cell.counted),
                        "expected": figures(cell.expected),
                    ]
                }),
            "to_name": .array(
                seen.toName.map {
                    [
                        "blank": .string($0.blank.rawValue), "account": .string($0.account.rawValue),
                        "cell": .string($0.cell.rawValue), "person": $0.person.map { .string($0) } ?? .null,
                    ]
                }),
        ]
    }

    private func figures(_ counts: PlaceCounts) -> JSONValue {
        .object(
            Dictionary(uniqueKeysWithValues: CountedPlace.allCases.map { ($0.rawValue, .integer(Int64(counts[$0]))) }))
    }

    private func comparedText(_ shift: ShiftID, _ seen: ShiftComparisonQuery.Comparison) -> String {
        var lines = ["Shift \(shift): counted, and what the books held then"]
        for cell in seen.cells {
            let places = CountedPlace.allCases.map { place in
                let (counted, expected) = (cell.counted[place], cell.expected[place])
                return "\(place.rawValue) \(counted)" + (counted == expected ? "" : " (DIFFERS: books \(expected))")
            }
            lines.append("  \(cell.cell), by \(cell.person): \(places.joined(separator: ", "))")
        }
        lines.append("  hoppers: \(seen.hoppers.isEmpty ? "empty" : seen.hoppers.words)")
        lines += seen.toName.map { "  to be named: \($0.blank) (\($0.account.rawValue))" }
        return lines.joined(separator: "\n")
    }

    static func json(_ balance: ShiftBalance) -> JSONValue {
        .object([
            "carried_in": .integer(Int64(balance.carriedIn)), "taken": .integer(Int64(balance.taken)),
            "good": .integer(Int64(balance[.good])), "spoiled": .integer(Int64(balance[.spoiled])),
            "sample": .integer(Int64(balance[.sample])), "setup": .integer(Int64(balance[.setup])),
            "returned": .integer(Int64(balance[.returned])), "carried_out": .integer(Int64(balance[.carried])),
            "missing": .integer(Int64(balance[.missing])),
        ])
    }

    static func text(_ balance: ShiftBalance) -> String {
        "carried in \(balance.carriedIn) + taken \(balance.taken) = good \(balance[.good]) + spoiled \(balance[.spoiled]) "
            + "+ sample \(balance[.sample]) + setup \(balance[.setup]) + returned \(balance[.returned]) "
            + "+ carried out \(balance[.carried]) + missing \(balance[.missing])"
    }
}
