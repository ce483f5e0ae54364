internal import Ground

/// A certificate taken apart by this reader's own parser (RFC 5280 clause 4.1), for the profile of Doc 9303-12.
struct CertificateData {
    struct Extension {
        /// Dotted.
        let identifier: String
        let isCritical: Bool
        let value: Bytes
    }

    let version: Int
    let serial: Bytes
    /// AlgorithmIdentifier inside and outside the signed part.
    let innerAlgorithm: Bytes
    let outerAlgorithm: Bytes
    /// Names in DER.
    let issuer: Bytes
    let subject: Bytes
    let notBefore: WallTime?
    let notAfter: WallTime?
    let keyInfo: Bytes
    let extensions: [Extension]

    init?(_ der: Bytes) {
        guard let outer = TLV.parse(der), outer.tag == 0x30, let parts = outer.children, parts.count == 3,
            parts[0].tag == 0x30, var fields = parts[0].children
        else { return nil }
        var version = 1
        if fields.first?.tag == 0xA0 {
            guard let number = fields[0].children?.first?.value.first else { return nil }
            version = Int(number) + 1
            fields.removeFirst()
        }
        guard fields.count >= 6, fields[0].tag == 0x02, let validity = fields[3].children, validity.count == 2 else {
            return nil
        }
        self.version = version
        serial = fields[0].value
        innerAlgorithm = fields[1].encoded
        outerAlgorithm = parts[1].encoded
        issuer = fields[2].encoded
        notBefore = Self.time(validity[0])
        notAfter = Self.time(validity[1])
        subject = fields[4].encoded
        keyInfo = fields[5].encoded
        guard let list = fields.dropFirst(6).first(where: { $0.tag == 0xA3 })?.children?.first?.children else {
            extensions = []
            return
        }
        extensions = list.compactMap { entry in
            guard let parts = entry.children, (2...3).contains(parts.count), parts[0].tag == 0x06,
                let value = parts.last, value.tag == 0x04
            else { return nil }
            return Extension(
                identifier: ObjectIdentifier.dotted(parts[0].value),
                isCritical: parts.count == 3 && parts[1].value.first == 0xFF, value: value.value)
        }
        guard extensions.count == list.count else { return nil }
    }

    subscript(identifier: String) -> Extension? { extensions.first { $0.identifier == identifier } }

    var country: String? { Self.country(in: subject) }
    var issuerCountry: String? { Self.country(in: issuer) }
    var isSelfIssued: Bool { issuer == subject }

    /// Key identifier of the subject, 2.5.29.14.
    var subjectKeyIdentifier: Bytes? {
        self["2.5.29.14"].flatMap { TLV.parse($0.value) }.flatMap { $0.tag == 0x04 ? $0.value : nil }
    }

    /// The key usage bits as they stand: bit 0 (digitalSignature) is 0x80 of the first byte.
    var keyUsage: Bytes? {
        self["2.5.29.15"].flatMap { TLV.parse($0.value) }.flatMap {
            $0.tag == 0x03 && !$0.value.isEmpty ? Bytes($0.value.dropFirst()) : nil
        }
    }

    /// When the private key may sign (2.5.29.16, RFC 3280 clause 4.2.1.4); nil without the extension.
    var privateKeyUsage: (from: WallTime?, until: WallTime?)? {
        guard let fields = self["2.5.29.16"].flatMap({ TLV.parse($0.value) })?.children else { return nil }
        func at(_ tag: UInt32) -> WallTime? {
            fields.first { $0.tag == tag }.flatMap { Self.generalized($0.value) }
        }
        return (at(0x80), at(0x81))
    }

    /// Types of document that the signer may sign (Doc 9303-12 clause 7.1.1.6), for example `P`.
    var documentTypes: [String]? {
        guard let fields = self["2.23.136.1.1.6.2"].flatMap({ TLV.parse($0.value) })?.children, fields.count >= 2 else {
            return nil
        }
        return fields[1].children?.map { String(decoding: $0.value, as: UTF8.self) }
    }

    private static func country(in name: Bytes) -> String? {
        for set in TLV.parse(name)?.children ?? [] {
            for pair in set.children ?? [] {
                guard let parts = pair.children, parts.count == 2, parts[0].value == [0x55, 0x04, 0x06] else {
                    continue
                }
                return String(decoding: parts[1].value, as: UTF8.self)
            }
        }
        return nil
    }

    /// UTCTime or GeneralizedTime in the form that DER has.
    static func time(_ object: TLV) -> WallTime? {
        switch object.tag {
        case 0x18: return generalized(object.value)
        case 0x17:
            guard object.value.count == 13, let first = object.value.first else { return nil }
            return generalized((first >= UInt8(ascii: "5") ? Bytes("19".utf8) : Bytes("20".utf8)) + object.value)
        default: return nil
        }
    }

    private static func generalized(_ text: Bytes) -> WallTime? {
        guard text.count == 15, text[14] == UInt8(ascii: "Z") else { return nil }
        let digits = text.map { Character(UnicodeScalar($0)) }
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        return WallTime(
            iso8601: "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))Z")
    }
}
