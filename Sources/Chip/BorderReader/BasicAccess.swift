internal import Ground
internal import OpenSSLCrypto
internal import SmartCard

/// Basic Access Control, the reader's side (Doc 9303-11 clause 4.3).
enum BasicAccess {
    /// Random numbers of the reader: RND.IFD 8 bytes, K.IFD 16 bytes.
    struct Nonces {
        let rndIFD: Bytes
        let kIFD: Bytes

        static func fresh() throws(SakkError) -> Nonces {
            Nonces(rndIFD: try RandomSource.bytes(8), kIFD: try RandomSource.bytes(16))
        }
    }

    /// RND.IC. Nil (6982) from a chip that gives none: it has no access keys, or, as the open applet, somebody authenticated
    /// since its last reset.
    static func challenge(_ channel: any CardChannel) throws(BorderFault) -> Bytes? {
        let answer = try PlainLink(channel: channel).transmit(APDUCommand(0x00, 0x84, 0, 0, le: 8))
        guard answer.status != .securityStatusNotSatisfied else { return nil }
        guard answer.status.isSuccess else { throw .chip("GET CHALLENGE was answered \(answer.status)") }
        guard answer.data.count == 8 else { throw .chip("the challenge has \(answer.data.count) bytes instead of 8") }
        return answer.data
    }

    /// Mutual authentication with the chip's challenge; both sides have proved themselves when it returns.
    static func open(
        _ channel: any CardChannel, challenge: Bytes, information: String, nonces: Nonces
    ) throws(BorderFault) -> SecureMessaging {
        let keys = AccessKeys.basic(information: information)
        let suite = keys.suite
        let link = PlainLink(channel: channel)
        let secret = nonces.rndIFD + challenge + nonces.kIFD
        let cryptogram = try suite.encrypt(keys.enc, secret)
        let data = cryptogram + (try suite.checksum(keys.mac, cryptogram))
        let answer = try link.expect(APDUCommand(0x00, 0x82, 0, 0, data: data, le: 40), "MUTUAL AUTHENTICATE")
        guard answer.count == 40 else { throw .chip("the authentication answer has a wrong length") }
        let theirs = Bytes(answer.prefix(32))
        guard ConstantTime.equal(try suite.checksum(keys.mac, theirs), Bytes(answer.suffix(8))) else {
            throw .chip("the chip's authentication does not verify")
        }
        let plain = try suite.decrypt(keys.enc, theirs)
        guard Bytes(plain[0..<8]) == challenge, Bytes(plain[8..<16]) == nonces.rndIFD else {
            throw .chip("the chip's authentication answers another challenge")
        }
        let session = suite.keys(from: zip(nonces.kIFD, plain[16..<32]).map { $0 ^ $1 })
        return SecureMessaging(
            channel: channel, keys: session, counter: Bytes(challenge.suffix(4) + nonces.rndIFD.suffix(4)))
    }
}
