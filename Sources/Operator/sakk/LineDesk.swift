import Catalog
import Ground
import Ledger
import Line

/// Asks the controller that works on a line, through the ledger; where none works, does it here under the line's lease.
struct LineDesk {
    let profile: LineProfile
    let store: Books
    private let time = SystemTime()

    /// How long a controller that holds the lease may take to answer, in microseconds. A card at the desk reader takes
    /// the longest.
    private static let patience: Int64 = 20_000_000

    /// Throws the refusal. `alone` makes the controller that acts when nobody else holds the line.
    func ask(
        _ word: LineCommand.Word, cell: CellID? = nil, by person: String, facts: [String: JSONValue] = [:],
        alone: () throws(SakkError) -> LineController
    ) async throws(SakkError) -> CommandAnswer {
        var random = SystemRandomNumberGenerator()
        let command = LineCommand(
            id: UUIDv7.make(wall: time.wall(), random: (0..<10).map { _ in UInt8.random(in: 0...255, using: &random) }),
            line: profile.id, cell: cell, word: word, actor: person, facts: facts)
        if try await store.holder(of: profile.id)?.works == true {
            if let answer = try await wait(command) { return try accepted(answer) }
        }
        return try accepted(try await alone().obeyAlone(command))
    }

    /// Nil when the holder's lease ran out before it answered: it is gone.
    private func wait(_ command: LineCommand) async throws(SakkError) -> CommandAnswer? {
        try await store.commit(Transition(plant: .queue, actor: command.actor, changes: [.command(command)]))
        let begun = time.boot().microseconds
        while true {
            if let answer = try await store.read(CommandAnswerQuery(id: command.id)) { return answer }
            guard try await store.holder(of: profile.id)?.works == true else { return nil }
            guard time.boot().microseconds - begun < LineDesk.patience else {
                throw SakkError(
                    "line.command.unanswered", source: "line \(profile.id)", outcome: .unknown,
                    text: "The controller of the line does not answer.",
                    remedy: "See `sakk line status` for who holds the line; end that controller, or wait for its lease."
                )
            }
            do {
                try await Task.sleep(for: .milliseconds(100))
            } catch {
                return nil
            }
        }
    }

    private func accepted(_ answer: CommandAnswer) throws(SakkError) -> CommandAnswer {
        guard !answer.isAccepted else { return answer }
        throw SakkError(
            SakkError.Code(stringLiteral: answer.code ?? "line.command"), source: "line \(profile.id)",
            text: answer.text, remedy: answer.remedy)
    }
}
