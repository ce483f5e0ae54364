import ArgumentParser
import Ground
import Ledger

struct LedgerMigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Makes a ledger in this program's format out of an older one.",
        discussion: """
            The journal is replayed into a new file or schema (--ledger); the old ledger is closed for ever and stays as \
            it is beside it. Stop all controllers before. Can be repeated when it was cut short.
            """)

    @OptionGroup var options: LineOptions
    @Argument(help: "The old ledger: a file or postgresql://…") var old: String
    @Option(help: "Who is answerable in the journal.") var operatorName = "supervisor"

    func run() async throws {
        let profile = try options.profile()
        let path = options.ledgerPath(profile)
        let books = try await Books.migrate(
            old, to: path, keys: try options.weekKeys(profile), time: SystemTime(), by: operatorName)
        let seen = try await books.verify()
        Words.say("\(path): \(seen.tables.reduce(0) { $0 + $1.rows }) rows in tables as the journal says.")
        Words.say("  do:  name it in the line's file; keep \(old), which no program opens any more.")
    }
}
