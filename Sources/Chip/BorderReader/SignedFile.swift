internal import Ground

/// CMS SignedData with its content inside (RFC 5652), as EF.SOD, EF.CardSecurity and master lists are, taken apart by this
/// reader's own parser. What is signed is judged by OpenSSL; both must have found the same content.
struct SignedFile {
    let encoded: Bytes
    /// Dotted object identifier of the content.
    let contentType: String
    let content: Bytes
    let certificates: [Bytes]
    /// Time that the signer claims.
    let signingTime: WallTime?
    /// The certificate that the signer information names; nil when it is not inside.
    let signer: Bytes?
    private let signerInfo: SignerInfo?
    /// Departures from Doc 9303-10 clause 4.6.2.2 that a border reads over.
    let deviations: [String]

    init?(_ bytes: Bytes) {
        guard let form = DefiniteForm(bytes), let info = TLV.parse(form.encoded), let parts = info.children,
            info.tag == 0x30, parts.count == 2, parts[0].tag == 0x06, parts[1].tag == 0xA0,
            let signed = TLV.parse(parts[1].value), signed.tag == 0x30,
            let fields = signed.children, fields.count >= 4, let encapsulated = fields[2].children,
            encapsulated.count == 2, encapsulated[0].tag == 0x06, encapsulated[1].tag == 0xA0,
            let octets = TLV.parse(encapsulated[1].value), octets.tag == 0x04, let infos = fields.last,
            infos.tag == 0x31, let signers = infos.children
        else { return nil }
        encoded = bytes
        contentType = ObjectIdentifier.dotted(encapsulated[0].value)
        content = octets.value
        let certificates = fields.first { $0.tag == 0xA0 }?.children?.map(\.encoded) ?? []
        self.certificates = certificates
        var found: [String] = []
        if fields[0].value != [3] { found.append("SignedData is not version 3") }
        if fields.contains(where: { $0.tag == 0xA1 }) { found.append("revocation lists inside") }
        if signers.count != 1 { found.append("\(signers.count) signers") }
        if !form.wasDefinite {
            found.append("encoding is BER, with indefinite lengths or strings in pieces")
        } else if Self.nonDER(info, depth: 0) {
            found.append("encoding is not DER")
        }
        signerInfo = signers.first.map { SignerInfo($0, &found) }
        signingTime = signerInfo?.signingTime
        signer = signerInfo.flatMap { info in certificates.first { info.names($0) } }
        if certificates.isEmpty {
            found.append("the signer's certificate is not inside")
        } else if signer == nil {
            found.append("the signer's certificate is not the one that is named")
        }
        deviations = found
    }

    /// Whether the signer information names this certificate (DER).
    func isBy(_ certificate: Bytes) -> Bool { signerInfo?.names(certificate) ?? false }

    /// Lengths must be the shortest. Only what is constructed is looked into.
    private static func nonDER(_ object: TLV, depth: Int) -> Bool {
        let header = TLV.tagBytes(object.tag) + TLV.lengthBytes(object.value.count)
        guard object.encoded.count == header.count + object.value.count else { return true }
        guard object.isConstructed, depth < 12, let children = object.children else { return false }
        return children.contains { nonDER($0, depth: depth + 1) }
    }

    private struct SignerInfo {
        private var issuerAndSerial: [TLV]?
        private var keyIdentifier: Bytes?
        private(set) var signingTime: WallTime?

        init(_ object: TLV, _ found: inout [String]) {
            guard let parts = object.children, parts.count >= 5 else {
                found.append("signer information is malformed")
                return
            }
            if parts[1].tag == 0x30 {
                issuerAndSerial = parts[1].children
                if parts[0].value != [1] { found.append("signer information is not version 1") }
            } else if parts[1].tag == 0x80 {
                keyIdentifier = parts[1].value
                if parts[0].value != [3] { found.append("signer information is not version 3") }
            }
            guard parts[3].tag == 0xA0, let attributes = parts[3].children else {
                found.append("no signed attributes")
                return
            }
            let encodings = attributes.map(\.encoded)
            if !zip(encodings, encodings.dropFirst()).allSatisfy({ !$1.lexicographicallyPrecedes($0) }) {
                found.append("signed attributes are not in DER order")
            }
            for attribute in attributes {
                guard let pair = attribute.children, pair.count == 2 else { continue }
                // id-signingTime 1.2.840.113549.1.9.5
                if pair[0].value == [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05] {
                    signingTime = pair[1].children?.first.flatMap(CertificateData.time)
                }
            }
            if parts.last?.tag == 0xA1 { found.append("unsigned attributes") }
        }

        func names(_ certificate: Bytes) -> Bool {
            guard let data = CertificateData(certificate) else { return false }
            if let keyIdentifier { return data.subjectKeyIdentifier == keyIdentifier }
            guard let issuerAndSerial, issuerAndSerial.count == 2 else { return false }
            return issuerAndSerial[0].encoded == data.issuer && issuerAndSerial[1].value == data.serial
        }
    }
}
