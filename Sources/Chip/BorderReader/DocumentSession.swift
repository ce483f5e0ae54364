internal import Ground
internal import LDS
internal import OpenSSLCrypto
internal import SmartCard

/// One document on the reader, from the first command to the last (inspection procedure of Doc 9303-11 appendix J.1).
/// A chip that answers wrongly ends in a failed check; only a silent channel throws.
struct DocumentSession {
    let channel: any CardChannel
    let access: DocumentAccess
    let terminal: TerminalCredentials?
    /// As the document's issuer: before Terminal Authentication it is tried whether fingers open without it.
    let triesClosedFiles: Bool

    private(set) var reading = BorderReading()
    /// EF.SOD as it was read, taken apart once for all who ask.
    private(set) var security: SecurityData?
    /// EF.CardAccess, where the chip has one.
    private(set) var cardAccess: SecurityInfos?
    private(set) var cardSecurity: CardSecurityFile?
    private(set) var dataGroup14: SecurityInfos?
    private(set) var pace: PasswordAccess.Outcome?
    /// A file of fingers or irises was read without Terminal Authentication.
    private(set) var readsClosedFiles = false

    var evidence: MasterFileEvidence {
        MasterFileEvidence(
            dataGroup14: dataGroup14, cardAccess: cardAccess, cardSecurity: cardSecurity, pace: pace)
    }

    init(
        channel: any CardChannel, access: DocumentAccess, terminal: TerminalCredentials?, triesClosedFiles: Bool = false
    ) {
        self.channel = channel
        self.access = access
        self.terminal = terminal
        self.triesClosedFiles = triesClosedFiles
    }

    mutating func run() throws(SakkError) {
        var step = "files"
        do throws(BorderFault) {
            guard let messaging = try open(&step) else { return }
            step = "files"
            let refused = try readFiles(FileReading(link: messaging), groups: { ![3, 4].contains($0) })
            try tryClosedFiles(messaging)
            try authenticateChip(messaging, &step)
            step = "files"
            let closed = try readFiles(FileReading(link: messaging), groups: { [3, 4].contains($0) })
            if !reading.protocols.contains("TA"), reading.files[0x0103] != nil || reading.files[0x0104] != nil {
                readsClosedFiles = true
            }
            let missing = refused + closed
            let sizes = "\(reading.files.count) files, \(reading.files.values.reduce(0) { $0 + $1.count }) bytes"
            reading.check(
                "files", missing.isEmpty, missing.isEmpty ? sizes : missing.joined(separator: "; "), .filesUnreadable)
        } catch {
            guard case .chip(let text) = error else {
                if case .transport(let failure) = error { throw failure }
                return
            }
            let reasons: [String: BorderReason] = [
                "bac": .accessRefused, "pace": .accessRefused, "application": .applicationMissing,
            ]
            reading.check(step, false, text, reasons[step] ?? .filesUnreadable)
            // what was read before is judged all the same
            if step != "files", reading.files[ElementaryFile.securityObject.fileID] != nil {
                reading.check("files", false, "the session ended at \(step)", .filesUnreadable)
            }
        }
    }

    /// PACE where EF.CardAccess offers it, Basic Access Control elsewhere. Nil when the document does not open.
    private mutating func open(_ step: inout String) throws(BorderFault) -> SecureMessaging? {
        let plain = PlainLink(channel: channel)
        // the master file is where PACE begins; a chip without one answers an error, which is an answer
        _ = try plain.transmit(APDUCommand(0x00, 0xA4, 0x00, 0x0C, data: [0x3F, 0x00]))
        try readCardAccess(plain)
        if let offer = cardAccess?.paceByPreference.first {
            step = "pace"
            return try openByPassword(offer.info, offer.domain, &step)
        }
        if cardAccess?.pace.isEmpty == false {
            reading.warnings.append("EF.CardAccess offers only variants of PACE that nobody defined")
        }
        step = "application"
        let selected = try plain.transmit(.select(aid: ElementaryFile.applicationID))
        reading.check(
            "application", selected.status.isSuccess, "SELECT was answered \(selected.status)", .applicationMissing)
        guard selected.status.isSuccess else { return nil }
        step = "bac"
        guard let information = access.information else {
            reading.check("pace", false, "the chip offers no PACE, and a CAN opens nothing else", .accessWithoutPACE)
            return nil
        }
        guard let challenge = try BasicAccess.challenge(channel) else {
            reading.check("bac", false, "the chip gives no challenge (6982)", .challengeRefused)
            return nil
        }
        let nonces: BasicAccess.Nonces
        do { nonces = try BasicAccess.Nonces.fresh() } catch { throw .transport(error) }
        let messaging = try BasicAccess.open(
            channel, challenge: challenge, information: information, nonces: nonces)
        reading.check("bac", true, "both sides authenticated", .accessRefused)
        reading.protocols.append("BAC")
        return messaging
    }

