public import Ground
internal import LDS
public import OpenSSLCrypto
public import SmartCard

/// Opens a document the way a border does: PACE or Basic Access Control, every file, Chip, Active and Terminal
/// Authentication as far as the chip offers them, passive authentication. Shares nothing with the writer but byte types and
/// the names of the logical data structure.
public struct BorderInspection: Sendable {
    private let trust: TrustStore
    let terminal: TerminalCredentials?

    /// `terminal`: what opens fingerprints; without it they stay closed.
    public init(trust: TrustStore, terminal: TerminalCredentials? = nil) {
        self.trust = trust
        self.terminal = terminal
    }

    /// `trust`: the country signing certificates.
    public init(trust: [X509Certificate]) { self.init(trust: TrustStore(authorities: trust)) }

    /// Reads and judges the document on `channel`; `time` is when certificates are judged.
    /// - Returns: a reading with failed checks for a document that does not open or is wrong.
    /// - Throws: the channel's error only, when no answer came.
    public func read(
        on channel: any CardChannel, access: DocumentAccess, at time: WallTime
    ) throws(SakkError) -> BorderReading {
        try open(on: channel, access: access, at: time).reading
    }

    /// The same with the session that it was read in; `asIssuer`: it is tried whether fingers or irises are open to anybody,
    /// before they are opened rightly.
    func open(
        on channel: any CardChannel, access: DocumentAccess, asIssuer: Bool = false, at time: WallTime
    ) throws(SakkError) -> (reading: BorderReading, session: DocumentSession) {
        var session = DocumentSession(channel: channel, access: access, terminal: terminal, triesClosedFiles: asIssuer)
        try session.run()
        var reading = session.reading
        guard reading[check: "files"] != nil else { return (reading, session) }
        judge(&reading, session.security, information: access.information, at: time)
        judgeMasterFile(&reading, session.evidence, at: time)
        return (reading, session)
    }

    /// - Parameters:
    ///   - documentNumber: as printed, without check digit; filler is added.
    ///   - dateOfBirth: YYMMDD; - dateOfExpiry: YYMMDD.
    public func read(
        on channel: any CardChannel, documentNumber: String, dateOfBirth: String, dateOfExpiry: String,
        at time: WallTime
    ) throws(SakkError) -> BorderReading {
        let access = DocumentAccess.mrz(
            documentNumber: documentNumber, dateOfBirth: dateOfBirth, dateOfExpiry: dateOfExpiry)
        return try read(on: channel, access: access, at: time)
    }

    /// Judges files that were read elsewhere, with the checks that need no chip. `information` is document number, birth
    /// and expiry with their check digits; without it there is no check `dg1.access`.
    public func judge(files: [UInt16: Bytes], information: String?, at time: WallTime) -> BorderReading {
        var reading = BorderReading()
        reading.files = files
        let security = files[ElementaryFile.securityObject.fileID].flatMap { SecurityData($0) }
        judge(&reading, security, information: information, at: time)
        return reading
    }

    /// The same with the files of the master file, and with what the keys in EF.DG14 and EF.DG15 look like.
    public func judge(_ document: DocumentFiles, access: DocumentAccess?, at time: WallTime) -> BorderReading {
        var reading = judge(files: document.files, information: access?.information, at: time)
        reading.cardAccess = document.cardAccess
        reading.cardSecurity = document.cardSecurity
        var evidence = MasterFileEvidence()
        if let file = document.files[0x010E] {
            evidence.dataGroup14 = TLV.parse(file).flatMap { $0.tag == 0x6E ? SecurityInfos($0.value) : nil }
            let oddities = evidence.dataGroup14?.oddities ?? ["SecurityInfos cannot be read"]
            reading.warnings += oddities.map { "EF.DG14: \($0)" }
        }
        if let file = document.files[0x010F],
            ActiveAuthentication(dataGroup15: file, infos: evidence.dataGroup14) == nil
        {
            reading.check("aa", false, "EF.DG15 holds no key that can be used", .chipKeyMalformed)
        }
        evidence.cardAccess = SecurityInfos(document.cardAccess)
        reading.warnings += (evidence.cardAccess?.oddities ?? []).map { "EF.CardAccess: \($0)" }
        evidence.cardSecurity = CardSecurityFile(document.cardSecurity)
        judgeMasterFile(&reading, evidence, at: time)
        return reading
    }

    /// `security`: what EF.SOD of the reading holds; nil when it is not there or cannot be read.
    private func judge(
        _ reading: inout BorderReading, _ security: SecurityData?, information: String?, at time: WallTime
    ) {
        let sod = reading.files[ElementaryFile.securityObject.fileID]
        reading.sodHash = sod.map { Digest.sha256($0) } ?? []
        if let security {
            judgeCommon(&reading, signed: Set(security.object.hashes.keys))
            PassiveAuthentication(trust: trust, time: time).judge(security, into: &reading)
        } else {
            let detail = sod == nil ? "no EF.SOD" : "EF.SOD is not signed data with an LDS security object"
            let reason: BorderReason = sod == nil ? .securityObjectMissing : .securityObjectMalformed
            for name in ["com.sod.agree", "sod.signature", "sod.chain", "sod.signer"] {
                reading.check(name, false, detail, reason)
            }
        }
        judgeZone(&reading, information: information)
        judgeFace(&reading)
        for number in 1...16 {
            guard let file = reading.files[0x0100 + UInt16(number)] else { continue }
            reading.warnings += GroupShape.deviations(of: number, in: file)
        }
        for (number, tag) in [(11, UInt32(0x6B)), (12, 0x6C)] {
            guard let file = reading.files[0x0100 + UInt16(number)] else { continue }
            let details = DetailGroup(file, tag: tag)
            if number == 11 { reading.personalDetails = details?.texts ?? [:] }
            if details?.listAgrees != true {
                reading.warnings.append("EF.DG\(number): tag list and content differ")
            }
        }
    }

