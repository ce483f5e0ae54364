internal import Ground

/// A card verifiable certificate (Doc 9303-12 clause 7.2, BSI TR-03110-3 C), as far as a reader needs it: to send it.
struct CVCertificate: Equatable {
    /// 7F4E and 5F37 as they were read: what PSO:Verify Certificate takes.
    let body: Bytes
    let signature: Bytes
    /// Certification authority reference (42).
    let authority: Bytes
    /// Certificate holder reference (5F20).
    let holder: Bytes
    /// Point (86) of an EC key, modulus (81) of an RSA key.
    let publicValue: Bytes
    /// Object identifier of the public key: the holder's signature algorithm.
    let algorithm: Bytes
    /// Role and rights of the holder (53 of 7F4C); the first two bits tell the role.
    let authorization: Bytes
    /// Six digits each, YYMMDD.
    let effective: Bytes
    let expires: Bytes

    init?(_ bytes: Bytes) {
        guard let outer = TLV.parse(bytes), outer.tag == 0x7F21, let parts = outer.children, parts.count == 2,
            parts[0].tag == 0x7F4E, parts[1].tag == 0x5F37, let fields = parts[0].children
        else { return nil }
        func field(_ tag: UInt32) -> TLV? { fields.filter { $0.tag == tag }.only }
        guard field(0x5F29)?.value == [0], let authority = field(0x42)?.value, (3...16).contains(authority.count),
            let holder = field(0x5F20)?.value, (3...16).contains(holder.count),
            let key = field(0x7F49), let algorithm = key.first(0x06)?.value,
            let publicValue = (key.first(0x86) ?? key.first(0x81))?.value,
            let authorization = field(0x7F4C)?.first(0x53)?.value, !authorization.isEmpty,
            let effective = field(0x5F25)?.value, let expires = field(0x5F24)?.value,
            Self.isDate(effective), Self.isDate(expires)
        else { return nil }
        body = parts[0].encoded
        signature = parts[1].encoded
        self.authority = authority
        self.holder = holder
        self.publicValue = publicValue
        self.algorithm = algorithm
        self.authorization = authorization
        self.effective = effective
        self.expires = expires
    }

    var holderReference: String { String(decoding: holder, as: UTF8.self) }

    /// Whether this is the certificate of the key with that SubjectPublicKeyInfo.
    func isOf(_ info: Bytes) -> Bool {
        guard let bits = TLV.parse(info)?.children?.last, bits.tag == 0x03 else { return false }
        let key = Bytes(bits.value.dropFirst())
        guard let modulus = TLV.parse(key).flatMap({ $0.tag == 0x30 ? $0.children?.first : nil }) else {
            return key == publicValue
        }
        return Bytes(modulus.value.drop { $0 == 0 }) == Bytes(publicValue.drop { $0 == 0 })
    }

    private static func isDate(_ digits: Bytes) -> Bool { digits.count == 6 && digits.allSatisfy { $0 < 10 } }

    /// The authorities of EF.CVCA: one or two references, 42 each, and zeros after them.
    static func authorities(inFile file: Bytes) -> [Bytes] {
        var reader = ByteReader(file)
        var found: [Bytes] = []
        while found.count < 2, reader.remaining.first == 0x42, let object = TLV.parse(&reader) {
            found.append(object.value)
        }
        return found
    }
}
