import ArgumentParser
import Foundation
import Ground
import Ledger

struct RecallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recall", abstract: "Lists documents by what they were made of or for, and holds them.",
        discussion: """
            --where KEY=VALUE, all of which must hold: lot, chip_lot, line, cell, since, until (UTC, \
            2026-11-21T10:20:00Z), ribbon, printer, firmware, camera, operator, ds_key, plan, template, production, \
            batch. --hold moves \
            the good ones that are still here into the held account, in the hands of --custodian, and holds the lots of \
            a recall by lot or chip lot. Ends with 1 while some are in the making, or wait for an inspector or for being \
            settled (hold again when they are done), or have left the plant. `sakk stock release --to good` gives a faultless one back.
            """)

    @OptionGroup var options: StockOptions
    @Option(name: .customLong("where"), help: "KEY=VALUE; may be given more than once.") var conditions: [String]
    @Option(help: "Hold them, for this reason.") var hold: String?
    @Option(help: "Who takes the held ones; with --hold.") var custodian: String?
    @Option(help: "Where they are kept; with --hold.") var place: String?

    func run() async throws {
        let filter = try RecallCommand.filter(conditions)
        if hold != nil, custodian == nil || place == nil {
            throw ValidationError("--hold needs --custodian and --place.")
        }
        let (books, _) = try await options.open()
        var held: [BlankID] = []
        if let hold, let custodian, let place {
            held = try await books.recall(
                filter, reason: hold, custodian: custodian, place: place, by: options.person)
        }
        let list = try await books.read(RecallQuery(filter))
        let making = list.filter { AttemptState.live.map(\.rawValue).contains($0.state) }
        let gone = list.filter { $0.account == .dispatched }
        guard options.json else {
            for row in list {
                print(
                    "\(row.attempt)  \(row.state)  \(row.blank.map(\.rawValue) ?? "-")  "
                        + "\(row.account?.rawValue ?? "-")  \(row.startedAt.iso8601)")
            }
            Words.say(
                "\(list.count) documents, \(held.count) held now, \(making.count) in the making or not settled, "
                    + "\(gone.count) out of the plant.")
            if hold != nil, !making.isEmpty || !gone.isEmpty { throw Exit.rejected }
            return
        }
        let value: JSONValue = [
            "in_the_making": .array(making.map { .string($0.attempt.rawValue) }),
            "out_of_the_plant": .array(gone.map { .string($0.attempt.rawValue) }),
            "held": .array(held.map { .string($0.rawValue) }),
            "documents": .array(
                list.map { row in
                    [
                        "attempt": .string(row.attempt.rawValue), "production": .string(row.production.rawValue),
                        "state": .string(row.state), "blank": row.blank.map { .string($0.rawValue) } ?? .null,
                        "account": row.account.map { .string($0.rawValue) } ?? .null,
                        "line": .string(row.line.rawValue), "cell": .string(row.cell.rawValue),
                        "started_at": .string(row.startedAt.iso8601),
                        "genealogy": .object(row.genealogy.mapValues { .string($0) }),
                    ]
                }),
        ]
        print(value.document(schema: "sakk.recall/1"))
        if hold != nil, !making.isEmpty || !gone.isEmpty { throw Exit.rejected }
    }

    static func filter(_ conditions: [String]) throws -> RecallFilter {
        var filter = RecallFilter()
        var seen: Set<String> = []
        for condition in conditions {
            let parts = condition.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[1].isEmpty, seen.insert(parts[0]).inserted else {
                throw ValidationError("`\(condition)` is not KEY=VALUE, or its key stands twice.")
            }
            let value = parts[1]
            switch parts[0] {
            case "production": filter.production = ProductionID(value)
            case "batch": filter.batch = BatchID(value)
            case "lot": filter.lot = value
            case "chip_lot": filter.chipLot = value
            case "line": filter.line = LineID(value)
            case "cell": filter.cell = CellID(value)
            case "ribbon": filter.ribbon = value
            case "since": filter.since = try time(value)
            case "until": filter.until = try time(value)
            default:
                guard let key = GenealogyKey(rawValue: parts[0]) else {
                    throw ValidationError("`\(parts[0])` is not a key of --where.")
                }
                filter.genealogy[key] = value
            }
        }
        return filter
    }

    private static func time(_ text: String) throws -> WallTime {
        guard let time = WallTime(iso8601: text) else { throw ValidationError("`\(text)` is not a UTC time.") }
        return time
    }
}
