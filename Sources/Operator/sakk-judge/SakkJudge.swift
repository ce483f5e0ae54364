import ArgumentParser
import Foundation
import Ground

/// Compares the books of a line with the cards that really lie in the plant. It shares no code with line or plant but
/// byte types: it reads the ledger's tables by SQL and the census by its JSON.
@main
struct SakkJudge: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sakk-judge", abstract: "Judges a line's books by a census of the cards.",
        discussion: "Exit 0 when they agree card by card, 5 when a rule is breached, 3 when a file cannot be read.")

    @Option(help: "The ledger (SQLite).") var ledger: String
    @Option(help: "The census (sakk-plant.census/1).") var census: String
    @Option(help: "Good documents that must be there.") var expectGood: Int?
    @Option(help: "Spoiled blanks that must be there.") var expectSpoiled: Int?
    @Option(help: "At most so many spoiled blanks.") var maxSpoiled: Int?
    @Flag(help: "One JSON object (sakk.judgement/1).") var json = false

    func run() throws {
        let books = try LedgerView(path: ledger)
        let cards = try CensusView(path: census)
        var breaches = Comparison(books: books, cards: cards).breaches()
        let good = books.attempts.filter { $0.state == "produced" }.count
        let spoiled = books.blanks.filter { $0.account == "spoiled" }.count
        if let expectGood, good != expectGood { breaches.append("\(good) good documents, expected \(expectGood)") }
        if let expectSpoiled, spoiled != expectSpoiled {
            breaches.append("\(spoiled) spoiled blanks, expected \(expectSpoiled)")
        }
        if let maxSpoiled, spoiled > maxSpoiled {
            breaches.append("\(spoiled) spoiled blanks, expected at most \(maxSpoiled)")
        }
        let unknown = books.attempts.filter { $0.state == "unknown" }.count
        if json {
            print(
                JSONValue.object([
                    "good": .integer(Int64(good)), "spoiled": .integer(Int64(spoiled)),
                    "unknown": .integer(Int64(unknown)), "cards_fed": .integer(Int64(cards.used.count)),
                    "breaches": .array(breaches.map(JSONValue.string)),
                ]).document(schema: "sakk.judgement/1"))
        } else {
            for breach in breaches { print("breach: \(breach)") }
            print(
                "books and cards: \(good) good, \(spoiled) spoiled, \(unknown) unknown; \(cards.used.count) cards used; "
                    + (breaches.isEmpty ? "they agree card by card" : "\(breaches.count) breaches"))
        }
        if !breaches.isEmpty { throw ExitCode(5) }
    }
}
