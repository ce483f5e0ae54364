import BorderReader
import DocumentWriter
import Ground
import OpenSSLCrypto
import PlantChip
import SmartCard
import Testing

/// Whole documents: made by the writer, held by a chip of the plant, opened by the border. The three share byte types only.
@Suite(.serialized) struct CrossingTests {
    private static let country = Result { try TestCountry() }
    private static let signer = Result { try country.get().signer("good") }

    private func read(
        _ plan: TestPassport.Plan, access: DocumentAccess = TestPassport.access,
        terminal: TerminalCredentials? = nil, at time: WallTime = TestPassport.time
    ) throws -> BorderReading {
        let passport = try TestPassport(plan, signer: try Self.signer.get())
        try passport.finish()
        let trust = TrustStore(authorities: [try Self.country.get().authority])
        return try BorderInspection(trust: trust, terminal: terminal).read(
            on: passport.card, access: access, at: time)
    }

    private func expectGood(_ reading: BorderReading, _ protocols: [String]) {
        #expect(reading.checks.filter { !$0.passed }.map { "\($0.name) \($0.detail)" } == [])
        #expect(reading.passed && reading.reasons.isEmpty)
        #expect(reading.warnings == [])
        #expect(reading.protocols == protocols)
    }

    @Test func `A passport with Basic Access Control alone passes without a warning`() throws {
        expectGood(try read(TestPassport.Plan()), ["BAC"])
    }

    @Test(arguments: [0, 1, 2] + Array(8...18)) func `PACE with generic mapping opens in every standardised domain`(
        parameter: Int
    ) throws {
        var plan = TestPassport.Plan()
        let isField = parameter < 3
        let ciphers: [SecurityInfoSet.Cipher] = [.tripleDES, .aes128, .aes192, .aes256]
        let cipher = ciphers[parameter % 4]
        plan.pace = [(.generic, isField ? .dh : .ecdh, cipher, parameter)]
        expectGood(try read(plan), ["PACE-\(isField ? "DH" : "ECDH")-GM-\(cipher)/\(parameter)"])
    }

    @Test(arguments: [0, 1, 2, 8, 9] + Array(11...18))
    func `PACE with integrated mapping opens in every domain that it is defined for`(parameter: Int) throws {
        var plan = TestPassport.Plan()
        let isField = parameter < 3
        let ciphers: [SecurityInfoSet.Cipher] = [.aes256, .tripleDES, .aes128, .aes192]
        let cipher = ciphers[parameter % 4]
        plan.pace = [(.integrated, isField ? .dh : .ecdh, cipher, parameter)]
        expectGood(try read(plan), ["PACE-\(isField ? "DH" : "ECDH")-IM-\(cipher)/\(parameter)"])
    }

    @Test(arguments: [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18])
    func `PACE with chip authentication mapping proves the chip`(parameter: Int) throws {
        var plan = TestPassport.Plan()
        let ciphers: [SecurityInfoSet.Cipher] = [.aes128, .aes192, .aes256]
        let cipher = ciphers[parameter % 3]
        plan.pace = [(.chipAuthentication, .ecdh, cipher, parameter), (.generic, .ecdh, .aes128, parameter)]
        plan.agreement = (parameter, cipher)
        let reading = try read(plan)
        expectGood(reading, ["PACE-ECDH-CAM-\(cipher)/\(parameter)", "CA-ECDH-\(cipher)"])
        #expect(reading[check: "cam"]?.passed == true && reading[check: "card.security"]?.passed == true)
    }

    @Test func `The card access number opens PACE, a wrong one does not, and without PACE it opens nothing`() throws {
        var plan = TestPassport.Plan()
        plan.pace = [(.generic, .ecdh, .aes256, 16), (.integrated, .ecdh, .aes128, 13)]
        plan.can = "123456"
        let reading = try read(plan, access: .can("123456"))
        #expect(reading.passed && reading.protocols == ["PACE-ECDH-GM-aes256/16"])
        let wrong = try read(plan, access: .can("123457"))
        #expect(wrong.reasons == [.accessRefused] && wrong.files.isEmpty)
        plan.pace = []
        #expect(try read(plan, access: .can("123456")).reasons == [.accessWithoutPACE])
    }

