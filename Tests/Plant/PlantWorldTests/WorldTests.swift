import Foundation
import Ground
import PlantCamera
import PlantChip
import Testing

@testable import PlantWorld

/// Cards, hand, census and scenario.
struct WorldTests {
    @Test("The chip of the card at the contactless station is the one in the encoder, and no other station's")
    func encoder() throws {
        let room = try Room()
        #expect(room.encoder.cplc == nil)
        _ = room.ask("Sic")
        #expect(room.encoder.cplc == room.card(1)?.chip.census().cplcHex)
        _ = room.ask("Si")
        #expect(room.encoder.cplc == nil)
        _ = room.ask("Sic", "Ser")
        #expect(room.encoder.cplc == nil)
    }

    @Test("A hand that is refused moves nothing")
    func refusedHand() throws {
        let room = try Room()
        try room.world.move(from: "hopper:top", to: "desk")
        let before = room.places
        for (from, to) in [
            ("hopper:top", "desk"), ("good:top", "desk"), ("hopper:top", "oven"), ("card:99", "table"),
            ("hopper:0", "table"), ("hopper:top", "good:0"), ("hopper:top", "card:2"),
        ] {
            #expect(throws: SakkError.self, "\(from) to \(to)") { try room.world.move(from: from, to: to) }
            #expect(room.places == before)
        }
        #expect(room.desk.cplc == room.card(1)?.chip.census().cplcHex)
        try room.world.move(from: "card:1", to: "hopper:top")
        #expect(room.desk.cplc == nil)
        #expect(room.place(of: 1) == "hopper:1")
    }

    @Test(
        "A world has as many cells as its scenario names, each with cards of its own, and a hand carries between them")
    func cells() throws {
        let cell = TestWorld.yaml(blanks: 3).split(separator: "\n").drop { !$0.contains("blanks:") }
            .map { "    " + $0 }.joined(separator: "\n")
        let text =
            TestWorld.yaml(blanks: 4) + "\n  more_cells:\n    - name: cell-2\n"
            + cell.replacing("127.0.0.1", with: "127.0.0.2").replacing("0x00A10000", with: "0x00B10000")
        let scenario = try Scenario(yaml: text, path: "cells.yaml")
        #expect(scenario.cameraAddresses == ["127.0.0.1", "127.0.0.2"])
        let stock = Bytes(repeating: 230, count: CardFace.stockWidth * CardFace.stockHeight * 3)
        let first = World(scenario, stockFront: stock, stockBack: stock, encoder: MemorySlot(), desk: MemorySlot())
        let second = World(
            try #require(scenario.more.first).cell, stockFront: stock, stockBack: stock, numbersBefore: 100,
            encoder: MemorySlot(), desk: MemorySlot())
        #expect(first.all().map(\.card.number) == [1, 2, 3, 4] && second.all().map(\.card.number) == [101, 102, 103])
        let chips = (first.all() + second.all()).map { $0.card.chip.census().cplcHex }
        #expect(Set(chips).count == 7)
        try second.carry(from: "hopper:top", to: first, "desk")
        #expect(throws: SakkError.self) { try second.carry(from: "hopper:top", to: first, "desk") }
        #expect(first.all().map(\.card.number) == [1, 2, 3, 4, 101] && second.all().map(\.card.number) == [102, 103])
        let census = try World.census(of: [("cell-1", first), ("cell-2", second)], pictures: nil)
        let cards = try JSONValue(parsing: Bytes(census.utf8))["cards"]?.array ?? []
        #expect(cards.map { $0["cell"]?.string } == Array(repeating: "cell-1", count: 5) + ["cell-2", "cell-2"])
    }

    @Test("No two blanks have the same chip, and the same seed makes the same cards")
    func identities() throws {
        let chips = try Room().world.all().map { $0.card.chip.census().cplcHex }
        #expect(Set(chips).count == chips.count)
        #expect(try Room().world.all().map { $0.card.chip.census().cplcHex } == chips)
    }

