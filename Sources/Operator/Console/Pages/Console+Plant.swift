import Ground
import Ledger

extension Console {
    func plantRoutes() -> [Route] {
        [
            Route("GET", "/", .signedIn, "The plant: each line, and where the records stand") {
                [unowned self] visit throws(SakkError) in .page("plant", try await plant(visit.roles))
            },
            Route("GET", "/andon", .everyone, "The board of all lines, for a TV: no sign-in, nothing of a person") {
                [unowned self] _ throws(SakkError) in .page("andon", try await board(nil))
            },
            Route("GET", "/andon/{line}", .everyone, "The board of one line") {
                [unowned self] visit throws(SakkError) in
                .page("andon", try await board(visit.parameter("line")))
            },
            Route(
                "GET", "/live", .signedIn, "Server-sent events: a page's part, whenever it changed", isInAPI: false,
                isByItself: true
            ) {
                [unowned self] visit throws(SakkError) in
                let path = visit.ask.query["of"] ?? "/"
                return .reply(Reply(events: try await live(path, visit)))
            },
            Route("GET", "/live/andon", .everyone, "The same for the board", isInAPI: false, isByItself: true) {
                [unowned self] visit throws(SakkError) in
                let path = visit.ask.query["of"] ?? "/andon"
                guard path.hasPrefix("/andon") else { throw Console.unknown("board", path) }
                return .reply(Reply(events: try await live(path, visit)))
            },
        ]
    }

    func plant(_ roles: Set<PersonRole>) async throws(SakkError) -> JSONValue {
        var views: [JSONValue] = []
        for line in lines { views.append(try await view(of: line).json(roles: roles)) }
        return ["lines": .array(views), "records": try await records()]
    }

    /// Where all records stand; of the whole plant, so that no tray's count is told.
    private func records() async throws(SakkError) -> JSONValue {
        let (report, _) = try await figures.ask("records", ProductionQuery())
        let total = report.total
        let parts: [(String, Int)] = [
            ("good", total.good), ("in_work", total.inWork), ("waiting", total.waiting), ("held", total.held),
            ("unknown", total.unknown), ("withdrawn", total.withdrawn),
        ]
        return [
            "all": .integer(Int64(total.records)),
            "parts": .array(
                parts.map { name, count in
                    [
                        "name": .string(name), "count": .integer(Int64(count)),
                        "percent": .integer(Int64(total.records > 0 ? count * 100 / total.records : 0)),
                        "is_abnormal": .bool(count > 0 && ["held", "unknown"].contains(name)),
                    ]
                }),
        ]
    }

    /// Nil for all lines.
    func board(_ name: String?) async throws(SakkError) -> JSONValue {
        let shown = try name.map { name throws(SakkError) in [try line(name)] } ?? lines
        var views: [JSONValue] = []
        for line in shown { views.append(try await view(of: line).json(roles: [])) }
        return ["lines": .array(views), "live": .string(name.map { "/andon/\(Address.escape($0))" } ?? "/andon")]
    }

    /// What keeps a page up to date: the path's model in the page's live template.
    private func live(_ path: String, _ visit: Visit) async throws(SakkError) -> AsyncStream<String> {
        guard let ask = Ask(method: "GET", target: path, headers: visit.ask.headers, body: [], peer: visit.ask.peer),
            let (route, parameters) = routes.lazy.compactMap({ route in route.match(ask.path[...]).map { (route, $0) } }
            )
            .first(where: { $0.0.method == "GET" }), route.access.admits(visit.roles),
            route.access == .everyone || visit.session != nil
        else { throw Console.unknown("page", path) }
        if let token = visit.token, !(await isWelcome(token)) { return AsyncStream { $0.finish() } }
        let look = visit.look
        // the part knows the roles of whoever looks and nothing else of him, but on a page that is each one's own
        let isOwn = ["/inspect", "/approvals"].contains(route.path)
        let reader = visit.session.map { session in
            Session(
                person: Person(id: isOwn ? session.person.id : PersonID(""), name: "", roles: session.person.roles),
                formToken: "", peer: "", began: 0, touched: 0, isLocked: false, mustChoose: false)
        }
        let inner = Visit(
            ask: ask, parameters: parameters, form: .empty, look: look, session: reader, token: nil, isAPI: false)
        let make: @Sendable () async -> String? = { [self] in
            guard let answer = try? await route.handler(inner), case .page(let template, let model) = answer,
                templates.has("\(template)-live")
            else { return nil }
            return templates.render(
                "\(template)-live", model,
                frame: frame(look, person: reader?.person, path: path, session: reader, news: nil), wording(look))
        }
        let pages = await hub.join(
            LiveHub.Key(
                path: path, look: look, roles: visit.roles, person: isOwn ? visit.session?.person.id : nil),
            make: make)
        guard let token = visit.token else { return pages }
        return guarded(pages, token)
    }

    /// Whose session goes on, and who by the books, where another console may have changed them, still works here as he did.
    private func isWelcome(_ token: String) async -> Bool {
        guard let session = await sessions.find(token, touches: false), !session.isLocked else { return false }
        // books that do not answer now say nothing about anybody
        guard let known = try? await books.read(PersonQuery(session.person.id)) else { return true }
        guard known.isActive, known.roles == session.person.roles else {
            await sessions.endAll(of: session.person.id)
            return false
        }
        return true
    }

    /// Ends with the session: a locked screen, and somebody who was dismissed, learn nothing more.
    private func guarded(_ pages: AsyncStream<String>, _ token: String) -> AsyncStream<String> {
        let (sessions, watch) = (sessions, settings.times.watch)
        let (stream, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(4))
        let relay = Task {
            for await page in pages {
                guard let session = await sessions.find(token, touches: false), !session.isLocked else { break }
                continuation.yield(page)
            }
            continuation.finish()
        }
        let guardian = Task { [self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: watch)
                guard await isWelcome(token) else {
                    continuation.yield("event: locked\ndata: 1\n\n")
                    relay.cancel()
                    continuation.finish()
                    return
                }
                // a remark: a dead connection is noticed by writing to it
                continuation.yield(":\n\n")
            }
        }
        continuation.onTermination = { _ in
            relay.cancel()
            guardian.cancel()
        }
        return stream
    }
}
