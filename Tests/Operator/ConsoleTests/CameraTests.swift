import Foundation
import Ground
import Ledger
import Stations
import Testing

@testable import Console

/// What the page of a cell says of its camera, and when that is an alarm.
struct CameraTests {
    /// What the cell says after a card, as the line writes it.
    private func tell(
        _ rig: ConsoleRig, triggers: Int, incomplete: Int = 0, resent: Int = 0, cell: String = "c1"
    ) async throws {
        if rig.lease == nil {
            rig.lease = try await rig.books.takeOver(rig.line.id, by: LeaseHolder(name: "test", host: "here"))
        }
        let lease = try #require(rig.lease)
        let facts: [String: JSONValue] = [
            "triggers": .integer(Int64(triggers)), "frames": .integer(Int64(triggers - incomplete)),
            "incomplete": .integer(Int64(incomplete)), "packets_resent": .integer(Int64(resent)),
            "temperature_tenths": 417,
        ]
        let note = Change.note(kind: "camera.health", subjects: [cell], facts: facts)
        try await rig.books.commit(Transition(lease: lease, cell: CellID(cell), actor: "test", changes: [note]))
        rig.clock.pass(seconds: 5)
    }

    /// A console whose line is at work, and somebody at it.
    private func atWork() async throws -> (ConsoleRig, Browser) {
        let rig = try await ConsoleRig()
        let browser = try await rig.browser(try await rig.add("omar", [.operator]))
        _ = try await browser.post("/lines/l1/begin")
        return (rig, browser)
    }

    /// Whether the camera is among the alarms; the hopper, which has no blanks, always is.
    private func isAlarm(_ browser: Browser) async throws -> Bool {
        let codes = try await browser.get("/api/alarms").json["alarms"]?.array?.map { $0["code"]?.string } ?? []
        #expect(codes.contains("alarm.blanks"))
        return codes.contains("alarm.camera")
    }

    @Test("The page of a cell shows what its camera did and its white reference, in each language")
    func page() async throws {
        let (rig, browser) = try await atWork()
        try await tell(rig, triggers: 4321, incomplete: 7, resent: 93)
        let shown = try await browser.get("/api/lines/l1/cells/c1").json
        #expect(shown["camera"]?["triggers"]?.integer == 4321 && shown["camera"]?["again"]?.integer == 7)
        #expect(shown["camera"]?["degrees"]?.integer == 42 && shown["station"]?["white_percent"]?.integer == 87)
        for (look, words) in [
            ("en.latin", ["Taken again", "4321", "Packets asked for again", "93", "42", "White reference", "87%"]),
            ("ar.arabic_indic", ["أُعيد التقاطها", "٤٣٢١", "٩٣", "٤٢", "المرجع الأبيض", "٨٧"]),
            ("ckb.latin", ["دووبارە گیراونەتەوە", "4321", "93", "42", "سەرچاوەی سپی", "87"]),
        ] {
            let ask = try #require(
                Ask(
                    method: "GET", target: "/lines/l1/cells/c1",
                    headers: ["cookie": "sakk-look=\(look); sakk-session=\(browser.cookie ?? "")"], body: [], peer: ""))
            let page = await rig.console.answer(ask).words
            for word in words { #expect(page.contains(word), "\(look): \(word)") }
        }
        // its reference's file cannot be read, and nothing was told of its camera
        let other = try await browser.get("/lines/l1/cells/c2").words
        #expect(other.contains("its file cannot be read") && other.contains("the first card tells"))
    }

    @Test("One frame in fifty taken again is an alarm with steps; a hundred clean triggers end it")
    func alarm() async throws {
        let (rig, browser) = try await atWork()
        try await tell(rig, triggers: 2000, incomplete: 1)
        try await tell(rig, triggers: 2100, incomplete: 2)
        #expect(try await isAlarm(browser) == false)
        try await tell(rig, triggers: 2110, incomplete: 5)
        #expect(try await isAlarm(browser))
        let alarm = try await browser.get("/alarms").words
        #expect(alarm.contains("The camera loses pictures") && alarm.contains("/lines/l1/cells/c1"))
        #expect(try await browser.get("/lines/l1/cells/c1").words.contains("alarm.camera"))
        try await tell(rig, triggers: 2211, incomplete: 5)
        #expect(try await isAlarm(browser) == false)
        #expect(!(try await browser.get("/lines/l1/cells/c1").words.contains("alarm.camera")))
    }

    @Test("A controller that began anew counts from nothing, and other cells' cameras are their own")
    func anew() async throws {
        let (rig, browser) = try await atWork()
        try await tell(rig, triggers: 900, incomplete: 20)
        try await tell(rig, triggers: 40, incomplete: 0)
        try await tell(rig, triggers: 500, incomplete: 0, cell: "c2")
        #expect(try await isAlarm(browser) == false)
        try await tell(rig, triggers: 60, incomplete: 2)
        #expect(try await isAlarm(browser))
        let rows = try await rig.books.read(CameraHealthQuery(line: rig.line.id))
        #expect(rows.map(\.cell.rawValue) == ["c1", "c2"] && rows[0].recent.triggers == 60)
    }
}
