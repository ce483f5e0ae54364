import ArgumentParser
import Catalog
import Ground
import Ledger
import Line

struct CardVerdictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verdict",
        abstract: "An inspector says pass, reject or hold of the card on the desk reader.",
        discussion: """
            For cards that the line held because it could not judge them, and for samples. `pass` of a held card reads \
            the machine readable zone from standard input, line by line, as it stands on the card (a scanner types it): \
            the card is good when it is the zone of its record and the chip opens with it. Whoever rejected a card does \
            not pass it, and nobody passes one with a reason of identity, chip or number. A reject for a reason of \
            print waits for a second inspector, unless --final; every other one kills the chip here.
            """)

    @OptionGroup var options: LineOptions
    @Argument(help: "pass, reject or hold.") var verdict: String
    @Option(help: "Code of the reason, out of the published list.") var reason: String?
    @Option(help: "The list of reasons.") var reasons = "profiles/reasons.yaml"
    @Flag(name: .customLong("final"), help: "Kill the chip at once, without a second inspector.") var isFinal = false
    @Option(help: "Who is answerable in the journal.") var operatorName: String

    func validate() throws {
        guard let verdict = CardVerdict(rawValue: verdict) else {
            throw ValidationError("The verdict is pass, reject or hold.")
        }
        guard verdict != .reject || reason != nil else { throw ValidationError("A reject needs --reason.") }
        guard verdict != .pass || reason == nil else { throw ValidationError("A pass has no reason.") }
        guard !isFinal || verdict == .reject else { throw ValidationError("--final belongs to reject.") }
    }

    func run() async throws {
        if let reason { try CardVerdictCommand.demand(reason, in: reasons, forReject: verdict == "reject") }
        var zone: Bytes?
        if verdict == "pass", let lines = CardVerdictCommand.zone() {
            zone = try await options.openLedger(try options.profile()).zoneTag(lines)
        }
        guard let verdict = CardVerdict(rawValue: verdict) else { return }
        let word = InspectorsWord(verdict, reason: reason, zone: zone, isFinal: isFinal)
        print(try await options.settle(word.facts, by: operatorName))
    }

    static func demand(_ reason: String, in path: String, forReject: Bool) throws(SakkError) {
        let known = try ReasonList(path: path)[reason]
        guard let known, !forReject || known.severity != .doubt else {
            throw SakkError(
                "verdict.reason", source: path, subject: reason,
                text: known == nil ? "There is no such reason in the list." : "A doubt is no reason to reject.",
                remedy: known == nil ? "Choose one of the list." : "Choose a fault, or say hold.")
        }
    }

    /// Nil when nothing was typed: a sample is passed without.
    private static func zone() -> [String]? {
        var lines: [String] = []
        // three lines of a card, two of a data page
        while lines.count < 3, lines.count < 2 || lines[0].utf8.count != 44, let line = readLine() {
            let text = String(line.filter { !$0.isWhitespace }).uppercased()
            if text.isEmpty { break }
            lines.append(text)
        }
        return lines.isEmpty ? nil : lines
    }
}

struct CardVoidCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "void",
        abstract: "Two people void a produced document that is still in the plant: the card lies on the desk reader.",
        discussion: """
            Its number is void, its chip is killed, and its record is made again. With --blank it is named by its blank \
            number, because its chip does not answer: seal and punch it, then `sakk card settle --destroyed`.
            """)

    @OptionGroup var options: LineOptions
    @Option(help: "Code of the reason, out of the published list.") var reason: String
    @Option(help: "The list of reasons.") var reasons = "profiles/reasons.yaml"
    @Option(help: "Blank number of a card whose chip does not answer.") var blank: String?
    @Option(help: "The second person.") var witness: String
    @Option(help: "Who is answerable in the journal.") var operatorName: String

    func run() async throws {
        try CardVerdictCommand.demand(reason, in: reasons, forReject: true)
        var facts: [String: JSONValue] = ["void": .string(reason), "witness": .string(witness)]
        facts["blank"] = blank.map { .string($0) }
        print(try await options.settle(facts, by: operatorName))
    }
}

struct CardWaitingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waiting", abstract: "Cards that wait for an inspector, and what was said of them so far.")

    @OptionGroup var options: LineOptions
    @Flag(help: "One object a line.") var jsonl = false

    func run() async throws {
        let profile = try options.profile()
        let cards = try await options.openLedger(profile).read(WaitingCardsQuery(line: profile.id))
        for card in cards {
            guard jsonl else {
                let said = card.verdicts.map { "\($0.verdict.rawValue) \($0.reason ?? "") (\($0.person))" }
                print(
                    "\(card.attempt)  \(card.blank)  \(card.isSample ? "sample" : card.reason ?? "-")  "
                        + "\(card.place.map { "place \($0)" } ?? "-")  \(said.joined(separator: "; "))")
                continue
            }
            let value: JSONValue = [
                "attempt": .string(card.attempt.rawValue), "blank": .string(card.blank.rawValue),
                "cell": .string(card.cell.rawValue), "sample": .bool(card.isSample),
                "reason": card.reason.map { .string($0) } ?? .null,
                "place": card.place.map { .integer(Int64($0)) } ?? .null, "since": .string(card.since.iso8601),
                "verdicts": .array(
                    card.verdicts.map { given in
                        [
                            "verdict": .string(given.verdict.rawValue),
                            "reason": given.reason.map { .string($0) } ?? .null, "person": .string(given.person),
                            "at": .string(given.at.iso8601), "overrides": .bool(given.overrides),
                        ]
                    }),
            ]
            print(value.document(schema: "sakk.waiting-card/1"))
        }
    }
}
