import Ground
import Ledger

/// What all ways into a session have in common.
extension Console {
    /// A proof of who somebody is: slowed down after failures of a name or of an address, each refusal a row in the journal,
    /// with the person where the books know one (`known`).
    func proving<Proof: Sendable>(
        _ ask: Ask, names: [String], _ item: String,
        _ body: (_ known: inout Person?) async throws(SakkError) -> Proof
    ) async throws(SakkError) -> Proof {
        let keys = names.map { "person \($0)" } + ["address \(ask.peer)"]
        let seconds = await throttle.wait(keys)
        guard seconds == 0 else { throw Console.tooMany(seconds) }
        var known: Person?
        do throws(SakkError) {
            let proof = try await body(&known)
            await throttle.succeeded(keys)
            return proof
        } catch {
            guard !error.code.rawValue.hasPrefix("ledger.") else { throw error }
            await throttle.failed(keys)
            try await did("sign.in", names.isEmpty ? item : known?.id.rawValue ?? item, known, ask, refusal: error.code)
            throw error
        }
    }

    /// Begins the session of whoever proved to be somebody; a refused proof shows the page of the door again, with the words.
    func enter(
        _ visit: Visit, certificate: Bytes? = nil,
        _ proof: () async throws(SakkError) -> (person: Person, mustChoose: Bool)
    ) async throws(SakkError) -> Route.Answer {
        let to = Console.local(visit.form["to"])
        do throws(SakkError) {
            let (person, mustChoose) = try await proof()
            let (token, session) = try await sessions.begin(
                person, peer: visit.ask.peer, mustChoose: mustChoose, certificate: certificate,
                replacing: visit.ask.cookie(Console.sessionCookie))
            try await did("sign.in", person.id.rawValue, person, visit.ask)
            return .reply(entered(person, token, session, to: to, isAPI: visit.isAPI))
        } catch {
            guard !visit.isAPI, Console.isRefusedProof(error) else { throw error }
            let text = await page("signin", signIn(visit.ask, to: to, problem: error), visit)
            return .reply(.html(text, status: Console.status(of: error)))
        }
    }

    /// Where the browser goes on: a path of this console, else the first page.
    static func local(_ path: String?) -> String { path.flatMap { isLocal($0) ? $0 : nil } ?? "/" }

    static func isRefusedProof(_ error: SakkError) -> Bool {
        let code = error.code.rawValue
        return ["console.credentials", "console.wait"].contains(code) || code.hasPrefix("console.certificate.")
    }

    static func tooMany(_ seconds: Int) -> SakkError {
        SakkError(
            "console.wait", source: "console", text: "Too many tries. Wait \(seconds) s.",
            remedy: "Wait; if it was not you, tell the supervisor.")
    }
}
