import ArgumentParser
import Catalog
import Ground
import Ledger
import Line

struct CardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card", abstract: "Single cards.",
        subcommands: [
            CardSettleCommand.self, CardCountCommand.self, CardMissingCommand.self, CardWaitingCommand.self,
            CardVerdictCommand.self, CardVoidCommand.self, CardAuditCommand.self,
        ])
}

struct CardSettleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle",
        abstract: "A card that was found lies on the desk reader: says what it is and what becomes of it.",
        discussion: """
            A card that had passed, whose good eject was ordered and that lay in the good box is good. Every other \
            card's chip is killed here. A booklet that nothing was written to is settled by its number, read from it and \
            typed twice (--booklet, --again): spoiled, or with --back laid behind the others of its hopper. With \
            --destroyed a card whose chip is mute is taken out of the books by two people.
            """)

    @OptionGroup var options: LineOptions
    @Option(help: "Where the card was found: good, reject, or elsewhere.") var found = "elsewhere"
    @Option(help: "Who is answerable in the journal.") var operatorName = "operator"
    @Option(help: "Blank number of a card that two people sealed and punched.") var destroyed: String?
    @Option(help: "The second person.") var witness: String?
    @Option(help: "Number of a booklet that nothing was written to.") var booklet: String?
    @Option(help: "The same number, read and typed once more.") var again: String?
    @Flag(help: "Only its turn or its page was wrong: it goes into the hopper again.") var back = false

    func validate() throws {
        guard (booklet == nil) == (again == nil), booklet != nil || !back else {
            throw ValidationError("--booklet and --again belong together; --back is for booklets.")
        }
    }

    func run() async throws {
        var facts: [String: JSONValue] = ["found": .string(found)]
        if let destroyed { facts = ["destroyed": .string(destroyed), "witness": .string(witness ?? "")] }
        if let booklet, let again {
            facts = ["booklet": .string(booklet), "again": .string(again), "back": .bool(back)]
        }
        print(try await options.settle(facts, by: operatorName))
    }
}

struct CardCountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count", abstract: "The cards in a hopper, counted by hand when one is looked for.",
        discussion: """
            Count before you look at the books. More cards than they hold: blanks that were looked for never left the \
            hopper. Fewer: blanks left it unseen, and the cell feeds nothing until they are found or given up.
            """)

    @OptionGroup var options: LineOptions
    @Option(help: "The cell; may be left out on a line of one.") var cell: String?
    @Option(help: "Cards that lie in its hopper.") var hopper: Int
    @Option(help: "Who counted.") var operatorName = "operator"

    func run() async throws {
        print(try await options.settle(["hopper": .integer(Int64(hopper))], cell: cell, by: operatorName))
    }
}

struct CardMissingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "missing", abstract: "Two people give a card up that nobody finds.",
        discussion: "Its record waits while the chip may live; the card settles it when it is found after all.")

    @OptionGroup var options: LineOptions
    @Argument(help: "Blank number.") var blank: String
    @Option(help: "The second person.") var witness: String
    @Option(help: "What happened: number or words of the incident, no personal data.") var incident: String
    @Option(help: "Who is answerable in the journal.") var operatorName = "operator"

    func run() async throws {
        let facts: [String: JSONValue] = [
            "missing": .string(blank), "witness": .string(witness), "incident": .string(incident),
        ]
        print(try await options.settle(facts, by: operatorName))
    }
}

extension LineOptions {
    /// Asks the controller of the line, or acts in its place when none works: what the books decided, in words.
    func settle(_ facts: [String: JSONValue], cell: String? = nil, by person: String) async throws(SakkError) -> String
    {
        let profile = try profile()
        let product = try ProductProfile(folder: profile.profile)
        let store = try await openLedger(profile)
        let builder = CellBuilder(
            line: profile, product: product, pictures: nil, wrongCards: try wrongCards(profile))
        return try await LineDesk(profile: profile, store: store).ask(
            .settle, cell: cell.map { CellID($0) }, by: person, facts: facts
        ) { () throws(SakkError) in
            LineController(cells: try builder.cells(self, actor: person), store: store, desk: try builder.desk())
        }.text
    }
}
