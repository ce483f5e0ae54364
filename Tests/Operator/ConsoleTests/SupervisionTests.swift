import Foundation
import Ground
import Ledger
import Testing

@testable import Console

/// Alarms, recall, keys, and the answers to what is no request.
struct SupervisionTests {
    @Test("A supply that runs short is one alarm with cause, consequence and steps, however many cells have it")
    func oneRow() async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("sara", [.supervisor]))
        // a line without a controller asks for nobody
        #expect(try await browser.get("/api/alarms").json["count"]?.integer == 0)
        _ = try await browser.post("/lines/l1/begin")
        let alarms = try await browser.get("/api/alarms").json["alarms"]?.array ?? []
        #expect(alarms.map { $0["code"]?.string } == ["alarm.blanks"])
        #expect(alarms.first?["places"]?.array?.count == 2)
        let page = try await browser.get("/alarms").words
        #expect(page.contains("Blanks run out soon") && page.contains("Load them"))
        // the board says first what is out already
        let board = try await browser.get("/api/andon").json["lines"]?.array?.first?["first_out"]
        #expect(board?["what"]?.string == "blanks" && board?["is_out"]?.bool == true, "\(board ?? .null)")
    }

    @Test(
        "A cell that stands because a supply is out is one alarm, not also that it runs short",
        arguments: ["printer.hopper.empty", "printer.feeder.empty", "line.stock.empty"])
    func outIsNotShort(_ code: String) async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("omar", [.operator]))
        _ = try await browser.post("/lines/l1/begin")
        let lease = try await rig.books.takeOver(rig.line.id, by: LeaseHolder(name: "test", host: "here"))
        let stands = Change.machine(.held, code: code, text: "empty", remedy: "load")
        try await rig.books.commit(Transition(lease: lease, cell: CellID("c1"), actor: "test", changes: [stands]))
        // beside it a cell that stands for something else: its hopper is short as well, and that is said
        let other = Change.machine(.held, code: "printer.jam", text: "jam", remedy: "clear")
        try await rig.books.commit(Transition(lease: lease, cell: CellID("c2"), actor: "test", changes: [other]))
        rig.clock.pass(seconds: 5)
        let alarms = try await browser.get("/api/alarms").json["alarms"]?.array ?? []
        let places = Dictionary(
            uniqueKeysWithValues: alarms.map { row in
                (row["code"]?.string ?? "", row["places"]?.array?.compactMap { $0["name"]?.string } ?? [])
            })
        #expect(places == [code: ["l1/c1"], "printer.jam": ["l1/c2"], "alarm.blanks": ["l1/c2"]], "\(places)")
    }

    @Test(
        "What the books themselves ask for is an alarm without a controller and without a number, and can be put aside")
    func books() async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("sara", [.supervisor]))
        func record(_ number: Int, _ content: String) -> IntakeRecord {
            IntakeRecord(
                production: ProductionID("P-\(number)"), requestID: "R-\(number)", authority: "UTO-MOI",
                product: "iq-national-id", stock: "pc-td1", numberSpace: "UTO/ID", documentNumber: "N\(number)",
                priorityClass: "normal", approvedAt: WallTime(microseconds: 1), envelope: Bytes(content.utf8))
        }
        let header = BatchHeader(batch: BatchID("B-1"), authority: "UTO-MOI", product: "iq-national-id")
        _ = try await rig.books.intake([record(1, "first"), record(2, "other")], batch: header, cursor: nil)
        let line = LineID("l1")
        _ = try await rig.books.load(
            count: 2, stock: "pc-td1", lot: "LOT-1", line: line, cell: CellID("c1"), by: "test")
        let blank = try #require(try await rig.books.blanks(.account(line, .line, limit: 5)).first)
        #expect(try await browser.get("/api/alarms").json["count"]?.integer == 0)

        _ = try await rig.books.intake([record(1, "second")], batch: header, cursor: nil)
        try await rig.books.commit(
            Transition(
                plant: .vault, actor: "test",
                changes: [.move(blank.blank, from: .line, to: .quarantine, reason: "found", attempt: nil)]))
        try await rig.books.commit(
            Transition(
                plant: .queue, actor: "test",
                changes: [.record(ProductionID("P-2"), .held, reason: "attempts.limit")]))
        rig.clock.pass(seconds: 30)
        let alarms = try await browser.get("/api/alarms").json["alarms"]?.array ?? []
        #expect(
            alarms.map { $0["code"]?.string } == ["alarm.record.conflict", "alarm.quarantine", "alarm.record.held"])
        let page = try await browser.get("/alarms").words
        #expect(page.contains("Cards lie in quarantine") && page.contains("the shift closes only when"))
        #expect(page.contains("<a href=\"/batches\"><bdi class=\"id\">Batches"))
        // nobody is led to a page of another role
        let his = try await rig.browser(try await rig.add("omar", [.operator])).get("/alarms").words
        #expect(his.contains("<bdi class=\"id\">Batches") && !his.contains("href=\"/batches\""))
        #expect(!his.contains("href=\"/journal"))
        #expect(try await browser.post("/api/alarms/shelve", [("alarm", "60 alarm.quarantine")]).status == 200)
        #expect(try await browser.get("/api/alarms").json["count"]?.integer == 2)
    }

    @Test("A shelved cause comes back by itself, or when somebody shows it again, and only known causes are shelved")
    func shelved() async throws {
        let rig = try await ConsoleRig()
        let person = try await rig.add("omar", [.operator])
        let browser = try await rig.browser(person)
        _ = try await browser.post("/lines/l1/begin")
        for wrong in ["15 no.such", "14 alarm.blanks", "alarm.blanks", "9999 alarm.blanks"] {
            #expect(try await browser.post("/api/alarms/shelve", [("alarm", wrong)]).status >= 400, "\(wrong)")
        }
        func count() async throws -> Int64? {
            let browser = try await rig.browser(person)
            return try await browser.get("/api/alarms").json["count"]?.integer
        }
        #expect(try await browser.post("/api/alarms/shelve", [("alarm", "15 alarm.blanks")]).status == 200)
        #expect(try await count() == 0)
        #expect(try await browser.get("/api/alarms").json["shelved"]?.array?.count == 1)
        rig.clock.pass(seconds: 901)
        #expect(try await count() == 1)
        let later = try await rig.browser(person)
        _ = try await later.post("/api/alarms/shelve", [("alarm", "60 alarm.blanks")])
        #expect(try await count() == 0)
        rig.clock.pass(seconds: 1)
        #expect(try await later.post("/api/alarms/unshelve", [("alarm", "alarm.blanks")]).status == 200)
        #expect(try await count() == 1)
    }

    @Test("The key officer sees who signs now and how much was signed, and no key")
    func keys() async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("nur", [.keyOfficer]))
        let keys = try await browser.get("/api/keys").json["lines"]?.array?.first?["keys"]?.array ?? []
        #expect(keys.map { $0["state"]?.string } == ["over", "signs", "ready"])
        #expect(keys.map { $0["count"]?.integer } == [0, 0, nil])
        #expect(try await browser.get("/keys").words.contains("signs now"))
    }

    @Test("A recall without a condition lists nothing and holds nothing")
    func recall() async throws {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("sara", [.supervisor]))
        #expect(try await browser.get("/api/recall").json["is_asked"]?.bool == false)
        #expect(try await browser.get("/api/recall?lot=L7").json["count"]?.integer == 0)
        #expect(try await browser.get("/api/recall?key=none&value=x").status == 400)
        let all = try await browser.post(
            "/api/recall", [("reason", "x"), ("custodian", "nadia"), ("place", "cage 2")])
        #expect(try all.json["code"]?.string == "stock.recall.all")
    }

    @Test("A recall by lot holds the good ones that are here, in a custodian's hands")
    func recalled() async throws {
        let rig = try await ConsoleRig(hasDesk: true)
        try await rig.produce(["office office-halabja", "office office-halabja"])
        let browser = try await rig.browser(try await rig.add("sara", [.supervisor]))
        #expect(try await browser.get("/api/recall?lot=L").json["good"]?.integer == 2)
        let held = try await browser.post(
            "/api/recall", [("lot", "L"), ("reason", "chip fault"), ("custodian", "nadia"), ("place", "cage 2")])
        #expect(try held.json["number"]?.string == "2")
        #expect(try await browser.get("/api/recall?lot=L").json["good"]?.integer == 0)
    }

    @Test("What is no request is answered with a page of ours in the reader's language", arguments: [400, 408, 413])
    func unreadable(_ status: Int) async throws {
        let rig = try await ConsoleRig()
        for (look, direction) in [("ar.latin", "rtl"), ("en.latin", "ltr")] {
            let reply = await rig.console.unreadable(status, ["cookie": "sakk-look=\(look)"], peer: "10.0.0.1")
            #expect(reply.status == status)
            #expect(reply.words.contains("dir=\"\(direction)\"") && reply.words.contains("<main"))
            #expect(reply.header("content-security-policy")?.hasPrefix("default-src 'none'") == true)
        }
    }

    @Test("What is too large, too slow or no request stands in the journal, of one address and kind once in a minute")
    func knocks() async throws {
        let rig = try await ConsoleRig()
        for peer in ["10.0.0.1", "10.0.0.1", "10.0.0.2"] {
            for status in [400, 408, 413] { _ = await rig.console.unreadable(status, [:], peer: peer) }
        }
        func told() async throws -> [String] {
            try await rig.books.read(PersonActsQuery(.item("-"), limit: 50)).filter { $0.act.act == "console.knock" }
                .map { "\($0.act.refusal?.rawValue ?? "") \($0.act.station)" }.sorted()
        }
        let once = ["10.0.0.1", "10.0.0.2"].flatMap { peer in
            ["console.size", "console.slow", "console.target"].map { "\($0) test \(peer)" }
        }
        #expect(try await told() == once.sorted())
        rig.clock.pass(seconds: 61)
        _ = await rig.console.unreadable(413, [:], peer: "10.0.0.1")
        #expect(try await told().count == 7)
        // from ever new addresses: no more than a thousand rows in a minute
        rig.clock.pass(seconds: 61)
        for number in 0..<1100 { _ = await rig.console.unreadable(413, [:], peer: "host-\(number)") }
        let rows = try await rig.books.read(PersonActsQuery(.item("-"), limit: 5000))
        #expect(rows.count == 1007)
    }
}
