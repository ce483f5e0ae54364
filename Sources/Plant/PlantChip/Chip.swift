internal import Ground

/// One chip as a value: what is in its memory, what a reset clears, and how it answers a command.
/// Issuer security domain by GlobalPlatform Card Specification 2.3.1, a clause to a file: `Chip+SecureChannel.swift`,
/// `Chip+Content.swift` (INSTALL, DELETE, SET STATUS), `Chip+Load.swift`, `Chip+Keys.swift`, `Chip+Data.swift`, `Chip+Status.swift`.
struct Chip: Sendable {
    /// Card life cycle (clause 5.1).
    enum Life: UInt8, Sendable {
        case opReady = 0x01
        case initialized = 0x07
        case secured = 0x0F
        case cardLocked = 0x7F
        case terminated = 0xFF

        var name: String {
            switch self {
            case .opReady: "OP_READY"
            case .initialized: "INITIALIZED"
            case .secured: "SECURED"
            case .cardLocked: "CARD_LOCKED"
            case .terminated: "TERMINATED"
            }
        }
    }

    /// What is out of order in the silicon, beyond what `VirtualCard` does to commands.
    enum Fault: Sendable, Equatable {
        case none, wrongCryptogram, wornKeyCounter, memoryFull
        case tornPutKey(afterCommit: Bool)
        case fingersOpen(untilProved: Bool)

        /// What the passport asks for before it shows fingers and irises.
        var fingerGuard: PassportApplet.FingerGuard {
            guard case .fingersOpen(let untilProved) = self else { return .rights }
            return untilProved ? .proof : .nothing
        }

        init(_ behaviour: VirtualCardConfiguration.Behaviour) {
            self =
                switch behaviour {
                case .wrongCryptogram: .wrongCryptogram
                case .wornKeyCounter: .wornKeyCounter
                case .memoryFull: .memoryFull
                case .fingersOpen(let untilProved): .fingersOpen(untilProved: untilProved)
                case .tornPutKey(let afterCommit): .tornPutKey(afterCommit: afterCommit)
                default: .none
                }
        }
    }

    /// What a command is given to: a security domain, or an application, by its AID.
    enum Selected: Sendable, Equatable {
        case domain(Bytes)
        case application(Bytes)
    }

    struct LoadedFile: Sendable {
        let aid: Bytes
        var securityDomain: Bytes
        let modules: [Bytes]
        let version: Bytes
        let size: Int
        /// Static fields live as long as the package: one of its instances was locked.
        var isLocked = false
    }

    struct Instance: Sendable {
        let aid: Bytes
        let loadFile: Bytes
        let module: Bytes
        var privileges: Bytes
        var securityDomain: Bytes
        var isSelectable: Bool
        var isPersonalized = false
        var isLockedByIssuer = false
        /// Nil: a security domain, or an applet that only takes STORE DATA.
        var passport: PassportApplet?
        var stored = Bytes()

        var isSecurityDomain: Bool { privileges[0] & 0x80 != 0 }
        var state: UInt8 {
            let life: UInt8 = isPersonalized ? 0x0F : isSelectable ? 0x07 : 0x03
            return isLockedByIssuer ? life | 0x80 : life
        }
    }

    static let issuerAID = Bytes(hex: "A000000151000000")!
    static let loadFileAID = Bytes(hex: "A00000024710")!
    static let moduleAID = Bytes(hex: "A0000002471001")!
    /// The package and module of supplementary security domains.
    static let domainFileAID = Bytes(hex: "A0000001515350")!
    static let domainModuleAID = Bytes(hex: "A000000151535041")!
    /// Wrong host cryptograms before the key set is blocked.
    static let attemptLimit = 10

    let cplc: CardProductionLifeCycle
    let offer: VirtualCardConfiguration.SecureChannel
    let uid: VirtualCardConfiguration.UID
    let knowsOnlyLegacyStatus: Bool
    let hidesCPLCAfterLock: Bool
    let answerToReset: Bytes
    var fault: Fault {
        didSet { for index in instances.indices { instances[index].passport?.fingerGuard = fault.fingerGuard } }
    }

    // non-volatile memory
    var life: Life
    var freeMemory: Int
    var loadFiles: [LoadedFile]
    var instances: [Instance] = []
    /// Issuer and supplementary security domains by AID.
    var domains: [Bytes: SecurityDomain]
    var failedAttempts = 0
    /// Of the whole life, whatever came after them.
    var failedAuthentications = 0

