import ArgumentParser
import Foundation
import Ground
import Ledger

struct CardAuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "How well inspectors see: samples and seeded defects, and each one's own rates.",
        subcommands: [
            CardAuditSampleCommand.self, CardAuditSeedCommand.self, CardAuditNextCommand.self,
            CardAuditAnswerCommand.self, CardAuditRatesCommand.self,
        ])
}

struct CardAuditSampleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample", abstract: "Takes a good document out of the good box, to be looked at.")

    @OptionGroup var options: LineOptions
    @Argument(help: "Blank number.") var blank: String
    @Option(help: "Who is answerable in the journal.") var operatorName: String

    func run() async throws {
        print(try await options.openLedger(try options.profile()).sample(BlankID(blank), by: operatorName))
    }
}

struct CardAuditSeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed", abstract: "Puts pictures with a known defect before all inspectors.")

    @OptionGroup var options: LineOptions
    @Argument(help: "Name of the set of pictures.") var pictures: String
    @Option(help: "Code of the defect, out of the published list.") var truth: String
    @Option(help: "The list of reasons.") var reasons = "profiles/reasons.yaml"
    @Option(help: "Who is answerable in the journal.") var operatorName: String

    func run() async throws {
        try CardVerdictCommand.demand(truth, in: reasons, forReject: true)
        let books = try await options.openLedger(try options.profile())
        print(try await books.seedAudit(pictures, truth: truth, by: operatorName))
    }
}

struct CardAuditNextCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next", abstract: "What this inspector has not looked at yet: id and what is shown.")

    @OptionGroup var options: LineOptions
    @Option(help: "The inspector.") var operatorName: String

    func run() async throws {
        let books = try await options.openLedger(try options.profile())
        for task in try await books.read(AuditTasksQuery(person: operatorName)) { print("\(task.id)  \(task.item)") }
    }
}

struct CardAuditAnswerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answer", abstract: "What this inspector says of an item; the first answer counts.")

    @OptionGroup var options: LineOptions
    @Argument(help: "Id of the item.") var item: String
    @Argument(help: "pass, reject or hold.") var verdict: String
    @Option(help: "Code of the reason, out of the published list.") var reason: String?
    @Option(help: "The list of reasons.") var reasons = "profiles/reasons.yaml"
    @Option(help: "The inspector.") var operatorName: String

    func run() async throws {
        guard let verdict = CardVerdict(rawValue: verdict), verdict != .reject || reason != nil else {
            throw ValidationError("Say pass, hold, or reject with --reason.")
        }
        if let reason { try CardVerdictCommand.demand(reason, in: reasons, forReject: verdict == .reject) }
        let books = try await options.openLedger(try options.profile())
        try await books.answerAudit(AuditID(item), verdict, reason: reason, by: operatorName)
    }
}

struct CardAuditRatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rates", abstract: "Each inspector's own rate of seeded defects found, with its 95 % interval.")

    @OptionGroup var options: LineOptions
    @Option(help: "Days back from now.") var days = 30
    @Flag(help: "One object a line.") var jsonl = false

    func run() async throws {
        let books = try await options.openLedger(try options.profile())
        let now = SystemTime().wall().microseconds + 1
        let rates = try await books.read(
            InspectorRatesQuery(
                from: WallTime(microseconds: now - Int64(days) * 86_400_000_000), until: WallTime(microseconds: now)))
        for rate in rates {
            guard jsonl else {
                let share = rate.detection.map { String(format: "%.1f %%", $0 * 100) } ?? "-"
                let interval =
                    rate.interval.map { String(format: "%.1f..%.1f", $0.lowerBound * 100, $0.upperBound * 100) } ?? "-"
                print(
                    "\(rate.person)  found \(rate.found) of \(rate.seeded) (\(share), \(interval))  named \(rate.named)  "
                        + "rejected \(rate.rejected) of \(rate.samples) samples  not judged \(rate.unjudged)")
                continue
            }
            let value: JSONValue = [
                "person": .string(rate.person), "seeded": .integer(Int64(rate.seeded)),
                "found": .integer(Int64(rate.found)), "named": .integer(Int64(rate.named)),
                "samples": .integer(Int64(rate.samples)), "rejected": .integer(Int64(rate.rejected)),
                "unjudged": .integer(Int64(rate.unjudged)),
            ]
            print(value.document(schema: "sakk.inspector-rate/1"))
        }
    }
}
