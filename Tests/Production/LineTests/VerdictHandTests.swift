import Ground
import Ledger
import Stations
import Synchronization
import Testing

@testable import Line

/// Which card an inspector speaks of, and whose word it is.
struct VerdictHandTests {
    private func factory() async throws -> (Factory, AttemptID) {
        let factory = try await Factory(records: 2, cards: 4, faults: [.blind(card: 1, times: 3)])
        try await factory.runToTheEnd()
        let attempts = try await factory.ledger().attempts(.chip(ChipIdentity("CHIP1")))
        return (factory, try #require(attempts.first?.attempt))
    }

    @Test func `A word about one card is not taken of another one that lies on the reader`() async throws {
        let (factory, attempt) = try await factory()
        let ledger = try await factory.ledger()
        let other = try #require(try await ledger.attempts(.chip(ChipIdentity("CHIP2"))).first?.attempt)
        factory.plant.layOnDesk(1)
        let desk = MemoryChipStation(plant: factory.plant, desk: true)
        let controller = factory.controller(ledger)
        let wrong = InspectorsWord(.reject, reason: "portrait.differs", attempt: other)
        let error = await #expect(throws: SakkError.self) { try await controller.judge(wrong, at: desk, by: "Ann") }
        #expect(error?.code == "verdict.other" && error?.subject == attempt.rawValue)
        let mistaken = await #expect(throws: SakkError.self) {
            try await controller.void("print.spot", attempt: other, at: desk, by: "Ann", witness: "Bob")
        }
        #expect(mistaken?.code == "verdict.other")
        #expect(try await ledger.read(VerdictsQuery(attempt)).isEmpty)
        #expect(factory.plant.world.withLock { $0.cards[1]?.dead } != true)
        let right = InspectorsWord(.reject, reason: "portrait.differs", attempt: attempt)
        #expect(try await controller.judge(right, at: desk, by: "Ann").decision == .spoiled)
    }

    @Test func `The same inspector's second reject of print is not a second inspector's`() async throws {
        let (factory, attempt) = try await factory()
        let ledger = try await factory.ledger()
        factory.plant.layOnDesk(1)
        let desk = MemoryChipStation(plant: factory.plant, desk: true)
        let controller = factory.controller(ledger)
        let scratch = InspectorsWord(.reject, reason: "print.scratch", attempt: attempt)
        for person in ["Ann", " ANN ", "Ann"] {
            #expect(try await controller.judge(scratch, at: desk, by: person).decision == .waiting)
        }
        #expect(factory.plant.world.withLock { $0.cards[1]?.dead } != true)
        #expect(try await controller.judge(scratch, at: desk, by: "Bob").decision == .spoiled)
    }

    @Test(arguments: [
        ("front: focus; back: focus", "focus"), ("back: glare", "glare"), ("image.dark", "image.dark"),
        ("front: focus; back: card.unknown", "card.unknown"), ("camera.frame.incomplete", "camera.frame.incomplete"),
        ("", ""),
    ])
    func `A card is held for one code, and first for one that nobody overrides`(text: String, code: String) {
        #expect(DoubtCode.of(text) == code)
    }
}
