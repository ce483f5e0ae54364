import Ground
import Personalisation
import PlantChip
import SmartCard
import Stations
import Testing

/// Another card lies in the reader when a torn personalisation goes on.
@Suite struct OtherCardTests {
    private func write(
        _ job: ChipJob, _ product: Specimen.Product, serial: UInt32, sessions: [TornCard]
    ) throws(SakkError) -> ArraySlice<TornCard> {
        var left = sessions[...]
        let (personaliser, identity) = try prepared(product, serial)
        try personaliser.personalise(
            job, on: identity,
            opening: { () throws(SakkError) in
                guard let next = left.first else { throw absent }
                left = left.dropFirst()
                return try next.power()
            }
        ) { _ in }
        return left
    }

    private var absent: SakkError { SakkError("chip.absent", source: "test", text: "", remedy: "") }

    private func prepared(
        _ product: Specimen.Product, _ serial: UInt32
    ) throws(SakkError) -> (ChipPersonaliser, ChipIdentity) {
        do {
            return (try Specimen.personaliser(product), try Specimen.identity(serial: serial))
        } catch {
            throw error as? SakkError ?? SakkError("test", source: "", text: "\(error)", remedy: "")
        }
    }

    @Test(arguments: Specimen.Product.all, [false, true])
    func `a finished document of another never answers for the one whose last answer was lost`(
        product: Specimen.Product, hidesCPLC: Bool
    ) async throws {
        let theirs = Specimen.card(serial: 0x22, hidesCPLC: hidesCPLC)
        let other = try await Specimen.document(product, attempt: AttemptID("SPECIMEN-9")).chip
        _ = try write(other, product, serial: 0x22, sessions: [TornCard(theirs)])
        let before = theirs.census()
        try #require(before.locked)

        let job = try await Specimen.document(product).chip
        let whole = TornCard(Specimen.card(hidesCPLC: hidesCPLC))
        _ = try write(job, product, serial: 0x17, sessions: [whole])
        // LOCK is the last command: it was carried out, and the cards are changed before anybody looks
        let ours = TornCard(Specimen.card(hidesCPLC: hidesCPLC), .once(whole.sent), .after)
        let reader = TornCard(theirs)
        do throws(SakkError) {
            _ = try write(job, product, serial: 0x17, sessions: [ours, reader])
            Issue.record("another chip was taken for ours")
        } catch {
            #expect(error.code == "chip.identity.other" && error.outcome == .unknown)
        }
        #expect(ours.card.census().locked && theirs.census() == before)
        #expect(reader.failedAuthentications == 0)
    }

    @Test(arguments: Specimen.Product.all, TornCard.Manner.allCases)
    func `a chip that hides its identity after the lock is known by what its keys are derived from`(
        product: Specimen.Product, manner: TornCard.Manner
    ) async throws {
        let job = try await Specimen.document(product).chip
        let whole = TornCard(Specimen.card(hidesCPLC: true))
        _ = try write(job, product, serial: 0x17, sessions: [whole])
        for place in whole.sent - 2...whole.sent {
            let torn = TornCard(Specimen.card(hidesCPLC: true), .once(place), manner)
            let again = torn
            _ = try write(job, product, serial: 0x17, sessions: [torn, again])
            let report = try Specimen.border().report(
                on: TornCard(torn.card).power(), access: job.access, at: Specimen.time)
            #expect(report.passed && report.sodHash == job.sodHash && torn.failedAuthentications == 0)
        }
        // nobody can ask it any more who it is
        #expect(try Specimen.personaliser(product).identify(on: TornCard(whole.card).power()) == .mute)
    }
}
