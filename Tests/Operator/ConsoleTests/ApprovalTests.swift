import Foundation
import Ground
import Ledger
import Shipping
import Stations
import Testing

@testable import Console

/// Two people at two screens.
struct ApprovalTests {
    private static let lost = [("scan", "G:1"), ("incident", "box fell off the trolley")]

    private func twoPeople() async throws -> (ConsoleRig, ali: Browser, sara: Browser) {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja", "office office-halabja"])
        let ali = try await rig.browser(try await rig.add("ali", [.logistics]))
        let sara = try await rig.browser(try await rig.add("sara", [.supervisor]))
        for mark in ["G:1", "G:2"] {
            _ = try await ali.post("/api/dispatch/put-down")
            #expect(try await ali.post("/api/dispatch/scan", [("scan", mark)]).status == 200)
        }
        return (rig, ali, sara)
    }

    private func open(_ browser: Browser) async throws -> [JSONValue] {
        try await browser.get("/api/approvals").json["open"]?.array ?? []
    }

    private func state(_ rig: ConsoleRig, _ mark: String) async throws -> String? {
        let desk = try #require(rig.console.shipping)
        return try await desk.find(.document(BlankID(mark))).state.rawValue
    }

    @Test("Each one's page of approvals says by itself that a request came, or that one's own was agreed to")
    func live() async throws {
        let (_, ali, sara) = try await twoPeople()
        func stream(_ browser: Browser) async throws -> AsyncStream<String>.Iterator? {
            guard case .events(let events) = try await browser.get("/live?of=/approvals").body else { return nil }
            return events.makeAsyncIterator()
        }
        func part(_ iterator: inout AsyncStream<String>.Iterator) async -> String? {
            while let text = await iterator.next() { if !text.hasPrefix(":") { return text } }
            return nil
        }
        var (hers, his) = (try #require(try await stream(sara)), try #require(try await stream(ali)))
        #expect(await part(&hers)?.contains("second person: <b>0</b>") == true)
        #expect(await part(&his)?.contains("to do: <b>0</b>") == true)
        _ = try await ali.post("/api/dispatch/astray/lost", ApprovalTests.lost)
        #expect(await part(&hers)?.contains("second person: <b>1</b>") == true)
        #expect(await part(&his)?.contains("second person: <b>1</b>") == true)
        let give = try #require(try await open(sara).first?["give_path"]?.string)
        _ = try await sara.post("/api" + give)
        #expect(await part(&his)?.contains("to do: <b>1</b>") == true)
        #expect(await part(&hers)?.contains("to do: <b>0</b>") == true)
    }

    @Test("What needs two people waits, is given at another screen, and is carried out with one press, once")
    func twoScreens() async throws {
        let (rig, ali, sara) = try await twoPeople()
        #expect(try await ali.post("/api/dispatch/astray/lost", ApprovalTests.lost).status == 202)
        // asking twice is one request
        #expect(try await ali.post("/api/dispatch/astray/lost", ApprovalTests.lost).status == 202)
        let request = try #require(try await open(sara).first)
        #expect(try await open(sara).count == 1)
        #expect(request["may_give"]?.bool == true && request["asked_by"]?.string == "ali (ali)")
        let give = "/api" + (try #require(request["give_path"]?.string))
        #expect(try await ali.post(give).json["code"]?.string == "people.approval.same")
        let tried = try await rig.books.read(PersonActsQuery(.person(PersonID("ali")))).first
        #expect(tried?.act.act == "approval.tried" && tried?.act.refusal == "people.approval.same")
        #expect(try await state(rig, "G:1") == "released")
        #expect(try await sara.post(give).status == 200)
        #expect(try await state(rig, "G:1") == "released")
        let ready = try #require(try await ali.get("/api/approvals").json["ready"]?.array?.first)
        #expect(ready["form_path"]?.string == "/dispatch/astray/lost")
        let fields = (ready["fields"]?.array ?? []).compactMap { field -> (String, String)? in
            guard let name = field["name"]?.string, let value = field["value"]?.string else { return nil }
            return (name, value)
        }
        #expect(try await ali.post("/api/dispatch/astray/lost", fields).status == 200)
        #expect(try await state(rig, "G:1") == "lost")
        #expect(try await ali.get("/api/approvals").json["ready"]?.array?.isEmpty == true)
    }

    @Test("An approval is good for its item and content alone")
    func bound() async throws {
        let (rig, ali, sara) = try await twoPeople()
        _ = try await ali.post("/api/dispatch/astray/lost", ApprovalTests.lost)
        let request = try #require(try await open(sara).first)
        _ = try await sara.post("/api" + (try #require(request["give_path"]?.string)))
        let other = [("scan", "G:2"), ("incident", "box fell off the trolley")]
        #expect(try await ali.post("/api/dispatch/astray/lost", other).status == 202)
        let reworded = [("scan", "G:1"), ("incident", "nothing happened")]
        #expect(try await ali.post("/api/dispatch/astray/lost", reworded).status == 202)
        // another person does not use it either
        let omar = try await rig.browser(try await rig.add("omar", [.logistics]))
        #expect(try await omar.post("/api/dispatch/astray/lost", ApprovalTests.lost).status == 202)
        #expect(try await state(rig, "G:1") == "released")
        #expect(try await state(rig, "G:2") == "released")
    }

    @Test("A refused request, and one that ran out, carry nothing out")
    func refused() async throws {
        let (rig, ali, sara) = try await twoPeople()
        _ = try await ali.post("/api/dispatch/astray/lost", ApprovalTests.lost)
        let request = try #require(try await open(sara).first)
        let path = "/api" + (try #require(request["refuse_path"]?.string))
        #expect(try await sara.post(path).status == 400)
        #expect(try await sara.post(path, [("reason", "look again")]).status == 200)
        #expect(try await ali.post("/api/dispatch/astray/lost", ApprovalTests.lost).status == 202)
        let again = try #require(try await open(sara).first)
        rig.clock.pass(seconds: 9 * 3600 + 1)
        let later = try await rig.browser(try await rig.books.read(PersonQuery(PersonID("sara"))))
        let late = try await later.post("/api" + (try #require(again["give_path"]?.string)))
        #expect(try late.json["code"]?.string == "people.approval.expired")
        #expect(try await state(rig, "G:1") == "released")
    }

    @Test("Only the role that is asked for gives")
    func role() async throws {
        let (rig, ali, _) = try await twoPeople()
        _ = try await ali.post("/api/dispatch/astray/lost", ApprovalTests.lost)
        let huda = try await rig.browser(try await rig.add("huda", [.inspector]))
        let request = try #require(try await open(huda).first)
        #expect(request["may_give"]?.bool == false)
        let give = "/api" + (try #require(request["give_path"]?.string))
        #expect(try await huda.post(give).json["code"]?.string == "people.approval.role")
    }

    @Test("A held lot is released at two screens")
    func lot() async throws {
        let rig = try await ConsoleRig()
        let sara = try await rig.browser(try await rig.add("sara", [.supervisor]))
        let huda = try await rig.browser(try await rig.add("huda", [.supervisor]))
        _ = try await sara.post("/api/stock/counted", [("count", "3"), ("lot", "L7"), ("to", "l1/c1")])
        let lot = [("stock", "pc-td1"), ("lot", "L7"), ("reason", "checked")]
        #expect(try await sara.post("/api/stock/lots/hold", lot).status == 200)
        #expect(try await sara.post("/api/stock/lots/release", lot).status == 202)
        let request = try #require(try await open(huda).first)
        #expect(try await huda.post("/api" + (try #require(request["give_path"]?.string))).status == 200)
        #expect(try await sara.post("/api/stock/lots/release", lot).status == 200)
        #expect(try await sara.post("/api/stock/lots/release", lot).status != 200)
    }
}
