public import Ground
import OpenSSLCrypto
public import SmartCard

/// Session keys and MAC chains of SCP02 with explicit initiation (GPCS 2.3.1 appendix E; deprecated there, still in stock).
public final class SCP02Session: SecureSession {
    /// Implementation options `i`, table E-1.
    public struct Options: OptionSet, Sendable, Hashable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let threeKeys = Options(rawValue: 0x01)
        public static let unmodifiedAPDU = Options(rawValue: 0x02)
        public static let explicitInitiation = Options(rawValue: 0x04)
        public static let encryptedICV = Options(rawValue: 0x10)
        public static let responseMAC = Options(rawValue: 0x20)
        public static let pseudoRandomChallenge = Options(rawValue: 0x40)
        /// What nearly all cards have; INITIALIZE UPDATE does not tell.
        public static let usual = Options(rawValue: 0x15)
    }

    private enum Constant {
        static let commandMAC: Bytes = [0x01, 0x01]
        static let responseMAC: Bytes = [0x01, 0x02]
        static let sensitive: Bytes = [0x01, 0x81]
        static let encryption: Bytes = [0x01, 0x82]
    }

    let sENC: SecretBytes
    let sMAC: SecretBytes
    let sDEK: SecretBytes
    private(set) var sRMAC: SecretBytes
    private let staticMAC: SecretBytes
    private let sequenceCounter: Bytes
    private let cardChallenge: Bytes
    private let hostChallenge: Bytes
    private let options: Options
    private var chain = Bytes(repeating: 0, count: 8)
    private var responseChain = Bytes(repeating: 0, count: 8)
    private var isFirst = true
    private var lastCommand = Bytes()
    private var isResponseSession = false
    public private(set) var level: SecurityLevel = []

    /// - Parameters: sequence counter of 2 bytes, card challenge of 6, host challenge of 8.
    public init(
        keys: borrowing CardKeys, sequenceCounter: Bytes, cardChallenge: Bytes, hostChallenge: Bytes,
        options: Options = .usual
    ) throws(SakkError) {
        self.sequenceCounter = sequenceCounter
        self.cardChallenge = cardChallenge
        self.hostChallenge = hostChallenge
        self.options = options
        sENC = try SCP02Session.sessionKey(from: keys.enc, Constant.encryption, sequenceCounter)
        sMAC = try SCP02Session.sessionKey(from: keys.mac, Constant.commandMAC, sequenceCounter)
        sRMAC = try SCP02Session.sessionKey(from: keys.mac, Constant.responseMAC, sequenceCounter)
        sDEK = try SCP02Session.sessionKey(from: keys.dek, Constant.sensitive, sequenceCounter)
        staticMAC = keys.mac.copy()
    }

    public var sensitiveBlock: Int { 8 }

    /// Full triple DES MAC (B.1.2.1) over host challenge ‖ counter ‖ card challenge, E.4.2.1.
    public func cardCryptogram() throws(SakkError) -> Bytes {
        try cryptogram(hostChallenge + sequenceCounter + cardChallenge)
    }

    func hostCryptogram() throws(SakkError) -> Bytes {
        try cryptogram(sequenceCounter + cardChallenge + hostChallenge)
    }

    private func cryptogram(_ data: Bytes) throws(SakkError) -> Bytes {
        let padded = ISO9797.pad2(data, block: 8)
        return Bytes(try TripleDES.cbcEncrypt(key: sENC, iv: Bytes(repeating: 0, count: 8), data: padded).suffix(8))
    }

    public func externalAuthenticate(_ level: SecurityLevel) throws(SakkError) -> APDUCommand {
        var command = APDUCommand(0x84, 0x82, level.rawValue, 0x00, data: try hostCryptogram())
        chain = try commandMAC(command)
        responseChain = chain
        command.data += chain
        self.level = level
        return command
    }

    public func maximumDataLength(within limit: Int) -> Int {
        guard level.contains(.cMAC) else { return limit }
        return level.contains(.cDecryption) ? (limit - 8) / 8 * 8 - 1 : limit - 8
    }

    /// C-MAC over the plain data (E.4.4), then C-ENC (E.4.6): the other way round than SCP03.
    public func wrap(_ command: APDUCommand) throws(SakkError) -> APDUCommand {
        lastCommand = [command.cla & 0xF8, command.ins, command.p1, command.p2, UInt8(min(255, command.data.count))]
        lastCommand += command.data
        var wrapped = command
        if level.contains(.rMAC), wrapped.le == nil { wrapped.le = 256 }
        guard level.contains(.cMAC) else { return wrapped }
        guard command.data.count <= maximumDataLength else {
            throw .commandTooLong(command, limit: maximumDataLength)
        }
        chain = try commandMAC(command)
        if level.contains(.cDecryption), !command.data.isEmpty {
            wrapped.data = try TripleDES.cbcEncrypt(
                key: sENC, iv: Bytes(repeating: 0, count: 8), data: ISO9797.pad2(command.data, block: 8))
        }
        wrapped.cla |= 0x04
        wrapped.data += chain
        return wrapped
    }

    /// Single DES with a triple last block; the chaining value is encrypted before use except the first (E.3.4).
    private func commandMAC(_ command: APDUCommand) throws(SakkError) -> Bytes {
        let modified = !options.contains(.unmodifiedAPDU)
        let cla = modified ? command.cla & 0xF8 | 0x04 : command.cla & 0xF8
        let length = UInt8(command.data.count + (modified ? 8 : 0))
        let header = [cla, command.ins, command.p1, command.p2, length]
        let icv =
            isFirst || !options.contains(.encryptedICV)
            ? chain : try TripleDES.singleEncrypt(leftHalfOf: sMAC, block: chain)
        isFirst = false
        return try TripleDES.retailMAC(key: sMAC, iv: icv, data: ISO9797.pad2(header + command.data, block: 8))
    }

    /// R-MAC (E.4.5) over the stripped command, the response length, data and status word. A bare error word is accepted, and
    /// counted in the chain.
    public func unwrap(_ response: APDUResponse) throws(SakkError) -> APDUResponse {
        guard level.contains(.rMAC) || isResponseSession else { return response }
        let carriesMAC = level.contains(.rMAC)
        let succeeded = response.status.isSuccess || [0x62, 0x63].contains(response.status.sw1)
        guard carriesMAC, succeeded || !response.data.isEmpty else {
            responseChain = try responseMAC(succeeded ? response.data : [], response.status)
            return response
        }
        guard response.data.count >= 8 else { throw .forgedResponse() }
        let body = Bytes(response.data.dropLast(8))
        responseChain = try responseMAC(body, response.status)
        guard ConstantTime.equal(responseChain, Bytes(response.data.suffix(8))) else { throw .forgedResponse() }
        return APDUResponse(data: body, status: response.status)
    }

    private func responseMAC(_ body: Bytes, _ status: StatusWord) throws(SakkError) -> Bytes {
        let data = lastCommand + [UInt8(body.count & 0xFF)] + body + BigEndian.bytes(status.rawValue)
        return try TripleDES.retailMAC(key: sRMAC, iv: responseChain, data: ISO9797.pad2(data, block: 8))
    }

    /// Triple DES in ECB mode under the session DEK, E.4.7.
    public func sealSensitive(_ plain: Bytes) throws(SakkError) -> Bytes {
        try TripleDES.ecbEncrypt(key: sDEK, data: plain)
    }

    /// The R-MAC key of a session begun by BEGIN R-MAC SESSION follows from the counter as it stands then: one more than at
    /// INITIALIZE UPDATE (E.4.1). The pair BEGIN/answer itself is in the chain.
    public func beginResponseSecurity(_ level: SecurityLevel) throws(SakkError) {
        let next = BigEndian.unsigned(sequenceCounter).map { UInt16(truncatingIfNeeded: $0 + 1) } ?? 0
        sRMAC = try SCP02Session.sessionKey(from: staticMAC, Constant.responseMAC, BigEndian.bytes(next))
        responseChain = try responseMAC([], .success)
        isResponseSession = true
        self.level.formUnion(level)
    }

    public func endResponseSecurity() {
        isResponseSession = false
        level.remove(.rMAC)
    }

    /// The card's challenge under option 40, E.4.2.3: six bytes of a MAC over the padded AID.
    func pseudoRandomChallenge(aid: Bytes) throws(SakkError) -> Bytes {
        Bytes(try TripleDES.retailMAC(key: sMAC, data: ISO9797.pad2(aid, block: 8)).prefix(6))
    }

    /// Triple DES in CBC mode over constant ‖ counter ‖ 12 bytes 00, E.4.1.
    private static func sessionKey(
        from key: borrowing SecretBytes, _ constant: Bytes, _ counter: Bytes
    ) throws(SakkError) -> SecretBytes {
        var derived = try TripleDES.cbcEncrypt(
            key: key, iv: Bytes(repeating: 0, count: 8), data: constant + counter + Bytes(repeating: 0, count: 12))
        return SecretBytes(wiping: &derived)
    }
}
