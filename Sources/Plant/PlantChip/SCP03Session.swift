internal import Ground

/// The card's side of one SCP03 session, S8 or S16 (GlobalPlatform Card Specification Amendment D 1.2, clause 6).
struct SCP03Session: Sendable {
    let cardCryptogram: Bytes
    let hostCryptogram: Bytes
    /// Security level of EXTERNAL AUTHENTICATE; nil before it.
    private(set) var level: UInt8?
    private let sEnc: Bytes
    private let sMac: Bytes
    private let sRmac: Bytes
    private var chain = Bytes(repeating: 0, count: 16)
    private var commandCounter: UInt64 = 0
    private var levelOutsideResponseSession: UInt8?
    private let macLength: Int
    /// Static Key-DEK, for keys that arrive.
    private let dek: Bytes

    static let levels: Set<UInt8> = [0x00, 0x01, 0x03, 0x11, 0x13, 0x33]

    init(keys: StaticKeys, hostChallenge: Bytes, cardChallenge: Bytes, macLength: Int = 8) {
        self.macLength = macLength
        dek = keys.dek
        let context = hostChallenge + cardChallenge
        let bits = keys.enc.count * 8
        sEnc = Self.derive(keys.enc, constant: 0x04, bits: bits, context: context)
        sMac = Self.derive(keys.mac, constant: 0x06, bits: bits, context: context)
        sRmac = Self.derive(keys.mac, constant: 0x07, bits: bits, context: context)
        cardCryptogram = Self.derive(sMac, constant: 0x00, bits: macLength * 8, context: context)
        hostCryptogram = Self.derive(sMac, constant: 0x01, bits: macLength * 8, context: context)
    }

    /// SP 800-108 counter mode with CMAC (clause 4.1.5).
    static func derive(_ key: Bytes, constant: UInt8, bits: Int, context: Bytes) -> Bytes {
        var output = Bytes()
        var counter: UInt8 = 1
        while output.count * 8 < bits {
            let label = Bytes(repeating: 0, count: 11) + [constant, 0] + BigEndian.bytes(UInt16(bits)) + [counter]
            output += ChipCrypto.cmac(key: key, label + context)
            counter += 1
        }
        return Bytes(output.prefix(bits / 8))
    }

    /// Pseudo-random card challenge (clause 6.2.2.1).
    static func challenge(encKey: Bytes, sequenceCounter: Bytes, aid: Bytes, count: Int = 8) -> Bytes {
        derive(encKey, constant: 0x02, bits: count * 8, context: sequenceCounter + aid)
    }

    /// Checks EXTERNAL AUTHENTICATE and opens the session; false when MAC or host cryptogram is wrong.
    mutating func open(_ command: CommandAPDU) -> Bool {
        guard command.data.count == 2 * macLength, let data = verifiedData(command), data == hostCryptogram else {
            return false
        }
        level = command.p1
        return true
    }

    private mutating func verifiedData(_ command: CommandAPDU) -> Bytes? {
        guard command.data.count >= macLength else { return nil }
        let data = Bytes(command.data.dropLast(macLength))
        let mac = ChipCrypto.cmac(key: sMac, chain + command.header + [UInt8(command.data.count)] + data)
        guard mac.prefix(macLength).elementsEqual(command.data.suffix(macLength)) else { return nil }
        chain = mac
        return data
    }

    /// The command inside; nil when MAC or padding is wrong, and the session is then over for the caller.
    mutating func unwrap(_ command: CommandAPDU) -> CommandAPDU? {
        guard let level, level & 0x01 != 0 else { return nil }
        guard var data = verifiedData(command) else { return nil }
        commandCounter += 1
        if level & 0x02 != 0, !data.isEmpty {
            guard data.count % 16 == 0 else { return nil }
            let iv = counterIV(leading: 0)
            guard let plain = ChipCrypto.unpadded(ChipCrypto.aesCBC(key: sEnc, iv: iv, data, encrypt: false)) else {
                return nil
            }
            data = plain
        }
        var inner = command
        inner.cla &= ~0x04
        inner.data = data
        return inner
    }

    /// Response data and status word as they leave the card; an error status word goes out bare.
    func wrap(_ answer: Answer) -> Answer {
        guard let level, level & 0x10 != 0 else { return answer }
        guard answer.status == 0x9000 || [0x62, 0x63].contains(answer.status >> 8) else {
            return .status(answer.status)
        }
        var data = answer.data
        if level & 0x20 != 0, !data.isEmpty {
            let iv = counterIV(leading: 0x80)
            data = ChipCrypto.aesCBC(key: sEnc, iv: iv, ChipCrypto.padded(data, block: 16), encrypt: true)
        }
        let mac = ChipCrypto.cmac(key: sRmac, chain + data + BigEndian.bytes(answer.status))
        return Answer(data + mac.prefix(macLength), status: answer.status)
    }

    /// Key bytes as PUT KEY brings them.
    func openSensitive(_ sealed: Bytes) -> Bytes? {
        sealed.count % 16 == 0 ? ChipCrypto.aesCBC(key: dek, sealed, encrypt: false) : nil
    }

    /// BEGIN R-MAC SESSION (7.1.3): false (6985) where the session has this protection or lacks it for commands.
    mutating func beginResponseSession(_ wanted: UInt8) -> Bool {
        guard let level, levelOutsideResponseSession == nil, level & 0x01 != 0, level & 0x20 == 0 else { return false }
        guard wanted == 0x10 && level & 0x10 == 0 || wanted == 0x30 && level & 0x02 != 0 else { return false }
        levelOutsideResponseSession = level
        self.level = level | wanted
        return true
    }

    mutating func endResponseSession() -> Bool {
        guard let before = levelOutsideResponseSession else { return false }
        level = before
        levelOutsideResponseSession = nil
        return true
    }

    private func counterIV(leading: UInt8) -> Bytes {
        let block = [leading] + Bytes(repeating: 0, count: 7) + BigEndian.bytes(commandCounter)
        return ChipCrypto.aesCBC(key: sEnc, block, encrypt: true)
    }
}
