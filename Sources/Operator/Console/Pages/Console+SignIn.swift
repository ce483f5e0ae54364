import Ground
import Ledger

extension Console {
    func signInRoutes() -> [Route] {
        [
            Route("GET", "/signin", .everyone, "The page to sign in at", isInAPI: false) {
                [unowned self] visit throws(SakkError) in
                if let session = visit.session, !session.isLocked { return .reply(.seeOther("/")) }
                return .page("signin", signIn(to: visit.ask.query["to"], problem: nil))
            },
            Route("POST", "/signin", .everyone, "Sign in", fields: ["person", "password", "to"]) {
                [unowned self] visit throws(SakkError) in try await enter(visit)
            },
            Route("GET", "/unlock", .signedIn, "The page of a locked session", isInAPI: false) {
                visit throws(SakkError) in
                guard visit.session?.isLocked == true else { return .reply(.seeOther("/")) }
                return .page(
                    "unlock",
                    [
                        "person": .string(visit.by), "name": .string(visit.person.name),
                        "to": .string(visit.ask.query["to"] ?? "/"),
                    ])
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
                return .reply(with(cookie: Console.sessionCookie, "", age: 0, .seeOther("/signin")))
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
                let back = visit.form["back"].flatMap { Console.isLocal($0) ? $0 : nil } ?? "/"
                return .reply(with(cookie: Look.cookie, look.text, age: 31_536_000, .seeOther(back)))
            },
        ]
    }

    private func signIn(to: String?, problem: SakkError?) -> JSONValue {
        [
            "to": .string(to.flatMap { Console.isLocal($0) ? $0 : nil } ?? "/"),
            "problem": problem.map(Console.object) ?? .null,
            "lines": .array(lines.map { .string($0.id.rawValue) }),
        ]
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
        let keys = ["person \(id)", "address \(ask.peer)"]
        let seconds = await throttle.wait(keys)
        guard seconds == 0 else {
            throw SakkError(
                "console.wait", source: "console", text: "Too many tries. Wait \(seconds) s.",
                remedy: "Wait; if it was not you, tell the supervisor.")
        }
        var person: Person?
        var credential: StoredCredential?
        if PersonID(id).isWellFormed {
            person = try await books.read(PersonQuery(PersonID(id)))
            credential = try await books.credentials(of: PersonID(id)).first { $0.credential.kind == .password }
        }
        var verifier: String?
        if case .password(let scrypt) = credential?.credential { verifier = scrypt }
        if let expires = credential?.expires, expires < time.wall() { verifier = nil }
        let isRight = try await PasswordDesk.shared.admits(password, verifier)
        guard isRight, let person, let credential, person.isActive, password.utf8.count <= 200 else {
            await throttle.failed(keys)
            try await did("sign.in", person?.id.rawValue ?? "console", person, ask, refusal: "console.credentials")
            throw SakkError(
                "console.credentials", source: "console", text: "The name or the password is wrong.",
                remedy: "Type both again; the supervisor can give a new one-time password.")
        }
        await throttle.succeeded(keys)
        return (person, credential)
    }

    private func enter(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let to = visit.form["to"].flatMap { Console.isLocal($0) ? $0 : nil } ?? "/"
        do throws(SakkError) {
            let (person, credential) = try await identify(
                (visit.form["person"] ?? "").lowercased(), visit.form.first["password"] ?? "", visit.ask)
            let (token, session) = try await sessions.begin(
                person, peer: visit.ask.peer, mustChoose: credential.isOneTime,
                replacing: visit.ask.cookie(Console.sessionCookie))
            try await did("sign.in", person.id.rawValue, person, visit.ask)
            let reply: Reply =
                visit.isAPI
                ? .json([
                    "schema": "sakk.console-session/1", "person": .string(person.id.rawValue),
                    "token": .string(session.formToken),
                    "must_choose": .bool(session.mustChoose),
                ]) : .seeOther(session.mustChoose ? "/password" : to)
            return .reply(with(cookie: Console.sessionCookie, token, age: nil, reply))
        } catch {
            guard !visit.isAPI, ["console.credentials", "console.wait"].contains(error.code.rawValue) else {
                throw error
            }
            let text = await page("signin", signIn(to: to, problem: error), visit)
            return .reply(.html(text, status: Console.status(of: error)))
        }
    }

    private func unlock(_ visit: Visit) async throws(SakkError) -> Route.Answer {
        let to = visit.form["to"].flatMap { Console.isLocal($0) ? $0 : nil } ?? "/"
        let old = visit.token ?? ""
        do throws(SakkError) {
            let (person, credential) = try await identify(
                visit.by, visit.form.first["password"] ?? "", visit.ask)
            // a new token, so that a copy of the old one opens nothing
            let (token, _) = try await sessions.begin(
                person, peer: visit.ask.peer, mustChoose: credential.isOneTime, replacing: old)
            return .reply(with(cookie: Console.sessionCookie, token, age: nil, .seeOther(to)))
        } catch {
            guard !visit.isAPI, ["console.credentials", "console.wait"].contains(error.code.rawValue) else {
                throw error
            }
            if error.code == "console.wait" { await sessions.end(old) }
            let model: JSONValue = [
                "person": .string(visit.by), "name": .string(visit.person.name), "to": .string(to),
                "problem": Console.object(of: error),
            ]
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
        let (token, _) = try await sessions.begin(visit.person, peer: visit.ask.peer, mustChoose: false, replacing: nil)
        return .reply(with(cookie: Console.sessionCookie, token, age: nil, .seeOther("/")))
    }
}
