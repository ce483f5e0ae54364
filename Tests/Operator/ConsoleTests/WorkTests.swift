import Foundation
import Ground
import Ledger
import Synchronization
import Testing

@testable import Console

struct WorkTests {
    private struct Answered: LedgerQuery {
        let number: Int
        func answer(_ books: BooksReader) throws -> Int { number }
    }

    @Test("A figure that was read before a change, here or at another console, is shown again when it may be read anew")
    func oldFigure() async throws {
        let rig = try await ConsoleRig()
        let figures = FigureCache(books: rig.books, time: rig.clock)
        #expect(try await figures.ask("n", Answered(number: 1)).0 == 1)
        // nothing changed: what is kept is not old
        #expect(try await figures.ask("n", Answered(number: 2)).0 == 1)
        rig.clock.pass(seconds: 1)
        #expect(await figures.isDue() == false)
        #expect(try await figures.ask("n", Answered(number: 3)).0 == 3)
        await figures.grew()
        #expect(try await figures.ask("n", Answered(number: 4)).0 == 3)
        #expect(await figures.isDue() == false)
        rig.clock.pass(seconds: 1)
        #expect(await figures.isDue())
        #expect(try await figures.ask("n", Answered(number: 5)).0 == 5)
        // and then it is as new as the books
        #expect(try await figures.ask("n", Answered(number: 6)).0 == 5)
        rig.clock.pass(seconds: 1)
        #expect(await figures.isDue() == false)
    }

    @Test("An open page is made anew when something old on it can be known better, also when the books are quiet")
    func oldPage() async {
        let known = Mutex((figure: 1, isDue: false))
        let hub = LiveHub(
            idle: .max,
            isDue: {
                known.withLock { known in
                    defer { known.isDue = false }
                    return known.isDue
                }
            }, tick: { nil })
        let key = LiveHub.Key(path: "/x", look: .first, roles: [])
        var events = await hub.join(key) { known.withLock { String($0.figure) } }.makeAsyncIterator()
        #expect(await events.next() == LiveHub.event("1"))
        known.withLock { $0 = (2, true) }
        #expect(await events.next() == LiveHub.event("2"))
    }

