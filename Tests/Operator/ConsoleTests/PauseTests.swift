import Foundation
import Ground
import Ledger
import Testing

@testable import Console

/// Whose turn a card is, and when eyes need a pause.
struct PauseTests {
    @Test("A card is before one inspector: the other is given the next one, or none")
    func oneCard() async throws {
        let rig = try await ConsoleRig()
        let attempt = try await rig.hold("glare")
        let huda = try await rig.browser(try await rig.add("huda", [.inspector]))
        let second = try await rig.add("sami", [.inspector])
        let sami = try await rig.browser(second)
        let path = "/inspect/\(attempt)"
        #expect(try await sami.get("/api/inspect").json["first"]?.string == path)
        #expect(try await huda.get(path).status == 200)
        let desk = try await sami.get("/api/inspect").json
        #expect(desk["first"] == .null && desk["cards"]?.array?.first?["in_hand"]?.string == "huda")
        let look = try await sami.get(path)
        #expect(look.status == 303 && look.header("location") == "/inspect")
        #expect(try await sami.get("/api" + path).json["code"]?.string == "verdict.taken")
        #expect(try await sami.post("/api/inspect/scan", [("scan", "R-1")]).json["code"]?.string == "verdict.taken")
        let verdict = try await sami.post("/api\(path)/verdict", [("verdict", "reject print.spot")])
        #expect(try verdict.json["code"]?.string == "verdict.taken")
        #expect(await rig.line.asked.isEmpty)
        #expect(try await huda.post("/api\(path)/verdict", [("verdict", "reject print.spot")]).status == 200)
        // a screen that was left alone holds no card
        rig.clock.pass(seconds: 301)
        #expect(try await rig.browser(second).get(path).status == 200)
    }

    @Test("After the block no more cards are given until the pause is over; the one on the screen is still judged")
    func pause() async throws {
        let rig = try await ConsoleRig()
        let attempt = try await rig.hold("glare")
        try rig.placeSet("set-1")
        try await rig.books.seedAudit("set-1", truth: "print.spot", by: "test")
        let person = try await rig.add("huda", [.inspector])
        func huda() async throws -> Browser { try await rig.browser(person) }
        let card = "/inspect/\(attempt)"
        // looks every two minutes for 24 minutes, then the time is up
        for _ in 0..<13 {
            #expect(try await huda().get(card).status == 200)
            rig.clock.pass(seconds: 120)
        }
        let desk = try await huda().get("/api/inspect").json
        #expect(desk["first"] == .null && desk["pause"]?["block"]?.integer == 25)
        let audit = try #require(try await rig.books.read(AuditTasksQuery(person: "huda")).first?.id.rawValue)
        #expect(try await huda().get("/api/inspect/\(audit)").json["code"]?.string == "console.inspect.pause")
        #expect(try await huda().get("/inspect/\(audit)").header("location") == "/inspect")
        let other = try await huda().post("/api/inspect/\(audit)/verdict", [("verdict", "pass")])
        #expect(try other.json["code"]?.string == "console.inspect.pause")
        let page = try await huda().get("/inspect").words
        #expect(page.contains("Time for a pause") && !page.contains("id=\"begin\""))
        // it is one row, however often somebody asks
        let rows = try await rig.books.read(PersonActsQuery(.person(person.id))).filter {
            $0.act.act == "inspect.pause"
        }
        #expect(rows.count == 1)
        let verdict = try await huda().post("\(card)/verdict", [("verdict", "reject print.spot")])
        #expect(verdict.header("location") == "/inspect")
        #expect(await rig.line.asked == ["settle * huda"])
        rig.clock.pass(seconds: 299)
        #expect(try await huda().get("/api/inspect").json["pause"] != .null)
        rig.clock.pass(seconds: 2)
        #expect(try await huda().get("/api/inspect").json["pause"] == .null)
        #expect(try await huda().get("/api/inspect/\(audit)").status == 200)
    }

    @Test("Pauses of one's own count: nobody is stopped who looks for ten minutes at a time")
    func ownPauses() async throws {
        let rig = try await ConsoleRig()
        let attempt = try await rig.hold("glare")
        let person = try await rig.add("huda", [.inspector])
        for _ in 0..<6 {
            for _ in 0..<5 {
                #expect(try await rig.browser(person).get("/api/inspect/\(attempt)").status == 200)
                rig.clock.pass(seconds: 120)
            }
            rig.clock.pass(seconds: 200)
        }
        #expect(try await rig.browser(person).get("/api/inspect").json["pause"] == .null)
    }
}
