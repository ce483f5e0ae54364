internal import Ground

/// What Doc 9303-12 clause 7.1.1 asks of certificates, as sentences about what deviates. None of these stops a border:
/// certificates of the living world deviate in every one of them.
enum CertificateProfile {
    static func deviations(ofSigner certificate: CertificateData) -> [String] {
        var found = common(certificate)
        if certificate.keyUsage == nil {
            found.append("no key usage")
        } else if certificate.keyUsage.map(bits) != [0] {
            found.append("more key usage than needed")
        } else if certificate["2.5.29.15"]?.isCritical == false {
            found.append("key usage is not critical")
        }
        if certificate["2.5.29.35"] == nil { found.append("no authority key identifier") }
        if certificate["2.5.29.16"] == nil { found.append("no private key usage period") }
        if certificate["2.5.29.19"] != nil { found.append("basic constraints in a signer's certificate") }
        if certificate["2.5.29.31"] == nil { found.append("no place of the revocation list") }
        if certificate["2.23.136.1.1.6.2"] == nil { found.append("no list of document types") }
        return found
    }

    static func deviations(ofAuthority certificate: CertificateData) -> [String] {
        var found = common(certificate)
        let usage = certificate.keyUsage.map(bits)
        if usage == nil {
            found.append("no key usage")
        } else if usage != [5, 6] {
            found.append("key usage is not certificate and list signing alone")
        }
        if certificate.subjectKeyIdentifier == nil { found.append("no subject key identifier") }
        let constraints = certificate["2.5.29.19"].flatMap { TLV.parse($0.value) }?.children
        if constraints?.first?.value != [0xFF] {
            found.append("basic constraints do not say authority")
        } else if constraints?.dropFirst().first?.value != [0] {
            found.append("no path length of zero")
        }
        if certificate["2.5.29.16"] == nil { found.append("no private key usage period") }
        return found
    }

    private static func common(_ certificate: CertificateData) -> [String] {
        var found: [String] = []
        if certificate.version != 3 { found.append("version \(certificate.version) instead of 3") }
        if certificate.serial.first.map({ $0 & 0x80 != 0 }) ?? true || certificate.serial.allSatisfy({ $0 == 0 }) {
            found.append("serial number is not positive")
        }
        if certificate.serial.count > 20 { found.append("serial number longer than 20 bytes") }
        if certificate.innerAlgorithm != certificate.outerAlgorithm { found.append("two signature algorithms") }
        for country in [certificate.country, certificate.issuerCountry] {
            guard let country else {
                found.append("no country")
                break
            }
            if country.utf8.count != 2 || country != country.uppercased() {
                found.append("country is not two upper-case letters")
                break
            }
        }
        if let exponent = rsaExponent(certificate.keyInfo), exponent <= 3 {
            found.append("RSA with exponent \(exponent)")
        }
        if namesCurve(certificate.keyInfo) { found.append("curve by name instead of explicit parameters") }
        return found
    }

    /// Numbers of the bits that are set, the first of the first byte is 0.
    private static func bits(_ bytes: Bytes) -> [Int] {
        bytes.enumerated().flatMap { index, byte in (0..<8).filter { byte & (0x80 >> $0) != 0 }.map { index * 8 + $0 } }
    }

    private static func rsaExponent(_ info: Bytes) -> UInt64? {
        guard let parts = TLV.parse(info)?.children, parts.count == 2,
            parts[0].children?.first?.value == [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01],
            let key = TLV.parse(Bytes(parts[1].value.dropFirst()))?.children, key.count == 2
        else { return nil }
        return BigEndian.unsigned(key[1].value)
    }

    private static func namesCurve(_ info: Bytes) -> Bool {
        guard let algorithm = TLV.parse(info)?.children?.first?.children, algorithm.count == 2 else { return false }
        return algorithm[0].value == ObjectIdentifier.ecPublicKey && algorithm[1].tag == 0x06
    }
}