    @Test(arguments: [8, 10, 12, 13, 15, 16, 17, 18, 1024, 2048]) func `A chip signs with a key that was born in it`(
        key: Int
    ) throws {
        var plan = TestPassport.Plan()
        plan.pace = [(.generic, .ecdh, .aes128, 12)]
        plan.signingKey = key
        let reading = try read(plan)
        #expect(reading[check: "aa"]?.passed == true, "\(reading[check: "aa"]?.detail ?? "")")
        #expect(reading.protocols.last?.hasPrefix(key < 512 ? "AA-ECDSA" : "AA-RSA") == true)
    }

    @Test(arguments: [
        (0, SecurityInfoSet.Cipher.tripleDES), (1, .aes128), (2, .aes256), (12, .tripleDES), (13, .aes192),
        (18, .aes256),
    ]) func `Chip Authentication restarts the session with the signed key`(
        parameter: Int, cipher: SecurityInfoSet.Cipher
    ) throws {
        var plan = TestPassport.Plan()
        plan.agreement = (parameter, cipher)
        expectGood(try read(plan), ["BAC", "CA-\(parameter < 3 ? "DH" : "ECDH")-\(cipher)"])
    }

    private func terminal(
        rsa: Bool, rights: UInt8 = 3, expires: String = "2027-01-01"
    ) throws -> (authority: Bytes, credentials: TerminalCredentials) {
        let made = try system(rsa: rsa, rights: rights, expires: expires)
        return (made.authority, made.credentials)
    }

