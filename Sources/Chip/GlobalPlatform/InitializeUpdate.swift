public import Ground

/// The answer to INITIALIZE UPDATE under SCP03, GPC Amendment D table 7-2: 29 or 32 bytes (S8), 45 or 48 (S16).
public struct InitializeUpdate: Sendable, Equatable {
    /// Key diversification data, 10 bytes.
    public let kdd: Bytes
    public let keyVersion: UInt8
    /// Implementation options `i`: 01 S16, 10 pseudo-random challenge, 20 R-MAC, 40 R-ENC.
    public let options: UInt8
    public let cardChallenge: Bytes
    public let cardCryptogram: Bytes
    /// Three bytes, only with a pseudo-random challenge.
    public let sequenceCounter: Bytes?

    public var isS16: Bool { options & 0x01 != 0 }
    public var macLength: Int { isS16 ? 16 : 8 }

    /// Throws `chip.scp.unsupported` for another protocol than SCP03, `chip.response.malformed` for other lengths.
    public init(_ response: Bytes) throws(SakkError) {
        var reader = ByteReader(response)
        guard let kdd = reader.read(10), let version = reader.byte(), let scp = reader.byte() else {
            throw .malformed("INITIALIZE UPDATE")
        }
        guard scp == 0x03 else {
            throw SakkError(
                "chip.scp.unsupported", source: "chip",
                text: "The card speaks SCP\(Hex.digits(of: [scp])); Sakk speaks SCP03.",
                remedy: "Take the card out: it is not of this stock.")
        }
        guard let options = reader.byte() else { throw .malformed("INITIALIZE UPDATE") }
        let length = options & 0x01 == 0 ? 8 : 16
        guard let challenge = reader.read(length), let cryptogram = reader.read(length) else {
            throw .malformed("INITIALIZE UPDATE")
        }
        let counter = reader.isAtEnd ? nil : reader.read(3)
        guard reader.isAtEnd else { throw .malformed("INITIALIZE UPDATE") }
        self.kdd = kdd
        keyVersion = version
        self.options = options
        cardChallenge = challenge
        cardCryptogram = cryptogram
        sequenceCounter = counter
    }
}

extension SakkError {
    /// An answer that does not have the form of the standard: `chip.response.malformed`.
    static func malformed(_ what: String) -> SakkError {
        SakkError(
            "chip.response.malformed", source: "chip",
            text: "The answer to \(what) has not the form that GlobalPlatform gives it.",
            remedy: "Take the card out and keep it for examination.")
    }
}
