import ArgumentParser
import Catalog
import Ground
import Ledger
import Line
import Stations

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
        guard let desk = profile.cells.lazy.compactMap(\.deskReader).first else {
            throw SakkError(
                "config.missing", source: profile.path, subject: "cell.desk_reader",
                text: "The line has no desk reader.", remedy: "Name it in the line's configuration.")
        }
        let builder = CellBuilder(line: profile, product: product, pictures: nil)
        let controller = LineController(cells: try builder.cells(options, actor: operatorName), store: store)
        let settlement: Settlement
        if let destroyed {
            settlement = try await controller.settleDestroyed(
                BlankID(destroyed), by: operatorName, witness: witness ?? "")
        } else {
            settlement = try await controller.settleFound(
                in: CardExit(rawValue: found), at: try builder.encoder(desk), by: operatorName)
        }
        print("\(settlement.decision.rawValue)  \(settlement.blank)  \(settlement.text)")
    }
}
