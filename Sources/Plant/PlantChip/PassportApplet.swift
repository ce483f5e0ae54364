internal import Ground

/// One instance of the passport applet: its files, keys, passwords and lock.
///
/// It takes two dialects of personalisation (`PassportApplet+Personalisation.swift`): the plain one of the open JMRTD
/// applet, and data groupings in STORE DATA, which know every protocol. After the lock reading needs Basic Access Control
/// or PACE and writing is over; only deleting the instance undoes it.
struct PassportApplet: Sendable {
    struct File: Sendable {
        /// Memory reserved by the first CREATE FILE.
        let capacity: Int
        var bytes: Bytes
    }

    /// A Chip Authentication key and its number.
    struct AgreementKey: Sendable {
        let number: Bytes
        let parameter: Int
        let secret: Bytes
    }

    enum Place: Sendable {
        case masterFile
        case application
    }

    // non-volatile memory
    var files: [UInt16: File] = [:]
    /// EF.CardAccess (011C) and EF.CardSecurity (011D).
    var masterFiles: [UInt16: Bytes] = [:]
    var access: PassportAccess?
    var allowsBasicAccess = true
    var cardAccessNumber: Bytes?
    var signingKey: ChipKey?
    /// Modulus and exponent come in two commands of the JMRTD dialect.
    var modulus: Bytes?
    var agreementKeys: [AgreementKey] = []
    var trustPoint: PassportTerminal.TrustPoint?
    var isLocked = false
    /// It was written in the clear, as the open applet is: that one's ways then hold (firmware-specs/jmrtd-passport-applet).
    var isOpenApplet = false
    /// The open applet's lock lies in a static field of its package: an instance that is installed after one was locked can be
    /// written by STORE DATA alone.
    let packageIsLocked: Bool
    /// Other than the rights of Terminal Authentication it is a fault of the silicon; `proof`: once the chip has proved itself.
    enum FingerGuard: Sendable { case rights, proof, nothing }
    var fingerGuard = FingerGuard.rights

    // cleared by a reset
    private(set) var place = Place.application
    var selected: UInt16?
    private var challenge: Bytes?
    private var session: PassportSession?
    private var pace: PassportPACE?
    /// Chosen by MSE:Set AT for Chip Authentication.
    private var agreement: (suite: ChipSuite, number: Bytes?)?
    /// Chip Authentication was carried out in this session.
    private var hasProved = false
    private var identity: Bytes?
    private var terminalKey: Bytes?
    private var terminal = PassportTerminal()
    private var restart: PassportSession?
    /// The open applet's: once somebody authenticated there is no challenge until the next reset, not by SELECT either.
    private var isSpent = false

    init(packageIsLocked: Bool = false) { self.packageIsLocked = packageIsLocked }

    /// What this instance tells its package for good.
    var locksPackage: Bool { isOpenApplet && isLocked }

    /// Whether the applet answers for the master file, as one with PACE must.
    var ownsMasterFile: Bool { masterFiles[0x011C] != nil }

    mutating func losePower() {
        clearTransientState()
        isSpent = false
    }

    /// What a reset and a SELECT of the application in the clear do.
    mutating func clearTransientState(entering place: Place? = nil) {
        self.place = place ?? (ownsMasterFile ? .masterFile : .application)
        selected = nil
        challenge = nil
        closeSession()
    }

    private mutating func closeSession() {
        session = nil
        pace = nil
        agreement = nil
        hasProved = false
        identity = nil
        terminalKey = nil
        terminal = PassportTerminal()
        restart = nil
    }

    mutating func process(_ command: CommandAPDU, random: inout ChipRandom) -> Answer {
        switch command.cla {
        case 0x80 where command.ins == 0xE2:
            return storeData(command)
        case 0x00, 0x10:
            if session != nil { closeSession() }
            return execute(command, isProtected: false, random: &random)
        case 0x0C:
            return processProtected(command, random: &random)
        default:
            return .status(0x6E00)
        }
    }

    private mutating func processProtected(_ command: CommandAPDU, random: inout ChipRandom) -> Answer {
        guard session != nil else { return .status(0x6987) }
        do throws(PassportSession.Fault) {
            guard let inner = try session?.unwrap(command) else { return .status(0x6987) }
            let answer = execute(inner, isProtected: true, random: &random)
            let wrapped = session?.wrap(answer, oddInstruction: command.ins & 1 == 1) ?? .status(0x6987)
            // the answer that ends Chip Authentication still goes out under the old keys
            if let fresh = restart {
                session = fresh
                restart = nil
            }
            return wrapped
        } catch {
            closeSession()
            return .status(error == .missing ? 0x6987 : 0x6988)
        }
    }

