internal import Ground

/// Object identifiers in their encoded form (X.690 clause 8.19), without tag and length.
enum ObjectIdentifier {
    static func dotted(_ identifier: Bytes) -> String {
        var arcs: [UInt64] = []
        var value: UInt64 = 0
        for byte in identifier {
            value = (value & 0x00FF_FFFF_FFFF_FFFF) << 7 | UInt64(byte & 0x7F)
            guard byte & 0x80 == 0 else { continue }
            if arcs.isEmpty {
                let first = min(value / 40, 2)
                arcs = [first, value - first * 40]
            } else {
                arcs.append(value)
            }
            value = 0
        }
        return arcs.map(String.init).joined(separator: ".")
    }

    /// bsi-de protocols smartcard: 0.4.0.127.0.7.2.2
    static let smartcard: Bytes = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02]
    /// standardizedDomainParameters: 0.4.0.127.0.7.1.2
    static let standardDomain: Bytes = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x02]
    /// ecdsa-plain-signatures: 0.4.0.127.0.7.1.1.4.1
    static let plainECDSA: Bytes = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x01, 0x01, 0x04, 0x01]
    /// id-ecPublicKey: 1.2.840.10045.2.1
    static let ecPublicKey: Bytes = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
    /// dhKeyAgreement of PKCS #3: 1.2.840.113549.1.3.1
    static let dhKeyAgreement: Bytes = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x03, 0x01]
    /// dhpublicnumber of X9.42: 1.2.840.10046.2.1
    static let dhPublicNumber: Bytes = [0x2A, 0x86, 0x48, 0xCE, 0x3E, 0x02, 0x01]
    /// id-icao-mrtd-security-aaProtocolObject: 2.23.136.1.1.5
    static let activeAuthentication: Bytes = [0x67, 0x81, 0x08, 0x01, 0x01, 0x05]
}
