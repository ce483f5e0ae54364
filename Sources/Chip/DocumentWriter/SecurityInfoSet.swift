public import Ground
public import OpenSSLCrypto

/// SecurityInfos (9303-11, 9.2) as a chip's issuer writes them: EF.CardAccess, EF.CardSecurity and EF.DG14.
public struct SecurityInfoSet: Sendable {
    public enum Agreement: UInt8, Sendable {
        case dh = 1
        case ecdh = 2
    }

    public enum Mapping: String, Sendable {
        case generic, integrated, chipAuthentication
    }

    /// Raw value is the last arc of the identifiers.
    public enum Cipher: UInt8, Sendable {
        case tripleDES = 1
        case aes128 = 2
        case aes192 = 3
        case aes256 = 4
    }

    /// Each SecurityInfo in DER.
    public private(set) var entries: [Bytes] = []

    public init() {}

    /// 0.4.0.127.0.7.2.2
    private static let smartcard: Bytes = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02]

    /// PACEInfo on standardised domain parameters (9.2.1). The chip authentication mapping is for curves and AES only.
    public mutating func addPACE(
        _ mapping: Mapping, _ agreement: Agreement, _ cipher: Cipher, parameter: Int
    ) throws(SakkError) {
        let family: UInt8? =
            switch (mapping, agreement) {
            case (.generic, .dh): 1
            case (.generic, .ecdh): 2
            case (.integrated, .dh): 3
            case (.integrated, .ecdh): 4
            case (.chipAuthentication, .ecdh): cipher == .tripleDES ? nil : 6
            case (.chipAuthentication, .dh): nil
            }
        let isField = parameter <= 2
        // the point encoding of the integrated mapping wants a prime that is 3 modulo 4: P-224 has none
        guard let family, AgreementDomain.standardParameters.contains(parameter), isField == (agreement == .dh),
            mapping != .integrated || parameter != 10
        else { throw Self.impossible() }
        add([4, family, cipher.rawValue], [TLV(0x02, [2]), TLV(0x02, [UInt8(parameter)])])
    }

    /// ChipAuthenticationInfo (9.2.5), version 1.
    public mutating func addChipAuthentication(_ agreement: Agreement, _ cipher: Cipher, keyID: UInt8?) {
        add([3, agreement.rawValue, cipher.rawValue], [TLV(0x02, [1])] + (keyID.map { [TLV(0x02, [$0])] } ?? []))
    }

    /// ChipAuthenticationPublicKeyInfo (9.2.6). `publicKeyInfo` is a SubjectPublicKeyInfo with explicit parameters.
    public mutating func addChipKey(_ agreement: Agreement, publicKeyInfo: Bytes, keyID: UInt8?) throws(SakkError) {
        guard let info = TLV.parse(publicKeyInfo) else { throw Self.impossible() }
        add([1, agreement.rawValue], [info] + (keyID.map { [TLV(0x02, [$0])] } ?? []))
    }

    /// ChipAuthenticationPublicKeyInfo for the chip authentication mapping: a point on standardised domain parameters.
    public mutating func addChipKey(point: Bytes, parameter: Int, keyID: UInt8) {
        let algorithm = TLV(
            0x30, [TLV(0x06, [0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x02]), TLV(0x02, [UInt8(parameter)])])
        add([1, 2], [TLV(0x30, [algorithm, TLV(0x03, [0] + point)]), TLV(0x02, [keyID])])
    }

    /// TerminalAuthenticationInfo (9.2.8), version 1.
    public mutating func addTerminalAuthentication() { add([2], [TLV(0x02, [1])]) }

    /// ActiveAuthenticationInfo (9.2.4) for an ECDSA key: which hash it signs.
    public mutating func addActiveAuthentication(_ digest: Digest) throws(SakkError) {
        guard let arc = [Digest.sha224: 2, .sha256: 3, .sha384: 4, .sha512: 5][digest] else { throw Self.impossible() }
        let algorithm: Bytes = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x01, 0x04, 0x01, UInt8(arc)]
        let entry = TLV(
            0x30,
            [TLV(0x06, [0x67, 0x81, 0x08, 0x01, 0x01, 0x05]), TLV(0x02, [1]), TLV(0x06, algorithm)])
        entries.append(entry.encoded)
    }

    /// What another set holds is taken over: EF.DG14 must repeat EF.CardAccess.
    public mutating func add(contentsOf other: SecurityInfoSet) {
        for entry in other.entries where !entries.contains(entry) { entries.append(entry) }
    }

    private mutating func add(_ arcs: Bytes, _ fields: [TLV]) {
        entries.append(TLV(0x30, [TLV(0x06, Self.smartcard + arcs)] + fields).encoded)
    }

    /// SET OF in DER: entries in ascending order of their encodings (X.690, 11.6).
    public var encoded: Bytes {
        TLV(0x31, entries.sorted { $0.lexicographicallyPrecedes($1) }.flatMap { $0 }).encoded
    }

    /// EF.DG14 (9303-10, 4.7.14).
    public var dataGroup14: Bytes { TLV(0x6E, encoded).encoded }

    /// EF.CardSecurity (9.2.11): this set, signed by a document signer.
    public func cardSecurity(signer: DocumentSigner, at time: WallTime) throws(SakkError) -> Bytes {
        // id-SecurityObject 0.4.0.127.0.7.3.2.1
        try SignedDataBuilder.sign(
            content: encoded, contentType: [0x04, 0x00, 0x7F, 0x00, 0x07, 0x03, 0x02, 0x01],
            certificate: signer.certificate, key: signer.key, digest: .sha256, signingTime: time)
    }

    private static func impossible() -> SakkError {
        SakkError(
            "lds.security_info.impossible", source: "document writer",
            text: "This variant of a protocol does not exist.",
            remedy: "Choose mapping, cipher and domain parameters that Doc 9303-11 combines.")
    }
}