    @Test("While a shift is open no page and no answer tells how many blanks there are, before all is counted")
    func blind() async throws {
        let rig = try await ConsoleRig()
        let person = try await rig.add("sara", [.supervisor])
        let browser = try await rig.browser(person)
        let loaded = try await browser.post("/stock/counted", [("count", "437"), ("lot", "L7"), ("to", "l1/c1")])
        #expect(loaded.status == 303)
        #expect(try await browser.get("/api/lines/l1").words.contains("437"))
        #expect(
            try await browser.post("/shifts", [("line", "l1"), ("day", "2026-11-21"), ("name", "1")]).status == 303)
        let shift = "/shifts/l1/2026-11-21/1"
        rig.clock.pass(seconds: 60)
        for path in ["/", "/lines/l1", "/lines/l1/cells/c1", "/stock", shift, "/andon", "/shifts"] {
            for prefix in ["", "/api"] {
                let reply = try await browser.get(prefix + (prefix.isEmpty || path != "/" ? path : ""))
                #expect(reply.status == 200, "\(prefix)\(path)")
                // the form's token and the assets' version are random digits
                let words = reply.words.replacing(browser.formToken ?? "-", with: "")
                    .replacing(rig.console.assets.version, with: "")
                #expect(!words.contains("437"), "\(prefix)\(path)")
            }
        }
        #expect(!(try await browser.get("/metrics").words.contains("437")))
        let counts = [("hopper", "437"), ("good", "0"), ("reject", "0"), ("held", "0")]
        #expect(try await browser.post(shift + "/counts", [("cell", "c1")] + counts).status == 303)
        #expect(!(try await browser.get("/api" + shift).words.contains("expected")))
        let none = [("hopper", "0"), ("good", "0"), ("reject", "0"), ("held", "0")]
        #expect(try await browser.post(shift + "/counts", [("cell", "c2")] + none).status == 303)
        #expect(try await browser.get("/api" + shift).words.contains("expected"))
        #expect(try await browser.post(shift + "/close").status == 303)
        let report = try await browser.get("/api" + shift).json["report"]
        #expect(report?["carried_in"]?.integer == 437)
    }

    @Test("A closed shift has its report on paper, an open one has none, and whoever takes it is in the journal")
    func shiftPaper() async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("sara", [.supervisor]))
        _ = try await browser.post("/shifts", [("line", "l1"), ("day", "2026-11-21"), ("name", "1")])
        let shift = "/shifts/l1/2026-11-21/1"
        #expect(try await browser.get("/api" + shift + "/report.pdf").json["code"]?.string == "shift.unclosed")
        for cell in ["c1", "c2"] {
            _ = try await browser.post(
                shift + "/counts", [("cell", cell), ("hopper", "٠"), ("good", "0"), ("reject", "0"), ("held", "0")])
        }
        _ = try await browser.post(shift + "/close")
        #expect(try await browser.get(shift).words.contains(shift + "/report.pdf"))
        let paper = try await browser.get(shift + "/report.pdf")
        #expect(paper.status == 200 && paper.words.hasPrefix("%PDF"))
        let acts = try await rig.books.read(PersonActsQuery(.item("l1/2026-11-21/1")))
        #expect(acts.count { $0.act.act == "report.shift" && $0.act.person?.rawValue == "sara" } == 1)
    }

    @Test("A card that is missing at the close needs a second person, and nobody is his own second")
    func missing() async throws {
        let rig = try await ConsoleRig()
        let person = try await rig.add("sara", [.supervisor], password: "four green apples")
        try await rig.add("omar", [.operator], password: "blue sky over river")
        try await rig.add("huda", [.supervisor], password: "seven old brass keys")
        var browser = try await rig.browser(person)
        browser.headers = [:]
        _ = try await browser.post("/stock/counted", [("count", "3"), ("lot", "L7"), ("to", "l1/c1")])
        _ = try await browser.post("/shifts", [("line", "l1"), ("day", "2026-11-21"), ("name", "1")])
        let shift = "/shifts/l1/2026-11-21/1"
        for (cell, hopper) in [("c1", "2"), ("c2", "0")] {
            _ = try await browser.post(
                shift + "/counts", [("cell", cell), ("hopper", hopper), ("good", "0"), ("reject", "0"), ("held", "0")])
        }
        func close(_ second: String, _ password: String) async throws -> Reply {
            try await browser.post(
                "/api" + shift + "/close",
                [
                    ("missing", "pc-td1:0000003"), ("incident", "hopper door found open"), ("second", second),
                    ("second_password", password),
                ])
        }
        #expect(try await close("sara", "four green apples").json["code"]?.string == "people.approval.same")
        #expect(try await close("omar", "blue sky over river").json["code"]?.string == "people.approval.role")
        #expect(try await close("huda", "wrong").json["code"]?.string == "console.credentials")
        #expect(try await rig.books.read(ShiftReportQuery(ShiftID("l1/2026-11-21/1"))) == nil)
        #expect(try await close("huda", "seven old brass keys").status == 200)
        let report = try #require(try await rig.books.read(ShiftReportQuery(ShiftID("l1/2026-11-21/1"))))
        #expect(report.missing.map(\.rawValue) == ["pc-td1:0000003"])
        #expect(report.people == ["sara (sara)", "huda (huda)"])
        #expect(try await close("huda", "seven old brass keys").json["code"]?.string == "shift.closed")
    }

    @Test("An order goes to the line with the person's name, and only PackML's words are orders")
    func orders() async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("omar", [.operator]))
        _ = try await browser.post("/lines/l1/orders", [("order", "unhold c2")])
        #expect(await rig.line.asked == ["unhold c2 omar"])
        #expect(try await browser.post("/api/lines/l1/orders", [("order", "settle c2")]).status == 400)
        #expect(try await browser.post("/api/lines/l1/orders", [("order", "hold c9")]).status == 404)
        let long = try await browser.post(
            "/api/lines/l1/orders", [("order", "hold c1"), ("why", "number 19900101234")])
        #expect(long.status == 409)
        #expect(await rig.line.asked.count == 1)
        // who looks at what people did finds it, with where they stood
        let auditor = try await rig.browser(try await rig.add("zaynab", [.auditor]))
        let rows = try await auditor.get("/api/journal?person=omar").json["rows"]?.array ?? []
        let row = try #require(rows.first { $0["act"]?.string == "line.unhold" })
        #expect(row["item"]?.string == "l1/c2" && row["station"]?.string?.isEmpty == false)
        #expect(try await auditor.get("/journal?person=omar").words.contains("ordered: go on"))
    }

    @Test("A page that is looked at is told when the books change, once for each look")
    func live() async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("sara", [.supervisor]))
        let reply = try await browser.get("/live?of=/stock")
        guard case .events(let events) = reply.body else { Issue.record("no events"); return }
        // the stock page has no live part: its stream says nothing but is open
        withExtendedLifetime(events) {}
        let line = try await browser.get("/live?of=/lines/l1")
        guard case .events(let pages) = line.body else { Issue.record("no events"); return }
        var iterator = pages.makeAsyncIterator()
        let first = try #require(await iterator.next())
        #expect(first.hasPrefix("data: \"") && first.hasSuffix("\n\n"))
        #expect(first.contains("No controller at work"))
        _ = try await browser.post("/lines/l1/begin")
        var next = await iterator.next()
        while let text = next, text.hasPrefix(":") { next = await iterator.next() }
        #expect(next?.contains("formaction=\\\"/lines/l1/end\\\"") == true)
    }

    @Test("The board shows no person, and the figures for Prometheus neither")
    func nobodyOnTheBoard() async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("omar", [.operator], name: "Omar Planted"))
        _ = try await browser.post("/lines/l1/begin")
        for path in ["/andon", "/andon/l1", "/api/andon", "/metrics", "/health"] {
            let words = try await Browser(console: rig.console).get(path).words
            #expect(!words.contains("omar") && !words.contains("Planted"), "\(path)")
        }
    }
}
