import ArgumentParser
import Ground
import Ledger
import Line

struct LineChallenge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "challenge",
        abstract: "Shows a challenge card to the inspection: it lies where the machine takes its next card.",
        discussion: """
            Cards that are known to be bad are due at shift start, after maintenance, another ribbon or another plan, \
            and after so many documents (`inspection_trust` in the line's file). Each must be rejected for one of its \
            own reasons. When one is not, the cell stops and every document since the last good set is called back.
            """)
    @OptionGroup var order: OrderOptions
    @Argument(help: "Name of the card in the set.") var card: String
    func run() async throws { try await order.ask(.settle, TrustWord.challenge(card).facts) }
}

struct LineArticle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "article", abstract: "Approves or refuses the first document after a change of the machine.")
    @OptionGroup var order: OrderOptions
    @Flag(help: "It is as it should be.") var approve = false
    @Option(help: "Code of the reason why it is not.") var refuse: String?

    func validate() throws {
        guard approve != (refuse != nil) else { throw ValidationError("Say --approve or --refuse REASON.") }
    }

    func run() async throws {
        let word = refuse.map { TrustWord.refuse($0) } ?? .approve
        try await order.ask(.settle, word.facts)
    }
}

struct LineRepaired: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repaired", abstract: "The fault that let a challenge card through was put right; cards are due.")
    @OptionGroup var order: OrderOptions
    func run() async throws { try await order.ask(.settle, TrustWord.repaired.facts) }
}

struct LineAttended: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attended", abstract: "A part was cleaned or changed: its warnings begin anew.")
    @OptionGroup var order: OrderOptions
    @Argument(help: "printHead, ribbon, feedRollers, transport, lens, lamp or stock.") var part: String
    func run() async throws { try await order.ask(.settle, TrustWord.attended(part).facts) }
}
