import BorderReader
import DocumentWriter
import Ground
import LDS
import OpenSSLCrypto
import PlantChip
import SmartCard
import Testing

/// Each way to be wrong has a reason of its own.
@Suite(.serialized) struct RejectionTests {
    private static let country = Result { try TestCountry() }
    private static let signer = Result { try country.get().signer("good") }

    private var trust: TrustStore {
        get throws { TrustStore(authorities: [try Self.country.get().authority]) }
    }

    private func read(
        _ passport: TestPassport, trust: TrustStore? = nil, at time: WallTime = TestPassport.time
    ) throws -> BorderReading {
        try passport.finish()
        let store = try trust ?? self.trust
        return try BorderInspection(trust: store).read(on: passport.card, access: TestPassport.access, at: time)
    }

    private func passport(
        _ plan: TestPassport.Plan = .init(), signer: TestCountry.Signer? = nil, at time: WallTime = TestPassport.time
    ) throws -> TestPassport {
        try TestPassport(plan, signer: try signer ?? Self.signer.get(), at: time)
    }

    private var proven: TestPassport.Plan {
        var plan = TestPassport.Plan()
        plan.pace = [(.generic, .ecdh, .aes128, 12)]
        plan.signingKey = 12
        plan.agreement = (13, .aes128)
        return plan
    }

    @Test func `The security object of one person with the portrait of another`() throws {
        var other = TestPassport.Plan()
        other.faceBytes[100] ^= 1
        var document = try passport()
        document.files[0x0102] = try passport(other).files[0x0102]
        let reading = try read(document)
        #expect(reading.reasons == [.groupForeign] && reading[check: "dg2.hash"]?.passed == false)
    }

    @Test func `The security object of an earlier attempt, whose keys are gone`() throws {
        let earlier = try passport(proven)
        var again = proven
        again.seed = 8
        var document = try passport(again)
        #expect(document.files[0x0101] == earlier.files[0x0101])
        document.files[0x011D] = earlier.files[0x011D]
        #expect(try read(document).reasons == [.securityObjectStale])
    }

    @Test func `The security object of another document altogether`() throws {
        var other = TestPassport.Plan()
        other.name = "MARTA"
        other.faceBytes[100] ^= 1
        var document = try passport()
        document.files[0x011D] = try passport(other).files[0x011D]
        #expect(try read(document).reasons == [.securityObjectForeign])
    }

    @Test func `A chip with the files of another and without its signing key`() throws {
        let original = try passport(proven)
        var copy = try passport(proven)
        copy.files = original.files
        let reading = try read(copy)
        #expect(reading.reasons.contains(.chipKeyForeign) && reading[check: "dg15.hash"]?.passed == true)
        // a copy that has no key at all
        var plan = TestPassport.Plan()
        plan.pace = proven.pace
        var bare = try passport(plan)
        bare.files = original.files
        let silent = try read(bare)
        #expect(silent.reasons.contains(.chipKeyMissing) && silent.reasons.contains(.chipAuthenticationFailed))
    }

    @Test func `A signer that signed outside the usage period of its key`() throws {
        let retired = try Self.country.get().signer(
            "retired", usage: ("20250101000000Z", "20250401000000Z"))
        let reading = try read(try passport(signer: retired))
        #expect(reading.reasons == [.signerUsagePeriod])
    }

    @Test func `A signer whose certificate ran out, one for visas, one for mail`() throws {
        let country = try Self.country.get()
        let old = try country.signer("old", valid: ("20250101000000Z", "20260201000000Z"))
        #expect(try read(try passport(signer: old)).reasons == [.signerExpired])
        let visas = try country.signer("visas", section: "signer_for_visas")
        #expect(try read(try passport(signer: visas)).reasons == [.signerDocumentType])
        let mail = try country.signer("mail", section: "signer_for_mail")
        #expect(try read(try passport(signer: mail)).reasons == [.signerPurpose])
    }

