internal import Ground

/// The chip's side of secure messaging, with triple DES or AES (Doc 9303-11 clause 9.8).
struct PassportSession: Sendable {
    let suite: ChipSuite
    let ksEnc: Bytes
    let ksMac: Bytes
    private(set) var sendSequenceCounter: Bytes

    enum Fault: Error, Equatable {
        /// 6987: an expected data object is missing.
        case missing
        /// 6988: a data object is wrong.
        case incorrect
    }

    init(suite: ChipSuite = .tripleDES, ksEnc: Bytes, ksMac: Bytes, sendSequenceCounter: Bytes) {
        self.suite = suite
        self.ksEnc = ksEnc
        self.ksMac = ksMac
        self.sendSequenceCounter = sendSequenceCounter
    }

    /// Keys from a shared secret, the counter at zero.
    init(suite: ChipSuite, secret: Bytes) {
        self.init(
            suite: suite, ksEnc: suite.key(secret, 1), ksMac: suite.key(secret, 2),
            sendSequenceCounter: Bytes(repeating: 0, count: suite.blockLength))
    }

    private mutating func step() {
        for index in sendSequenceCounter.indices.reversed() {
            sendSequenceCounter[index] &+= 1
            if sendSequenceCounter[index] != 0 { return }
        }
    }

    private var vector: Bytes? {
        suite == .tripleDES ? nil : suite.cipher(ksEnc, sendSequenceCounter, encrypt: true)
    }

    /// The command inside the protected one.
    mutating func unwrap(_ command: CommandAPDU) throws(Fault) -> CommandAPDU {
        guard let objects = TLV.parseAll(command.data), let mac = objects.last, mac.tag == 0x8E else { throw .missing }
        step()
        let header = ChipCrypto.padded(command.header, block: suite.blockLength)
        let protected = objects.dropLast().flatMap(\.encoded)
        let message = sendSequenceCounter + header + protected
        guard suite.checksum(ksMac, message, padded: true) == mac.value else { throw .incorrect }

        var inner = CommandAPDU(
            cla: command.cla & 0xF3, ins: command.ins, p1: command.p1, p2: command.p2, data: [], le: nil)
        for object in objects.dropLast() {
            switch object.tag {
            case 0x87:
                guard object.value.first == 1 else { throw .incorrect }
                inner.data = try decrypted(Bytes(object.value.dropFirst()))
            case 0x85:
                inner.data = try decrypted(object.value)
            case 0x97:
                guard let le = BigEndian.unsigned(object.value), (1...2).contains(object.value.count) else {
                    throw .incorrect
                }
                inner.le = le == 0 ? (object.value.count == 1 ? 256 : 65536) : Int(le)
            default:
                throw .incorrect
            }
        }
        return inner
    }

    private func decrypted(_ cryptogram: Bytes) throws(Fault) -> Bytes {
        guard !cryptogram.isEmpty, cryptogram.count % suite.blockLength == 0,
            let plain = ChipCrypto.unpadded(suite.cipher(ksEnc, iv: vector, cryptogram, encrypt: false))
        else { throw .incorrect }
        return plain
    }

    /// The protected response; `oddInstruction` answers go into 85 without padding indicator.
    mutating func wrap(_ answer: Answer, oddInstruction: Bool) -> Answer {
        step()
        var body = Bytes()
        if !answer.data.isEmpty {
            let padded = ChipCrypto.padded(answer.data, block: suite.blockLength)
            let cryptogram = suite.cipher(ksEnc, iv: vector, padded, encrypt: true)
            body += (oddInstruction ? TLV(0x85, cryptogram) : TLV(0x87, [1] + cryptogram)).encoded
        }
        body += TLV(0x99, BigEndian.bytes(answer.status)).encoded
        let mac = suite.checksum(ksMac, sendSequenceCounter + body, padded: true)
        return Answer(body + TLV(0x8E, mac).encoded, status: answer.status)
    }
}
