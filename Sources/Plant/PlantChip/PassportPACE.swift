internal import Ground

/// PACE on the chip (Doc 9303-11 clause 4.4): one run, step by step.
struct PassportPACE: Sendable {
    /// A variant of EF.CardAccess.
    struct Offer: Sendable, Equatable {
        let identifier: Bytes
        /// 1 and 2 generic, 3 and 4 integrated, 6 chip authentication; odd numbers are fields, even are curves.
        let mapping: UInt8
        let suite: ChipSuite
        let parameter: Int

        var group: ChipGroup? { ChipGroup(parameter: parameter) }

        /// The PACEInfos of EF.CardAccess.
        static func all(in file: Bytes) -> [Offer] {
            (TLV.parse(file)?.children ?? []).compactMap { info in
                guard let parts = info.children, parts.count >= 3, parts[0].tag == 0x06, parts[0].value.count == 10,
                    parts[0].value.starts(with: [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04]),
                    let suite = ChipSuite(rawValue: parts[0].value[9]), let parameter = parts[2].value.first
                else { return nil }
                return Offer(
                    identifier: parts[0].value, mapping: parts[0].value[8], suite: suite, parameter: Int(parameter))
            }
        }
    }

    /// What a run leaves behind.
    struct Opened: Sendable {
        let session: PassportSession
        /// The chip's ephemeral key, shortened: who this chip is for Terminal Authentication.
        let identity: Bytes
        /// After CAM the terminal's ephemeral key counts as proved.
        let terminalKey: Bytes?
    }

    let offer: Offer
    private let passwordKey: Bytes
    private let staticKey: Bytes?
    private var step = 0
    private var nonce = Bytes()
    private var mappingSecret = Bytes()
    private var mappedNonce = Bytes()
    private var mappingPeer = Bytes()
    private var mappingStream = Bytes()
    private var ephemeral = Bytes()
    private var ephemeralPublic = Bytes()
    private var peer = Bytes()
    private var secret = Bytes()

    /// `passwordKey` is derived from the password; `staticKey` is the Chip Authentication key of the domain, for CAM.
    init(offer: Offer, passwordKey: Bytes, staticKey: Bytes?) {
        self.offer = offer
        self.passwordKey = passwordKey
        self.staticKey = staticKey
    }

    private var suite: ChipSuite { offer.suite }

    /// One GENERAL AUTHENTICATE: the answer, and the session after the last.
    mutating func answer(
        _ command: CommandAPDU, authority: Bytes?, random: inout ChipRandom
    ) -> (answer: Answer, opened: Opened?) {
        guard let outer = TLV.parse(command.data), outer.tag == 0x7C, let objects = outer.children,
            (command.cla == 0x10) == (step < 3)
        else { return (.status(0x6A80), nil) }
        step += 1
        switch (step, objects.first?.tag) {
        case (1, nil): return (sendNonce(&random), nil)
        case (2, 0x81): return (map(objects[0].value, &random), nil)
        case (3, 0x83): return (agree(objects[0].value, &random), nil)
        case (4, 0x85): return finish(objects[0].value, authority)
        default: return (.status(0x6A80), nil)
        }
    }

    private func reply(_ objects: [TLV]) -> Answer { Answer(TLV(0x7C, objects).encoded) }

    private mutating func sendNonce(_ random: inout ChipRandom) -> Answer {
        // the integrated mapping wants a nonce of at least a key's length, in whole blocks
        let isIntegrated = offer.mapping == 3 || offer.mapping == 4
        nonce = random.bytes(isIntegrated && suite.keyLength > 16 ? 32 : 16)
        return reply([TLV(0x80, suite.cipher(passwordKey, nonce, encrypt: true))])
    }

    private mutating func map(_ data: Bytes, _ random: inout ChipRandom) -> Answer {
        guard let group = offer.group else { return .status(0x6A80) }
        if offer.mapping == 3 || offer.mapping == 4 {
            guard data.count == suite.keyLength else { return .status(0x6A80) }
            mappingStream = stream(nonce, data, bits: group.primeBits)
            guard group.mapped(stream: mappingStream) != nil else { return .status(0x6300) }
            return reply([TLV(0x82, Bytes())])
        }
        mappingSecret = group.privateKey(&random)
        mappingPeer = data
        guard let mine = group.publicKey(mappingSecret), mapped(group) != nil else { return .status(0x6A80) }
        return reply([TLV(0x82, mine)])
    }

    private func mapped(_ group: ChipGroup) -> ChipGroup? {
        offer.mapping == 3 || offer.mapping == 4
            ? group.mapped(stream: mappingStream)
            : group.mapped(nonce: nonce, secret: mappingSecret, peer: mappingPeer)
    }

    /// R(s, t) of clause 4.4.3.3.2.
    private func stream(_ s: Bytes, _ t: Bytes, bits: Int) -> Bytes {
        let constants =
            suite.keyLength == 16
            ? ("A668892A7C41E3CA739F40B057D85904", "A4E136AC725F738B01C1F60217C188AD")
            : (
                "D463D65234124EF7897054986DCA0A174E28DF758CBAA03F240616414D5A1676",
                "54BD7255F0AAF831BEC3423FCF39D69B6CBF066677D0FAAE5AADD99DF8E53517"
            )
        var key = suite.cipher(t, s, encrypt: true)
        var output = Bytes()
        while output.count * 8 < bits + 64 {
            let cut = Bytes(key.prefix(suite.keyLength))
            output += suite.cipher(cut, Bytes(hex: constants.1)!, encrypt: true)
            key = suite.cipher(cut, Bytes(hex: constants.0)!, encrypt: true)
        }
        return output
    }

    private mutating func agree(_ data: Bytes, _ random: inout ChipRandom) -> Answer {
        guard let group = offer.group.flatMap(mapped) else { return .status(0x6985) }
        ephemeral = group.privateKey(&random)
        guard let mine = group.publicKey(ephemeral), mine != data, let shared = group.agree(ephemeral, data) else {
            return .status(0x6A80)
        }
        ephemeralPublic = mine
        peer = data
        secret = shared
        return reply([TLV(0x84, mine)])
    }

    private func token(_ key: Bytes, over publicKey: Bytes) -> Bytes {
        let object = TLV(
            0x7F49, [TLV(0x06, offer.identifier), TLV(offer.group?.isCurve == true ? 0x86 : 0x84, publicKey)])
        return suite.checksum(key, object.encoded, padded: false)
    }

    private mutating func finish(_ data: Bytes, _ authority: Bytes?) -> (answer: Answer, opened: Opened?) {
        let session = PassportSession(suite: suite, secret: secret)
        guard let group = offer.group, data == token(session.ksMac, over: ephemeralPublic) else {
            return (.status(0x6300), nil)
        }
        var objects = [TLV(0x86, token(session.ksMac, over: peer))]
        if let authority { objects.append(TLV(0x87, authority)) }
        var terminalKey: Bytes?
        if offer.mapping == 6 {
            guard let staticKey, let proof = group.quotient(mappingSecret, by: staticKey) else {
                return (.status(0x6985), nil)
            }
            let vector = suite.cipher(session.ksEnc, Bytes(repeating: 0xFF, count: 16), encrypt: true)
            let padded = ChipCrypto.padded(proof, block: 16)
            objects.append(TLV(0x8A, suite.cipher(session.ksEnc, iv: vector, padded, encrypt: true)))
            terminalKey = group.compressed(peer)
        }
        let opened = Opened(
            session: session, identity: group.compressed(ephemeralPublic), terminalKey: terminalKey)
        return (reply(objects), opened)
    }
}
