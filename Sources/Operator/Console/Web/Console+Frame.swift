import Ground
import Ledger

extension Console {
    /// One page in its frame.
    func page(_ template: String, _ model: JSONValue, _ visit: Visit) async -> String {
        var news: JSONValue?
        if let token = visit.token { news = await sessions.takeNews(token) }
        let path = "/" + visit.ask.path.map(Address.escape).joined(separator: "/")
        // the board hangs in the hall: nobody's name, whoever is signed in at that browser; and at the door nobody is in yet,
        // also with the cookie of a session whose certificate is not here
        let session = ["andon", "signin"].contains(template) ? nil : visit.session
        let frame = frame(
            visit.look, person: session?.person, path: path, session: session, news: news,
            again: visit.ask.method == "GET" ? nil : place(visit.ask))
        return templates.render(template, model, frame: frame, wording(visit.look))
    }

    /// What stands around every page, and what its forms send back.
    ///
    /// - Parameter again: of a page that came in answer to a form, the address that shows it without sending the form again.
    func frame(
        _ look: Look, person: Person?, path: String, session: Session?, news: JSONValue?, again: String? = nil
    ) -> JSONValue {
        var members: [String: JSONValue] = [
            "lang": .string(look.language.rawValue), "dir": .string(look.language.direction),
            "digits": .string(look.digits.rawValue), "version": .string(assets.version), "path": .string(path),
            "is_arabic_indic": .bool(look.digits == .arabicIndic),
            "offset_minutes": .integer(Int64(settings.offsetMinutes)),
            "languages": .array(
                Language.allCases.map {
                    [
                        "id": .string($0.rawValue), "own_name": .string($0.ownName),
                        "is_on": .bool($0 == look.language),
                        "dir": .string($0.direction),
                    ]
                }),
        ]
        members["token"] = session.map { .string($0.formToken) } ?? .null
        members["news"] = news ?? .null
        members["again"] = .string(again ?? "")
        if let person, session?.isLocked != true, session?.mustChoose != true {
            members["who"] = [
                "id": .string(person.id.rawValue), "name": .string(person.name),
                "roles": .array(PersonRole.allCases.filter(person.roles.contains).map { .string($0.rawValue) }),
            ]
            members["menu"] = .array(
                Menu.entries.filter { $0.access.admits(person.roles) }.map { entry in
                    [
                        "path": .string(entry.path), "name": .string(entry.name),
                        "is_on": .bool(
                            entry.path == "/" ? path == "/" || path.hasPrefix("/lines") : path.hasPrefix(entry.path)),
                    ]
                })
            for role in PersonRole.allCases where person.roles.contains(role) { members["is_\(role.rawValue)"] = true }
        }
        return .object(members)
    }
}

/// The main pages, in the order of the bar; each person sees those of the own roles.
enum Menu {
    struct Entry: Sendable {
        let path: String
        let name: String
        let access: Access
    }

    /// Whether somebody with these roles may open the page, as far as the bar knows it; a line's pages are everybody's.
    static func admits(_ roles: Set<PersonRole>, to path: String) -> Bool {
        entries.first { $0.path != "/" && path.hasPrefix($0.path) }?.access.admits(roles) ?? true
    }

    static let entries: [Entry] = [
        Entry(path: "/", name: "plant", access: .signedIn),
        Entry(path: "/alarms", name: "alarms", access: .roles([.operator, .supervisor, .auditor])),
        Entry(path: "/inspect", name: "inspect", access: .roles([.inspector, .supervisor])),
        Entry(path: "/held", name: "held", access: .roles([.inspector, .supervisor])),
        Entry(path: "/queue", name: "queue", access: .roles([.operator, .supervisor, .auditor])),
        Entry(path: "/batches", name: "batches", access: .roles([.supervisor, .auditor, .logistics])),
        Entry(path: "/dispatch", name: "dispatch", access: .roles([.logistics, .supervisor])),
        Entry(
            path: "/approvals", name: "approvals", access: .roles([.inspector, .logistics, .supervisor, .auditor])),
        Entry(path: "/shifts", name: "shifts", access: .roles([.operator, .supervisor, .auditor])),
        Entry(path: "/stock", name: "stock", access: .roles([.operator, .logistics, .supervisor, .auditor])),
        Entry(path: "/search", name: "search", access: .roles([.supervisor, .auditor, .inspector])),
        Entry(path: "/people", name: "people", access: .roles([.supervisor])),
        Entry(path: "/keys", name: "keys", access: .roles([.keyOfficer])),
        Entry(path: "/journal", name: "journal", access: .roles([.auditor, .supervisor])),
    ]
}
