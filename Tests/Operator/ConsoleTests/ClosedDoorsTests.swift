import Foundation
import Ground
import Ledger
import Testing

@testable import Console

struct ClosedDoorsTests {
    private static let password = "four green apples"

    private func enter(_ rig: ConsoleRig, _ password: String = ClosedDoorsTests.password, cookie: String? = nil)
        async throws -> Reply
    {
        var browser = Browser(console: rig.console)
        browser.cookie = cookie
        return try await browser.post("/signin", [("person", "sara"), ("password", password)])
    }

    private func cookie(_ reply: Reply) throws -> String {
        let header = try #require(reply.header("set-cookie"))
        return try #require(header.split(separator: ";").first?.split(separator: "=").last.map(String.init))
    }

    @Test("The right password lets in, with a cookie that no script reads and no other site sends")
    func lets() async throws {
        let rig = try await ConsoleRig()
        try await rig.add("sara", [.supervisor], password: ClosedDoorsTests.password)
        let reply = try await enter(rig)
        #expect(reply.status == 303)
        let header = try #require(reply.header("set-cookie"))
        #expect(header.contains("HttpOnly") && header.contains("SameSite=Strict"))
        #expect(try await Browser(console: rig.console, cookie: try cookie(reply)).get("/").status == 200)
    }

    @Test("A session that was given before the sign-in is worth nothing after it")
    func fixation() async throws {
        let rig = try await ConsoleRig()
        let person = try await rig.add("sara", [.supervisor], password: ClosedDoorsTests.password)
        let old = try await rig.browser(person)
        let made = try cookie(try await enter(rig, cookie: old.cookie))
        #expect(made != old.cookie)
        #expect(try await old.get("/").header("location") == "/signin")
        // one that somebody made up is not taken over
        let invented = String(repeating: "a", count: 64)
        #expect(try cookie(try await enter(rig, cookie: invented)) != invented)
        #expect(try await Browser(console: rig.console, cookie: invented).get("/").status == 303)
    }