    private mutating func execute(_ command: CommandAPDU, isProtected: Bool, random: inout ChipRandom) -> Answer {
        switch command.ins {
        case 0xA4: select(command, isProtected: isProtected)
        case 0xB0, 0xB1: readBinary(command, isProtected: isProtected)
        case 0x84: getChallenge(command, isProtected, random: &random)
        case 0x82: externalAuthenticate(command, isProtected, random: &random)
        case 0x22: manageSecurity(command, isProtected)
        case 0x86: generalAuthenticate(command, isProtected, random: &random)
        case 0x88: internalAuthenticate(command, isProtected, random: &random)
        case 0x2A where isProtected && command.p1p2 == 0x00BE: terminal.verify(command.data, trust: &trustPoint)
        case 0xE0: createFile(command)
        case 0xD6: updateBinary(command)
        case 0xDA: putData(command)
        default: .status(0x6D00)
        }
    }

    private func mayRead(_ fid: UInt16, _ isProtected: Bool) -> Bool {
        if place == .masterFile { return fid == 0x011C || isProtected }
        guard !isLocked || isProtected else { return false }
        // fingers and irises: bits 0 and 1 of the terminal's rights
        guard isLocked, trustPoint != nil, fid == 0x0103 || fid == 0x0104 else { return true }
        if fingerGuard == .nothing || fingerGuard == .proof && !hasProved { return true }
        return terminal.granted & (fid == 0x0103 ? 0x01 : 0x02) != 0
    }

    private func content(_ fid: UInt16) -> Bytes? {
        place == .masterFile ? masterFiles[fid] : files[fid]?.bytes
    }

    private mutating func select(_ command: CommandAPDU, isProtected: Bool) -> Answer {
        if command.p1 == 0x04, isProtected {
            guard command.data == Chip.moduleAID else { return .status(0x6A82) }
            place = .application
            selected = nil
            return Answer()
        }
        if command.data == [0x3F, 0x00], ownsMasterFile {
            if !isProtected { clearTransientState() }
            place = .masterFile
            return Answer()
        }
        guard place == .masterFile || !(isLocked || packageIsLocked) || isProtected else { return .status(0x6982) }
        guard command.data.count == 2, let fid = BigEndian.unsigned(command.data).map({ UInt16($0) }) else {
            return .status(0x6700)
        }
        guard content(fid) != nil else { return .status(0x6A82) }
        guard mayRead(fid, isProtected) else { return .status(0x6982) }
        selected = fid
        return Answer()
    }

    private mutating func readBinary(_ command: CommandAPDU, isProtected: Bool) -> Answer {
        guard place == .masterFile || !(isLocked || isOpenApplet || packageIsLocked) || isProtected else {
            return .status(0x6982)
        }
        var offset = command.p1p2
        if command.ins == 0xB1 {
            guard let object = TLV.parse(command.data), object.tag == 0x54, object.value.count <= 3,
                let value = BigEndian.unsigned(object.value)
            else { return .status(0x6A80) }
            offset = Int(value)
            if command.p1p2 != 0 { selected = UInt16(command.p1p2) }
        } else if command.p1 & 0x80 != 0 {
            let fid = 0x0100 | UInt16(command.p1 & 0x1F)
            guard content(fid) != nil else { return .status(0x6A82) }
            selected = fid
            offset = Int(command.p2)
        }
        guard let selected, let bytes = content(selected) else { return .status(0x6985) }
        guard mayRead(selected, isProtected) else { return .status(0x6982) }
        guard offset < bytes.count else { return .status(0x6B00) }
        let wanted = command.le ?? 0
        // a short answer leaves room for the objects of secure messaging
        let limit = isProtected ? (wanted > 256 ? 65000 : 223) : 65536
        let count = min(wanted, limit, bytes.count - offset)
        let data = Bytes(bytes[offset..<(offset + count)])
        return Answer(command.ins == 0xB1 ? TLV(0x53, data).encoded : data)
    }
}

/// Protocols.
extension PassportApplet {
    private mutating func getChallenge(
        _ command: CommandAPDU, _ isProtected: Bool, random: inout ChipRandom
    ) -> Answer {
        if isProtected, terminal.awaitsChallenge { return terminal.draw(&random) }
        guard access != nil, allowsBasicAccess, place == .application, !isSpent else { return .status(0x6982) }
        guard command.le == 8 else { return .status(0x6700) }
        let value = random.bytes(8)
        challenge = value
        return Answer(value)
    }

    private mutating func externalAuthenticate(
        _ command: CommandAPDU, _ isProtected: Bool, random: inout ChipRandom
    ) -> Answer {
        if isProtected, terminal.awaitsChallenge {
            return terminal.authenticate(command.data, identity: identity ?? [], terminalKey: terminalKey)
        }
        guard let access else { return .status(0x6982) }
        guard let rndIC = challenge else { return .status(isOpenApplet ? 0x6982 : 0x6985) }
        challenge = nil
        guard command.data.count == 40 else { return .status(0x6700) }
        guard let opened = access.authenticate(command.data, rndIC: rndIC, kIC: random.bytes(16)) else {
            return .status(isOpenApplet ? 0x6982 : 0x6300)
        }
        session = opened.session
        isSpent = isOpenApplet
        // the document number with its check digit names the chip
        identity = Bytes(access.information.dropLast(14))
        return Answer(opened.response)
    }

