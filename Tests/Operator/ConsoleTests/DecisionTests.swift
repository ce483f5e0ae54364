import Foundation
import Ground
import Ledger
import Testing

@testable import Console

/// What two people decide about one record at the pages: before its turn, and made again after it had left.
struct DecisionTests {
    /// Records that wait, `R-1`, `R-2` and so on.
    private func queued(_ count: Int) async throws -> ConsoleRig {
        let rig = try await ConsoleRig(hasDesk: true)
        let records = (1...count).map { number in
            IntakeRecord(
                production: ProductionID("P-\(number)"), requestID: "R-\(number)", authority: "UTO-MOI",
                product: "iq-national-id", stock: "pc-td1", numberSpace: "UTO/ID", documentNumber: "N\(number)",
                priorityClass: "normal", approvedAt: WallTime(microseconds: Int64(number)),
                envelope: Bytes("office office-halabja".utf8))
        }
        _ = try await rig.books.intake(
            records, batch: BatchHeader(batch: BatchID("B-1"), authority: "UTO-MOI", product: "iq-national-id"),
            cursor: nil)
        return rig
    }

    private func order(_ browser: Browser) async throws -> [String?] {
        try await browser.get("/api/queue").json["rows"]?.array?.map { $0["production"]?.string } ?? []
    }

    @Test("A supervisor asks, another one agrees, and the record stands before the others with both names")
    func bump() async throws {
        let rig = try await queued(3)
        let sara = try await rig.browser(try await rig.add("sara", [.supervisor]))
        let layla = try await rig.browser(try await rig.add("layla", [.supervisor]))
        let form = [("record", "R-3"), ("class", "urgent"), ("reason", "medical journey")]
        #expect(try await order(sara) == ["P-1", "P-2", "P-3"])
        #expect(try await sara.post("/api/queue/bump", form).status == 202)
        #expect(try await order(sara) == ["P-1", "P-2", "P-3"])
        let open = try #require(try await layla.get("/api/approvals").json["open"]?.array?.first)
        #expect(open["action"]?.string == "priority" && open["item"]?.string == "P-3")
        // nobody agrees to an own request
        let give = "/api" + (try #require(open["give_path"]?.string))
        #expect(try await sara.post(give).json["code"]?.string == "people.approval.same")
        #expect(try await layla.post(give).status == 200)
        // what was agreed to is this class for this record
        let other = try await sara.post("/api/queue/bump", [("record", "R-2")] + form.dropFirst())
        #expect(other.status == 202)
        #expect(try await sara.post("/api/queue/bump", form).status == 200)
        #expect(try await order(sara) == ["P-3", "P-1", "P-2"])
        let row = try #require(try await layla.get("/api/queue").json["rows"]?.array?.first)
        #expect(row["class"]?.string == "urgent" && row["bump"]?["from"]?.string == "normal")
        #expect(row["bump"]?["people"]?.array?.compactMap(\.string) == ["sara (sara)", "layla (layla)"])
        let page = try await layla.get("/queue").words
        #expect(page.contains("medical journey") && page.contains("P-3"))
        // used once
        #expect(try await sara.post("/api/queue/bump", form).status == 202)
        let acts = try await rig.books.read(PersonActsQuery(.item("P-3")))
        #expect(acts.contains { $0.act.act == "queue.priority" && $0.act.refusal == nil })
    }

    @Test(
        "A class that the profile does not have, no reason, and a number in the reason are refused",
        arguments: [
            ("R-1", "no-such", "x"), ("R-1", "urgent", ""), ("R-9", "urgent", "x"), ("R-1", "urgent", "199012345678"),
        ])
    func wrong(_ record: String, _ name: String, _ reason: String) async throws {
        let rig = try await queued(1)
        let sara = try await rig.browser(try await rig.add("sara", [.supervisor]))
        let reply = try await sara.post(
            "/api/queue/bump", [("record", record), ("class", name), ("reason", reason)])
        #expect(reply.status >= 400)
        #expect(try await sara.get("/api/approvals").json["open"]?.array?.isEmpty == true)
    }

    @Test("A document that left is made again before two people, and not while somebody can be given it")
    func remake() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja", "office office-halabja"])
        let ali = try await rig.browser(try await rig.add("ali", [.logistics]))
        try await rig.add("layla", [.supervisor], password: "four green apples fall")
        let two = [("second", "layla"), ("second_password", "four green apples fall")]
        #expect(try await ali.post("/api/dispatch/scan", [("scan", "G:1")]).status == 200)
        #expect(try await ali.post("/api/dispatch/astray/scan", [("scan", "G:1")]).status == 200)
        let form = [("scan", "G:1"), ("reference", "letter 7")]
        #expect(try await ali.get("/api/dispatch/astray").json["parcel"]?["may_remake"]?.bool == false)
        #expect(try await ali.post("/api/dispatch/astray/remake", form + two).json["code"]?.string == "remake.alive")
        let back = [("scan", "G:1"), ("reason", "damaged"), ("custodian", "ali"), ("place", "cage")]
        #expect(try await ali.post("/api/dispatch/astray/return", back).status == 200)
        // its number would be on two documents
        #expect(try await ali.post("/api/dispatch/astray/remake", form + two).json["code"]?.string == "remake.number")
        let paper = [("scan", "G:1"), ("certificate", "C-1"), ("method", "shredded"), ("place", "room 4")]
        #expect(try await ali.post("/api/dispatch/astray/destroy", paper + two).status == 200)
        #expect(try await ali.get("/dispatch/astray").words.contains("/dispatch/astray/remake"))
        #expect(try await ali.post("/api/dispatch/astray/remake", form + two).status == 200)
        let rows = try await ali.get("/api/dispatch/astray").json["remakes"]?.array ?? []
        #expect(rows.map { $0["number"]?.string } == ["kept"] && rows[0]["state"]?.string == "queued")
        #expect(rows[0]["people"]?.array?.compactMap(\.string) == ["ali (ali)", "layla (layla)"])
        #expect(try await ali.post("/api/dispatch/astray/remake", form + two).json["code"]?.string == "remake.again")
        #expect(try await ali.get("/dispatch/astray").words.contains("letter 7"))
        let sara = try await rig.browser(try await rig.add("sara", [.supervisor]))
        #expect(try await sara.get("/api/queue").json["rows"]?.array?.first?["is_remake"]?.bool == true)
    }