    private func judgeCommon(_ reading: inout BorderReading, signed: Set<Int>) {
        guard let common = reading.files[ElementaryFile.common.fileID].flatMap({ CommonData($0) }) else {
            return reading.check("com.sod.agree", false, "no EF.COM that can be read", .commonMissing)
        }
        let agrees = common.dataGroups == signed
        reading.check(
            "com.sod.agree", agrees,
            agrees ? "the same data groups" : "EF.COM and EF.SOD name different data groups", .commonDiffers)
    }

    private func judgeZone(_ reading: inout BorderReading, information: String?) {
        guard let data = reading.files[0x0101].flatMap({ MRZData($0) }),
            let zone = try? MachineReadableZone(lines: data.lines)
        else {
            reading.check("dg1.mrz", false, "no EF.DG1 with a machine readable zone", .zoneMissing)
            if information != nil {
                reading.check("dg1.access", false, "no machine readable zone to compare", .zoneMissing)
            }
            return
        }
        reading.mrz = data.lines
        let wrong = zone.faults.map(\.rawValue).sorted().joined(separator: ", ")
        reading.check(
            "dg1.mrz", wrong.isEmpty, wrong.isEmpty ? "check digits fit" : "check digit wrong: \(wrong)",
            .zoneCheckDigit)
        guard let information else { return }
        let agrees = zone.information == information
        reading.check(
            "dg1.access", agrees,
            agrees ? "the zone that opened the chip" : "EF.DG1 is not the zone that opened the chip", .zoneForeign)
    }

    private func judgeFace(_ reading: inout BorderReading) {
        guard let face = reading.files[0x0102].flatMap({ FaceData($0) }) else {
            reading.check("dg2.face", false, "no EF.DG2 with a face image", .faceMissing)
            return
        }
        reading.portrait = face.image
        reading.portraitFormat = face.format.rawValue
        reading.warnings += face.warnings
        let size = face.width > 0 ? ", \(face.width) x \(face.height)" : ""
        reading.check(
            "dg2.face", true, "\(face.encoding.rawValue) \(face.format.rawValue), \(face.image.count) bytes\(size)",
            .faceMissing)
    }

    /// EF.CardAccess is signed nowhere itself: what it offers must stand in EF.DG14 or EF.CardSecurity too (Doc 9303-11
    /// clause 9.2.11). With the chip authentication mapping EF.CardSecurity holds the key that explains it.
    private func judgeMasterFile(
        _ reading: inout BorderReading, _ evidence: MasterFileEvidence, at time: WallTime
    ) {
        var signed: Set<Bytes> = []
        if let infos = evidence.dataGroup14 { signed.formUnion(infos.entries) }
        if let file = evidence.cardSecurity {
            let failure = SignatureJudgement.failure(of: file.signed)
            if failure == nil, let encoded = file.signed.signer, let signer = try? X509Certificate(der: encoded),
                let data = CertificateData(encoded)
            {
                var aside = BorderReading()
                SignerChain(trust: trust, time: time).judge(signer, data, name: "card.security", into: &aside)
                let chain = aside[check: "card.security"]
                reading.check(
                    "card.security", chain?.passed == true, chain?.detail ?? "", chain?.reason ?? .cardSecurity)
                signed.formUnion(file.infos.entries)
            } else {
                reading.check(
                    "card.security", false, failure?.text ?? "EF.CardSecurity holds no signer", .cardSecurity)
            }
        } else if evidence.pace?.chipAuthentication != nil {
            reading.check("card.security", false, "no EF.CardSecurity that can be read", .cardSecurity)
        }
        if let pace = evidence.pace, pace.chipAuthentication != nil {
            let keys = evidence.cardSecurity?.infos.chipKeys ?? []
            let explained = keys.contains { pace.isExplained(by: $0) }
            reading.check(
                "cam", explained,
                explained ? "the signed key explains the mapping" : "no signed key explains the mapping",
                .mappingUnexplained)
        }
        guard let offered = evidence.cardAccess else {
            if evidence.dataGroup14?.pace.isEmpty == false {
                reading.warnings.append("EF.DG14 announces PACE, and there is no EF.CardAccess to begin it with")
            }
            return
        }
        guard !signed.isEmpty else {
            reading.warnings.append("EF.CardAccess: neither EF.DG14 nor EF.CardSecurity signs it")
            return
        }
        let agrees = offered.entries.allSatisfy { signed.contains($0) }
        reading.check(
            "card.access", agrees,
            agrees ? "what it offers is signed" : "it offers a protocol that is signed nowhere", .cardAccessUnsigned)
    }
}

/// What a document says of its own protocols, in the application and in the master file.
struct MasterFileEvidence {
    var dataGroup14: SecurityInfos?
    var cardAccess: SecurityInfos?
    var cardSecurity: CardSecurityFile?
    /// How it was opened.
    var pace: PasswordAccess.Outcome?
}
