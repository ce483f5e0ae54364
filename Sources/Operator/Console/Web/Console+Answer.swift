internal import Ground
import Foundation
import Ledger

extension Console {
    static let sessionCookie = "sakk-session"
    /// Largest body of a form.
    public static let bodyLimit = 64 * 1024

    /// Answers one request. Nothing it throws reaches the outside: an error is a page, or an object for the API.
    public func answer(_ ask: Ask) async -> Reply {
        let begun = time.boot().microseconds
        let reply = await open(ask).sealed(isSecure: settings.isSecure)
        await meter.count(status: reply.status, microseconds: time.boot().microseconds - begun)
        return reply
    }

    private func open(_ ask: Ask) async -> Reply {
        if ask.path.first == "assets" {
            guard ask.method == "GET", ask.path.count == 2, let reply = assets.reply(ask.path[1]) else {
                return .text("", status: 404)
            }
            return reply
        }
        let isAPI = ask.path.first == "api"
        let path = isAPI ? ask.path.dropFirst() : ask.path[...]
        var look = ask.cookie(Look.cookie).flatMap(Look.init) ?? .first
        let known = routes.lazy.compactMap { route in route.match(path).map { (route, $0) } }
            .filter { !isAPI || $0.0.isInAPI }
        guard let (route, parameters) = known.first(where: { $0.0.method == ask.method }) else {
            let other = known.first(where: { _ in true }) != nil
            return refusal(
                other ? 405 : 404, other ? "console.method" : "console.page", look, isAPI, person: nil)
        }
        let token = ask.cookie(Console.sessionCookie)
        var session: Session?
        if let token { session = await sessions.find(token, touches: !route.isByItself) }
        // a browser in which nobody chose a language yet speaks that of the person
        if ask.cookie(Look.cookie) == nil,
            let own = session.flatMap({ Language(rawValue: $0.person.language.rawValue) })
        {
            look.language = own
        }
        if let refused = await door(route, ask, session, look, isAPI) { return refused }
        guard let form = Console.form(ask, isAPI) else {
            return refusal(400, "console.form", look, isAPI, person: session?.person)
        }
        if ask.method == "POST", !isHonest(ask, form, route, session) {
            try? await did("console.form", route.path, session?.person, ask, refusal: "console.forged")
            return refusal(403, "console.forged", look, isAPI, person: session?.person)
        }
        let visit = Visit(
            ask: ask, parameters: parameters, form: form, look: look, session: session,
            token: session == nil ? nil : token, isAPI: isAPI)
        return await carryOut(route, visit)
    }

    private func carryOut(_ route: Route, _ visit: Visit) async -> Reply {
        do throws(SakkError) {
            switch try await route.handler(visit) {
            case .reply(let reply): return reply
            case .page(let template, let model):
                if visit.isAPI { return .json(Console.schema(model, "sakk.console-\(template)/1")) }
                return .html(await page(template, model, visit))
            case .done(let path, let told):
                if visit.isAPI { return .json(Console.schema(told, "sakk.console-done/1")) }
                if let token = visit.token, told != .object([:]) {
                    await sessions.tell(.object(["done": told]), token)
                }
                return .seeOther(path)
            }
        } catch {
            return await failed(error, visit)
        }
    }

    /// A refused form brings the reader back to where it was filled in, with the words; a page that cannot be made says
    /// why.
    private func failed(_ error: SakkError, _ visit: Visit) async -> Reply {
        // whoever tries to be his own second person, or to use another one's agreement, stands in the journal
        if visit.ask.method == "POST", error.code.rawValue.hasPrefix("people.approval.") {
            let item = "/" + visit.ask.path.joined(separator: "/")
            try? await did("approval.tried", item, visit.person, visit.ask, refusal: error.code)
        }
        // nothing is wrong: a second person's word is still to come
        if error.code == "console.approval.asked", visit.ask.method == "POST" {
            if visit.isAPI { return .json(Console.object(of: error), status: 202) }
            if let token = visit.token {
                await sessions.tell(["done": ["said": "approval_asked"]], token)
                let back = visit.form["back"] ?? "/"
                return .seeOther(Console.isLocal(back) ? back : "/")
            }
        }
        if visit.isAPI { return .json(Console.object(of: error), status: Console.status(of: error)) }
        if visit.ask.method == "POST", let token = visit.token, let back = visit.form["back"], Console.isLocal(back) {
            await sessions.tell(["refused": Console.object(of: error)], token)
            return .seeOther(back)
        }
        let text = await page("error", ["problem": Console.object(of: error)], visit)
        return .html(text, status: Console.status(of: error))
    }

