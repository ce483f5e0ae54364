import Ground
import PlantCamera
import PlantChip
import Testing

@testable import PlantWorld

/// Each fault that a scenario can order, seen through the firmware and the cards.
struct FaultTests {
    @Test("A card without faults gets all its panels and lies on top of the good box")
    func good() throws {
        let room = try Room()
        #expect(room.printCard() == ["OK", "OK", "OK", "OK", "OK", "OK"])
        #expect(room.ask("Rlr;p", "Se", "Rlr;p") == ["CARD", "OK", "OK"])
        #expect(room.place(of: 1) == "good:1")
        let lays = try #require(room.card(1)).lays
        #expect(lays.map { "\($0.side.prefix(1))\($0.panel)" } == ["fy", "fm", "fc", "fk", "fo", "bk"])
        #expect(lays.allSatisfy { $0.dots > 0 })
    }

    @Test("mute_chip: the chip of that feed does not answer, the one before does")
    func mute() throws {
        let room = try Room(faults: "{at_feed: 2, kind: mute_chip}")
        _ = room.ask("Sic", "Ser", "Sic")
        #expect(room.card(1)?.chip.census().answers == true)
        #expect(room.card(2)?.chip.census().answers == false)
    }

    @Test("missing_panel: the machine says OK and the ink is not there, on the ordered side only")
    func missingPanel() throws {
        let room = try Room(faults: "{at_feed: 1, kind: missing_panel, panel: k, side: back}")
        #expect(room.printCard() == ["OK", "OK", "OK", "OK", "OK", "OK"])
        let lays = try #require(room.card(1)).lays
        #expect(lays.filter { $0.dots == 0 }.map { "\($0.side) \($0.panel)" } == ["back k"])
    }