    // cleared by a reset
    var selected = Selected.domain(Chip.issuerAID)
    var pending: ChipSecureChannel?
    var pendingVersion: UInt8 = 0
    var channel: ChipSecureChannel?
    var loading: Loading?
    var personalising: Bytes?
    var storing = Storing()
    /// GET STATUS goes on from here.
    var statusRest: [Bytes]?
    var activationUID = Bytes()

    var random: ChipRandom

    init(_ configuration: VirtualCardConfiguration, forcedRandom: Bytes = []) {
        cplc = configuration.cplc
        offer = configuration.secureChannel
        uid = configuration.uid
        knowsOnlyLegacyStatus = configuration.knowsOnlyLegacyStatus
        hidesCPLCAfterLock = configuration.hidesCPLCAfterLock
        answerToReset = Chip.answerToReset(historical: configuration.historicalBytes)
        fault = Fault(configuration.behaviour)
        life = configuration.deliveredSecured ? .secured : .opReady
        freeMemory = configuration.memory
        let transport = configuration.transportKeys
        let keys = StaticKeys(
            transport.scheme, master: transport.masterKey,
            diversificationData: configuration.cplc.keyDiversificationData)
        var kind = ChipKeyEntry.Kind.aes
        if case .scp02 = configuration.secureChannel { kind = .des }
        var issuer = SecurityDomain()
        for (identifier, value) in [(UInt8(1), keys.enc), (2, keys.mac), (3, keys.dek)] {
            issuer.keys.append(
                ChipKeyEntry(identifier: identifier, version: transport.version, kind: kind, value: value))
        }
        issuer.counters[transport.version] = configuration.sequenceCounter
        domains = [Chip.issuerAID: issuer]
        loadFiles = [
            LoadedFile(
                aid: Chip.domainFileAID, securityDomain: Chip.issuerAID, modules: [Chip.domainModuleAID],
                version: [1, 0], size: 0),
            LoadedFile(
                aid: Chip.loadFileAID, securityDomain: Chip.issuerAID, modules: [Chip.moduleAID], version: [1, 0],
                size: 12_000),
        ]
        random = ChipRandom(seed: configuration.seed, forced: forcedRandom)
        if configuration.deliveredWithInstance {
            var passport = PassportApplet()
            passport.fingerGuard = fault.fingerGuard
            instances.append(
                Instance(
                    aid: Chip.moduleAID, loadFile: Chip.loadFileAID, module: Chip.moduleAID, privileges: [0, 0, 0],
                    securityDomain: Chip.issuerAID, isSelectable: true, passport: passport))
        }
    }

    /// Direct convention, T=1 over contactless framing (ISO/IEC 7816-3, PC/SC part 3) with at most 15 historical bytes.
    private static func answerToReset(historical: Bytes) -> Bytes {
        let body = [0x80 | UInt8(min(15, historical.count)), 0x80, 0x01] + historical.prefix(15)
        return [0x3B] + body + [body.reduce(0, ^)]
    }

    /// The passport instance, if there is one.
    var passport: PassportApplet? { instances.lazy.compactMap(\.passport).first }

    func instanceIndex(_ aid: Bytes) -> Int? { instances.firstIndex { $0.aid == aid } }

    mutating func reset() {
        selected = .domain(Chip.issuerAID)
        dropChannel()
        for index in instances.indices { instances[index].passport?.losePower() }
        if uid == .random { activationUID = [0x08] + random.bytes(3) }
        if case .fixed(let bytes) = uid { activationUID = bytes }
    }

    /// The session and all that lives in it.
    mutating func dropChannel() {
        pending = nil
        channel = nil
        loading = nil
        personalising = nil
        storing = Storing()
        statusRest = nil
    }

    /// Nil: the card fell silent while it worked.
    mutating func process(_ bytes: Bytes) -> Bytes? {
        guard let command = CommandAPDU(bytes) else { return Answer.status(0x6700).bytes }
        return answer(to: command)?.bytes
    }

    private mutating func answer(to command: CommandAPDU) -> Answer? {
        // GET DATA of the reader, which it answers itself (PC/SC part 3, 3.2.2.1.3)
        if command.cla == 0xFF {
            guard command.header == [0xFF, 0xCA, 0x00, 0x00], !activationUID.isEmpty else { return .status(0x6A81) }
            return Answer(activationUID)
        }
        if command.cla == 0x00, command.ins == 0xA4, command.p1 == 0x04 { return selectByName(command) }
        switch selected {
        case .domain:
            if let index = masterFileOwner, [0x00, 0x0C, 0x10].contains(command.cla), command.ins != 0xCA {
                return instances[index].passport?.process(command, random: &random) ?? .status(0x6985)
            }
            return domainAnswer(to: command)
        case .application(let aid):
            guard life != .terminated, let index = instanceIndex(aid) else { return .status(0x6985) }
            return instances[index].passport?.process(command, random: &random) ?? .status(0x6D00)
        }
    }