    /// Nil when the visitor may come in.
    private func door(_ route: Route, _ ask: Ask, _ session: Session?, _ look: Look, _ isAPI: Bool) async -> Reply? {
        if route.access == .everyone { return nil }
        let here = place(ask)
        guard let session else { return toSignIn(here, route, ask, look, isAPI) }
        if let error = await withoutProof(session, ask) {
            try? await did("console.open", route.path, session.person, ask, refusal: error.code)
            // the session of somebody else's cookie goes on where its certificate is
            if error.code != "console.certificate.other", let token = ask.cookie(Console.sessionCookie) {
                await sessions.end(token)
            }
            return toSignIn(here, route, ask, look, isAPI)
        }
        let leaves = ["/signout", "/unlock", "/password"].contains(route.path)
        if session.isLocked, route.path != "/signout", route.path != "/unlock" {
            guard !isAPI, !route.isByItself else { return refusal(401, "console.locked", look, isAPI, person: nil) }
            return .seeOther("/unlock?to=\(Address.escape(here))")
        }
        if session.mustChoose, !leaves {
            return isAPI ? refusal(403, "console.choose", look, isAPI, person: nil) : .seeOther("/password")
        }
        // who left, or lost a role, since signing in
        if !route.isByItself, let known = try? await books.read(PersonQuery(session.person.id)),
            !known.isActive || known.roles != session.person.roles
        {
            await sessions.endAll(of: session.person.id)
            return toSignIn(here, route, ask, look, isAPI)
        }
        guard route.access.admits(session.person.roles) else {
            try? await did("console.open", route.path, session.person, ask, refusal: "console.role")
            return refusal(403, "console.role", look, isAPI, person: session.person)
        }
        return nil
    }

    private func toSignIn(_ here: String, _ route: Route, _ ask: Ask, _ look: Look, _ isAPI: Bool) -> Reply {
        guard !isAPI, !route.isByItself else { return refusal(401, "console.signin", look, isAPI, person: nil) }
        return .seeOther(here == "/" ? "/signin" : "/signin?to=\(Address.escape(here))")
    }

    /// The page that somebody comes back to from the door. A form that was sent too late did nothing, and its address is no
    /// page: the one that it was filled in at is shown again.
    func place(_ ask: Ask) -> String {
        if ask.path == ["unlock"] { return Console.local(ask.query["to"]) }
        guard ask.method != "GET" else { return "/" + ask.path.map(Address.escape).joined(separator: "/") }
        guard let back = Console.form(ask, false)?["back"], Console.isLocal(back) else { return "/" }
        return back
    }

    /// A form comes from a page of ours: its token is that of the session, and the browser says where it comes from.
    private func isHonest(_ ask: Ask, _ form: Form, _ route: Route, _ session: Session?) -> Bool {
        if let site = ask.headers["sec-fetch-site"], !["same-origin", "none"].contains(site) { return false }
        if let origin = ask.headers["origin"], let host = ask.headers["host"] {
            guard origin == "http\(settings.isSecure ? "s" : "")://\(host)" else { return false }
        }
        guard route.access != .everyone, let session else { return true }
        let sent = Bytes((form["token"] ?? ask.headers["x-sakk-token"] ?? "").utf8)
        let wanted = Bytes(session.formToken.utf8)
        return sent.count == wanted.count && zip(sent, wanted).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func form(_ ask: Ask, _ isAPI: Bool) -> Form? {
        guard ask.method == "POST" else { return .empty }
        let type = ask.headers["content-type"]?.lowercased() ?? ""
        if type.hasPrefix("application/x-www-form-urlencoded") { return Form.read(ask.body) }
        guard isAPI, type.hasPrefix("application/json") else { return ask.body.isEmpty ? .empty : nil }
        guard let members = try? JSONValue(parsing: ask.body).object else { return nil }
        var fields: [(name: String, value: String)] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            for one in value.array ?? [value] {
                switch one {
                case .string(let text): fields.append((name, text))
                case .integer(let number): fields.append((name, String(number)))
                case .bool(let flag): if flag { fields.append((name, "yes")) }
                default: return nil
                }
            }
        }
        return Form(fields)
    }

