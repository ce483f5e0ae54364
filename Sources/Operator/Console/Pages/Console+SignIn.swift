import Ground
import Ledger

extension Console {
    func signInRoutes() -> [Route] {
        [
            Route("GET", "/signin", .everyone, "The page to sign in at", isInAPI: false) {
                [unowned self] visit throws(SakkError) in
                // a session of a certificate that is not on this connection would be sent back here for ever
                if let session = visit.session, !session.isLocked, await withoutProof(session, visit.ask) == nil {
                    return .reply(.seeOther("/"))
                }
                return .page("signin", signIn(visit.ask, to: visit.ask.query["to"], problem: nil))
            },
            Route(
                "POST", "/signin/certificate", .everyone, "Sign in with the certificate of the connection",
                fields: ["to"]
            ) { [unowned self] visit throws(SakkError) in
                try await enter(visit, certificate: visit.ask.certificateDigest) { () throws(SakkError) in
                    (try await identifyByCertificate(visit.ask), false)
                }
            },
            Route("POST", "/signin", .everyone, "Sign in", fields: ["person", "password", "to"]) {
                [unowned self] visit throws(SakkError) in
                try await enter(visit) { () throws(SakkError) in
                    let (person, credential) = try await identify(
                        (visit.form["person"] ?? "").lowercased(), visit.form.first["password"] ?? "", visit.ask)
                    return (person, credential.isOneTime)
                }
            },
            Route("GET", "/unlock", .signedIn, "The page of a locked session", isInAPI: false) {
                [unowned self] visit throws(SakkError) in
                guard visit.session?.isLocked == true else { return .reply(.seeOther("/")) }
                return .page("unlock", try await locked(visit, to: visit.ask.query["to"], problem: nil))
            },
            Route("POST", "/unlock", .signedIn, "Go on after a lock", fields: ["password", "to"]) {
                [unowned self] visit throws(SakkError) in try await unlock(visit)
            },
            Route("POST", "/lock", .signedIn, "Lock this session") { [unowned self] visit throws(SakkError) in
                if let token = visit.token { await sessions.lock(token) }
                return .done(to: "/unlock", [:])
            },
            Route("POST", "/signout", .signedIn, "Sign out") { [unowned self] visit throws(SakkError) in
                if let token = visit.token { await sessions.end(token) }
                try await did("sign.out", visit.by, visit.person, visit.ask)
                let gone: Reply = visit.isAPI ? .json(["schema": "sakk.console-done/1"]) : .seeOther("/signin")
                return .reply(with(cookie: Console.sessionCookie, "", age: 0, gone))
            },
            Route(
                "GET", "/session", .signedIn, "How long this session stays open when nobody asks for anything",
                isByItself: true
            ) { [unowned self] visit throws(SakkError) in
                guard let session = visit.session else { throw Console.unknown("session", "") }
                return .reply(
                    .json([
                        "schema": "sakk.console-session-time/1",
                        "seconds": .integer(await sessions.secondsLeft(of: session)),
                    ]))
            },
            Route("GET", "/password", .signedIn, "The page to choose a password at", isInAPI: false) {
                visit throws(SakkError) in
                .page("password", ["must": .bool(visit.session?.mustChoose == true)])
            },
            Route("POST", "/password", .signedIn, "Choose a password", fields: ["old", "new", "again"]) {
                [unowned self] visit throws(SakkError) in try await choose(visit)
            },
            Route(
                "POST", "/look", .everyone, "Language and digits", fields: ["language", "digits", "back"],
                isInAPI: false
            ) {
                [unowned self] visit throws(SakkError) in
                var look = visit.look
                if let language = visit.form["language"].flatMap(Language.init) { look.language = language }
                if let digits = visit.form["digits"].flatMap(Numerals.init) { look.digits = digits }
                let back = Console.local(visit.form["back"])
                return .reply(with(cookie: Look.cookie, look.text, age: 31_536_000, .seeOther(back)))
            },
        ]
    }

    func signIn(_ ask: Ask, to: String?, problem: SakkError?) -> JSONValue {
        [
            "certificate": certificateDoor(ask),
            "to": .string(Console.local(to)),
            "problem": problem.map(Console.object) ?? .null,
            "lines": .array(lines.map { .string($0.id.rawValue) }),
        ]
    }

    private func locked(_ visit: Visit, to: String?, problem: SakkError?) async throws(SakkError) -> JSONValue {
        [
            "person": .string(visit.by), "name": .string(visit.person.name),
            "to": .string(Console.local(to)),
            "problem": problem.map(Console.object) ?? .null,
            "by_certificate": .bool(try await opensByCertificate(visit.session)),
        ]
    }