    @Test("The census names every card once, where it lies, its ink and its chip, and the faults")
    func census() throws {
        let room = try Room(faults: "{at_feed: 1, kind: missing_panel, panel: m}, {at_feed: 4, kind: jam}", count: 3)
        _ = room.printCard(panels: "ym")
        _ = room.ask("Ser")
        let text = try room.world.census(pictures: nil)
        #expect(text.hasPrefix(#"{"schema":"sakk-plant.census/1","#))
        let census = try JSONValue(parsing: Bytes(text.utf8))
        let cards = try #require(census["cards"]?.array)
        #expect(cards.compactMap { $0["card"]?.integer }.sorted() == [1, 2, 3])
        let spoiled = try #require(cards.first { $0["card"]?.integer == 1 })
        #expect(spoiled["place"]?.string == "reject:1")
        #expect(spoiled["feed"]?.integer == 1)
        #expect(spoiled["ink"]?.array?.map { $0["panel"]?.string } == ["y", "m"])
        #expect(spoiled["ink"]?.array?.last?["dots"]?.integer == 0)
        #expect(spoiled["chip"]?["cplc"]?.string?.count == 84)
        #expect(census["faults"]?.array?.map { $0["happened"]?.bool } == [true, false])
    }

    @Test("Census pictures show both sides of a printed card as PNG of 2032 by 1296")
    func pictures() throws {
        let folder = NSTemporaryDirectory() + "plant-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let room = try Room(count: 2)
        _ = room.printCard(panels: "k")
        _ = try room.world.census(pictures: folder)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
                "card-1-back.png", "card-1-front.png",
            ])
        let png = try #require(FileManager.default.contents(atPath: folder + "/card-1-front.png"))
        #expect(Bytes(png.prefix(24).suffix(8)) == [0, 0, 0x07, 0xF0, 0, 0, 0x05, 0x10])
    }

    @Test("The camera sees the side that is presented of the card at the print station, and else the transport")
    func camera() throws {
        let room = try Room()
        func isDark() -> Bool { room.world.photograph()[1024 * 2448 + 1224] < 60 }
        #expect(isDark())
        _ = room.ask("Sic")
        #expect(isDark())
        _ = room.ask("Si")
        #expect(!isDark())
        _ = room.ask("Se")
        #expect(isDark())
    }

    @Test("Every world among the seeds is a scenario, and the demo has its three faults")
    func seeds() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../../seeds/demo"
        let worlds = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("world") }
        #expect(worlds.count >= 3)
        for name in worlds { _ = try Scenario(path: folder + "/" + name) }
        let demo = try Scenario(path: folder + "/world.yaml")
        #expect(demo.faults.map(\.kind) == [.muteChip, .missingPanel, .swappedCard])
    }

    @Test(
        "A scenario that is not right is refused with the place and the reason",
        arguments: [
            ("seed: 3", "sede: 3", "line 3: `world.sede`"), ("count: 6", "", "`world.blanks.count` is missing"),
            ("count: 6", "count: six", "must be a whole number"), ("sakk: 1", "sakk: 2", "`sakk` must be 1"),
            ("batch: 0x2601", "batch: 0x12601", "`world.blanks.batch` must be at most 65535"),
            ("404142434445464748494A4B4C4D4E4F", "4041", "16 bytes"),
            ("ejects_on_power_up: true", "ejects_on_power_up: maybe", "must be true or false"),
            ("faults: []", "faults: [{at_feed: 1, kind: melted}]", "'melted'; known are mute_chip"),
            ("faults: []", "faults: [{at_feed: 0, kind: jam}]", "number of a feed"),
            ("faults: []", "faults: [{at_feed: 1, kind: missing_panel}]", "needs `panel`"),
            ("faults: []", "faults: [{at_feed: 1, kind: missing_panel, panel: q}]", "one of y, m, c, k, o"),
            ("faults: []", "faults: [{at_feed: 1, kind: jam, panel: y}]", "`panel` does not belong"),
            ("faults: []", "faults: [{at_feed: 1, kind: jam, at: moon}]", "'moon'; known are contactless"),
            ("sakk: 1", "sakk: [", "not YAML"),
        ])
    func strictScenario(part: String, replacement: String, reason: String) {
        let yaml = Room.yaml().replacingOccurrences(of: part, with: replacement)
        let error = #expect(throws: SakkError.self) { try Scenario(yaml: yaml, path: "room.yaml") }
        #expect(error?.code == "plant.scenario")
        #expect(error?.source == "room.yaml")
        #expect(error?.text.contains(reason) == true, "\(error?.text ?? "")")
    }
}