    @Test(
        "print_mark: what one panel lays comes otherwise, on the card of that feed alone", arguments: PrintMark.allCases
    )
    func marked(_ mark: PrintMark) throws {
        let room = try Room(faults: "{at_feed: 2, kind: print_mark, mark: \(mark.rawValue)}")
        for _ in 0..<2 {
            #expect(room.printCard() == ["OK", "OK", "OK", "OK", "OK", "OK"])
            _ = room.ask("Se")
        }
        let (good, bad) = (try #require(room.card(1)).lays, try #require(room.card(2)).lays)
        let changed = zip(good, bad).filter { $0.hash != $1.hash }.map { "\($0.0.side.prefix(1))\($0.0.panel)" }
        switch mark {
        case .blank: #expect(bad.allSatisfy { $0.dots == 0 })
        case .weakPanel, .shiftedPanel: #expect(changed == ["fm"])
        case .shiftedPrint: #expect(changed.count >= 4)
        // ink on full ink is full ink
        case .ghost: #expect(!changed.isEmpty)
        case .deadElements: #expect(!changed.isEmpty && changed.allSatisfy { $0.hasPrefix("f") })
        case .scratch, .dust: #expect(!changed.isEmpty && changed.allSatisfy { $0.hasPrefix("f") && $0 != "fo" })
        case .smudge: #expect(changed == ["fk"])
        case .character: #expect(changed.isEmpty || changed == ["bk"])
        case .dyedBlack: #expect(room.card(2)?.hasDyedBlack == true && room.card(1)?.hasDyedBlack == false)
        case .groove, .wrinkle:
            #expect(changed.isEmpty)
            #expect(room.card(2)?.front.relief?.contains { $0 != 0 } == true)
            #expect(room.card(1)?.front.relief == nil)
        }
    }

    @Test("foreign_card: a stranger comes in from outside on top of the blanks and is fed")
    func foreign() throws {
        let room = try Room(faults: "{at_feed: 1, kind: foreign_card}")
        #expect(room.place(of: 7) == nil)
        _ = room.ask("Sic")
        #expect(room.place(of: 7) == "machine")
        #expect(room.place(of: 1) == "hopper:1")
        #expect(room.encoder.cplc == room.card(7)?.chip.census().cplcHex)
    }

    @Test("swapped_card: without spoiled cards the next blank comes under the head, the card lies on the table")
    func swappedWithBlank() throws {
        let room = try Room(faults: "{at_feed: 1, kind: swapped_card}")
        #expect(room.ask("Sic", "Si", "Rlr;p") == ["OK", "OK", "CARD"])
        #expect(room.place(of: 2) == "machine")
        #expect(room.place(of: 1) == "table:1")
    }

    @Test("swapped_card with good: print and chip are of different cards, and each lies in the other's place")
    func swappedWithGood() throws {
        let room = try Room(faults: "{at_feed: 2, kind: swapped_card, with: good}")
        _ = room.printCard()
        #expect(room.ask("Se", "Sic", "Si", "Rlr;p") == ["OK", "OK", "OK", "CARD"])
        #expect(room.place(of: 1) == "machine")
        #expect(room.place(of: 2) == "good:1")
    }

    @Test("swapped_card after a reject: the topmost spoiled card comes back under the head")
    func swappedWithReject() throws {
        let room = try Room(faults: "{at_feed: 2, kind: swapped_card}")
        _ = room.ask("Sic", "Ser", "Sic", "Si")
        #expect(room.place(of: 1) == "machine")
        #expect(room.place(of: 2) == "reject:1")
    }

    @Test("used_card_back: the topmost spoiled card is the next one that is fed")
    func usedBack() throws {
        let room = try Room(faults: "{at_feed: 2, kind: used_card_back}")
        _ = room.ask("Sic", "Ser", "Sic")
        #expect(room.place(of: 1) == "machine")
        #expect(room.place(of: 2) == "hopper:1")
    }

    @Test("misfeed: one try takes no card though cards are there, the next does; the counter counts one")
    func misfeed() throws {
        let room = try Room(faults: "{at_feed: 1, kind: misfeed}")
        #expect(room.ask("Sic", "Rlr;p", "Rse;f", "Sic", "Rco;c") == ["ERR FEEDER", "OK", "5,00 Volts", "OK", "1"])
    }

    @Test(
        "jam: the card stays where it was ordered to stick, until a hand straightens it",
        arguments: [
            ("contactless", ["ERR MECHANICAL"]), ("print", ["OK", "ERR MECHANICAL"]),
            ("flip", ["OK", "OK", "ERR MECHANICAL"]), ("exit", ["OK", "OK", "OK", "ERR MECHANICAL"]),
        ])
    func jam(place: String, answers: [String]) throws {
        let room = try Room(faults: "{at_feed: 1, kind: jam, at: \(place)}")
        let commands = ["Sic", "Si", "Sv", "Ser"]
        #expect(commands.prefix(answers.count).flatMap { room.ask($0) } == answers)
        #expect(room.ask("Rlr;p", "Scs", "Ser") == ["ERR MECHANICAL", "OK", "ERR MECHANICAL"])
        #expect(room.place(of: 1) == "machine")
        try room.world.move(from: "machine", to: "machine")
        #expect(room.ask("Rlr;p", "Ser") == ["CARD", "OK"])
        #expect(room.place(of: 1) == "reject:1")
    }

    @Test("cover_open: the card is at the print station and nothing moves until the cover is closed")
    func cover() throws {
        let room = try Room(faults: "{at_feed: 1, kind: cover_open}")
        #expect(room.ask("Sic", "Si", "Rse;o", "Ser") == ["OK", "OK", "0,00 Volts", "ERR COVER"])
        room.world.setCover(closed: true)
        #expect(room.ask("Ser") == ["OK"])
    }

    @Test("ribbon_end: half of the panel is laid, and a fresh ribbon lets the next card be printed")
    func ribbonEnd() throws {
        let room = try Room(faults: "{at_feed: 1, kind: ribbon_end, panel: c}")
        #expect(room.printCard(panels: "ymc") == ["OK", "OK", "ERR RIB END"])
        let lays = try #require(room.card(1)).lays
        #expect(lays.count == 3)
        #expect(lays[2].dots > 0)
        #expect(lays[2].dots < lays[1].dots)
        #expect(room.ask("Rcr", "Rrt;count", "Ser") == ["ERR RIB END", "0", "OK"])
        room.world.loadRibbon(cards: 9)
        #expect(room.printCard() == ["OK", "OK", "OK", "OK", "OK", "OK"])
        #expect(room.ask("Rrt;count") == ["8"])
    }

    @Test("A card given up in the middle costs its whole ribbon repeat when the next one begins")
    func ribbonWaste() throws {
        let room = try Room()
        _ = room.printCard(panels: "ym")
        #expect(room.ask("Rrt;count", "Ser") == ["50", "OK"])
        _ = room.printCard(panels: "y")
        #expect(room.ask("Rrt;count") == ["49"])
    }

    @Test("A ribbon for one card prints one card")
    func lastCard() throws {
        let room = try Room(ribbonCards: 1)
        #expect(room.printCard() == ["OK", "OK", "OK", "OK", "OK", "OK"])
        _ = room.ask("Se")
        #expect(room.printCard(panels: "y") == ["ERR RIB END"])
        #expect(room.card(2)?.lays.isEmpty == true)
    }

    @Test("power_cut in the print: no panel more is laid, and the machine ejects to the good side on boot")
    func powerCut() throws {
        let room = try Room(faults: "{at_feed: 1, kind: power_cut, after_panels: 3}")
        _ = room.printCard(panels: "ymck")
        #expect(room.cuts == 1)
        #expect(room.card(1)?.lays.count == 3)
        #expect(room.place(of: 1) == "machine")
        room.powerOn()
        #expect(room.place(of: 1) == "good:1")
        #expect(room.ask("Rem", "Rlr;p", "Rco;c") == ["0", "OK", "1"])
    }

    @Test("power_cut before the eject: a machine that does not eject on boot keeps the card")
    func powerCutBeforeEject() throws {
        let room = try Room(faults: "{at_feed: 1, kind: power_cut, after_panels: 6}", ejects: false)
        _ = room.printCard()
        #expect(room.cuts == 0)
        _ = room.ask("Se")
        #expect(room.cuts == 1)
        #expect(room.place(of: 1) == "machine")
        room.powerOn()
        #expect(room.ask("Rlr;p") == ["CARD"])
    }

    @Test("stray_answer: one ribbon count is answered by OK")
    func stray() throws {
        let room = try Room(faults: "{at_feed: 1, kind: stray_answer}")
        #expect(room.ask("Sic", "Rrt;count", "Rrt;count") == ["OK", "OK", "50"])
    }

    @Test("A full good box keeps the card inside")
    func fullBox() throws {
        let room = try Room(capacity: 1)
        #expect(
            room.ask("Si", "Se", "Si", "Rlr;h", "Se", "Rlr;p") == [
                "OK", "OK", "OK", "CARD", "ERR OUTPUT FULL", "CARD",
            ])
    }