    private mutating func manageSecurity(_ command: CommandAPDU, _ isProtected: Bool) -> Answer {
        switch command.p1p2 {
        case 0xC1A4 where !isProtected: return beginPACE(command.data)
        case 0x41A4 where isProtected:
            guard let objects = TLV.parseAll(command.data), let identifier = objects.first, identifier.tag == 0x80,
                identifier.value.count == 10,
                identifier.value.starts(with: [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x03]),
                let suite = ChipSuite(rawValue: identifier.value[9]), !agreementKeys.isEmpty
            else { return .status(0x6A80) }
            agreement = (suite, objects.first { $0.tag == 0x84 }?.value)
            return Answer()
        case 0x41A6 where isProtected:
            guard let objects = TLV.parseAll(command.data), let peer = objects.first, peer.tag == 0x91 else {
                return .status(0x6A80)
            }
            return agree(.tripleDES, objects.first { $0.tag == 0x84 }?.value, peer.value)
        case 0x81B6 where isProtected: return trustPoint == nil ? .status(0x6A88) : terminal.choose(command.data)
        case 0x81A4 where isProtected: return terminal.selectTerminal(command.data)
        default: return .status(isProtected || command.p1p2 == 0xC1A4 ? 0x6A86 : 0x6982)
        }
    }

    private mutating func beginPACE(_ data: Bytes) -> Answer {
        pace = nil
        guard let file = masterFiles[0x011C], let objects = TLV.parseAll(data) else { return .status(0x6A80) }
        func value(_ tag: UInt32) -> Bytes? { objects.first { $0.tag == tag }?.value }
        let named = PassportPACE.Offer.all(in: file).filter { $0.identifier == value(0x80) }
        guard let first = named.first else { return .status(0x6A80) }
        var offer = first
        if let number = value(0x84)?.first {
            guard let exact = named.first(where: { $0.parameter == Int(number) }) else { return .status(0x6A88) }
            offer = exact
        } else if Set(named.map(\.parameter)).count > 1 {
            return .status(0x6A88)
        }
        let password: Bytes?
        switch value(0x83) {
        case [0x01]: password = access.map { ChipCrypto.sha1($0.information) }
        case [0x02]: password = cardAccessNumber
        default: password = nil
        }
        guard let password else { return .status(0x6A88) }
        let proof = agreementKeys.first { $0.parameter == offer.parameter && $0.number == [UInt8(offer.parameter)] }
        pace = PassportPACE(
            offer: offer, passwordKey: offer.suite.key(password, 3), staticKey: proof?.secret)
        return Answer()
    }

    private mutating func generalAuthenticate(
        _ command: CommandAPDU, _ isProtected: Bool, random: inout ChipRandom
    ) -> Answer {
        if !isProtected {
            guard var run = pace else { return .status(0x6985) }
            let result = run.answer(command, authority: trustPoint?.certificate.holder, random: &random)
            pace = result.answer.status == 0x9000 && result.opened == nil ? run : nil
            if let opened = result.opened {
                session = opened.session
                identity = opened.identity
                terminalKey = opened.terminalKey
            }
            return result.answer
        }
        guard let agreement else { return .status(0x6985) }
        guard let outer = TLV.parse(command.data), outer.tag == 0x7C, let peer = outer.first(0x80)?.value else {
            return .status(0x6A80)
        }
        self.agreement = nil
        let answer = agree(agreement.suite, agreement.number, peer)
        return answer.status == 0x9000 ? Answer(TLV(0x7C, Bytes()).encoded) : answer
    }

    /// Chip Authentication: new keys from the static key and the terminal's ephemeral one.
    private mutating func agree(_ suite: ChipSuite, _ number: Bytes?, _ peer: Bytes) -> Answer {
        guard let key = number.map({ id in agreementKeys.first { $0.number == id } }) ?? agreementKeys.first else {
            return .status(0x6A88)
        }
        guard let group = ChipGroup(parameter: key.parameter), let secret = group.agree(key.secret, peer) else {
            return .status(0x6A80)
        }
        restart = PassportSession(suite: suite, secret: secret)
        hasProved = true
        terminalKey = group.compressed(peer)
        return Answer()
    }

    private mutating func internalAuthenticate(
        _ command: CommandAPDU, _ isProtected: Bool, random: inout ChipRandom
    ) -> Answer {
        guard isProtected || !isLocked else { return .status(0x6982) }
        guard let signingKey else { return .status(0x6985) }
        guard command.data.count == 8 else { return .status(0x6700) }
        return signingKey.answer(to: command.data, random: &random).map { Answer($0) } ?? .status(0x6F00)
    }
}
