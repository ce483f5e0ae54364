internal import Ground

/// Basic Access Control on the chip (Doc 9303-11 clause 4.3).
struct PassportAccess: Sendable {
    let kEnc: Bytes
    let kMac: Bytes
    /// Document number, birth and expiry with their check digits: the password of PACE too.
    let information: Bytes

    /// From the three values of the MRZ without check digits; the applet computes the digits itself.
    init(documentNumber: Bytes, dateOfBirth: Bytes, dateOfExpiry: Bytes) {
        func withDigit(_ field: Bytes) -> Bytes { field + [Self.checkDigit(field)] }
        self.init(information: withDigit(documentNumber) + withDigit(dateOfBirth) + withDigit(dateOfExpiry))
    }

    init(information: Bytes) {
        self.information = information
        let seed = Bytes(ChipCrypto.sha1(information).prefix(16))
        kEnc = Self.key(seed: seed, counter: 1)
        kMac = Self.key(seed: seed, counter: 2)
    }

    /// Doc 9303-11 clause 9.7.1 for two-key triple DES, parity adjusted.
    static func key(seed: Bytes, counter: UInt8) -> Bytes {
        ChipCrypto.sha1(seed + [0, 0, 0, counter]).prefix(16).map { byte in
            byte.nonzeroBitCount % 2 == 1 ? byte : byte ^ 1
        }
    }

    /// Doc 9303-3 clause 4.9: weights 7 3 1, `<` is 0, A is 10.
    static func checkDigit(_ field: Bytes) -> UInt8 {
        var sum = 0
        for (index, character) in field.enumerated() {
            let value =
                switch character {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(character) - 48
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(character) - 55
                default: 0
                }
            sum += value * [7, 3, 1][index % 3]
        }
        return UInt8(48 + sum % 10)
    }

    /// EXTERNAL (MUTUAL) AUTHENTICATE: response data and the session; nil when MAC or RND.IC is wrong.
    func authenticate(_ data: Bytes, rndIC: Bytes, kIC: Bytes) -> (response: Bytes, session: PassportSession)? {
        guard data.count == 40 else { return nil }
        let cryptogram = Bytes(data.prefix(32))
        guard ChipCrypto.retailMAC(key: kMac, cryptogram) == Bytes(data.suffix(8)) else { return nil }
        let plain = ChipCrypto.tripleDESCBC(key: kEnc, cryptogram, encrypt: false)
        let rndIFD = Bytes(plain[0..<8])
        guard Bytes(plain[8..<16]) == rndIC else { return nil }
        let kIFD = Bytes(plain[16..<32])
        let answer = ChipCrypto.tripleDESCBC(key: kEnc, rndIC + rndIFD + kIC, encrypt: true)
        let seed = zip(kIFD, kIC).map { $0 ^ $1 }
        let session = PassportSession(
            ksEnc: Self.key(seed: seed, counter: 1), ksMac: Self.key(seed: seed, counter: 2),
            sendSequenceCounter: Bytes(rndIC.suffix(4) + rndIFD.suffix(4)))
        return (answer + ChipCrypto.retailMAC(key: kMac, answer), session)
    }
}