    private func system(
        rsa: Bool, rights: UInt8 = 3, expires: String = "2027-01-01"
    ) throws -> (authority: Bytes, credentials: TerminalCredentials, chain: [Bytes], key: PrivateKey) {
        let algorithm: CVCertificateBuilder.Algorithm = rsa ? .rsaPSS256 : .ecdsa256
        func key() throws(SakkError) -> PrivateKey {
            rsa ? try PrivateKey.fresh(rsaBits: 2048) : try PrivateKey.fresh(curve: 13)
        }
        let root = try key()
        let verifier = try key()
        let own = try key()
        func builder(
            _ authority: String, _ holder: String, _ role: CVCertificateBuilder.Role, until: String
        ) throws -> CVCertificateBuilder {
            CVCertificateBuilder(
                authority: authority, holder: holder, role: role, rights: role == .inspectionSystem ? rights : 3,
                effective: CivilDate(iso8601: "2026-01-01")!, expires: try #require(CivilDate(iso8601: until)))
        }
        let first = try builder("UTCVCA00001", "UTCVCA00001", .authority, until: "2029-01-01").certificate(
            for: root, algorithm: algorithm, signer: root, signerAlgorithm: algorithm)
        let second = try builder("UTCVCA00001", "UTDVPLANT001", .domesticVerifier, until: "2028-01-01").certificate(
            for: verifier, algorithm: algorithm, signer: root, signerAlgorithm: algorithm)
        let third = try builder("UTDVPLANT001", "UTISPLANT001", .inspectionSystem, until: expires).certificate(
            for: own, algorithm: algorithm, signer: verifier, signerAlgorithm: algorithm)
        return (first, try TerminalCredentials(chain: [second, third], key: own), [second, third], own)
    }

    private func fingers() -> Bytes {
        let image = FingerImage(
            position: 2, compression: 2, bytes: Bytes(repeating: 0xA5, count: 400), width: 300, height: 400)
        return DataGroup3(fingers: [image], salt: []).encoded
    }

    @Test(arguments: [(false, true), (false, false), (true, false)])
    func `Fingerprints open to an inspection system with rights, after PACE and after BAC`(
        rsa: Bool, pace: Bool
    ) throws {
        let (authority, credentials) = try terminal(rsa: rsa)
        var plan = TestPassport.Plan()
        if pace { plan.pace = [(.generic, .ecdh, .aes128, 13)] }
        plan.agreement = (13, .aes128)
        plan.fingers = fingers()
        plan.authority = authority
        let reading = try read(plan, terminal: credentials)
        #expect(reading.passed && reading.warnings.isEmpty, "\(reading.checks.filter { !$0.passed })")
        #expect(reading.files[0x0103] == plan.fingers && reading[check: "dg3.hash"]?.passed == true)
        #expect(reading.protocols.last == "TA")
        // without credentials they stay closed, which is no fault of the document
        let closed = try read(plan)
        #expect(closed.passed && closed.files[0x0103] == nil)
        #expect(closed.warnings == [] && closed.unread == [3] && reading.unread == [])
    }

    @Test func `An inspection system without rights, or run out, opens no fingerprints`() throws {
        for (rights, expires) in [(UInt8(2), "2027-01-01"), (3, "2025-01-01")] {
            let (authority, credentials) = try terminal(rsa: false, rights: rights, expires: expires)
            var plan = TestPassport.Plan()
            plan.agreement = (13, .aes128)
            plan.fingers = fingers()
            plan.authority = authority
            let reading = try read(plan, terminal: credentials)
            #expect(reading.files[0x0103] == nil)
            #expect(reading.reasons == (rights == 2 ? [] : [.terminalRefused]))
        }
    }

    /// How a chip comes to let everybody read its fingers.
    enum OpenFingers: CaseIterable {
        /// Basic Access Control alone, as on documents of the first years; written without the authority (A030); and one
        /// that has the authority, says so in EF.DG14, and does not ask for it.
        case withoutExtendedAccess, withoutAuthority, chipAtFault
        /// One that asks for it only once it has proved itself: by PACE or Basic Access Control alone they open.
        case unproved
    }

    @Test(arguments: OpenFingers.allCases, [false, true])
    func `A chip whose fingers open without Terminal Authentication is rejected by its issuer with that reason`(
        _ kind: OpenFingers, inspected: Bool
    ) throws {
        let (authority, credentials) = try terminal(rsa: false)
        var plan = TestPassport.Plan()
        plan.fingers = fingers()
        if kind != .withoutExtendedAccess { plan.agreement = (13, .aes128) }
        let isAtFault = [.chipAtFault, .unproved].contains(kind)
        if isAtFault { plan.authority = authority }
        let passport = try TestPassport(plan, signer: try Self.signer.get())
        if kind == .chipAtFault { passport.card.card.set(behaviour: .fingersOpen(untilProved: false)) }
        if kind == .unproved { passport.card.card.set(behaviour: .fingersOpen(untilProved: true)) }
        try passport.finish()
        let border = BorderInspection(
            trust: TrustStore(authorities: [try Self.country.get().authority]), terminal: inspected ? credentials : nil)
        let reading = try border.readLocked(on: passport.card, access: TestPassport.access, at: TestPassport.time)
        #expect(reading.reasons == [.fingersOpen] && !reading.passed)
        #expect(reading.checks.filter { !$0.passed }.map(\.name) == ["dg3.closed"])
        // a border of another country reads what it can, and finds nothing wrong with the rest
        #expect(try border.read(on: passport.card, access: TestPassport.access, at: TestPassport.time).passed)
        guard isAtFault else { return }
        passport.card.card.set(behaviour: .good)
        let closed = try border.readLocked(on: passport.card, access: TestPassport.access, at: TestPassport.time)
        #expect(closed.passed && closed[check: "dg3.closed"]?.passed == true)
    }

    @Test func `An inspection system's certificate is believed for its own key alone`() throws {
        let (_, _, chain, own) = try system(rsa: false)
        _ = try TerminalCredentials(chain: chain, key: own)
        #expect(throws: SakkError("border.terminal.mismatch", source: "", text: "", remedy: "")) {
            try TerminalCredentials(chain: chain, key: try PrivateKey.fresh(curve: 13))
        }
        let (_, _, signing, key) = try system(rsa: true)
        _ = try TerminalCredentials(chain: signing, key: key)
        #expect(throws: SakkError("border.terminal.mismatch", source: "", text: "", remedy: "")) {
            try TerminalCredentials(chain: signing, key: own)
        }
    }

    @Test func `Version 1 of the security object and the newer face record pass without a warning`() throws {
        var plan = TestPassport.Plan()
        plan.version = .v1(ldsVersion: "0108", unicodeVersion: "040000")
        plan.face = .iso39794
        let reading = try read(plan)
        expectGood(reading, ["BAC"])
        #expect(reading[check: "dg2.face"]?.detail == "39794-5 jpeg, 604 bytes, 413 x 531")
        #expect(reading.portrait == plan.faceBytes)
    }

    @Test func `A large portrait is read past 32767 bytes`() throws {
        var plan = TestPassport.Plan()
        plan.pace = [(.generic, .ecdh, .aes128, 12)]
        plan.faceBytes = [0xFF, 0xD8, 0xFF] + Bytes((0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let reading = try read(plan)
        expectGood(reading, ["PACE-ECDH-GM-aes128/12"])
        #expect(reading.portrait == plan.faceBytes)
    }
}
