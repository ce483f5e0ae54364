import Ground
import Testing

@testable import PlantWorld

/// Cards are moved, never made or lost.
@Suite struct ConservationTests {
    private static let places = ["hopper", "good", "reject", "table", "desk", "machine", "card", "moon"]
    private static let indices = ["", ":top", ":1", ":2", ":3", ":99", ":0", ":-1", ":x"]
    private static let commands = ["Si", "Si", "Sis", "Sic", "Sic", "Se", "Se", "Ser", "Sr", "Sv", "Scs", "Ss", "Sp;k"]
    private static let faults = """
          faults:
            - {at_feed: 2, kind: mute_chip}
            - {at_feed: 3, kind: jam, at: contactless}
            - {at_feed: 4, kind: swapped_card}
            - {at_feed: 5, kind: used_card_back}
            - {at_feed: 6, kind: power_cut, after_panels: 0}
            - {at_feed: 7, kind: foreign_card}
            - {at_feed: 8, kind: misfeed}
            - {at_feed: 9, kind: jam, at: exit}
            - {at_feed: 10, kind: cover_open}
            - {at_feed: 11, kind: swapped_card, with: good}
            - {at_feed: 12, kind: jam, at: flip}
        """

    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func noCardAppearsOrVanishesUnderAnyHandAndAnyFault(seed: UInt64) throws {
        var dice = Dice(state: seed)
        let world = try TestWorld(blanks: 12, ejects: seed % 2 == 0, faults: Self.faults)
        // twelve blanks, and the stranger outside
        var expected = Array(1...13)
        #expect(world.numbers == expected)
        world.ask("Pr;ymckok")
        var moved = 0
        let rounds = 1500
        for round in 0..<rounds {
            let before = world.world.all().map { "\($0.card.number)@\($0.place.words)" }
            switch dice.roll(12) {
            case 0...4: world.ask(Self.commands[dice.roll(Self.commands.count)])
            case 5...9:
                let from = Self.places[dice.roll(8)] + Self.indices[dice.roll(9)]
                let to = Self.places[dice.roll(8)] + Self.indices[dice.roll(9)]
                do {
                    try world.world.move(from: from, to: to)
                    moved += 1
                } catch {
                    #expect(error.code == "plant.hand")
                    let after = world.world.all().map { "\($0.card.number)@\($0.place.words)" }
                    #expect(after == before, "refused \(from) to \(to), and something moved")
                }
            case 10 where round % 11 == 0:
                world.ask("Ss")
                world.printBlack()
            case 10: world.world.setCover(closed: dice.roll(3) > 0)
            default:
                if dice.roll(4) == 0 {
                    world.world.powerWent()
                    world.powerOn()
                    world.ask("Pr;ymckok")
                } else if dice.roll(12) == 0 {
                    let feed = world.world.feeds + 1
                    world.world.order(
                        try Scenario.Fault(words: ["at_feed": "\(feed)", "kind": "foreign_card"], source: "test"))
                    expected.append(expected.count + 1)
                } else if !world.world.hasPower {
                    world.powerOn()
                }
            }
            #expect(world.numbers == expected, "seed \(seed), round \(round)")
        }
        print("conservation: seed \(seed), \(rounds) rounds, \(moved) moves by hand, \(world.world.feeds) feeds")
        #expect(moved > 50)
        #expect(world.world.feeds > 10)
    }

    @Test func aReaderThatTakesNoCardLeavesItLyingThere() throws {
        let world = try TestWorld(blanks: 3)
        world.desk.breaks()
        let error = #expect(throws: SakkError.self) { try world.world.move(from: "hopper:2", to: "desk") }
        #expect(error?.code == "plant.reader.unreachable")
        #expect(world.numbers == [1, 2, 3])
        try world.world.move(from: "desk", to: "table")
        #expect(world.numbers == [1, 2, 3])
        #expect(world.place(of: 2) == .table(1))
    }

    @Test func aCardInTheMachineGoesNowhereWhenTheDeskIsTaken() throws {
        let world = try TestWorld(blanks: 3)
        try world.world.move(from: "hopper:top", to: "desk")
        #expect(world.ask("Si") == "OK")
        let error = #expect(throws: SakkError.self) { try world.world.move(from: "machine", to: "desk") }
        #expect(error?.code == "plant.hand")
        #expect(world.place(of: 2) == .machine)
        #expect(world.ask("Rlr;p") == "CARD")
    }
}
