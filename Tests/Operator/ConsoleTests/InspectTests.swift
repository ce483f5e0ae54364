import Foundation
import Ground
import Ledger
import Testing

@testable import Console

/// The QC inspector's desk.
struct InspectTests {
    private static let zone = [
        "IDUTOPH78731000199395518852<<<", "9311066M3602298UTO<<<<<<<<<<<9", "AL<RUBAIE<<YOUSIF<REBWAR<HUSSE",
    ]

    @Test("A verdict names the card whose pictures were seen, and of the zone only its keyed tag leaves the page")
    func verdict() async throws {
        let rig = try await ConsoleRig()
        let attempt = try await rig.hold("glare")
        let browser = try await rig.browser(try await rig.add("huda", [.inspector]))
        #expect(try await browser.get("/api/inspect").json["first"]?.string == "/inspect/\(attempt)")
        let typed = InspectTests.zone.joined(separator: "\r\n")
        let reply = try await browser.post("/inspect/\(attempt)/verdict", [("verdict", "pass"), ("zone", typed)])
        #expect(reply.status == 303 && reply.header("location") == "/inspect")
        #expect(await rig.line.asked == ["settle * huda"])
        let facts = try #require(await rig.line.facts.first)
        #expect(facts["verdict"]?.string == "pass" && facts["attempt"]?.string == attempt.rawValue)
        #expect(facts["zone"]?.string == (try rig.books.zoneTag(InspectTests.zone).hex))
        let page = try await browser.get("/inspect/\(attempt)").words
        #expect(!page.contains("RUBAIE"))
        let rows = try await rig.books.read(JournalRowsQuery(before: nil, limit: 100))
        #expect(!rows.contains { $0.json.canonicalText.contains("RUBAIE") })
    }

    @Test(
        "A reject needs a fault of the list, and a word that is none is refused before anything is asked of the line",
        arguments: [
            [("verdict", "reject")], [("verdict", "reject glare")], [("verdict", "reject"), ("reason", "no.such")],
            [("verdict", "burn")], [("verdict", "")], [("verdict", "pass"), ("zone", "IDUTO")],
        ])
    func words(_ fields: [(String, String)]) async throws {
        let rig = try await ConsoleRig()
        let attempt = try await rig.hold("glare")
        let browser = try await rig.browser(try await rig.add("huda", [.inspector]))
        let reply = try await browser.post("/api/inspect/\(attempt)/verdict", fields)
        #expect(try reply.status == 400 && reply.json["code"]?.string == "console.field")
        #expect(await rig.line.asked.isEmpty)
    }

    @Test("Who rejected a card is not offered to pass it, a second inspector is, and nobody for a reason of identity")
    func override() async throws {
        let rig = try await ConsoleRig()
        let attempt = try await rig.hold("glare")
        let first = try await rig.browser(try await rig.add("huda", [.inspector]))
        let second = try await rig.browser(try await rig.add("sami", [.inspector]))
        try await rig.say(.reject, "print.scratch", of: attempt, by: "huda")
        let path = "/api/inspect/\(attempt)"
        #expect(try await first.get(path).json["why_not"]?.string == "verdict.same")
        #expect(try await first.get("/inspect/\(attempt)").words.contains("data-key=\"KeyP\" disabled"))
        #expect(try await second.get(path).json["may_pass"]?.bool == true)
        // it is no longer the first one's to look at, and still the second one's
        #expect(try await first.get("/api/inspect").json["count"]?.integer == 0)
        #expect(try await second.get("/api/inspect").json["count"]?.integer == 1)
        try await rig.say(.reject, "portrait.differs", of: attempt, by: "huda")
        #expect(try await second.get(path).json["why_not"]?.string == "verdict.final")
    }

    @Test("A seeded defect is shown without what it is, answered once by each, and counted as the own rate only")
    func audit() async throws {
        let rig = try await ConsoleRig()
        try rig.placeSet("set-1")
        let supervisor = try await rig.browser(try await rig.add("sara", [.supervisor]))
        let seeded = try await supervisor.post("/api/inspect/seeds", [("pictures", "set-1"), ("truth", "print.spot")])
        #expect(seeded.status == 200)
        let huda = try await rig.browser(try await rig.add("huda", [.inspector]))
        let sami = try await rig.browser(try await rig.add("sami", [.inspector]))
        let path = try #require(try await huda.get("/api/inspect").json["first"]?.string)
        let shown = try await huda.get("/api" + path)
        for secret in ["set-1", "truth", "seed", "audit"] { #expect(!shown.words.contains(secret), "\(secret)") }
        #expect(try shown.json["kind"] == .null && shown.json["is_nothing"]?.bool == true)
        #expect(try await huda.get(path + "/front-seen").status == 200)
        #expect(try await huda.get(path + "/front-annotated").status == 404)
        #expect(try await huda.post("/api" + path + "/verdict", [("verdict", "reject print.spot")]).status == 200)
        let again = try await huda.post("/api" + path + "/verdict", [("verdict", "pass")])
        #expect(try again.json["code"]?.string == "console.look.gone")
        #expect(try await sami.post("/api" + path + "/verdict", [("verdict", "pass")]).status == 200)
        rig.clock.pass(seconds: 1)
        let own = try await huda.get("/api/inspect/rates").json["rates"]?.array ?? []
        #expect(own.map { $0["person"]?.string } == ["huda"] && own.first?["detection"]?.integer == 100)
        let auditor = try await rig.browser(try await rig.add("zaynab", [.auditor]))
        let all = try await auditor.get("/api/inspect/rates").json["rates"]?.array ?? []
        #expect(all.map { $0["detection"]?.integer } == [100, 0])
        #expect(await rig.line.asked.isEmpty)
    }

    @Test("A sample is looked at as any card, and its own row appears only when this inspector has answered")
    func sample() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja"])
        let supervisor = try await rig.browser(try await rig.add("sara", [.supervisor]))
        #expect(try await supervisor.post("/api/inspect/samples", [("blank", "G:1")]).status == 200)
        let huda = try await rig.browser(try await rig.add("huda", [.inspector]))
        var desk = try await huda.get("/api/inspect").json
        #expect(desk["count"]?.integer == 1 && desk["cards"]?.array?.isEmpty == true)
        let path = try #require(desk["first"]?.string)
        #expect(!path.contains("P-1"))
        #expect(try await huda.post("/api" + path + "/verdict", [("verdict", "pass")]).status == 200)
        desk = try await huda.get("/api/inspect").json
        #expect(desk["count"]?.integer == 0 && desk["cards"]?.array?.first?["kind"]?.string == "sample")
        let twice = try await supervisor.post("/api/inspect/samples", [("blank", "G:1")])
        #expect(try twice.json["code"]?.string == "ledger.rule")
    }

