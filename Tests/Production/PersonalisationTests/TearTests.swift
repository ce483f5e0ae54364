import BorderReader
import Ground
import Personalisation
import PlantChip
import SmartCard
import Stations
import Testing

/// The card leaves at every single command of a life: what is there afterwards is always known, or killed.
@Suite struct TearTests {
    /// How many commands a whole personalisation has.
    private func length(_ job: ChipJob, _ product: Specimen.Product) throws -> Int {
        let torn = TornCard(Specimen.card())
        try personalise(job, product, torn)
        return torn.sent
    }

    private func personalise(_ job: ChipJob, _ product: Specimen.Product, _ torn: TornCard) throws(SakkError) {
        let personaliser: ChipPersonaliser
        let identity: ChipIdentity
        do {
            personaliser = try Specimen.personaliser(product)
            identity = try Specimen.identity()
        } catch {
            throw error as? SakkError ?? SakkError("test", source: "", text: "\(error)", remedy: "")
        }
        try personaliser.personalise(
            job, on: identity, opening: { () throws(SakkError) in try torn.power() }
        ) { _ in }
    }

    /// Opens as a good document, with the security object that the books would hold.
    private func isGood(_ card: VirtualCard, _ job: ChipJob) throws -> Bool {
        let report = try Specimen.border().report(on: TornCard(card).power(), access: job.access, at: Specimen.time)
        return report.passed && report.sodHash == job.sodHash
    }

    private func kill(_ card: VirtualCard, _ product: Specimen.Product) throws -> Bool {
        let personaliser = try Specimen.personaliser(product)
        let killer = TornCard(card)
        try personaliser.kill(on: killer.power())
        #expect(killer.failedAuthentications == 0)
        let census = card.census()
        return try personaliser.isDead(on: TornCard(card).power()) && !census.instanceInstalled
            && census.cardState == "CARD_LOCKED"
    }

    @Test(arguments: Specimen.Product.all, TornCard.Manner.allCases)
    func `torn once at any command, a personalisation is recognised, gone on with, and good`(
        product: Specimen.Product, manner: TornCard.Manner
    ) async throws {
        let job = try await Specimen.document(product).chip
        let count = try length(job, product)
        try #require(count > 35)
        for place in 1...count {
            let code: SakkError.Code = ["chip.removed", "chip.reset", "chip.silent"][place % 3]
            let torn = TornCard(Specimen.card(), .once(place), manner, code: code)
            try personalise(job, product, torn)
            #expect(torn.failedAuthentications == 0, "command \(place)")
            #expect(torn.card.census().locked, "command \(place)")
            #expect(try isGood(torn.card, job), "command \(place)")
        }
        print("torn once, \(product.name), \(manner): \(count) points, all gone on with and good")
    }

    @Test(arguments: Specimen.Product.all, TornCard.Manner.allCases)
    func `torn again and again at one command, a chip is gone on with twice at most, then killed`(
        product: Specimen.Product, manner: TornCard.Manner
    ) async throws {
        let job = try await Specimen.document(product).chip
        let count = try length(job, product)
        var spoiled = 0
        for place in 1...count {
            let torn = TornCard(Specimen.card(), .always(place), manner)
            do {
                try personalise(job, product, torn)
                #expect(try isGood(torn.card, job), "command \(place)")
            } catch let error as SakkError {
                #expect(error.code == "chip.removed" && error.outcome == .unknown, "command \(place)")
                // three sessions, torn at the same place each
                #expect(torn.sent == 3 * place || torn.sent < 3 * count, "command \(place)")
                #expect(try !torn.card.census().locked || isGood(torn.card, job), "command \(place)")
                #expect(try kill(torn.card, product), "command \(place)")
                spoiled += 1
            }
            #expect(torn.failedAuthentications == 0, "command \(place)")
        }
        print("torn always, \(product.name), \(manner): \(count) points, \(spoiled) spoiled with the chip dead")
    }

    @Test(arguments: Specimen.Product.both)
    func `a chip that refuses any command is never gone on with, and dies`(product: Specimen.Product) async throws {
        let job = try await Specimen.document(product).chip
        let count = try length(job, product)
        for place in 1...count {
            let card = Specimen.card()
            let torn = TornCard(card)
            card.set(behaviour: .failsAt(apdu: place, .status(0x6581)))
            #expect(throws: SakkError.self, "command \(place)") { try personalise(job, product, torn) }
            #expect(torn.sent <= count, "command \(place)")
            card.set(behaviour: .good)
            #expect(try !card.census().locked || !isGood(card, job), "command \(place)")
            #expect(try kill(card, product), "command \(place)")
        }
    }

    /// What survives is what the books hold: chip identity, attempt, and the security object where it was known before.
    /// The recovery table of the line (Sources/Production/Line/Recovery.swift) says what becomes of the chip.
    @Test(arguments: Specimen.Product.all, TornCard.Manner.allCases)
    func `a controller killed at any command never leaves two live chips for one record`(
        product: Specimen.Product, manner: TornCard.Manner
    ) async throws {
        let lost = try await Specimen.document(product).chip
        let remade = try await Specimen.document(product, attempt: AttemptID("SPECIMEN-2")).chip
        let count = try length(lost, product)
        let personaliser = try Specimen.personaliser(product)
        var goneOn = 0
        for place in 1...count {
            let card = Specimen.card()
            let torn = TornCard(card, .once(place), manner, code: SimulatedCrash.code)
            #expect(throws: SakkError.self) { try personalise(lost, product, torn) }
            #expect(torn.sent == place && torn.failedAuthentications == 0, "command \(place)")

            let presence = try personaliser.identify(on: TornCard(card).power())
            let isInstalled = card.census().instanceInstalled
            #expect(presence == .answers(identity: try Specimen.identity(), personalised: isInstalled))
            if isInstalled {
                // whatever is on it, nobody knows it is right: killed, and made anew on another
                #expect(try kill(card, product), "command \(place)")
                let next = TornCard(Specimen.card())
                try personalise(remade, product, next)
                #expect(try isGood(next.card, remade), "command \(place)")
            } else {
                let again = TornCard(card)
                try personalise(remade, product, again)
                #expect(try isGood(card, remade), "command \(place)")
                goneOn += 1
            }
        }
        print(
            "killed, \(product.name), \(manner): \(count) points, \(goneOn) gone on with, the others spoiled and dead")
    }

    @Test(arguments: [VirtualChannel.Tear.before, .after])
    func `a killing torn at any command is never called confirmed too early, and is finished by the next`(
        tear: VirtualChannel.Tear
    ) async throws {
        let job = try await Specimen.document().chip
        let personaliser = try Specimen.personaliser()
        let whole = try VirtualChannel(Specimen.card())
        try personaliser.kill(on: whole)
        for index in 1...whole.headers.count {
            let card = Specimen.card()
            try personaliser.personalise(
                job, on: try Specimen.identity(), channel: try VirtualChannel(card)
            ) { _ in }
            #expect(throws: SakkError.self, "command \(index)") {
                try personaliser.kill(on: try VirtualChannel(card, tearAt: index, tear: tear))
            }
            let census = card.census()
            let reallyDead = !census.instanceInstalled && census.cardState == "CARD_LOCKED"
            #expect(try personaliser.isDead(on: try VirtualChannel(card)) == reallyDead, "command \(index)")

            let second = try VirtualChannel(card)
            try personaliser.kill(on: second)
            #expect(second.failedAuthentications == 0)
            #expect(try personaliser.isDead(on: try VirtualChannel(card)), "command \(index)")
        }
    }
}
