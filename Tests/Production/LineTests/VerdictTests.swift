import Ground
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// What an inspector says at the desk reader of a card that the camera could not judge, and of a good one.
struct VerdictTests {
    /// The first card was held as too dark; the second is good.
    private func factory() async throws -> Factory {
        let factory = try await Factory(records: 2, cards: 4, faults: [.blind(card: 1, times: 3)])
        try await factory.runToTheEnd()
        #expect(try Judge.counts(factory.path) == Judge.Counts(good: 1, held: 1))
        return factory
    }

    private func say(_ word: InspectorsWord, of card: Int = 1, by person: String = "Ann", _ factory: Factory)
        async throws(SakkError) -> Settlement
    {
        factory.plant.layOnDesk(card)
        let controller = factory.controller(try await factory.ledger())
        let settled = try await controller.judge(
            word, at: MemoryChipStation(plant: factory.plant, desk: true), by: person)
        if settled.decision != .waiting { factory.plant.put(card, good: settled.decision == .good) }
        return settled
    }

    private func refusal(_ word: InspectorsWord, of card: Int = 1, by person: String = "Ann", _ factory: Factory) async
        -> SakkError.Code?
    {
        do throws(SakkError) {
            _ = try await say(word, of: card, by: person, factory)
            return nil
        } catch {
            return error.code
        }
    }

    private func passing(_ factory: Factory, zone number: Int = 1) async throws -> InspectorsWord {
        InspectorsWord(.pass, zone: try await factory.ledger().zoneTag(TestRecord.mrz(number)))
    }

    private func isDead(_ card: Int, _ factory: Factory) -> Bool {
        factory.plant.world.withLock { $0.cards[card]?.dead == true }
    }

    @Test func `A held card is good when its zone was read, is its record's, and opens its chip`() async throws {
        let factory = try await factory()
        #expect(await refusal(InspectorsWord(.pass), factory) == "verdict.zone.missing")
        #expect(try await refusal(passing(factory, zone: 2), factory) == "verdict.zone.differs")
        #expect(try await say(InspectorsWord(.hold), factory).decision == .waiting)
        #expect(try await say(try await passing(factory), factory).decision == .good)
        #expect(try Judge.counts(factory.path) == Judge.Counts(good: 2))
        #expect(try Judge.findings(factory.plant, factory.path) == [])
        _ = try await factory.ledger().verify()
    }

    @Test func `A chip that holds another document than the books say is not passed`() async throws {
        let factory = try await factory()
        factory.plant.world.withLock { world -> Void in world.cards[1]?.document?.sodHash = [1] }
        #expect(try await refusal(passing(factory), factory) == "verdict.chip")
        #expect(try Judge.counts(factory.path) == Judge.Counts(good: 1, held: 1))
    }

    @Test func `A reject of print waits for a second inspector, who passes the card or has it killed`() async throws {
        for passes in [true, false] {
            let factory = try await factory()
            let scratch = InspectorsWord(.reject, reason: "print.scratch")
            #expect(try await say(scratch, factory).decision == .waiting)
            #expect(!isDead(1, factory))
            #expect(try await refusal(passing(factory), factory) == "verdict.same")
            let word = try await passes ? passing(factory) : scratch
            #expect(try await say(word, by: "Bob", factory).decision == (passes ? .good : .spoiled))
            #expect(isDead(1, factory) != passes)
            try await factory.runToTheEnd()
            #expect(try Judge.counts(factory.path) == Judge.Counts(good: 2, spoiled: passes ? 0 : 1))
            #expect(try Judge.findings(factory.plant, factory.path) == [])
        }
    }

    @Test func `A reject for a reason of identity kills the chip at once, and the record is made again`() async throws {
        let factory = try await factory()
        #expect(try await say(InspectorsWord(.reject, reason: "portrait.differs"), factory).decision == .spoiled)
        #expect(isDead(1, factory))
        #expect(try await refusal(passing(factory), by: "Bob", factory) == "verdict.unexpected")
        try await factory.runToTheEnd()
        #expect(try Judge.counts(factory.path) == Judge.Counts(good: 2, spoiled: 1))
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test func `A good card waits for no verdict; as a sample it is passed back or voided before two people`()
        async throws
    {
        let factory = try await factory()
        #expect(await refusal(InspectorsWord(.reject, reason: "print.spot"), of: 2, factory) == "verdict.unexpected")
        let ledger = try await factory.ledger()
        let blank = try #require(try await ledger.attempts(.chip(ChipIdentity("CHIP2"))).first?.blank?.blank)
        try await ledger.sample(blank, by: "Sup")
        #expect(try await say(InspectorsWord(.reject, reason: "print.spot"), of: 2, factory).decision == .waiting)
        #expect(!isDead(2, factory))
        #expect(try await say(InspectorsWord(.pass), of: 2, by: "Bob", factory).decision == .good)
        let desk = MemoryChipStation(plant: factory.plant, desk: true)
        let controller = factory.controller(ledger)
        await #expect(throws: SakkError.self) {
            try await controller.void("print.spot", at: desk, by: "Ann", witness: " ann ")
        }
        let settled = try await controller.void("print.spot", at: desk, by: "Ann", witness: "Bob")
        #expect(settled.decision == .spoiled && isDead(2, factory))
        factory.plant.put(2, good: false)
        factory.plant.layOnDesk(nil)
        try await factory.runToTheEnd()
        #expect(try Judge.counts(factory.path) == Judge.Counts(good: 1, spoiled: 1, held: 1))
        #expect(try Judge.findings(factory.plant, factory.path) == [])
        _ = try await ledger.verify()
    }

    @Test func `A controller that dies between the void and the kill leaves a card that the desk settles`() async throws
    {
        let factory = try await factory()
        factory.plant.layOnDesk(2)
        let desk = MemoryChipStation(plant: factory.plant, desk: true)
        let ledger = try await factory.ledger()
        let owner = try #require(try await ledger.attempts(.chip(ChipIdentity("CHIP2"))).first)
        let blank = try #require(owner.blank?.blank)
        // what the controller wrote before it died
        let voided = try await factory.controller(ledger).void(
            "print.spot", blank: blank, at: nil, by: "Ann", witness: "Bob")
        #expect(voided.decision == .unconfirmed && !isDead(2, factory))
        #expect(try Judge.counts(factory.path) == Judge.Counts(good: 0, held: 2))
        let settled = try await factory.controller(try await factory.ledger()).settleFound(
            in: .good, at: desk, by: "Ann")
        #expect(settled.decision == .spoiled && isDead(2, factory))
        factory.plant.put(2, good: false)
        factory.plant.layOnDesk(nil)
        try await factory.runToTheEnd()
        #expect(try Judge.counts(factory.path) == Judge.Counts(good: 1, spoiled: 1, held: 1))
        #expect(try Judge.findings(factory.plant, factory.path) == [])
    }

    @Test func `A mute card gets no verdict`() async throws {
        let factory = try await factory()
        factory.plant.world.withLock { world -> Void in world.cards[1]?.answers = false }
        #expect(await refusal(InspectorsWord(.reject, reason: "print.spot"), factory) == "settle.card.mute")
        #expect(await refusal(InspectorsWord(.hold), of: 99, factory) == "settle.card.absent")
    }

    @Test func `What a terminal asks for is the same word after its way through the books`() throws {
        let word = InspectorsWord(.reject, reason: "print.spot", zone: [1, 2], isFinal: true)
        #expect(try InspectorsWord(word.facts) == word)
        #expect(try InspectorsWord(["found": "good"]) == nil)
        #expect(throws: SakkError.self) { try InspectorsWord(["verdict": "fine"]) }
    }
}
