import Foundation
import Ground
import Ledger
import Testing

@testable import Console

/// What a session answers to a program, and how a page knows that it ends.
struct SessionTests {
    private static let password = "four green apples"

    /// What a program knows after an answer that began a session anew.
    private func session(_ console: Console, _ reply: Reply) throws -> Browser {
        let cookie = try #require(reply.header("set-cookie")?.split(separator: ";").first?.split(separator: "=").last)
        return Browser(
            console: console, cookie: String(cookie), formToken: try #require(try reply.json["token"]?.string))
    }

    @Test("A program goes on with what each answer gives it: after the first password, after a lock, and signs out")
    func program() async throws {
        let rig = try await ConsoleRig()
        let person = try await rig.add("sara", [.supervisor])
        let secret = try await Console.giveOneTime(person.id, books: rig.books, time: rig.clock, by: "test")
        let first = try await Browser(console: rig.console).post(
            "/api/signin", [("person", "sara"), ("password", secret)])
        #expect(try first.json["must_choose"]?.bool == true)
        let chosen = try await session(rig.console, first).post(
            "/api/password", [("old", secret), ("new", "a new long password"), ("again", "a new long password")])
        #expect(chosen.status == 200)
        let working = try session(rig.console, chosen)
        #expect(try await working.post("/api/lines/l1/begin").status == 200)
        #expect(try await working.post("/api/lock").status == 200)
        #expect(try await working.post("/api/lines/l1/end").json["code"]?.string == "console.locked")
        let opened = try await working.post("/api/unlock", [("password", "a new long password")])
        #expect(opened.status == 200)
        let again = try session(rig.console, opened)
        #expect(try await again.post("/api/lines/l1/end").status == 200)
        let gone = try await again.post("/api/signout")
        #expect(gone.status == 200)
        #expect(try gone.json["schema"]?.string == "sakk.console-done/1")
        #expect(try await again.get("/api/people").status == 401)
        #expect(await rig.line.asked == ["begin sara", "end sara"])
    }

    @Test("A page asks how long its session lasts, which keeps it awake for not a moment, and learns that it locked")
    func watch() async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("sara", [.supervisor]))
        #expect(try await browser.get("/session").json["seconds"]?.integer == 301)
        rig.clock.pass(seconds: 200)
        #expect(try await browser.get("/session").json["seconds"]?.integer == 101)
        rig.clock.pass(seconds: 100)
        #expect(try await browser.get("/session").status == 401)
        #expect(try await browser.get("/people").header("location") == "/unlock?to=%2Fpeople")
        #expect(try await Browser(console: rig.console).get("/session").status == 401)
        // where the page goes then: to the door, and from there back to what it showed
        let gone = try await Browser(console: rig.console).get("/unlock?to=%2Fpeople")
        #expect(gone.header("location") == "/signin?to=%2Fpeople")
    }

    @Test(
        "Only pages of somebody who is signed in watch over the session, and one that answered a form shows no form again"
    )
    func watched() async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("sara", [.supervisor]))
        #expect(try await browser.get("/people").words.contains(" data-watch data-again=\"\">"))
        let added = try await browser.post(
            "/people", [("id", "omar"), ("name", "Omar"), ("role", "operator"), ("back", "/people")])
        #expect(added.words.contains(" data-watch data-again=\"/people\">"))
        for path in ["/signin", "/andon"] {
            #expect(!(try await Browser(console: rig.console).get(path).words.contains("data-watch")), "\(path)")
        }
        _ = try await browser.post("/lock")
        #expect(!(try await browser.get("/unlock").words.contains("data-watch")))
    }

    @Test("A browser in which nobody chose a language speaks the person's own, and the chosen one where somebody did")
    func language() async throws {
        let rig = try await ConsoleRig()
        var person = Person(id: PersonID("john"), name: "John", roles: [.supervisor], language: .sorani)
        try await rig.books.add(person, by: "test")
        person = try #require(try await rig.books.read(PersonQuery(person.id)))
        let cookie = try #require(try await rig.browser(person).cookie)
        func page(_ cookies: String) async throws -> String {
            let ask = try #require(Ask(method: "GET", target: "/", headers: ["cookie": cookies], body: [], peer: ""))
            return await rig.console.answer(ask).words
        }
        #expect(try await page("sakk-session=\(cookie)").contains("<html lang=\"ckb\""))
        #expect(try await page("sakk-session=\(cookie); sakk-look=en.latin").contains("<html lang=\"en\""))
        #expect(try await page("").isEmpty)
    }
}