    @Test("After signing out the same cookie opens nothing")
    func replayed() async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("sara", [.supervisor]))
        #expect(try await browser.get("/people").status == 200)
        _ = try await browser.post("/signout")
        #expect(try await browser.get("/people").status == 303)
        #expect(try await browser.post("/lines/l1/begin").header("location") == "/signin")
        #expect(try await browser.post("/api/lines/l1/begin").status == 401)
        #expect(await rig.line.asked.isEmpty)
    }

    @Test("Five wrong passwords make the next one wait, also the right one, and the wait passes")
    func throttled() async throws {
        let rig = try await ConsoleRig()
        try await rig.add("sara", [.supervisor], password: ClosedDoorsTests.password)
        for _ in 0..<5 { #expect(try await enter(rig, "wrong").status == 401) }
        #expect(try await enter(rig).status == 429)
        rig.clock.pass(seconds: 3)
        #expect(try await enter(rig).status == 303)
        let rows = try await rig.books.read(PersonActsQuery(.person(PersonID("sara"))))
        #expect(rows.count { $0.act.refusal == "console.credentials" } == 5)
    }

    @Test("Somebody who left, and somebody who is not known, are answered alike")
    func unknown() async throws {
        let rig = try await ConsoleRig()
        var gone = try await rig.add("sara", [.supervisor], password: ClosedDoorsTests.password)
        gone.isActive = false
        try await rig.books.change(gone, by: "test")
        let left = try await enter(rig)
        let never = try await Browser(console: rig.console).post(
            "/signin", [("person", "nobody.here"), ("password", "x")])
        #expect(left.status == 401 && never.status == 401)
        #expect(left.words == never.words)
    }

    @Test("A person who left while signed in does nothing more")
    func dismissed() async throws {
        let rig = try await ConsoleRig()
        var person = try await rig.add("omar", [.operator])
        let browser = try await rig.browser(person)
        person.isActive = false
        try await rig.books.change(person, by: "test")
        #expect(try await browser.post("/lines/l1/begin").header("location") == "/signin")
        #expect(await rig.line.asked.isEmpty)
    }

    @Test("Who left, or lost a role, at another console sees nothing more here either")
    func dismissedElsewhere() async throws {
        let rig = try await ConsoleRig()
        var (left, demoted) = (try await rig.add("omar", [.supervisor]), try await rig.add("ali", [.supervisor]))
        let (gone, lower) = (try await rig.browser(left), try await rig.browser(demoted))
        #expect(try await gone.get("/people").status == 200)
        left.isActive = false
        try await rig.books.change(left, by: "another console")
        demoted.roles = [.operator]
        try await rig.books.change(demoted, by: "another console")
        for browser in [gone, lower] {
            #expect(try await browser.get("/people").header("location")?.hasPrefix("/signin") == true)
            #expect(try await browser.get("/api/people").status == 401)
        }
    }

    @Test("An open page ends when its reader is dismissed at another console", .timeLimit(.minutes(20)))
    func dismissedBeforeAnOpenPage() async throws {
        let rig = try await ConsoleRig()
        var person = try await rig.add("omar", [.supervisor])
        let browser = try await rig.browser(person)
        guard case .events(let pages) = try await browser.get("/live?of=/lines/l1").body else {
            Issue.record("no events")
            return
        }
        var iterator = pages.makeAsyncIterator()
        #expect(await iterator.next()?.hasPrefix("data: ") == true)
        person.isActive = false
        try await rig.books.change(person, by: "another console")
        var last: String?
        while let text = await iterator.next() { last = text }
        #expect(last?.hasPrefix("event: locked") == true)
        #expect(try await browser.get("/live?of=/lines/l1").status == 401)
    }

    @Test("A form without the session's token, or with another's, does nothing")
    func forged() async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("omar", [.operator]))
        let other = try await rig.browser(try await rig.add("ali", [.operator]))
        for token in ["", "x", other.formToken ?? ""] {
            #expect(try await browser.post("/lines/l1/orders", [("order", "hold")], token: token).status == 403)
        }
        var stranger = browser
        stranger.headers = ["origin": "http://elsewhere.example"]
        #expect(try await stranger.post("/lines/l1/orders", [("order", "hold")]).status == 403)
        stranger.headers = ["sec-fetch-site": "cross-site"]
        #expect(try await stranger.post("/lines/l1/orders", [("order", "hold")]).status == 403)
        #expect(await rig.line.asked.isEmpty)
        #expect(try await browser.post("/lines/l1/orders", [("order", "hold")]).status == 303)
        #expect(await rig.line.asked == ["hold * omar"])
    }

    @Test("Whoever is away for five minutes is asked for the password, and the lock opens with a new token only")
    func locked() async throws {
        let rig = try await ConsoleRig()
        let person = try await rig.add("sara", [.supervisor], password: ClosedDoorsTests.password)
        let browser = try await rig.browser(person)
        rig.clock.pass(seconds: 301)
        #expect(try await browser.get("/people").header("location")?.hasPrefix("/unlock") == true)
        #expect(try await browser.post("/lines/l1/begin").header("location") == "/unlock?to=%2F")
        #expect(try await browser.post("/api/lines/l1/begin").status == 401)
        #expect(await rig.line.asked.isEmpty)
        #expect(try await browser.post("/unlock", [("password", "wrong")]).status == 401)
        let opened = try await browser.post("/unlock", [("password", ClosedDoorsTests.password)])
        #expect(opened.status == 303)
        #expect(try await browser.get("/people").status == 303)
        #expect(try await Browser(console: rig.console, cookie: try cookie(opened)).get("/people").status == 200)
    }

    @Test("A session ends after half an hour without a request, and after nine hours with them")
    func expires() async throws {
        let rig = try await ConsoleRig()
        let person = try await rig.add("sara", [.supervisor])
        let idle = try await rig.browser(person)
        rig.clock.pass(seconds: 1801)
        #expect(try await idle.get("/").header("location") == "/signin")
        let busy = try await rig.browser(person)
        for _ in 0..<135 {
            rig.clock.pass(seconds: 240)
            _ = try await busy.get("/health")
            _ = try await busy.get("/password")
        }
        #expect(try await busy.get("/").header("location") == "/signin")
    }

    @Test("A one-time password opens nothing but the page where an own one is chosen")
    func oneTime() async throws {
        let rig = try await ConsoleRig()
        let person = try await rig.add("sara", [.supervisor])
        let secret = try await Console.giveOneTime(person.id, books: rig.books, time: rig.clock, by: "test")
        let reply = try await enter(rig, secret)
        #expect(reply.header("location") == "/password")
        let (found, session) = (
            try cookie(reply), await rig.console.sessions.find(try cookie(reply), touches: true)
        )
        let browser = Browser(console: rig.console, cookie: found, formToken: session?.formToken)
        #expect(try await browser.get("/people").header("location") == "/password")
        #expect(try await browser.post("/lines/l1/begin").header("location") == "/password")
        let short = try await browser.post("/password", [("old", secret), ("new", "short"), ("again", "short")])
        #expect(short.status == 409)
        let chosen = try await browser.post(
            "/password", [("old", secret), ("new", "a new long password"), ("again", "a new long password")])
        #expect(chosen.status == 303)
        #expect(try await browser.get("/").status == 303)
        #expect(try await enter(rig, secret).status == 401)
        #expect(try await enter(rig, "a new long password").header("location") == "/")
        #expect(await rig.line.asked.isEmpty)
    }

    @Test("A one-time password ends after a day")
    func oneTimeExpires() async throws {
        let rig = try await ConsoleRig()
        let person = try await rig.add("sara", [.supervisor])
        let secret = try await Console.giveOneTime(person.id, books: rig.books, time: rig.clock, by: "test")
        rig.clock.pass(seconds: 86_401)
        #expect(try await enter(rig, secret).status == 401)
    }

    @Test(
        "Targets that are no plain path are no requests",
        arguments: [
            "/assets/../console.css", "/assets/%2e%2e/x", "//", "/a//b", "/%00", "/%zz", "assets", "/?a=%ff", "/?a=%00",
        ])
    func targets(_ target: String) {
        #expect(Ask(method: "GET", target: target, headers: [:], body: [], peer: "") == nil)
    }

    @Test(
        "An asset is found by its name alone",
        arguments: ["console.css%2f..", "..%2fpages%2flayout.mustache", "ar.txt"])
    func assets(_ name: String) async throws {
        let rig = try await ConsoleRig()
        #expect(try await Browser(console: rig.console).get("/assets/\(name)").status == 404)
    }

    @Test("What people type is shown as they typed it, never as part of the page")
    func escaped() async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("sara", [.supervisor], name: "<script>alert(1)</script>"))
        let page = try await browser.get("/search?of=%3Cscript%3Ealert(2)%3C/script%3E%22%20autofocus").words
        #expect(!page.contains("<script>alert"))
        #expect(page.contains("&lt;script&gt;alert(2)"))
        let quote = "x' OR '1'='1"
        #expect(try await browser.get("/search?of=\(Address.escape(quote))").words.contains("Nothing has this number"))
        #expect(try await browser.get("/batches/\(Address.escape("'; DROP TABLE batch; --"))").status == 404)
    }

    @Test(
        "Where a form sends the browser afterwards is never another site",
        arguments: [
            "https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)",
        ])
    func redirects(_ place: String) async throws {
        let rig = try await ConsoleRig()
        let reply = try await Browser(console: rig.console).post("/look", [("language", "en"), ("back", place)])
        #expect(reply.header("location") == "/")
    }

    @Test("Every answer forbids framing, guessing and fetching from elsewhere, and pages are not kept")
    func headers() async throws {
        let rig = try await ConsoleRig()
        for path in ["/signin", "/andon", "/nothing", "/health"] {
            let reply = try await Browser(console: rig.console).get(path)
            #expect(reply.header("content-security-policy")?.hasPrefix("default-src 'none'") == true)
            #expect(reply.header("cache-control") == "no-store")
            #expect(reply.header("x-content-type-options") == "nosniff")
        }
    }

    @Test("No page fetches from elsewhere or carries script or style of its own")
    func ownThingsOnly() throws {
        let folder = Console.resources.appendingPathComponent("Resources/pages")
        for (name, text) in try Templates.sources(folder.path) {
            #expect(!text.contains("http://") && !text.contains("https://"), "\(name)")
            #expect(!text.contains(" style=") && !text.contains(" onclick=") && !text.contains("<style"), "\(name)")
        }
    }
}
