public import Ground

/// The answer to INITIALIZE UPDATE: SCP02 28 bytes (GPCS 2.3.1 table E-8); SCP03 29 or 32 bytes in S8, 45 or 48 in S16
/// (Amendment D 1.2 table 7-3).
public struct InitializeUpdate: Sendable, Equatable {
    public enum SecureChannelProtocol: UInt8, Sendable {
        case scp02 = 0x02
        case scp03 = 0x03
        public var name: String { self == .scp02 ? "SCP02" : "SCP03" }
    }

    /// Key diversification data, 10 bytes.
    public let kdd: Bytes
    public let keyVersion: UInt8
    public let secureChannel: SecureChannelProtocol
    /// Implementation options `i`. SCP03: 01 S16, 10 pseudo-random challenge, 20 R-MAC, 40 R-ENC. SCP02 does not tell them here:
    /// then they are what the caller knows from the card data, or 15.
    public let options: UInt8
    /// 8 or 16 bytes; 6 under SCP02.
    public let cardChallenge: Bytes
    public let cardCryptogram: Bytes
    /// SCP02: 2 bytes. SCP03: 3 bytes, only with a pseudo-random challenge.
    public let sequenceCounter: Bytes?

    public var isS16: Bool { secureChannel == .scp03 && options & 0x01 != 0 }
    public var macLength: Int { isS16 ? 16 : 8 }

    /// The highest level of the card: SCP03 by its options; SCP02 C-MAC and C-ENC, with R-MAC if its options have 20.
    public var highestLevel: SecurityLevel {
        switch secureChannel {
        case .scp03: .highest(options: options)
        case .scp02: options & 0x20 != 0 ? SecurityLevel(rawValue: 0x13) : SecurityLevel(rawValue: 0x03)
        }
    }

    /// Throws `chip.scp.unsupported` for another protocol, `chip.response.malformed` for other lengths.
    /// - Parameter scp02Options: `i` of SCP02 as the card data says.
    public init(_ response: Bytes, scp02Options: UInt8 = SCP02Session.Options.usual.rawValue) throws(SakkError) {
        var reader = ByteReader(response)
        guard let kdd = reader.read(10), let version = reader.byte(), let scp = reader.byte() else {
            throw .malformed("INITIALIZE UPDATE")
        }
        self.kdd = kdd
        keyVersion = version
        switch SecureChannelProtocol(rawValue: scp) {
        case .scp02:
            secureChannel = .scp02
            options = scp02Options
            guard let counter = reader.read(2), let challenge = reader.read(6), let cryptogram = reader.read(8) else {
                throw .malformed("INITIALIZE UPDATE")
            }
            sequenceCounter = counter
            cardChallenge = challenge
            cardCryptogram = cryptogram
        case .scp03:
            secureChannel = .scp03
            guard let options = reader.byte() else { throw .malformed("INITIALIZE UPDATE") }
            let length = options & 0x01 == 0 ? 8 : 16
            guard let challenge = reader.read(length), let cryptogram = reader.read(length) else {
                throw .malformed("INITIALIZE UPDATE")
            }
            self.options = options
            cardChallenge = challenge
            cardCryptogram = cryptogram
            sequenceCounter = reader.isAtEnd ? nil : reader.read(3)
        case nil:
            throw SakkError(
                "chip.scp.unsupported", source: "chip",
                text: "The card speaks SCP\(Hex.digits(of: [scp])); Sakk speaks SCP02 and SCP03.",
                remedy: "Take the card out: it is not of this stock.")
        }
        guard reader.isAtEnd else { throw .malformed("INITIALIZE UPDATE") }
    }

    /// The session that follows from this answer and the card's keys.
    func session(keys: borrowing CardKeys, hostChallenge: Bytes) throws(SakkError) -> any SecureSession {
        switch secureChannel {
        case .scp02:
            try SCP02Session(
                keys: keys, sequenceCounter: sequenceCounter ?? [], cardChallenge: cardChallenge,
                hostChallenge: hostChallenge, options: SCP02Session.Options(rawValue: options))
        case .scp03:
            try SCP03Session(keys: keys, context: hostChallenge + cardChallenge, macLength: macLength)
        }
    }
}

extension SakkError {
    /// An answer that does not have the form of the standard: `chip.response.malformed`.
    static func malformed(_ what: String) -> SakkError {
        SakkError(
            "chip.response.malformed", source: "chip",
            text: "The answer to \(what) has not the form that GlobalPlatform gives it.",
            remedy: "Take the card out and keep it for examination.")
    }
}
