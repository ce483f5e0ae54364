internal import Ground

/// One chip as a value: what is in its memory, what a reset clears, and how it answers a command.
/// Issuer security domain by GlobalPlatform Card Specification 2.3.1; content management is in `Chip+Content.swift`,
/// the secure channel in `Chip+SecureChannel.swift`.
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

    enum Selected: Sendable {
        case issuer
        case passport
    }

    /// The one application instance this chip can hold.
    struct Instance: Sendable {
        let aid: Bytes
        let privileges: Bytes
        var isSelectable: Bool
        var isLockedByIssuer = false
        var applet = PassportApplet()
    }

    static let issuerAID = Bytes(hex: "A000000151000000")!
    static let loadFileAID = Bytes(hex: "A00000024710")!
    static let moduleAID = Bytes(hex: "A0000002471001")!
    /// Direct convention, T=1 over contactless framing (ISO/IEC 7816-3, PC/SC part 3): historical bytes `SAKKCHIP`.
    static let answerToReset: Bytes = {
        let body = Bytes([0x88, 0x80, 0x01]) + Bytes("SAKKCHIP".utf8)
        return [0x3B] + body + [body.reduce(0, ^)]
    }()
    /// Wrong host cryptograms before the key set is blocked.
    static let attemptLimit = 10

    let cplc: CardProductionLifeCycle
    let keyVersion: UInt8
    let keys: SCP03Keys
    var givesWrongCryptogram: Bool

    // non-volatile memory
    var life = Life.secured
    var loadFilePresent = true
    var instance: Instance?
    var sequenceCounter: UInt32 = 0
    var failedAttempts = 0

    // cleared by a reset
    var selected = Selected.issuer
    var pending: SCP03Session?
    var channel: SCP03Session?

    var random: ChipRandom
    /// Answer to GET DATA FF CA, as readers give it.
    private let fixedIdentifier: Bytes?
    private var identifier: Bytes = []
    /// Of its own, so that a power-on does not change what the applications draw.
    private var identifierRandom: ChipRandom

    init(_ configuration: VirtualCardConfiguration, forcedRandom: Bytes = []) {
        cplc = configuration.cplc
        keyVersion = configuration.transportKeys.version
        keys = SCP03Keys(
            master: configuration.transportKeys.masterKey,
            diversificationData: configuration.cplc.keyDiversificationData)
        givesWrongCryptogram = configuration.behaviour == .wrongCryptogram
        if configuration.deliveredWithInstance {
            instance = Instance(aid: Self.moduleAID, privileges: [0, 0, 0], isSelectable: true)
        }
        random = ChipRandom(seed: configuration.seed, forced: forcedRandom)
        identifierRandom = ChipRandom(seed: ~configuration.seed)
        if case .fixed(let bytes) = configuration.identifier { fixedIdentifier = bytes } else { fixedIdentifier = nil }
    }

    mutating func reset() {
        identifier = fixedIdentifier ?? [0x08] + identifierRandom.bytes(3)
        selected = .issuer
        dropChannel()
        instance?.applet.clearTransientState()
    }

    mutating func dropChannel() {
        pending = nil
        channel = nil
    }

    mutating func process(_ bytes: Bytes) -> Bytes {
        guard let command = CommandAPDU(bytes) else { return Answer.status(0x6700).bytes }
        return answer(to: command).bytes
    }

    private mutating func answer(to command: CommandAPDU) -> Answer {
        // the reader's own command (PC/SC part 3 clause 3.2.2.1.3); the vpcd driver hands it through
        if command.cla == 0xFF {
            return command.ins == 0xCA && command.p1p2 == 0 ? Answer(identifier) : .status(0x6D00)
        }
        if command.cla == 0x00, command.ins == 0xA4, command.p1 == 0x04 { return selectByName(command) }
        switch selected {
        case .issuer:
            // an applet with PACE is selected by default: its commands in the master file are not the domain's
            if let instance, instance.isSelectable, !instance.isLockedByIssuer, instance.applet.ownsMasterFile,
                [0x00, 0x0C, 0x10].contains(command.cla), command.ins != 0xCA, life != .terminated, life != .cardLocked
            {
                return self.instance?.applet.process(command, random: &random) ?? .status(0x6985)
            }
            return issuerAnswer(to: command)
        case .passport:
            guard life != .terminated else { return .status(0x6985) }
            return instance?.applet.process(command, random: &random) ?? .status(0x6985)
        }
    }

    /// SELECT by application identifier (clause 11.9).
    private mutating func selectByName(_ command: CommandAPDU) -> Answer {
        let aid = command.data
        if aid.isEmpty || Self.issuerAID.starts(with: aid) && aid.count >= 5 {
            selected = .issuer
            dropChannel()
            instance?.applet.clearTransientState()
            let warns = life == .cardLocked || life == .terminated
            return Answer(command.p2 & 0x0C == 0x0C ? [] : fileControlInformation, status: warns ? 0x6283 : 0x9000)
        }
        guard life != .cardLocked, life != .terminated, let instance, instance.aid.starts(with: aid), aid.count >= 5,
            instance.isSelectable, !instance.isLockedByIssuer
        else { return .status(0x6A82) }
        selected = .passport
        dropChannel()
        self.instance?.applet.clearTransientState(entering: .application)
        let information = TLV(0x6F, [TLV(0x84, instance.aid)]).encoded
        return Answer(command.p2 & 0x0C == 0x0C ? [] : information)
    }

    private mutating func issuerAnswer(to command: CommandAPDU) -> Answer {
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
    private mutating func unwrapped(_ command: CommandAPDU) -> Answer {
        pending = nil
        if let level = channel?.level, level & 0x01 != 0 {
            guard command.cla & 0x04 != 0, let inner = channel?.unwrap(command) else {
                dropChannel()
                return .status(0x6982)
            }
            let session = channel
            let answer = execute(inner)
            // SET STATUS may end the channel; its own answer still belongs to it
            return (channel ?? session)?.wrap(answer) ?? answer
        }
        guard command.cla & 0x04 == 0 else { return .status(0x6982) }
        return execute(command)
    }

    private mutating func execute(_ command: CommandAPDU) -> Answer {
        if command.ins == 0xCA { return getData(command) }
        guard [0xF2, 0xE6, 0xE4, 0xF0].contains(command.ins) else { return .status(0x6D00) }
        guard life != .terminated else { return .status(0x6985) }
        guard channel?.level != nil else { return .status(0x6982) }
        switch command.ins {
        case 0xF2: return getStatus(command)
        case 0xE6: return install(command)
        case 0xE4: return delete(command)
        default: return setStatus(command)
        }
    }
}
