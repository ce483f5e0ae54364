import BorderReader
import Ground
import OpenSSLCrypto
import Personalisation
import PlantChip
import SmartCard
import Stations
import Testing

@Suite struct ChipLifeTests {
    private func code(_ text: SakkError.Code) -> SakkError { SakkError(text, source: "", text: "", remedy: "") }

    @Test func `a fresh card is identified and carries no document`() throws {
        let presence = try Specimen.personaliser().identify(on: try VirtualChannel(Specimen.card()))
        #expect(presence == .answers(identity: try Specimen.identity(), personalised: false))
    }

    @Test(arguments: Specimen.Product.both)
    func `a card is written, opened by a border, killed, and still says who it is`(
        product: Specimen.Product
    ) async throws {
        let card = Specimen.card()
        let document = try await Specimen.document(product)
        let job = document.chip
        let personaliser = try Specimen.personaliser(product)
        var steps: [String] = []
        try personaliser.personalise(job, on: try Specimen.identity(), channel: try VirtualChannel(card)) {
            steps.append($0)
        }
        let common = ["identity", "secure-channel", "install"]
        let order =
            product.name == "iq-national-id"
            ? ["signing_key", "file.011E", "file.0101", "file.0102", "file.010B", "file.010F", "file.011D"]
            : [
                "signing_key_born", "agreement_key_born", "file.011E", "file.0101", "file.0102", "file.010B",
                "file.010C", "file.010E", "file.010F", "file.011D", "file.011C",
            ]
        #expect(steps == common + order + ["access", "lock"])
        let written = card.census()
        #expect(written.locked && written.instanceInstalled)

        let report = try Specimen.border().report(
            on: try VirtualChannel(card), access: job.access, at: Specimen.time)
        #expect(report.passed, "\(report.checks.filter { !$0.passed })")
        #expect(report.sodHash == job.sodHash && report.sodHash.hex == written.fileSHA256["011D"])
        #expect(report.portrait.count == Specimen.portrait.count)
        #expect(Digest.sha256(report.portrait) == Digest.sha256(Specimen.portrait))
        #expect(report.mrz.joined() == written.dg1MRZ && report.mrz == document.mrz)
        for file in job.files where !file.isInMasterFile {
            #expect(report.fileHashes[file.fileID] == Digest.sha256(file.bytes))
            #expect(written.fileSHA256[BigEndian.bytes(file.fileID).hex] == Digest.sha256(file.bytes).hex)
        }
        // the chip proved its own keys
        let proofs = report.checks.filter { ["aa", "ca"].contains($0.name) }
        #expect(proofs.map(\.passed) == (product.name == "iq-national-id" ? [true] : [true, true]))
        #expect(
            try personaliser.identify(on: try VirtualChannel(card))
                == .answers(identity: try Specimen.identity(), personalised: true))

        try personaliser.kill(on: try VirtualChannel(card))
        #expect(try personaliser.isDead(on: try VirtualChannel(card)))
        #expect(!card.census().instanceInstalled)
        #expect(card.census().cardState == "CARD_LOCKED")
        #expect(
            try personaliser.identify(on: try VirtualChannel(card))
                == .answers(identity: try Specimen.identity(), personalised: false))
    }

    @Test func `a living document is not called dead`() async throws {
        let card = Specimen.card()
        #expect(try !Specimen.personaliser().isDead(on: try VirtualChannel(card)))
        try Specimen.personaliser().personalise(
            try await Specimen.document().chip, on: try Specimen.identity(), channel: try VirtualChannel(card)
        ) { _ in }
        #expect(try !Specimen.personaliser().isDead(on: try VirtualChannel(card)))
    }

    @Test func `a blank dies too and a dead card is left alone`() throws {
        let card = Specimen.card()
        let personaliser = try Specimen.personaliser()
        try personaliser.kill(on: try VirtualChannel(card))
        #expect(try personaliser.isDead(on: try VirtualChannel(card)))
        let again = try VirtualChannel(card)
        try personaliser.kill(on: again)
        #expect(!again.headers.contains { $0.hasPrefix("8482") || $0.hasPrefix("8050") })
    }

    @Test func `another chip than the attempt's is not touched`() async throws {
        let card = Specimen.card(serial: 0x18)
        let channel = try VirtualChannel(card)
        let job = try await Specimen.document().chip
        #expect(throws: code("chip.identity.other")) {
            try Specimen.personaliser().personalise(job, on: try Specimen.identity(), channel: channel) { _ in }
        }
        #expect(!channel.headers.contains { $0.hasPrefix("8050") })
        #expect(!card.census().instanceInstalled)
    }

    @Test func `a chip with a document on it is not written again`() async throws {
        let card = Specimen.card()
        let job = try await Specimen.document().chip
        let personaliser = try Specimen.personaliser()
        try personaliser.personalise(job, on: try Specimen.identity(), channel: try VirtualChannel(card)) { _ in }
        let before = card.census()
        #expect(throws: code("chip.occupied")) {
            try personaliser.personalise(job, on: try Specimen.identity(), channel: try VirtualChannel(card)) { _ in }
        }
        #expect(card.census() == before)
    }

    @Test func `with the wrong master key the card never sees an authentication`() async throws {
        let card = Specimen.card()
        let channel = try VirtualChannel(card)
        let job = try await Specimen.document().chip
        let stranger = try Specimen.personaliser(master: Bytes(repeating: 0x11, count: 16))
        #expect(throws: code("chip.keys.wrong")) {
            try stranger.personalise(job, on: try Specimen.identity(), channel: channel) { _ in }
        }
        #expect(!channel.headers.contains { $0.hasPrefix("8482") })
    }

    @Test func `a file that the applet cannot hold is refused before anything is sent`() async throws {
        let channel = try VirtualChannel(Specimen.card())
        let good = try await Specimen.document().chip
        let big = ChipFile(fileID: 0x0102, bytes: Bytes(repeating: 0, count: 0x8000))
        let job = ChipJob(attempt: good.attempt, files: [big], access: good.access, sodHash: good.sodHash)
        #expect(throws: code("chip.file.size")) {
            try Specimen.personaliser().personalise(job, on: try Specimen.identity(), channel: channel) { _ in }
        }
        #expect(channel.headers.isEmpty)
    }

    @Test func `no error of a torn writing shows what was written`() async throws {
        let job = try await Specimen.document().chip
        do {
            try Specimen.personaliser().personalise(
                job, on: try Specimen.identity(), channel: try VirtualChannel(Specimen.card(), tearAt: 20)
            ) { _ in }
            Issue.record("the tear was not noticed")
        } catch let error as SakkError {
            #expect(error.outcome == .unknown)
            #expect(error.subject == job.attempt.rawValue)
            for secret in ["AB1234567", "SPECIMEN<<", "199012345678"] { #expect(!error.description.contains(secret)) }
        }
    }
}