    /// An applet with PACE is selected by default: its commands in the master file are not the domain's.
    private var masterFileOwner: Int? {
        guard life != .terminated, life != .cardLocked else { return nil }
        return instances.firstIndex {
            $0.isSelectable && !$0.isLockedByIssuer && $0.passport?.ownsMasterFile == true
        }
    }

    /// SELECT by application identifier (clause 11.9); a part of the name from five bytes is enough.
    private mutating func selectByName(_ command: CommandAPDU) -> Answer {
        let aid = command.data
        let wantsInformation = command.p2 & 0x0C != 0x0C
        if aid.isEmpty || Self.issuerAID.starts(with: aid) && aid.count >= 5 {
            enter(.domain(Self.issuerAID))
            let warns = life == .cardLocked || life == .terminated
            return Answer(
                wantsInformation ? fileControlInformation(Self.issuerAID) : [], status: warns ? 0x6283 : 0x9000)
        }
        guard life != .cardLocked, life != .terminated, aid.count >= 5,
            let index = instances.firstIndex(where: {
                $0.aid.starts(with: aid) && $0.isSelectable && !$0.isLockedByIssuer
            })
        else { return .status(0x6A82) }
        let instance = instances[index]
        if instance.isSecurityDomain {
            enter(.domain(instance.aid))
            return Answer(wantsInformation ? fileControlInformation(instance.aid) : [])
        }
        enter(.application(instance.aid))
        instances[index].passport?.clearTransientState(entering: .application)
        return Answer(wantsInformation ? TLV(0x6F, [TLV(0x84, instance.aid)]).encoded : [])
    }

    private mutating func enter(_ place: Selected) {
        selected = place
        dropChannel()
        for index in instances.indices { instances[index].passport?.clearTransientState() }
    }

    private mutating func domainAnswer(to command: CommandAPDU) -> Answer? {
        switch (command.cla & 0xFB, command.ins) {
        case (0x80, 0x50) where command.cla == 0x80:
            return initializeUpdate(command)
        case (0x80, 0x82) where command.cla == 0x84:
            return externalAuthenticate(command)
        case (0x00, 0xA4):
            return .status(0x6A82)  // there is no master file and no elementary file here
        case (0x80, _), (0x00, 0xCA):
            return unwrapped(command)
        default:
            return .status(command.cla & 0xF0 == 0 ? 0x6D00 : 0x6E00)
        }
    }

    /// Takes the secure messaging away, executes, and puts it on the answer.
    private mutating func unwrapped(_ command: CommandAPDU) -> Answer? {
        pending = nil
        guard let level = channel?.level else {
            guard command.cla & 0x04 == 0 else { return .status(0x6982) }
            return execute(command)
        }
        let isProtected = command.cla & 0x04 != 0
        guard isProtected == (level & 0x01 != 0), let inner = level == 0 ? command : channel?.unwrap(command) else {
            dropChannel()
            return .status(0x6982)
        }
        // BEGIN and END change the protection of what follows, not of their own answers
        if inner.ins == 0x7A || inner.ins == 0x78 { return responseSession(inner) }
        var session = channel
        guard let answer = execute(inner) else { return nil }
        if channel != nil {
            return channel?.wrap(answer) ?? answer
        }
        // SET STATUS may end the channel; its own answer still belongs to it
        return session?.wrap(answer) ?? answer
    }

    private mutating func execute(_ command: CommandAPDU) -> Answer? {
        if command.ins == 0xCA { return getData(command) }
        guard [0xF2, 0xE6, 0xE4, 0xF0, 0xE8, 0xE2, 0xD8].contains(command.ins) else { return .status(0x6D00) }
        guard life != .terminated else { return .status(0x6985) }
        guard channel?.level != nil else { return .status(0x6982) }
        // the LOAD commands follow one another
        if command.ins != 0xE8 { loading = nil }
        switch command.ins {
        case 0xF2: return getStatus(command)
        case 0xE6: return install(command)
        case 0xE8: return load(command)
        case 0xE4: return delete(command)
        case 0xE2: return storeData(command)
        case 0xD8: return putKey(command)
        default: return setStatus(command)
        }
    }

    /// AID of the security domain that commands are given to.
    var domainAID: Bytes {
        if case .domain(let aid) = selected { return aid }
        return Self.issuerAID
    }
}
