import ArgumentParser
import Catalog
import Ground
import Ledger

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
        let open = try await books.read(ShiftStateQuery(shift)).notCounted
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
            "missing": .array(
                report.missing.map { .string($0.rawValue) } + report.missingSupplies.map { .string($0.rawValue) }),
            "handed_on": .array(
                report.carried.map {
                    [
                        "blank": .string($0.blank.rawValue), "person": .string($0.person), "place": .string($0.place),
                    ]
                }),
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
        lines += report.missing.map { "  missing: \($0)" } + report.missingSupplies.map { "  missing: \($0)" }
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
            "supplies": seen.supplies.map { supplies in
                [
                    "person": .string(supplies.person),
                    "seen": .array(supplies.seen.map { .string($0.rawValue) }),
                    "expected": .array(supplies.expected.map { .string($0.rawValue) }),
                ]
            } ?? .null,
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
        if let supplies = seen.supplies {
            let gone = supplies.expected.filter { !supplies.seen.contains($0) }.map { "\($0) NOT FOUND" }
            let extra = supplies.seen.filter { !supplies.expected.contains($0) }.map { "\($0) NOT IN THE BOOKS HERE" }
            let words = supplies.seen.filter(supplies.expected.contains).map(\.rawValue) + gone + extra
            lines.append("  ribbons and films, by \(supplies.person): \(words.joined(separator: ", "))")
        }
        lines += seen.toName.map { card in
            "  to be named: \(card.blank) (\(card.account.rawValue)\(card.person.map { ", with \($0)" } ?? ""))"
        }
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

struct ShiftListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The shifts of the line, the newest first.")

    @OptionGroup var line: LineOptions
    @Option(help: "At most so many.") var limit = 50
    @Flag(help: "One JSON object (sakk.shift-list/1).") var json = false

    func run() async throws {
        let profile = try line.profile()
        let shifts = try await line.openLedger(profile).read(ShiftsQuery(line: profile.id, limit: limit))
        guard json else {
            for row in shifts {
                let end = row.closedAt.map { "closed \($0.iso8601) by \(row.closedBy ?? "?")" } ?? "OPEN"
                print("\(row.shift)  opened \(row.openedAt.iso8601) by \(row.openedBy)  \(end)")
            }
            return
        }
        let value: JSONValue = [
            "shifts": .array(
                shifts.map { row in
                    [
                        "shift": .string(row.shift.rawValue), "opened_at": .string(row.openedAt.iso8601),
                        "opened_by": .string(row.openedBy),
                        "closed_at": row.closedAt.map { .string($0.iso8601) } ?? .null,
                        "closed_by": row.closedBy.map { .string($0) } ?? .null,
                    ]
                })
        ]
        print(value.document(schema: "sakk.shift-list/1"))
    }
}