    /// A path of this console, never another site.
    static func isLocal(_ path: String) -> Bool {
        path.hasPrefix("/") && !path.hasPrefix("//") && !path.contains("\\")
            && path.unicodeScalars.allSatisfy { $0.value > 32 && $0.value < 127 }
    }

    static func object(of error: SakkError) -> JSONValue {
        [
            "schema": "sakk.error/1", "code": .string(error.code.rawValue), "source": .string(error.source),
            "subject": error.subject.map(JSONValue.string) ?? .null, "outcome": .string(error.outcome.rawValue),
            "text": .string(error.text), "remedy": .string(error.remedy),
        ]
    }

    static func status(of error: SakkError) -> Int {
        switch error.code.rawValue {
        case "console.unknown", "ledger.batch.unknown", "shift.unknown": 404
        case "console.field": 400
        case "console.credentials": 401
        case let code where code.hasPrefix("console.certificate."): 401
        case "console.wait": 429
        case let code where code.hasPrefix("ledger.") && code != "ledger.rule": 503
        default: 409
        }
    }

    static func schema(_ value: JSONValue, _ name: String) -> JSONValue {
        guard var members = value.object else { return value }
        members["schema"] = .string(name)
        return .object(members)
    }

    /// An answer without a visit: nothing of the plant stands on it.
    private func refusal(_ status: Int, _ code: String, _ look: Look, _ isAPI: Bool, person: Person?) -> Reply {
        let problem: JSONValue = [
            "schema": "sakk.error/1", "code": .string(code), "text": .string(code), "remedy": "",
        ]
        if isAPI { return .json(problem, status: status) }
        let frame = frame(look, person: person, path: "/", session: nil, news: nil)
        // every such code has its words in every language
        let shown: JSONValue = ["code": .string(code), "remedy": ""]
        return .html(templates.render("error", ["problem": shown], frame: frame, wording(look)), status: status)
    }

    /// Answers what could not be read as a request (its target is too long or no path, its body too large or too slow).
    /// It has words: on an answer without any, browsers show a page of their own, from which nothing leads back.
    ///
    /// The journal has a row of it, but no flood of them: of one address and kind, one in a minute.
    func unreadable(_ status: Int, _ headers: [String: String], peer: String) async -> Reply {
        let ask = Ask(method: "GET", target: "/", headers: headers, body: [], peer: peer)
        let look = ask?.cookie(Look.cookie).flatMap(Look.init) ?? .first
        let code =
            switch status {
            case 413: "console.size"
            case 408: "console.slow"
            default: "console.target"
            }
        if await knocks.isFirst("\(code) \(peer)") {
            try? await books.did(
                PersonAct(
                    person: nil, act: "console.knock", item: "-", station: "\(settings.name) \(peer)",
                    refusal: SakkError.Code(rawValue: code)))
        }
        return refusal(status, code, look, false, person: nil).sealed(isSecure: settings.isSecure)
    }

    /// Where somebody stands: the console and the address of the browser.
    func station(_ ask: Ask) -> String { "\(settings.name) \(ask.peer)" }

    /// A row about what somebody did, or was refused, when nothing else changes.
    func did(_ act: String, _ item: String, _ person: Person?, _ ask: Ask, refusal: SakkError.Code? = nil)
        async throws(SakkError)
    {
        try await books.did(
            PersonAct(person: person?.id, act: act, item: item, station: station(ask), refusal: refusal))
    }

    /// The books in the visitor's hand: the act's own transaction says who did it, and where.
    func hand(_ visit: Visit, _ act: String, _ item: String, approval: ApprovalUse? = nil) -> Books {
        books.acting(
            PersonAct(person: visit.person.id, act: act, item: item, station: station(visit.ask)), approval: approval)
    }
}