    @Test(
        "A set of pictures is a plain name of a set that is there, with a fault of the list",
        arguments: [
            ("../set-1", "print.spot"), ("set-1/../../x", "print.spot"), ("set-2", "print.spot"),
            (".set-1", "print.spot"), ("set-1", "glare"), ("set-1", ""),
        ])
    func seeds(_ name: String, _ truth: String) async throws {
        let rig = try await ConsoleRig()
        try rig.placeSet("set-1")
        let browser = try await rig.browser(try await rig.add("sara", [.supervisor]))
        let reply = try await browser.post("/api/inspect/seeds", [("pictures", name), ("truth", truth)])
        #expect(reply.status >= 400)
        #expect(try await rig.books.read(AuditTasksQuery(person: "huda")).isEmpty)
    }

    @Test("A number that the books gave a bad name to opens no file outside the folder of sets")
    func outside() async throws {
        let rig = try await ConsoleRig()
        try rig.placeSet("set-1")
        try await rig.books.seedAudit("../audit/set-1", truth: "print.spot", by: "test")
        let browser = try await rig.browser(try await rig.add("huda", [.inspector]))
        let path = try #require(try await browser.get("/api/inspect").json["first"]?.string)
        #expect(try await browser.get(path + "/front-seen").status == 404)
        #expect(try await browser.get("/api" + path).json["has_pictures"]?.bool == false)
    }

    @Test(
        "The scanner selects the card by its blank, its request or its document",
        arguments: ["7", "pc-td1:7", "R-1", "P-1"])
    func scan(_ number: String) async throws {
        let rig = try await ConsoleRig()
        let attempt = try await rig.hold("glare")
        let browser = try await rig.browser(try await rig.add("huda", [.inspector]))
        let reply = try await browser.post("/inspect/scan", [("scan", number), ("back", "/inspect")])
        #expect(reply.header("location") == "/inspect/\(attempt)")
        let none = try await browser.post("/api/inspect/scan", [("scan", "8")])
        #expect(try none.json["code"]?.string == "console.look.none")
    }

    @Test("A document is voided before two people, bound to it and used once; one that is not produced is not voided")
    func void() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja", "office office-halabja"])
        let huda = try await rig.browser(try await rig.add("huda", [.inspector], password: "seven old brass keys"))
        try await rig.add("omar", [.inspector], password: "blue sky over river")
        try await rig.add("sara", [.supervisor], password: "four green apples")
        func void(_ production: String, _ second: String?, _ password: String = "") async throws -> Reply {
            try await huda.post(
                "/api/documents/\(production)/void",
                [("reason", "print.spot")] + (second.map { [("second", $0), ("second_password", password)] } ?? []))
        }
        #expect(try await huda.get("/api/documents/P-1").json["may_void"]?.bool == true)
        #expect(try await void("P-1", nil).status == 202)
        #expect(try await void("P-1", "huda", "seven old brass keys").json["code"]?.string == "people.approval.same")
        #expect(try await void("P-1", "omar", "blue sky over river").json["code"]?.string == "people.approval.role")
        #expect(await rig.line.asked.isEmpty)
        #expect(try await void("P-1", "sara", "four green apples").status == 200)
        let facts = try #require(await rig.line.facts.first)
        #expect(facts["void"]?.string == "print.spot" && facts["attempt"]?.string?.hasPrefix("P-1") == true)
        #expect(facts["witness"]?.string == "sara (sara)" && facts["blank"] == nil)
        // what was agreed for one is nothing for the other, nor for the same once more
        #expect(try await void("P-2", nil).status == 202)
        #expect(try await void("P-9", "sara", "four green apples").status == 404)
        #expect(await rig.line.asked.count == 1)
    }

    @Test("Items of an audit lie between the cards, and the one that follows is another")
    func mixed() {
        let mixed = LookItem.mixed(["a", "b", "c", "d"], ["x", "y"])
        #expect(mixed == ["a", "b", "c", "x", "d", "y"])
        #expect(Console.following("c", in: mixed) == "x")
        #expect(Console.following("y", in: mixed) == "a")
        #expect(Console.following("gone", in: mixed) == "a")
        #expect(Console.following("a", in: ["a"]) == nil)
    }
}