    /// The answer that brings the cookie of a new session.
    func entered(_ person: Person, _ token: String, _ session: Session, to: String, isAPI: Bool) -> Reply {
        let reply: Reply =
            isAPI
            ? .json([
                "schema": "sakk.console-session/1", "person": .string(person.id.rawValue),
                "token": .string(session.formToken), "must_choose": .bool(session.mustChoose),
            ]) : .seeOther(session.mustChoose ? "/password" : to)
        return with(cookie: Console.sessionCookie, token, age: nil, reply)
    }

    private func with(cookie name: String, _ value: String, age: Int?, _ reply: Reply) -> Reply {
        var reply = reply
        reply.headers.append(
            (
                "set-cookie",
                "\(name)=\(value); Path=/; HttpOnly; SameSite=Strict" + (settings.isSecure ? "; Secure" : "")
                    + (age.map { "; Max-Age=\($0)" } ?? "")
            ))
        return reply
    }

    /// The person whose password this is. `console.credentials`, `console.wait`; both are slowed down and journaled.
    func identify(_ id: String, _ password: String, _ ask: Ask) async throws(SakkError) -> (Person, StoredCredential) {
        let isWellFormed = PersonID(id).isWellFormed
        return try await proving(ask, names: [id], "console") { known throws(SakkError) in
            var credential: StoredCredential?
            if isWellFormed {
                known = try await books.read(PersonQuery(PersonID(id)))
                credential = try await books.credentials(of: PersonID(id)).first { $0.credential.kind == .password }
            }
            var verifier: String?
            if case .password(let scrypt) = credential?.credential { verifier = scrypt }
            if let expires = credential?.expires, expires < time.wall() { verifier = nil }
            let isRight = try await PasswordDesk.shared.admits(password, verifier)
            guard isRight, let person = known, let credential, person.isActive, password.utf8.count <= 200 else {
                throw SakkError(
                    "console.credentials", source: "console", text: "The name or the password is wrong.",
                    remedy: "Type both again; the supervisor can give a new one-time password.")
            }
            return (person, credential)
        }
    }

    private func unlock(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let to = Console.local(visit.form["to"])
        let old = visit.token ?? ""
        do throws(SakkError) {
            var mustChoose = false
            if try await opensByCertificate(visit.session) {
                guard try await identifyByCertificate(visit.ask).id == visit.person.id else {
                    throw ClientTrust.refusal("other")
                }
            } else {
                mustChoose = try await identify(visit.by, visit.form.first["password"] ?? "", visit.ask).1.isOneTime
            }
            // a new token, so that a copy of the old one opens nothing
            let (token, session) = try await sessions.begin(
                visit.person, peer: visit.ask.peer, mustChoose: mustChoose, certificate: visit.session?.certificate,
                replacing: old, keepsDesk: true)
            return .reply(entered(visit.person, token, session, to: to, isAPI: visit.isAPI))
        } catch {
            guard !visit.isAPI, Console.isRefusedProof(error) else { throw error }
            if error.code == "console.wait" { await sessions.end(old) }
            let model = try await locked(visit, to: to, problem: error)
            return .reply(.html(await page("unlock", model, visit), status: Console.status(of: error)))
        }
    }

    /// Shortest password. Length is what counts (NIST SP 800-63B, 3.1.1); no rules about characters.
    static let passwordLength = 12

    private func choose(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let new = visit.form.first["new"] ?? ""
        _ = try await identify(visit.by, visit.form.first["old"] ?? "", visit.ask)
        guard new == visit.form.first["again"] else {
            throw SakkError(
                "console.password.differs", source: "console", text: "The two new passwords differ.",
                remedy: "Type the new one twice.")
        }
        guard new.count >= Console.passwordLength, new.utf8.count <= 200, new != visit.form.first["old"],
            !new.lowercased().contains(visit.by)
        else {
            throw SakkError(
                "console.password.weak", source: "console",
                text: "A password has \(Console.passwordLength) characters or more, is new, and is not your name.",
                remedy: "Choose three or four words that belong together for you alone.")
        }
        let verifier = try await PasswordDesk.shared.verifier(of: new)
        try await hand(visit, "password.choose", visit.by)
            .setCredential(.password(scrypt: verifier), of: visit.person.id, by: visit.by)
        await sessions.endAll(of: visit.person.id)
        let (token, session) = try await sessions.begin(
            visit.person, peer: visit.ask.peer, mustChoose: false, certificate: visit.session?.certificate,
            replacing: nil)
        return .reply(entered(visit.person, token, session, to: "/", isAPI: visit.isAPI))
    }
}
