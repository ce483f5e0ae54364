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
    }

    public enum Failure: Sendable, Equatable {
        /// The command is not executed; the card is silent until it is powered again.
        case silent
        /// The command is executed, its answer is lost, and the card is silent until it is powered again.
        case answerLost
        /// The command is not executed and answered with this status word.
        case status(UInt16)
    }

    /// What the chip calls itself before anything is selected (ISO/IEC 14443-3).
    public enum Identifier: Sendable, Equatable {
        /// Four bytes beginning with 08, drawn anew at each power-on: what a passport should do.
        case random
        /// Always the same four, seven or ten bytes.
        case fixed(Bytes)
    }

    /// The maker's key set: one master, diversified for each chip.
    public struct TransportKeys: Sendable {
        /// AES master key of 16, 24 or 32 bytes.
        public var masterKey: Bytes
        public var version: UInt8
        public init(masterKey: Bytes, version: UInt8) {
            precondition([16, 24, 32].contains(masterKey.count), "an AES key has 16, 24 or 32 bytes")
            self.masterKey = masterKey
            self.version = version
        }
    }

    public var cplc: CardProductionLifeCycle
    public var transportKeys: TransportKeys
    public var behaviour: Behaviour
    /// Seed of the card's random numbers.
    public var seed: UInt64
    /// Delivered with an instance of the passport applet under its standard identifier, as some makers do.
    public var deliveredWithInstance: Bool
    public var identifier: Identifier

    public init(
        cplc: CardProductionLifeCycle, transportKeys: TransportKeys, behaviour: Behaviour = .good, seed: UInt64,
        deliveredWithInstance: Bool = false, identifier: Identifier = .random
    ) {
        self.identifier = identifier
        self.deliveredWithInstance = deliveredWithInstance
        self.cplc = cplc
        self.transportKeys = transportKeys
        self.behaviour = behaviour
        self.seed = seed
    }
}
