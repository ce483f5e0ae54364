public import Ground
import OpenSSLCrypto
public import SmartCard

/// A card channel under SCP02 or SCP03. After any failure of protection or transport it is closed for good.
public final class SecureChannel: CardChannel {
    private let channel: any CardChannel
    private let session: any SecureSession
    private var isOpen = true
    public let card: InitializeUpdate

    public var level: SecurityLevel { session.level }
    public var maximumDataLength: Int { session.maximumDataLength }
    public func maximumDataLength(within limit: Int) -> Int { session.maximumDataLength(within: limit) }

    private init(_ channel: any CardChannel, _ session: any SecureSession, _ card: InitializeUpdate) {
        self.channel = channel
        self.session = session
        self.card = card
    }

    /// INITIALIZE UPDATE and EXTERNAL AUTHENTICATE with the selected security domain.
    ///
    /// The card cryptogram is checked before anything else is sent: with a wrong one it throws `chip.keys.wrong` and the
    /// card never sees a failed authentication (failed ones can block it for ever); a channel of `PCSCReader` then takes no
    /// further command. `chip.keys.missing`: the card has no key set of this version. `chip.keys.refused`: it did not take
    /// ours. `chip.keys.stopped`, `chip.keys.other`: see `KeySetGuard`.
    /// - Parameters:
    ///   - keyVersion: 0 is the card's first key set.
    ///   - keyIdentifier: 0 in SCP03; SCP02 cards of old may have several.
    ///   - level: nil is the highest that the card offers.
    ///   - hostChallenge: nil is fresh random bytes.
    ///   - s16: SCP03 with MACs and cryptograms of 16 bytes.
    ///   - scp02Options: `i` of SCP02, which only the card data tells.
    ///   - chip: the card's name for the guard; its diversification data serves where there is none.
    public static func open(
        on channel: any CardChannel, keys source: any CardKeySource, keyVersion: UInt8, keyIdentifier: UInt8 = 0,
        level: SecurityLevel? = nil, hostChallenge: Bytes? = nil, s16: Bool = false,
        scp02Options: UInt8 = SCP02Session.Options.usual.rawValue, guarding guardian: KeySetGuard? = nil,
        chip: ChipIdentity? = nil
    ) throws(SakkError) -> SecureChannel {
        try guardian?.admit(chip?.rawValue)
        let challenge = if let hostChallenge { hostChallenge } else { try RandomSource.bytes(s16 ? 16 : 8) }
        let card = try initializeUpdate(
            on: channel, keyVersion: keyVersion, keyIdentifier: keyIdentifier, challenge: challenge,
            scp02Options: scp02Options)
        if chip == nil { try guardian?.admit(card.kdd.hex) }
        let keys = try source.keys(forKDD: card.kdd, version: card.keyVersion)
        let session = try card.session(keys: keys, hostChallenge: challenge)
        guard ConstantTime.equal(try session.cardCryptogram(), card.cardCryptogram) else {
            let wrong = SakkError(
                "chip.keys.wrong", source: "chip",
                text:
                    "The card proved other keys than ours for version \(card.keyVersion) under \(card.secureChannel.name) "
                    + "(ours have check value \(try keys.checkValue(card.secureChannel).hex)). Nothing more was sent to it.",
                remedy: "Do not try again with this card: check stock, master key and diversification first.")
            (channel as? any RefusingChannel)?.refuse(wrong)
            try guardian?.wrong(chip?.rawValue ?? card.kdd.hex)
            throw wrong
        }
        try guardian?.right()
        let wanted = level ?? card.highestLevel
        guard wanted.isSubset(of: card.highestLevel) else {
            throw SakkError(
                "chip.level.unsupported", source: "chip",
                text:
                    "The card (\(card.secureChannel.name) i \(Hex.digits(of: [card.options]))) does not offer the security level asked for.",
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

    /// The first half of opening: changes nothing on the card, counts nothing.
    static func initializeUpdate(
        on channel: any CardChannel, keyVersion: UInt8, keyIdentifier: UInt8 = 0, challenge: Bytes,
        scp02Options: UInt8 = SCP02Session.Options.usual.rawValue
    ) throws(SakkError) -> InitializeUpdate {
        let update = APDUCommand(0x80, 0x50, keyVersion, keyIdentifier, data: challenge, le: 256)
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
        return try InitializeUpdate(response.data, scp02Options: scp02Options)
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

    /// Bytes of one block of sensitive data: 8 under SCP02, 16 under SCP03.
    public var sensitiveBlock: Int { session.sensitiveBlock }

    /// Sensitive data (whole blocks) under the data encryption key, for PUT KEY and encrypted DGIs.
    public func sealSensitive(_ plain: Bytes) throws(SakkError) -> Bytes { try session.sealSensitive(plain) }

    /// BEGIN R-MAC SESSION (GPCS E.5.3, Amendment D 7.1.3): responses get an R-MAC, and with `.rEncryption` R-ENC, until
    /// `endResponseMAC`. `data` (at most 24 bytes) goes into the MAC under SCP02. Optional for cards: `chip.refused` says no.
    public func beginResponseMAC(_ level: SecurityLevel = .rMAC, data: Bytes = []) throws(SakkError) {
        let wanted = level.union(.rMAC)
        let command = APDUCommand(
            0x80, 0x7A, wanted.rawValue & 0x30, 0x01, data: [UInt8(min(24, data.count))] + data.prefix(24))
        _ = try expectSuccess(command, step: "BEGIN R-MAC SESSION")
        try session.beginResponseSecurity(wanted.intersection([.rMAC, .rEncryption]))
    }

    /// END R-MAC SESSION: back to the level of the authentication.
    public func endResponseMAC() throws(SakkError) {
        _ = try expectSuccess(APDUCommand(0x80, 0x78, 0x00, 0x03, le: 256), step: "END R-MAC SESSION")
        session.endResponseSecurity()
    }
}
