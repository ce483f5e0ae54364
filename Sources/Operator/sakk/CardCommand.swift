import ArgumentParser
import Catalog
import Ground
import Ledger
import Line

struct CardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "card", abstract: "Single cards.", subcommands: [CardSettleCommand.self])
}

struct CardSettleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle",
        abstract: "A card that was found lies on the desk reader: says what it is and what becomes of it.",
        discussion: """
            A card that had passed, whose good eject was ordered and that lay in the good box is good. Every other \
            card's chip is killed here. With --destroyed a card whose chip is mute is taken out of the books by two people.
            """)

    @OptionGroup var options: LineOptions
    @Option(help: "Where the card was found: good, reject, or elsewhere.") var found = "elsewhere"
    @Option(help: "Who is answerable in the journal.") var operatorName = "operator"
    @Option(help: "Blank number of a card that two people sealed and punched.") var destroyed: String?
    @Option(help: "The second person.") var witness: String?

    func run() async throws {
        let profile = try options.profile()
        let product = try ProductProfile(folder: profile.profile)
        let store = try await options.openLedger(profile)
        let builder = CellBuilder(line: profile, product: product, pictures: nil)
        var facts: [String: JSONValue] = ["found": .string(found)]
        if let destroyed { facts = ["destroyed": .string(destroyed), "witness": .string(witness ?? "")] }
        let answer = try await LineDesk(profile: profile, store: store).ask(
            .settle, by: operatorName, facts: facts
        ) { () throws(SakkError) in
            LineController(
                cells: try builder.cells(options, actor: operatorName), store: store, desk: try builder.desk())
        }
        print(answer.text)
    }
}
