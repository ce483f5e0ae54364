public import Ground
public import Stations
import Synchronization

/// Asks the source whether an approval still stands: `POST /v1/standing` (`docs/connectors.md`, `sakk.standing/1`).
///
/// While nobody answers, an answer that is younger than the allowed age still counts; then `record.standing.unreachable`.
public final class HTTPSStanding: RecordStanding {
    private struct Kept {
        let standing: Standing
        /// When it was asked for, by a clock that nobody sets.
        let asked: BootTime
        /// How old the answer was by then, in microseconds.
        let age: Int64
    }

    private let name: String
    private let client: WebClient
    private let maxAge: Int64
    private let time: any TimeSource
    private let kept = Mutex<[ProductionID: Kept]>([:])

    /// Answers that are remembered.
    private static let capacity = 20_000

    public init(name: String, client: WebClient, maxAgeSeconds: Int64, time: any TimeSource = SystemTime()) {
        self.name = name
        self.client = client
        maxAge = maxAgeSeconds * 1_000_000
        self.time = time
    }

    public func standing(of production: ProductionID) async throws(SakkError) -> Standing {
        do throws(SakkError) {
            return try await ask(production)
        } catch {
            guard WebFailure.passes(error) else { throw error }
            if let kept = remembered(production) { return kept }
            var failure = error
            failure.code = "record.standing.unreachable"
            failure.outcome = .notDone
            failure.subject = production.rawValue
            throw failure
        }
    }

    private func ask(_ production: ProductionID) async throws(SakkError) -> Standing {
        let asked = time.boot()
        let body: JSONValue = [
            "schema": "sakk.standing-query/1", "ids": .array([.string(production.rawValue)]),
        ]
        let answer = try await client.send(WebRequest("/v1/standing", body: body.canonical))
        let value = try WebJSON.object(answer.body, schema: "sakk.standing/1", source: name)
        guard let asOf = value["as_of"]?.string.flatMap(WallTime.init(iso8601:)),
            let entry = value["answers"]?.array?.first(where: { $0["id"]?.string == production.rawValue })
        else { throw WebFailure.schema(name, "`as_of` or the answer for the production is missing") }
        let age = time.wall().microseconds - asOf.microseconds
        guard age <= maxAge, age >= -StopListKeeper.clockToleranceMicroseconds else {
            throw SakkError(
                "record.standing.old", source: name, subject: production.rawValue,
                text: "The source's answer is older than allowed, or from the future.",
                remedy: "Ask the keeper of the source and check the clocks, then let the line go on.")
        }
        let standing: Standing
        switch entry["standing"]?.string {
        case "valid": standing = .valid
        case "withdrawn":
            let reason = entry["reason"]?.string ?? ""
            standing = .withdrawn(reason: WebJSON.isName(reason) ? reason : "unstated")
        case "unknown":
            throw SakkError(
                "record.standing.unknown", source: name, subject: production.rawValue,
                text: "The source does not know this production.", remedy: "Hold the record and ask the authority.")
        default: throw WebFailure.schema(name, "`standing` is none of valid, withdrawn, unknown")
        }
        kept.withLock { kept in
            if kept.count >= HTTPSStanding.capacity { kept.removeAll() }
            kept[production] = Kept(standing: standing, asked: asked, age: max(0, age))
        }
        return standing
    }

    private func remembered(_ production: ProductionID) -> Standing? {
        let now = time.boot()
        return kept.withLock { kept in
            guard let answer = kept[production], answer.asked.boot == now.boot,
                answer.age + now.microseconds - answer.asked.microseconds <= maxAge
            else { return nil }
            return answer.standing
        }
    }
}

/// Several who may withdraw: one is enough, and every one must be heard.
public struct EveryStanding: RecordStanding {
    private let all: [any RecordStanding]
    public init(_ all: [any RecordStanding]) { self.all = all }

    public func standing(of production: ProductionID) async throws(SakkError) -> Standing {
        var answer = Standing.valid
        for one in all {
            let standing = try await one.standing(of: production)
            if answer == .valid { answer = standing }
        }
        return answer
    }
}
