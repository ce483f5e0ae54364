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

    /// Mutual authentication; both sides have proved themselves when it returns.
    static func open(
        _ channel: any CardChannel, information: String, nonces: Nonces
    ) throws(BorderFault) -> SecureMessaging {
        let keys = AccessKeys(information: information)
        let challenge = try send(APDUCommand(0x00, 0x84, 0, 0, le: 8), channel, "GET CHALLENGE")
        guard challenge.count == 8 else { throw .chip("the challenge has \(challenge.count) bytes instead of 8") }
        let secret = nonces.rndIFD + challenge + nonces.kIFD
        let cryptogram = try BorderCipher.encrypt(keys.enc, secret)
        let data = cryptogram + (try BorderCipher.mac(keys.mac, cryptogram))
        let answer = try send(APDUCommand(0x00, 0x82, 0, 0, data: data, le: 40), channel, "MUTUAL AUTHENTICATE")
        guard answer.count == 40 else { throw .chip("the authentication answer has a wrong length") }
        let theirs = Bytes(answer.prefix(32))
        guard ConstantTime.equal(try BorderCipher.mac(keys.mac, theirs), Bytes(answer.suffix(8))) else {
            throw .chip("the chip's authentication does not verify")
        }
        let plain = try BorderCipher.decrypt(keys.enc, theirs)
        guard Bytes(plain[0..<8]) == challenge, Bytes(plain[8..<16]) == nonces.rndIFD else {
            throw .chip("the chip's authentication answers another challenge")
        }
        let session = AccessKeys(seed: zip(nonces.kIFD, plain[16..<32]).map { $0 ^ $1 })
        return SecureMessaging(
            channel: channel, keys: session, counter: Bytes(challenge.suffix(4) + nonces.rndIFD.suffix(4)))
    }

    private static func send(
        _ command: APDUCommand, _ channel: any CardChannel, _ step: String
    ) throws(BorderFault) -> Bytes {
        let response: APDUResponse
        do { response = try channel.transmit(command) } catch { throw .transport(error) }
        guard response.status.isSuccess else { throw .chip("\(step) was answered \(response.status)") }
        return response.data
    }
}