    @Test func `EF.COM and EF.SOD that name different groups`() throws {
        var document = try passport()
        document.files[0x011E] = EFCommon(dataGroupTags: [0x61, 0x75, 0x6B]).encoded
        let reading = try read(document)
        #expect(reading.reasons == [.filesUnreadable, .commonDiffers])
        var fewer = try passport()
        fewer.files[0x011E] = EFCommon(dataGroupTags: [0x61]).encoded
        #expect(try read(fewer).reasons == [.commonDiffers])
    }

    @Test func `A signer that is revoked, and a list that is somebody else's`() throws {
        let country = try TestCountry()
        defer { country.remove() }
        let good = try country.signer("good")
        let bad = try country.signer("bad")
        var store = TrustStore(authorities: [try country.authority])
        store.revocationLists = [try country.revocationList(of: ["bad"])]
        #expect(try read(try passport(signer: bad), trust: store).reasons == [.signerRevoked])
        let reading = try read(try passport(signer: good), trust: store)
        #expect(reading.passed && reading.warnings.isEmpty)
        let stranger = try TestCountry()
        defer { stranger.remove() }
        store.revocationLists = [try stranger.revocationList(of: [])]
        let doubtful = try read(try passport(signer: good), trust: store)
        #expect(doubtful.passed)
        #expect(
            doubtful.warnings == [
                "a revocation list bears the authority's name and not its signature",
                "no revocation list of the signer's country",
            ])
    }

    @Test func `A country nobody knows, one with the same name, and a signer of another country`() throws {
        let impostor = try TestCountry()
        defer { impostor.remove() }
        let reading = try read(try passport(), trust: TrustStore(authorities: [try impostor.authority]))
        #expect(reading.reasons == [.authorityUnknown])
        let foreign = try Self.country.get().signer("foreign", subject: "/C=XX/O=SPECIMEN State/CN=TEST Foreign")
        #expect(try read(try passport(signer: foreign)).reasons == [.authorityForeign, .signerForeign])
    }

    @Test func `A document that names another State than its signer and the signer's authority are of`() throws {
        let neighbour = try TestCountry(code: "IQ")
        defer { neighbour.remove() }
        let trust = TrustStore(authorities: [try neighbour.authority])
        let reading = try read(try passport(signer: neighbour.signer("good")), trust: trust)
        #expect(reading.reasons == [.signerForeign])
        #expect(reading[check: "sod.chain"]?.passed == true)
    }

    @Test func `EF.CardAccess that offers what nobody signed`() throws {
        var plan = proven
        plan.pace = [(.generic, .ecdh, .aes128, 12)]
        var document = try passport(plan)
        // the same person's groups, signed without PACE in EF.DG14
        plan.pace = []
        document.files = try passport(plan).files
        #expect(try read(document).reasons.contains(.cardAccessUnsigned))
    }

    @Test func `A zone that is not the one that opened the chip, and one with a wrong check digit`() throws {
        let own = try TestPassport.zone(name: "ANNA MARIA")
        for (old, new, reason) in [
            ("L898902C36", "L898902C47", BorderReason.zoneForeign), ("ZE184226B", "ZE184226C", .zoneCheckDigit),
        ] {
            var document = try passport()
            let lines = [own[0], own[1].replacing(old, with: new)]
            #expect(lines != own)
            document.files[0x0101] = DataGroup1(mrz: lines).encoded
            let reasons = try read(document).reasons
            #expect(reasons.contains(reason) && reasons.contains(.groupForeign))
        }
    }

    @Test func `Every rejection is an answer: a chip that fails at any command never passes and never crashes`() throws
    {
        let document = try passport(proven)
        try document.finish()
        let inspection = BorderInspection(trust: try trust)
        // the first command asks for a master file, and a chip may have none
        var commands = 1
        while commands < 400 {
            commands += 1
            document.card.card.set(behaviour: .failsAt(apdu: commands, .status(0x6F00)))
            _ = document.card.card.powerOn()
            let reading = try inspection.read(
                on: document.card, access: TestPassport.access, at: TestPassport.time)
            if reading.passed, reading.warnings.isEmpty { break }
        }
        #expect(commands > 30 && commands < 400)
    }
}