    /// A file that cannot be read is none: what EF.DG14 says of PACE tells later whether one was to be there.
    private mutating func readCardAccess(_ plain: PlainLink) throws(BorderFault) {
        let file: Bytes?
        do throws(BorderFault) {
            file = try FileReading(link: plain).bytes(of: 0x011C)
        } catch {
            guard case .chip(let text) = error else { throw error }
            reading.warnings.append("EF.CardAccess: \(text)")
            return
        }
        guard let file, let infos = SecurityInfos(file) else { return }
        cardAccess = infos
        reading.cardAccess = file
        reading.warnings += infos.oddities.map { "EF.CardAccess: \($0)" }
    }

    private mutating func openByPassword(
        _ info: SecurityInfos.PACE, _ domain: AgreementDomain, _ step: inout String
    ) throws(BorderFault) -> SecureMessaging? {
        let parameters = Set((cardAccess?.pace ?? []).filter { $0.identifier == info.identifier }.map(\.parameter))
        let pace = PasswordAccess(info: info, domain: domain, namesDomain: parameters.count > 1)
        let outcome = try pace.open(channel, password: access.password, reference: access.reference)
        self.pace = outcome
        let name = info.name
        reading.check("pace", true, "both sides know the password (\(name))", .accessRefused)
        reading.protocols.append(name)
        let messaging = SecureMessaging(channel: channel, keys: outcome.keys)
        if info.mapping == .chipAuthentication, let file = try FileReading(link: messaging).bytes(of: 0x011D) {
            cardSecurity = CardSecurityFile(file)
            reading.cardSecurity = file
        }
        step = "application"
        let selected = try messaging.transmit(.select(aid: ElementaryFile.applicationID))
        reading.check(
            "application", selected.status.isSuccess, "SELECT was answered \(selected.status)", .applicationMissing)
        return selected.status.isSuccess ? messaging : nil
    }

    /// EF.COM and EF.SOD, then the data groups that either of them names; names of the files that were refused.
    private mutating func readFiles(
        _ files: FileReading, groups isWanted: (Int) -> Bool
    ) throws(BorderFault) -> [String] {
        var refused: [String] = []
        for file in [ElementaryFile.common, .securityObject] where reading.files[file.fileID] == nil && isWanted(0) {
            let result = try files.read(file.fileID)
            reading.files[file.fileID] = result.bytes
            if let status = result.refusal { refused.append("\(file.name) \(status)") }
            if file == .securityObject { security = result.bytes.flatMap { SecurityData($0) } }
        }
        for number in namedGroups where isWanted(number) {
            guard let file = ElementaryFile.dataGroup(number) else { continue }
            let result = try files.read(file.fileID)
            reading.files[file.fileID] = result.bytes
            guard let status = result.refusal else { continue }
            // fingers and irises open only to Extended Access Control
            if [3, 4].contains(number), status == .securityStatusNotSatisfied {
                reading.unread.insert(number)
            } else {
                refused.append("\(file.name) \(status)")
            }
        }
        return refused
    }

    private var namedGroups: [Int] {
        var numbers: Set<Int> = [1, 2]
        if let bytes = reading.files[ElementaryFile.common.fileID], let common = CommonData(bytes) {
            numbers.formUnion(common.tags.compactMap { ElementaryFile.withTag($0)?.dataGroup })
        }
        if let security { numbers.formUnion(security.object.hashes.keys) }
        return numbers.sorted()
    }

    /// Active, Chip and Terminal Authentication, as far as the data groups announce them.
    private mutating func authenticateChip(
        _ messaging: SecureMessaging, _ step: inout String
    ) throws(BorderFault) {
        if let file = reading.files[0x010E], let outer = TLV.parse(file), outer.tag == 0x6E {
            dataGroup14 = SecurityInfos(outer.value)
            reading.warnings += (dataGroup14?.oddities ?? ["SecurityInfos cannot be read"]).map { "EF.DG14: \($0)" }
        }
        if let file = reading.files[0x010F] { try signChallenge(file, messaging, &step) }
        guard let infos = dataGroup14, let chip = ChipAuthentication(infos) else { return }
        step = "ca"
        let outcome: ChipAuthentication.Outcome
        do throws(BorderFault) {
            outcome = try chip.run(on: messaging)
            // only a chip with the private key can answer under the new keys
            _ = try messaging.transmit(.select(file: ElementaryFile.common.fileID))
        } catch {
            // a refusal leaves the session as it was (clause 6.2.2); the next command tells whether it lives
            guard case .chip(let text) = error else { throw error }
            return reading.check("ca", false, text, .chipAuthenticationFailed)
        }
        let kind = chip.key.kind == .dh ? "DH" : "ECDH"
        reading.check("ca", true, "the chip has the key that EF.DG14 announces", .chipAuthenticationFailed)
        reading.protocols.append("CA-\(kind)-\(chip.suite)")
        if outcome.deviates { reading.warnings.append("Chip Authentication with 3DES only by MSE:Set AT") }
        guard let terminal, !infos.terminalAuthentication.isEmpty else { return }
        try tryClosedFiles(messaging)
        step = "ta"
        try openFingers(terminal, outcome, messaging)
    }

