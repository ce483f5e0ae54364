import Ground
import Ledger

/// Answers of queries that read much, kept for a while: at least a second, and twenty times as long as the query took,
/// so that open pages never take more than a twentieth of the books' time.
actor FigureCache {
    private struct Kept {
        let answer: any Sendable
        let until: Int64
        /// When it was asked for, and when the answer was there.
        let asked: Int64
        let at: Int64
    }

    private let books: Books
    private let time: any TimeSource
    private var kept: [String: Kept] = [:]
    /// Questions under way, and since when: whoever asks meanwhile gets the same answer, of that moment.
    private var asking: [String: (task: Task<any Sendable, any Error>, since: Int64)] = [:]
    private var changed: Int64 = .min
    private var old: Int64?

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
            // of before the last change, at this console or another: to be shown again once it may be read anew
            if known.asked <= changed { old = min(old ?? .max, known.until) }
            return (answer, now - known.at)
        }
        let (task, asked) =
            asking[name] ?? (task: Task { [books] in try await books.read(query) as any Sendable }, since: now)
        asking[name] = (task, asked)
        let result = await task.result
        asking[name] = nil
        switch result {
        case .success(let answer):
            let after = time.boot().microseconds
            kept[name] = Kept(
                answer: answer, until: after + max(1_000_000, (after - asked) * 20), asked: asked, at: after)
            // the books grew while they were read
            if asked <= changed { old = min(old ?? .max, kept[name]?.until ?? after) }
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

    /// The books grew: what was read before may no longer be so.
    func grew() { changed = time.boot().microseconds }

    /// Whether an old figure was shown that can be read anew now; once for each time.
    func isDue() -> Bool {
        guard let moment = old, moment <= time.boot().microseconds else { return false }
        old = nil
        return true
    }
}
