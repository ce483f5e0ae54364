import Foundation
import Ground
import Ledger
import Testing

@testable import Console

/// Whatever is typed into any field of any form, or into any part of an address: it is refused or kept as it was typed, and
/// never becomes part of a page, of a header or of a question to the books.
struct InjectionTests {
    private static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' OR '1'='1", "'; DROP TABLE person; --",
        "{{t.name.sakk}}{{{who}}}", "../../../etc/passwd", "\u{202E}gpj.exe", "x\r\nSet-Cookie: sakk-session=1",
        "javascript:alert(1)", "$(id)`id`", "999999999999", "-1", "٩٩٩٩٩٩٩٩٩٩٩٩", String(repeating: "ب", count: 3000),
    ]
    /// For each place the markup and the quote, and three of the others in their turn: each of them meets each kind of place.
    private static func some(_ turn: Int) -> [String] {
        let others = Array(hostile.dropFirst(4))
        return [hostile[turn % 2], hostile[2 + turn % 2]] + (0..<3).map { others[(turn * 3 + $0) % others.count] }
    }
    /// What would be markup if it were not escaped.
    private static let markup = ["<script>alert", "<img src=x", "href=\"javascript:"]
    /// What a person would type, so that the field in question is not the second thing that is wrong.
    private static let plain = [
        "scan": "G:1", "blank": "G:1", "record": "R-1", "reason": "print.spot", "class": "urgent", "person": "omar",
        "id": "new.one", "name": "New", "role": "operator", "language": "ar", "line": "l1", "cell": "c1", "to": "l1/c1",
        "day": "2026-11-22", "count": "3", "lot": "L", "stock": "G", "serials": "1..2", "hopper": "1", "good": "1",
        "reject": "1", "held": "0", "found": "good", "verdict": "pass", "kind": "box", "route": "office",
        "place": "office-halabja", "seal": "S-1", "signature": "nadia", "carrier": "van", "incident": "it fell",
        "custodian": "nadia", "courier": "basim", "certificate": "C-1", "method": "shredded", "reference": "letter 7",
        "request": "R-2", "order": "hold", "mode": "maintenance", "why": "to see", "alarm": "15 alarm.blanks",
        "pictures": "set-1", "truth": "print.spot", "act": "mount", "serial": "R-1001", "part": "YMCKO",
        "capacity": "200", "key": "line", "value": "l1", "attempt": "P-1-1",
    ]
    private static let names = [
        "{line}": "l1", "{cell}": "c1", "{day}": "2026-11-22", "{name}": "1", "{production}": "P-1", "{blank}": "G:1",
        "{batch}": "B-1", "{attempt}": "P-1-1", "{item}": "P-1-1", "{person}": "omar", "{picture}": "front-seen.jpg",
    ]
    /// Forms that end the session or the password of whoever sends them are sent like all others, each by a fresh session.
    private func made() async throws -> ConsoleRig {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja", "office office-halabja"])
        try rig.placeSet("set-1")
        try await rig.add("omar", [.operator])
        try await rig.add("all", [.operator, .inspector, .logistics, .supervisor, .keyOfficer])
        try await rig.add("eyes", [.auditor])
        return rig
    }

    private func browser(_ rig: ConsoleRig, _ route: Route) async throws -> Browser {
        let all = try await rig.books.read(PersonQuery(PersonID("all")))
        let eyes = try await rig.books.read(PersonQuery(PersonID("eyes")))
        return try await rig.browser(route.access.admits(all?.roles ?? []) ? all : eyes)
    }

    /// The path with everything in braces filled in; `{number}` and others that nothing is known of get `1`.
    private func path(_ route: Route, _ hostile: String? = nil, at: String? = nil) -> String {
        "/"
            + route.segments.map { segment in
                guard segment.hasPrefix("{") else { return segment }
                return Address.escape(segment == at ? hostile ?? "" : InjectionTests.names[segment] ?? "1")
            }.joined(separator: "/")
    }

    private func check(_ reply: Reply, _ what: String) {
        #expect(reply.status < 500, "\(what): \(reply.status)")
        for (name, value) in reply.headers {
            #expect(!value.contains("\r") && !value.contains("\n"), "\(what): header \(name)")
        }
        #expect(reply.headers.count { $0.0.lowercased() == "set-cookie" && $0.1.contains("sakk-session=1;") } == 0)
        let location = reply.header("location") ?? "/"
        #expect(location.hasPrefix("/") && !location.hasPrefix("//"), "\(what): \(location)")
        guard reply.header("content-type")?.hasPrefix("text/html") == true else { return }
        for words in InjectionTests.markup { #expect(!reply.words.contains(words), "\(what): \(words)") }
    }

    /// Every page that somebody of each kind can open; none shows anything as markup.
    private func look(_ rig: ConsoleRig) async throws {
        for route in rig.console.routes where route.method == "GET" && !route.isByItself {
            let browser = try await browser(rig, route)
            for prefix in route.isInAPI ? ["", "/api"] : [""] {
                let path = prefix + (route.path == "/" && !prefix.isEmpty ? "" : path(route))
                check(try await browser.get(path), "then \(path)")
            }
        }
    }

    @Test("Each field of each form")
    func fields() async throws {
        let rig = try await made()
        var (count, turn) = (0, 0)
        for route in rig.console.routes where route.method == "POST" {
            // without a second person in the form it is asked for, and what was typed stands on the page Approvals
            let fields = route.fields.filter { !$0.hasPrefix("second") }
            for field in fields + ["back"] {
                turn += 1
                for hostile in InjectionTests.some(turn) {
                    let others = fields.filter { $0 != field }.map { ($0, InjectionTests.plain[$0] ?? "x") }
                    let browser = try await browser(rig, route)
                    let reply = try? await browser.post(path(route), others + [(field, hostile)])
                    if let reply { check(reply, "\(route.path) \(field) \(hostile.prefix(24))") }
                    count += 1
                }
            }
        }
        #expect(count > 700, "so many forms were sent: \(count)")
        // the books stand, and all that was typed and kept is shown as it was typed
        try await look(rig)
        let people = try await rig.books.read(PeopleQuery()).map(\.id.rawValue)
        #expect(Set(people).isSuperset(of: ["all", "eyes", "omar"]) && people.allSatisfy { PersonID($0).isWellFormed })
        let words = Set(await rig.line.asked.compactMap { $0.split(separator: " ").first.map(String.init) })
        #expect(words.isSubset(of: ["begin", "end", "hold", "settle", "clearance", "mode"]), "\(words)")
    }

    @Test("Each name in each address, and each question behind one")
    func addresses() async throws {
        let rig = try await made()
        var (count, turn) = (0, 0)
        let questions = ["of", "to", "from", "state", "person", "item", "before", "lot", "key", "value", "line"]
        for route in rig.console.routes where !route.isByItself {
            let browser = try await browser(rig, route)
            turn += 1
            for hostile in InjectionTests.some(turn) {
                for name in route.segments where name.hasPrefix("{") {
                    let target = path(route, hostile, at: name)
                    let reply = try? await route.method == "GET" ? browser.get(target) : browser.post(target)
                    if let reply { check(reply, "\(route.method) \(route.path) \(name) \(hostile.prefix(24))") }
                    count += 1
                }
                guard route.method == "GET" else { continue }
                let query = questions.map { "\($0)=\(Address.escape(hostile))" }
                for asked in query.map({ [$0] }) + [query] {
                    let reply = try? await browser.get(path(route) + "?" + asked.joined(separator: "&"))
                    if let reply { check(reply, "\(route.path)?\(asked.first ?? "")") }
                    count += 1
                }
            }
        }
        #expect(count > 2000, "so many addresses were asked for: \(count)")
    }

    @Test("The search for markup finds it where a page does not escape")
    func planted() throws {
        let page = "<p>\(InjectionTests.hostile[0])</p>"
        #expect(InjectionTests.markup.contains { page.contains($0) })
        #expect(!InjectionTests.markup.contains { "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>".contains($0) })
    }
}