    /// Before the chip has proved itself, and after it: a chip may ask for Terminal Authentication in one of the two alone.
    private mutating func tryClosedFiles(_ messaging: SecureMessaging) throws(BorderFault) {
        for number in namedGroups where triesClosedFiles && [3, 4].contains(number) {
            let opens = try FileReading(link: messaging).read(0x0100 + UInt16(number)).bytes != nil
            readsClosedFiles = readsClosedFiles || opens
        }
    }

    private mutating func signChallenge(
        _ file: Bytes, _ messaging: SecureMessaging, _ step: inout String
    ) throws(BorderFault) {
        step = "aa"
        guard let active = ActiveAuthentication(dataGroup15: file, infos: dataGroup14) else {
            return reading.check("aa", false, "EF.DG15 holds no key that can be used", .chipKeyMalformed)
        }
        let nonce: Bytes
        do { nonce = try RandomSource.bytes(8) } catch { throw .transport(error) }
        do throws(BorderFault) {
            switch try active.challenge(messaging, nonce: nonce) {
            case .genuine(let hash, let warning):
                if case .rsa = active.key.kind {
                    reading.protocols.append("AA-RSA-\(hash.rawValue)")
                } else {
                    reading.protocols.append("AA-ECDSA-\(hash.rawValue)")
                }
                reading.check("aa", true, "the chip signs with the key of EF.DG15", .chipKeyForeign)
                if let warning { reading.warnings.append(warning) }
            case .forged:
                reading.check("aa", false, "the chip's signature is not by the key of EF.DG15", .chipKeyForeign)
            }
        } catch {
            // a status word leaves the session as it is; the next command tells whether it lives
            guard case .chip(let text) = error else { throw error }
            reading.check("aa", false, text, .chipKeyMissing)
        }
    }

    private mutating func openFingers(
        _ credentials: TerminalCredentials, _ chip: ChipAuthentication.Outcome, _ messaging: SecureMessaging
    ) throws(BorderFault) {
        var authorities = pace?.authorities ?? []
        if authorities.isEmpty, let file = try readWhole(messaging, 0x011C) {
            authorities = CVCertificate.authorities(inFile: file)
        }
        var identity = Bytes()
        if let pace {
            identity = pace.domain.compressed(publicKey: pace.chipPublicKey)
        } else if let information = access.information {
            // document number with its check digit: all but two dates with theirs
            identity = Bytes(information.utf8.dropLast(14))
        }
        let terminal = TerminalAuthentication(
            credentials: credentials, chipIdentity: identity,
            terminalKey: chip.domain.compressed(publicKey: chip.terminalPublicKey))
        do throws(BorderFault) {
            try terminal.run(on: messaging, authorities: authorities)
            reading.check("ta", true, "the chip trusts the inspection system", .terminalRefused)
            reading.protocols.append("TA")
        } catch {
            // the chip keeps the session when it refuses the terminal (clause 7.1.3 note 2)
            guard case .chip(let text) = error else { throw error }
            reading.check("ta", false, text, .terminalRefused)
        }
    }

    /// EF.CVCA has no length of its own: it is 36 bytes.
    private func readWhole(_ messaging: SecureMessaging, _ fileID: UInt16) throws(BorderFault) -> Bytes? {
        guard try messaging.transmit(.select(file: fileID)).status.isSuccess else { return nil }
        let answer = try messaging.transmit(.readBinary(offset: 0, count: 36))
        return answer.data.isEmpty ? nil : answer.data
    }
}

extension SecurityInfos.PACE {
    /// For people and statistics, for example `PACE-ECDH-GM-aes128/13`.
    var name: String {
        let number = parameter.map { "/\($0)" } ?? ""
        return "PACE-\(kind == .dh ? "DH" : "ECDH")-\(mapping.rawValue)-\(suite)\(number)"
    }
}