    @Test("Where the profile says `on_remake: new`, a destroyed card's number is not used again either")
    func renumbered() async throws {
        let rig = try await ConsoleRig(hasDesk: true, isRenumbered: true)
        try await rig.produce(["office office-halabja"])
        let ali = try await rig.browser(try await rig.add("ali", [.logistics]))
        try await rig.add("layla", [.supervisor], password: "four green apples fall")
        let two = [("second", "layla"), ("second_password", "four green apples fall")]
        #expect(try await ali.post("/api/dispatch/scan", [("scan", "G:1")]).status == 200)
        let back = [("scan", "G:1"), ("reason", "damaged"), ("custodian", "ali"), ("place", "cage")]
        #expect(try await ali.post("/api/dispatch/astray/return", back).status == 200)
        let paper = [("scan", "G:1"), ("certificate", "C-1"), ("method", "shredded"), ("place", "room 4")]
        #expect(try await ali.post("/api/dispatch/astray/destroy", paper + two).status == 200)
        let form = [("scan", "G:1"), ("reference", "letter 7")]
        let refused = try await ali.post("/api/dispatch/astray/remake", form + two)
        #expect(try refused.json["code"]?.string == "remake.request")
        #expect(try await ali.get("/api/dispatch/astray").json["remakes"]?.array?.isEmpty == true)
        #expect(try await rig.books.read(RecordQuery(name: "P-1"))?["state"]?.string != "queued")
        let request = IntakeRecord(
            production: ProductionID("P-9"), requestID: "R-9", authority: "UTO-MOI", product: "iq-national-id",
            stock: "G", numberSpace: "UTO/ID", documentNumber: "N9", priorityClass: "normal",
            approvedAt: WallTime(microseconds: 9), envelope: Bytes("office office-halabja".utf8))
        let header = BatchHeader(batch: BatchID("B-2"), authority: "UTO-MOI", product: "iq-national-id")
        _ = try await rig.books.intake([request], batch: header, cursor: nil)
        let done = try await ali.post("/api/dispatch/astray/remake", form + [("request", "R-9")] + two)
        #expect(try done.json["said"]?.string == "remade_request")
        #expect(try await rig.books.read(RecordQuery(name: "P-1"))?["state"]?.string == "withdrawn")
    }

    @Test("The number of a lost card is not given twice: the authority's other request takes its place")
    func lost() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja"])
        let ali = try await rig.browser(try await rig.add("ali", [.logistics]))
        try await rig.add("layla", [.supervisor], password: "four green apples fall")
        let two = [("second", "layla"), ("second_password", "four green apples fall")]
        #expect(try await ali.post("/api/dispatch/scan", [("scan", "G:1")]).status == 200)
        let lost = try await ali.post("/api/dispatch/astray/lost", [("scan", "G:1"), ("incident", "I-1")] + two)
        #expect(lost.status == 200)
        let form = [("scan", "G:1"), ("reference", "letter 7")]
        #expect(try await ali.post("/api/dispatch/astray/remake", form + two).json["code"]?.string == "remake.number")
        _ = try await rig.books.intake(
            [
                IntakeRecord(
                    production: ProductionID("P-9"), requestID: "R-9", authority: "UTO-MOI", product: "iq-national-id",
                    stock: "G", numberSpace: "UTO/ID", documentNumber: "N9", priorityClass: "normal",
                    approvedAt: WallTime(microseconds: 9), envelope: Bytes("office office-halabja".utf8))
            ], batch: BatchHeader(batch: BatchID("B-2"), authority: "UTO-MOI", product: "iq-national-id"), cursor: nil)
        let done = try await ali.post("/api/dispatch/astray/remake", form + [("request", "R-9")] + two)
        #expect(try done.json["said"]?.string == "remade_request")
        let rows = try await ali.get("/api/dispatch/astray").json["remakes"]?.array ?? []
        #expect(rows[0]["other"]?.string == "P-9" && rows[0]["account"]?.string == "missing")
        let sara = try await rig.browser(try await rig.add("sara", [.supervisor]))
        #expect(try await sara.get("/api/documents/P-1").json["state"]?.string == "withdrawn")
    }
}
