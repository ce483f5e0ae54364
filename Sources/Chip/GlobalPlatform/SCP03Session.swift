public import Ground
internal import OpenSSLCrypto
public import SmartCard

/// Session keys and counters of SCP03 (GPC Amendment D 1.1.2 and, for S16, 1.2): pure, knows no channel.
public final class SCP03Session: SecureSession {
    private enum Constant {
        static let cardCryptogram: UInt8 = 0x00
        static let hostCryptogram: UInt8 = 0x01
        static let challenge: UInt8 = 0x02
        static let sENC: UInt8 = 0x04
        static let sMAC: UInt8 = 0x06
        static let sRMAC: UInt8 = 0x07
    }

    let sENC: SecretBytes
    let sMAC: SecretBytes
    let sRMAC: SecretBytes
    private let dek: SecretBytes
    private let context: Bytes
    private let macLength: Int
    private var chain = Bytes(repeating: 0, count: 16)
    private var counter: UInt64 = 0
    public private(set) var level: SecurityLevel = []
    private var levelOutsideResponseSession: SecurityLevel = []

    /// Derives the session keys. `context` is host challenge ‖ card challenge; `macLength` is 8 (S8) or 16 (S16).
    public init(keys: borrowing CardKeys, context: Bytes, macLength: Int = 8) throws(SakkError) {
        self.context = context
        self.macLength = macLength
        sENC = try SCP03Session.sessionKey(from: keys.enc, Constant.sENC, context)
        sMAC = try SCP03Session.sessionKey(from: keys.mac, Constant.sMAC, context)
        sRMAC = try SCP03Session.sessionKey(from: keys.mac, Constant.sRMAC, context)
        dek = keys.dek.copy()
    }

    public var sensitiveBlock: Int { 16 }

    /// AES-CBC under the static Key-DEK, initial vector zero (6.2.8).
    public func sealSensitive(_ plain: Bytes) throws(SakkError) -> Bytes {
        try AES.cbcEncrypt(key: dek, iv: Bytes(repeating: 0, count: 16), data: plain)
    }

    public func beginResponseSecurity(_ level: SecurityLevel) throws(SakkError) {
        levelOutsideResponseSession = self.level
        self.level.formUnion(level)
    }

    public func endResponseSecurity() { level = levelOutsideResponseSession }

    public func cardCryptogram() throws(SakkError) -> Bytes { try cryptogram(Constant.cardCryptogram) }
    public func hostCryptogram() throws(SakkError) -> Bytes { try cryptogram(Constant.hostCryptogram) }

    private func cryptogram(_ constant: UInt8) throws(SakkError) -> Bytes {
        try SCP03Session.derive(from: sMAC, constant, length: macLength, context: context)
    }

    /// EXTERNAL AUTHENTICATE for a level; the first command of the MAC chain, never encrypted.
    public func externalAuthenticate(_ level: SecurityLevel) throws(SakkError) -> APDUCommand {
        let command = APDUCommand(0x80, 0x82, level.rawValue, 0x00, data: try hostCryptogram())
        let protected = try authenticated(command)
        self.level = level
        return protected
    }

    public func maximumDataLength(within limit: Int) -> Int {
        guard level.contains(.cMAC) else { return limit }
        let room = limit - macLength
        return level.contains(.cDecryption) ? room / 16 * 16 - 1 : room
    }

    /// C-ENC, then C-MAC. Counts every command, also one without data (Amendment D 6.2.6).
    public func wrap(_ command: APDUCommand) throws(SakkError) -> APDUCommand {
        counter += 1
        guard level.contains(.cMAC) else { return command }
        guard command.data.count <= maximumDataLength else {
            throw .commandTooLong(command, limit: maximumDataLength)
        }
        var command = command
        if level.contains(.cDecryption), !command.data.isEmpty {
            command.data = try AES.cbcEncrypt(
                key: sENC, iv: try vector(first: 0x00), data: ISO9797.pad2(command.data, block: 16))
        }
        return try authenticated(command)
    }

    private func authenticated(_ command: APDUCommand) throws(SakkError) -> APDUCommand {
        var command = command
        command.cla |= 0x04
        let header = [command.cla, command.ins, command.p1, command.p2, UInt8(command.data.count + macLength)]
        chain = try AES.cmac(key: sMAC, data: chain + header + command.data)
        command.data += chain.prefix(macLength)
        return command
    }

    /// Checks R-MAC and removes R-ENC. A status word of failure comes bare (Amendment D 6.2.5); data beside it, or a
    /// MAC that does not fit, throws `chip.response.forged`.
    public func unwrap(_ response: APDUResponse) throws(SakkError) -> APDUResponse {
        guard level.contains(.rMAC) else { return response }
        guard response.status.isSuccess || [0x62, 0x63].contains(response.status.sw1) else {
            guard response.data.isEmpty else { throw .forgedResponse() }
            return response
        }
        guard response.data.count >= macLength else { throw .forgedResponse() }
        let body = Bytes(response.data.dropLast(macLength))
        let mac = try AES.cmac(key: sRMAC, data: chain + body + BigEndian.bytes(response.status.rawValue))
        guard ConstantTime.equal(Bytes(mac.prefix(macLength)), Bytes(response.data.suffix(macLength))) else {
            throw .forgedResponse()
        }
        guard level.contains(.rEncryption), !body.isEmpty else {
            return APDUResponse(data: body, status: response.status)
        }
        guard body.count % 16 == 0,
            let plain = ISO9797.unpad2(try AES.cbcDecrypt(key: sENC, iv: try vector(first: 0x80), data: body))
        else { throw .forgedResponse() }
        return APDUResponse(data: plain, status: response.status)
    }

    private func vector(first: UInt8) throws(SakkError) -> Bytes {
        let block = [first] + Bytes(repeating: 0, count: 7) + BigEndian.bytes(counter)
        return try AES.ecbEncrypt(key: sENC, block: block)
    }

    private static func sessionKey(
        from key: borrowing SecretBytes, _ constant: UInt8, _ context: Bytes
    ) throws(SakkError) -> SecretBytes {
        let label = label(constant, length: key.count)
        return try CounterModeKDF.deriveSecret(from: key, before: label, after: context, length: key.count)
    }

    /// Amendment D 4.1.5: 11 bytes 00 ‖ constant ‖ 00 ‖ L in bits ‖ counter ‖ context.
    private static func derive(
        from key: borrowing SecretBytes, _ constant: UInt8, length: Int, context: Bytes
    ) throws(SakkError) -> Bytes {
        try CounterModeKDF.derive(
            from: key, before: label(constant, length: length), after: context, length: length)
    }

    private static func label(_ constant: UInt8, length: Int) -> Bytes {
        Bytes(repeating: 0, count: 11) + [constant, 0] + BigEndian.bytes(UInt16(length * 8))
    }

    /// The card challenge of a card with option 10 (Amendment D 6.2.2.1): a function of its sequence counter (3 bytes)
    /// and the security domain's AID.
    public static func pseudoRandomChallenge(
        enc: borrowing SecretBytes, sequenceCounter: Bytes, aid: Bytes, length: Int = 8
    ) throws(SakkError) -> Bytes {
        try derive(from: enc, Constant.challenge, length: length, context: sequenceCounter + aid)
    }
}
