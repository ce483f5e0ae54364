public import Ground

/// How the maker delivers one virtual card.
public struct VirtualCardConfiguration: Sendable {
    /// What a card does wrong, on order.
    public enum Behaviour: Sendable, Equatable {
        case good
        /// No answer to reset and none to any command.
        case mute
        /// The command with this number (1 is the first since the behaviour was set) fails, once.
        case failsAt(apdu: Int, Failure)
        /// INITIALIZE UPDATE answers with a wrong card cryptogram, as a card with other keys does.
        case wrongCryptogram
        /// Each command takes so long.
        case slow(milliseconds: UInt32)
        /// The next PUT KEY is cut off: the card is silent, and holds its old keys or the new ones.
        case tornPutKey(afterCommit: Bool)
        /// The cell of the secure channel counter cannot be written any more: EXTERNAL AUTHENTICATE ends with 6581.
        case wornKeyCounter
        /// No free memory: INSTALL, LOAD and PUT KEY of new keys end with 6A84.
        case memoryFull
        /// Fingers and irises open to whoever opened the document: Terminal Authentication guards nothing, or nothing before
        /// the chip has proved itself by Chip Authentication.
        case fingersOpen(untilProved: Bool)
    }

    public enum Failure: Sendable, Equatable {
        /// The command is not executed; the card is silent until it is powered again.
        case silent
        /// The command is executed, its answer is lost, and the card is silent until it is powered again.
        case answerLost
        /// The command is not executed and answered with this status word.
        case status(UInt16)
        /// The card loses power for a moment just before the command: session and selection are gone, it answers on.
        case reset
    }

    /// The maker's key set: one master, diversified for each chip.
    public struct TransportKeys: Sendable {
        /// How a card's keys follow from the master: KDF3 for AES, the others for triple DES; none for both.
        public enum Scheme: String, Sendable {
            case kdf3, visa2, visa, emv, none
        }

        /// AES master key of 16, 24 or 32 bytes, triple DES of 16.
        public var masterKey: Bytes
        public var version: UInt8
        public var scheme: Scheme
        public init(masterKey: Bytes, version: UInt8, scheme: Scheme = .kdf3) {
            precondition([16, 24, 32].contains(masterKey.count), "an AES key has 16, 24 or 32 bytes")
            self.masterKey = masterKey
            self.version = version
            self.scheme = scheme
        }
    }

    /// The secure channel of the issuer security domain, with its implementation options `i`.
    public enum SecureChannel: Sendable, Equatable {
        /// i 15, 55, 35, 75: triple DES keys.
        case scp02(options: UInt8)
        /// i 00, 10, 20, 30, 60, 70, each with 01 for S16: AES keys.
        case scp03(options: UInt8)
    }

    /// What a contactless reader tells as the card's number.
    public enum UID: Sendable, Equatable {
        /// A contact card, or a reader that tells none.
        case none
        case fixed(Bytes)
        /// Four bytes from 08, new at each activation (ISO/IEC 14443-3 6.5.4).
        case random
    }

    public var secureChannel = SecureChannel.scp03(options: 0x70)
    public var uid = UID.none
    /// Free non-volatile memory as delivered, in bytes.
    public var memory = 160_000
    /// Secure channel counter as delivered; a card ends at its highest value.
    public var sequenceCounter: UInt32 = 0
    /// GET STATUS only in the form before GlobalPlatform 2.2.
    public var knowsOnlyLegacyStatus = false
    /// GET DATA of the CPLC is refused once the passport on it is locked.
    public var hidesCPLCAfterLock = false
    /// Life cycle as delivered: OP_READY, INITIALIZED or SECURED.
    public var deliveredSecured = true
    /// Historical bytes of the answer to reset; cards of one make share them.
    public var historicalBytes = Bytes("SAKKCHIP".utf8)
    public var cplc: CardProductionLifeCycle
    public var transportKeys: TransportKeys
    public var behaviour: Behaviour
    /// Seed of the card's random numbers.
    public var seed: UInt64
    /// Delivered with an instance of the passport applet under its standard identifier, as some makers do.
    public var deliveredWithInstance: Bool

    public init(
        cplc: CardProductionLifeCycle, transportKeys: TransportKeys, behaviour: Behaviour = .good, seed: UInt64,
        deliveredWithInstance: Bool = false
    ) {
        self.deliveredWithInstance = deliveredWithInstance
        self.cplc = cplc
        self.transportKeys = transportKeys
        self.behaviour = behaviour
        self.seed = seed
    }
}
