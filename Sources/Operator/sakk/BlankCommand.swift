import ArgumentParser
import Ground
import Ledger

struct BlankCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blank", abstract: "Single blanks.", subcommands: [BlankShowCommand.self])
}

struct BlankShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Everything that happened to one blank, from its delivery on.",
        discussion: "By its id (STOCK:SERIAL) or by the number that is engraved on it. Exit code 1: it is not known.")

    @OptionGroup var line: LineOptions
    @Argument(help: "Id, or engraved number.") var name: String
    @Flag(help: "One JSON object (sakk.blank/1).") var json = false

    func run() async throws {
        let books = try await line.openLedger(try line.profile())
        guard let life = try await books.read(BlankLifeQuery(name)) else {
            Words.say("No blank of this name was ever received.")
            throw Exit.rejected
        }
        print(json ? BlankShowCommand.value(life).document(schema: "sakk.blank/1") : BlankShowCommand.table(life))
    }

    static func table(_ life: BlankLifeQuery.Life) -> String {
        var lines = [
            "\(life.blank.blank)  \(life.blank.account.rawValue)  lot \(life.lot)"
                + (life.category.map { "  \($0)" } ?? "")
        ]
        if let number = life.number { lines.append("number \(number)\(life.void == nil ? "" : "  VOID")") }
        if let chip = life.blank.chip { lines.append("chip \(chip)") }
        for move in life.movements {
            lines.append(
                "\(move.at.iso8601)  \(move.from?.rawValue ?? "-") > \(move.to.rawValue)  \(move.reason)"
                    + (move.attempt.map { "  \($0)" } ?? ""))
        }
        for attempt in life.attempts {
            lines.append(
                "attempt \(attempt.attempt)  \(attempt.state.rawValue)\(attempt.reason.map { "  \($0)" } ?? "")"
                    + "  line \(attempt.line), \(attempt.cell)")
            for step in attempt.steps {
                lines.append(
                    "  \(step.intendedAt.iso8601)  \(step.key.step.rawValue)/\(step.key.number)  "
                        + (step.outcome?.rawValue ?? "no result yet"))
            }
        }
        if let void = life.void { lines.append("\(void.at.iso8601)  number void: \(void.reason)") }
        return lines.joined(separator: "\n")
    }

    static func value(_ life: BlankLifeQuery.Life) -> JSONValue {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        return [
            "blank": .string(life.blank.blank.rawValue), "account": .string(life.blank.account.rawValue),
            "reason": .string(life.blank.reason), "stock": .string(life.lot.stock), "lot": .string(life.lot.lot),
            "category": text(life.category), "number": text(life.number), "chip": text(life.blank.chip?.rawValue),
            "movements": .array(
                life.movements.map {
                    [
                        "from": text($0.from?.rawValue), "to": .string($0.to.rawValue), "reason": .string($0.reason),
                        "attempt": text($0.attempt?.rawValue), "at": .string($0.at.iso8601),
                    ]
                }),
            "attempts": .array(
                life.attempts.map {
                    [
                        "attempt": .string($0.attempt.rawValue), "state": .string($0.state.rawValue),
                        "reason": text($0.reason), "line": .string($0.line.rawValue),
                        "cell": .string($0.cell.rawValue),
                    ]
                }),
            "void": life.void.map { ["reason": .string($0.reason), "at": .string($0.at.iso8601)] } ?? .null,
        ]
    }
}
