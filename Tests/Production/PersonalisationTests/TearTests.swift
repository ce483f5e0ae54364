import BorderReader
import Ground
import Personalisation
import PlantChip
import SmartCard
import Stations
import Testing

/// The card leaves at every single command of a life: what is there afterwards is always known, or killed.
@Suite struct TearTests {
    /// The command after which the applet is locked: LOCK is the last one.
    private func length(_ job: ChipJob) throws -> Int {
        let channel = try VirtualChannel(Specimen.card())
        try Specimen.personaliser().personalise(job, on: try Specimen.identity(), channel: channel) { _ in }
        return channel.headers.count
    }

    @Test(arguments: [VirtualChannel.Tear.before, .after])
    func `a personalisation torn at any command leaves a definite state, and the chip can be killed`(
        tear: VirtualChannel.Tear
    ) async throws {
        let job = try await Specimen.document().chip
        let personaliser = try Specimen.personaliser()
        let border = try Specimen.border()
        let count = try length(job)
        try #require(count > 25)
        for index in 1...count {
            let card = Specimen.card()
            let torn = try VirtualChannel(card, tearAt: index, tear: tear)
            #expect(throws: SakkError.self, "command \(index)") {
                try personaliser.personalise(job, on: try Specimen.identity(), channel: torn) { _ in }
            }
            #expect(torn.failedAuthentications == 0)

            // what the line sees is what is there
            let census = card.census()
            let presence = try personaliser.identify(on: try VirtualChannel(card))
            #expect(
                presence == .answers(identity: try Specimen.identity(), personalised: census.instanceInstalled),
                "command \(index)")
            if census.instanceInstalled {
                // half a document, or a whole one that is not locked, never opens as a good one; with only the answer to
                // LOCK lost it is whole
                let report = try border.report(
                    on: try VirtualChannel(card), access: job.access, at: Specimen.time)
                #expect(report.passed == census.locked, "command \(index)")
            }

            let killer = try VirtualChannel(card)
            try personaliser.kill(on: killer)
            #expect(killer.failedAuthentications == 0)
            #expect(try personaliser.isDead(on: try VirtualChannel(card)), "command \(index)")
            #expect(!card.census().instanceInstalled && card.census().cardState == "CARD_LOCKED")
        }
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
