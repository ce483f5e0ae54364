import Ground
import Ledger

/// Answers of queries that read much, kept for a while: at least a second, and twenty times as long as the query took,
/// so that open pages never take more than a twentieth of the books' time.
actor FigureCache {
    private struct Kept {
        let answer: any Sendable
        let until: Int64
        let at: Int64
    }
    private let books: Books
    private let time: any TimeSource
    private var kept: [String: Kept] = [:]
    private var asking: [String: Task<any Sendable, any Error>] = [:]

    init(books: Books, time: any TimeSource) {
        self.books = books
        self.time = time
    }

    /// The answer and how old it is, in microseconds.
    func ask<Query: LedgerQuery & Sendable>(_ name: String, _ query: Query) async throws(SakkError) -> (
        Query.Answer, age: Int64
    ) {
        let now = time.boot().microseconds
        if let known = kept[name], known.until > now, let answer = known.answer as? Query.Answer {
            return (answer, now - known.at)
        }
        let task = asking[name] ?? Task { [books] in try await books.read(query) as any Sendable }
        asking[name] = task
        let result = await task.result
        asking[name] = nil
        switch result {
        case .success(let answer):
            let after = time.boot().microseconds
            kept[name] = Kept(answer: answer, until: after + max(1_000_000, (after - now) * 20), at: after)
            if let answer = answer as? Query.Answer { return (answer, 0) }
            throw SakkError(
                "console.figures", source: "console", text: "Two figures share a name.", remedy: "Call the engineer.")
        case .failure(let error):
            throw error as? SakkError
                ?? SakkError(
                    "console.figures", source: "console", text: "The figures could not be read.", remedy: "Ask again.")
        }
    }

    /// After an act of a person: what is shown next is fresh.
    func forget() { kept = [:] }
}
