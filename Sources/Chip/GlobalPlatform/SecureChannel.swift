public import Ground
import OpenSSLCrypto
public import SmartCard

/// A card channel under SCP03. After any failure of protection or transport it is closed for good.
public final class SecureChannel: CardChannel {
    private let channel: any CardChannel
    private let session: SCP03Session
    private var isOpen = true
    public let card: InitializeUpdate

    public var level: SecurityLevel { session.level }
    public var maximumDataLength: Int { session.maximumDataLength }

    private init(_ channel: any CardChannel, _ session: SCP03Session, _ card: InitializeUpdate) {
        self.channel = channel
        self.session = session
        self.card = card
    }

    /// INITIALIZE UPDATE and EXTERNAL AUTHENTICATE with the selected security domain.
    ///
    /// The card cryptogram is checked before anything else is sent: with a wrong one it throws `chip.keys.wrong` and the
    /// card never sees a failed authentication (failed ones can block it for ever). `chip.keys.missing`: the card has no
    /// key set of this version. `chip.keys.refused`: it did not take ours.
    /// - Parameters:
    ///   - keyVersion: 0 is the card's first key set.
    ///   - level: nil is the highest that the card offers.
    ///   - hostChallenge: nil is fresh random bytes.
    public static func open(
        on channel: any CardChannel, keys source: any CardKeySource, keyVersion: UInt8, level: SecurityLevel? = nil,
        hostChallenge: Bytes? = nil, s16: Bool = false
    ) throws(SakkError) -> SecureChannel {
        let challenge = if let hostChallenge { hostChallenge } else { try RandomSource.bytes(s16 ? 16 : 8) }
        let update = APDUCommand(0x80, 0x50, keyVersion, 0x00, data: challenge, le: 256)
        let response = try channel.transmit(update)
        guard response.status != .referencedDataNotFound else {
            throw SakkError(
                "chip.keys.missing", source: "chip", native: SakkError.Native(kind: "SW", value: "6A88"),
                text: "The card has no key set of version \(keyVersion).",
                remedy: "Check stock and key version of the chip profile.")
        }
        guard response.status.isSuccess else {
            throw .refused(response.status, step: "INITIALIZE UPDATE", header: update.header)
        }
        let card = try InitializeUpdate(response.data)
        let keys = try source.keys(forKDD: card.kdd, version: card.keyVersion)
        let session = try SCP03Session(
            keys: keys, context: challenge + card.cardChallenge, macLength: card.macLength)
        guard ConstantTime.equal(try session.cardCryptogram(), card.cardCryptogram) else {
            throw SakkError(
                "chip.keys.wrong", source: "chip",
                text: "The card proved other keys than ours for version \(card.keyVersion) "
                    + "(ours have check value \(try KeyCheckValue.aes(keys.enc).hex)). Nothing was sent to it.",
                remedy: "Do not try again with this card: check stock, master key and diversification first.")
        }
        let wanted = level ?? .highest(options: card.options)
        guard wanted.isSubset(of: .highest(options: card.options)) else {
            throw SakkError(
                "chip.level.unsupported", source: "chip",
                text: "The card (i \(Hex.digits(of: [card.options]))) does not offer the security level asked for.",
                remedy: "Correct the security level of the chip profile.")
        }
        let authentication = try session.externalAuthenticate(wanted)
        let answer = try channel.transmit(authentication)
        guard answer.status.isSuccess else {
            throw SakkError(
                "chip.keys.refused", source: "chip",
                native: SakkError.Native(kind: "SW", value: BigEndian.bytes(answer.status.rawValue).hex),
                text: "The card refused our authentication: \(answer.status.text).",
                remedy: "Do not try again with this card: it counts failures and blocks itself.")
        }
        return SecureChannel(channel, session, card)
    }

    public func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
        guard isOpen else {
            throw SakkError(
                "chip.channel.closed", source: "chip", text: "The secure channel ended with an earlier failure.",
                remedy: "Open a new one.")
        }
        let wrapped = try session.wrap(command)
        do {
            return try session.unwrap(try channel.transmit(wrapped))
        } catch {
            isOpen = false
            throw error
        }
    }
}
