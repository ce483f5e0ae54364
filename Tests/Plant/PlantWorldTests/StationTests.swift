import Ground
import PlantCamera
import Testing

@testable import PlantWorld

@Suite struct StationTests {
    @Test func theEncoderSeesACardOnlyAtTheContactlessStation() throws {
        let world = try TestWorld()
        #expect(world.encoder.card == nil)
        #expect(world.ask("Sic") == "OK")
        #expect(world.encoder.card === world.world.inside?.chip)
        #expect(world.encoder.card != nil)
        #expect(world.ask("Si") == "OK")
        #expect(world.encoder.card == nil)
    }

    @Test func aHandAtTheDeskPutsTheCardIntoTheReaderAndTakesItOut() throws {
        let world = try TestWorld()
        try world.world.move(from: "hopper:top", to: "desk")
        #expect(world.desk.card === world.world.desk?.chip)
        #expect(world.desk.card != nil)
        try world.world.move(from: "desk", to: "reject")
        #expect(world.desk.card == nil)
        #expect(world.place(of: 1) == .box(.reject, 1))
    }

    @Test func goodCardsLieOnEachOtherInTheOrderOfTheirEjects() throws {
        let world = try TestWorld()
        for _ in 0..<3 {
            #expect(world.ask("Si") == "OK")
            #expect(world.ask("Se") == "OK")
        }
        #expect((1...3).map { world.place(of: $0) } == [.box(.good, 1), .box(.good, 2), .box(.good, 3)])
    }

    @Test func aFullBoxKeepsTheCardInside() throws {
        let world = try TestWorld()
        for _ in 0..<4 {
            world.ask("Si")
            #expect(world.ask("Ser") == "OK")
        }
        world.ask("Si")
        #expect(world.ask("Ser") == "ERR REJECT FULL")
        #expect(world.ask("Rlr;j") == "CARD")
        #expect(world.place(of: 5) == .machine)
    }

    @Test(arguments: [true, false])
    func afterAPowerCutTheCardIsWhereTheModelPutsIt(ejects: Bool) throws {
        let world = try TestWorld(ejects: ejects)
        world.ask("Sic")
        world.world.powerWent()
        #expect(world.encoder.card == nil, "the encoder loses its power too")
        world.powerOn()
        #expect(world.place(of: 1) == (ejects ? .box(.good, 1) : .machine))
        #expect(world.ask("Rlr;p") == (ejects ? "OK" : "CARD"))
    }

    @Test func inkGoesToTheSideThatIsPresented() throws {
        let world = try TestWorld()
        world.ask("Pr;ymckok")
        world.ask("Si")
        world.ask("Ss")
        world.ask("Sr")
        #expect(world.printBlack() == ["OK", "OK"])
        world.ask("Sv")
        #expect(world.printBlack(Bytes(repeating: 0xFF, count: 82_296)) == ["OK", "OK"])
        let card = try #require(world.world.inside)
        // 0x01: every eighth dot
        #expect(card.lays.map { "\($0.side) \($0.panel) \($0.dots)" } == ["front k 82296", "back k 658368"])
        #expect(card.front.inks["k"]?.count { $0 == 255 } == 82_296)
        #expect(card.back.inks["k"]?.count { $0 == 255 } == 658_368)
    }

    @Test func theCameraSeesACardOnlyAtThePrintStation() throws {
        let world = try TestWorld()
        let middle = Photographer.height / 2 * Photographer.width + Photographer.width / 2
        #expect(world.world.photograph()[middle] < 60)
        world.ask("Sic")
        #expect(world.world.photograph()[middle] < 60)
        world.ask("Si")
        #expect(world.world.photograph()[middle] > 150)
    }

    @Test func aFaultHappensOnceAndTheCensusSaysSo() throws {
        let world = try TestWorld(faults: "  faults:\n    - {at_feed: 1, kind: misfeed}\n    - {at_feed: 2, kind: jam}")
        #expect(world.ask("Sic") == "ERR FEEDER")
        #expect(world.ask("Sic") == "OK")
        world.ask("Se")
        #expect(world.ask("Si") == "ERR MECHANICAL")
        try world.world.move(from: "machine", to: "table")
        #expect(world.ask("Si") == "OK")
        let census = try JSONValue(parsing: Bytes(try world.world.census(pictures: nil).utf8))
        #expect(census["faults"]?.array?.map { $0["happened"]?.bool } == [true, true])
        #expect(census["feeds"]?.integer == 3)
    }

    @Test func theCensusTellsEachCardItsPlaceItsChipAndItsInk() throws {
        let world = try TestWorld(blanks: 3)
        world.ask("Pr;ymckok")
        world.ask("Si")
        world.ask("Ss")
        world.printBlack()
        world.ask("Se")
        let census = try JSONValue(parsing: Bytes(try world.world.census(pictures: nil).utf8))
        #expect(census["schema"]?.string == "sakk-plant.census/1")
        let cards = try #require(census["cards"]?.array)
        #expect(cards.map { $0["card"]?.integer } == [2, 3, 1])
        #expect(cards.map { $0["place"]?.string } == ["hopper:1", "hopper:2", "good:1"])
        #expect(cards.map { $0["feed"] } == [.null, .null, .integer(1)])
        #expect(cards.map { $0["ink"]?.array?.count } == [0, 0, 1])
        let chip = try #require(cards.last?["chip"])
        #expect(chip["answers"]?.bool == true)
        #expect(chip["instance"]?.bool == false)
        #expect(chip["dg1_mrz"] == .null)
        #expect(chip["cplc"]?.string?.isEmpty == false)
        #expect(Set(cards.map { $0["chip"]?["cplc"]?.string }).count == 3)
    }
}