    @Test("A chip that is to be torn in PUT KEY is the one of that feed")
    func torn() throws {
        let room = try Room(faults: "{at_feed: 1, kind: keys_torn_before}, {at_feed: 2, kind: keys_torn_after}")
        _ = room.ask("Sic", "Ser", "Sic", "Ser")
        #expect(room.world.pending.isEmpty)
        #expect(room.world.happened.map(\.kind) == [.keysTornBefore, .keysTornAfter])
    }

    @Test("A chip whose fingers are to be open is the one of that feed")
    func fingersOpen() throws {
        let room = try Room(faults: "{at_feed: 2, kind: fingers_open}")
        _ = room.ask("Sic", "Ser")
        #expect(room.world.happened.isEmpty)
        _ = room.ask("Sic")
        #expect(room.world.happened.map(\.kind) == [.fingersOpen])
    }

    @Test("A fault ordered while the world runs happens at its feed, once")
    func ordered() throws {
        let room = try Room()
        _ = room.ask("Sic", "Ser")
        room.world.order(try Scenario.Fault(words: ["at_feed": "2", "kind": "mute_chip"], source: "order"))
        room.world.order(try Scenario.Fault(words: ["at_feed": "3", "kind": "foreign_card"], source: "order"))
        _ = room.ask("Sic", "Ser", "Sic")
        #expect(room.card(2)?.chip.census().answers == false)
        #expect(room.place(of: 7) == "machine")
        #expect(room.world.pending.isEmpty)
        #expect(room.world.happened.map(\.kind) == [.muteChip, .foreignCard])
    }
}
