internal import Ground

/// The card's side of one SCP02 session with explicit initiation (GlobalPlatform 2.3.1 appendix E).
struct SCP02Channel: Sendable {
    let cardCryptogram: Bytes
    let hostCryptogram: Bytes
    private(set) var level: UInt8?
    private let options: UInt8
    private let sEnc: Bytes
    private let sMac: Bytes
    private let sDek: Bytes
    private var sRmac: Bytes
    private let macKey: Bytes
    private let counter: Bytes
    private var chain = Bytes(repeating: 0, count: 8)
    private var responseChain = Bytes(repeating: 0, count: 8)
    private var isOpen = false
    private var isResponseSession = false
    private var stripped = Bytes()

    init(keys: StaticKeys, counter: Bytes, hostChallenge: Bytes, cardChallenge: Bytes, options: UInt8) {
        self.options = options
        self.counter = counter
        macKey = keys.mac
        sEnc = Self.derive(keys.enc, 0x0182, counter)
        sMac = Self.derive(keys.mac, 0x0101, counter)
        sRmac = Self.derive(keys.mac, 0x0102, counter)
        sDek = Self.derive(keys.dek, 0x0181, counter)
        cardCryptogram = Self.fullMAC(sEnc, hostChallenge + counter + cardChallenge)
        hostCryptogram = Self.fullMAC(sEnc, counter + cardChallenge + hostChallenge)
    }

    /// E.4.1.
    static func derive(_ key: Bytes, _ constant: UInt16, _ counter: Bytes) -> Bytes {
        ChipCrypto.tripleDESCBC(
            key: key, BigEndian.bytes(constant) + counter + Bytes(repeating: 0, count: 12), encrypt: true)
    }

    /// B.1.2.1: triple DES CBC, last block.
    private static func fullMAC(_ key: Bytes, _ data: Bytes) -> Bytes {
        Bytes(ChipCrypto.tripleDESCBC(key: key, ChipCrypto.padded(data, block: 8), encrypt: true).suffix(8))
    }

    /// B.1.2.2 with a chaining value: it is added to the first block.
    private static func chainedMAC(_ key: Bytes, _ vector: Bytes, _ data: Bytes) -> Bytes {
        var message = data
        if message.count >= 8 {
            for index in 0..<8 { message[index] ^= vector[index] }
        } else {
            // the padding belongs to the first block, so it is added by hand
            message = ChipCrypto.padded(message, block: 8)
            for index in 0..<8 { message[index] ^= vector[index] }
            return ChipCrypto.tripleDESCBC(key: key, message, encrypt: true)
        }
        return ChipCrypto.retailMAC(key: key, message)
    }

    /// E.4.2.3: what a card with option 40 gives as its challenge.
    static func challenge(macKey: Bytes, counter: Bytes, aid: Bytes) -> Bytes {
        Bytes(ChipCrypto.retailMAC(key: derive(macKey, 0x0101, counter), aid).prefix(6))
    }

    static func allows(_ level: UInt8, options: UInt8) -> Bool {
        [0x00, 0x01, 0x03].contains(level) || options & 0x20 != 0 && [0x10, 0x11, 0x13].contains(level)
    }

    mutating func open(_ command: CommandAPDU) -> Bool {
        guard command.data.count == 16, verify(command, plain: Bytes(command.data.prefix(8))),
            command.data.prefix(8).elementsEqual(hostCryptogram)
        else { return false }
        level = command.p1
        responseChain = chain
        return true
    }

    /// C-MAC over the plain command, E.4.4.
    private mutating func verify(_ command: CommandAPDU, plain: Bytes) -> Bool {
        let isModified = options & 0x02 == 0
        let cla = isModified ? command.cla & 0xF8 | 0x04 : command.cla & 0xF8 & ~0x04
        let head = [
            cla, command.ins, command.p1, command.p2, UInt8(truncatingIfNeeded: plain.count + (isModified ? 8 : 0)),
        ]
        var vector = chain
        if isOpen, options & 0x10 != 0 {
            let left = Bytes(sMac.prefix(8))
            vector = ChipCrypto.tripleDESECB(key: left + left, chain, encrypt: true)
        }
        let mac = Self.chainedMAC(sMac, vector, head + plain)
        guard mac.elementsEqual(command.data.suffix(8)) else { return false }
        chain = mac
        isOpen = true
        return true
    }

    mutating func unwrap(_ command: CommandAPDU) -> CommandAPDU? {
        guard let level else { return nil }
        var inner = command
        inner.cla &= ~0x04
        if level & 0x01 != 0 {
            guard command.data.count >= 8 else { return nil }
            var plain = Bytes(command.data.dropLast(8))
            if level & 0x02 != 0, !plain.isEmpty {
                guard plain.count % 8 == 0,
                    let opened = ChipCrypto.unpadded(ChipCrypto.tripleDESCBC(key: sEnc, plain, encrypt: false))
                else { return nil }
                plain = opened
            }
            guard verify(command, plain: plain) else { return nil }
            inner.data = plain
        }
        stripped = [inner.cla & 0xF8, inner.ins, inner.p1, inner.p2, UInt8(inner.data.count & 0xFF)] + inner.data
        return inner
    }

    /// R-MAC, E.4.5: kept in the chain whether it is sent or not.
    mutating func wrap(_ answer: Answer) -> Answer {
        guard let level, level & 0x10 != 0 || isResponseSession else { return answer }
        let succeeded = answer.status == 0x9000 || [0x62, 0x63].contains(answer.status >> 8)
        let data = succeeded ? answer.data : []
        let input = stripped + [UInt8(data.count & 0xFF)] + data + BigEndian.bytes(answer.status)
        responseChain = Self.chainedMAC(sRmac, responseChain, input)
        guard level & 0x10 != 0, succeeded else { return answer }
        return Answer(data + responseChain, status: answer.status)
    }

    /// Session DEK, triple DES in ECB mode (E.4.7).
    func openSensitive(_ sealed: Bytes) -> Bytes? {
        sealed.count % 8 == 0 ? ChipCrypto.tripleDESECB(key: sDek, sealed, encrypt: false) : nil
    }

    /// BEGIN R-MAC SESSION: the pair of command and answer is the first link; the key follows from the counter as it is now.
    mutating func beginResponseSession(_ wanted: UInt8) -> Bool {
        guard let level, options & 0x20 != 0, level & 0x10 == 0, wanted == 0x10 else { return false }
        let now = UInt16(truncatingIfNeeded: (BigEndian.unsigned(counter) ?? 0) + 1)
        sRmac = Self.derive(macKey, 0x0102, BigEndian.bytes(now))
        responseChain = Self.chainedMAC(sRmac, responseChain, stripped + [0x00, 0x90, 0x00])
        isResponseSession = true
        self.level = level | 0x10
        return true
    }

    mutating func endResponseSession() -> Bool {
        guard isResponseSession, let level else { return false }
        isResponseSession = false
        self.level = level & ~0x10
        return true
    }
}
