import ArgumentParser
import Catalog
import Connectors
import Ground
import Ledger
import Stations

/// `sakk queue stop-list`: takes signed lists of withdrawn approvals into the books.
struct QueueStopListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop-list", abstract: "Takes an authority's signed list of withdrawn approvals.",
        discussion: """
            The number of a list only grows; an older one is refused. The same list again changes nothing. \
            Without a file it says how old the known lists are.
            """)

    @OptionGroup var options: LineOptions
    @Option(help: "The standing configuration (YAML): whose lists, and how old they may be.") var standing: String
    @Argument(help: "Signed lists (CMS).") var files: [String] = []

    func run() async throws {
        let profile = try options.profile()
        let product = try ProductProfile(folder: profile.profile)
        let configuration = try StandingConfiguration(path: standing)
        let books = BooksIntake(try await options.openLedger(profile), actor: "stop-list", product: product)
        guard let keeper = configuration.keeper(books: books, time: SystemTime()),
            let authorities = configuration.stopLists?.authorities
        else {
            throw SakkError(
                "config.missing", source: standing, subject: "stop_lists", text: "No stop-lists are configured.",
                remedy: "Write `stop_lists` into the file; docs/configuration.md lists its keys.")
        }
        for file in files {
            guard let envelope = FileBytes.read(file) else {
                throw SakkError(
                    "file.unreadable", source: file, text: "The file cannot be read.",
                    remedy: "Check the path and the permissions.")
            }
            let acceptance = try await keeper.accept(envelope)
            Words.say("\(file): \(acceptance == .taken ? "taken" : "known already")")
        }
        for authority in authorities {
            let state = try await books.state(of: authority)
            Words.say(
                state.map { "\(authority): list \($0.number) of \($0.issuedAt.iso8601), next \($0.nextUpdate.iso8601)" }
                    ?? "\(authority): no list yet")
        }
    }
}
