internal import Ground
internal import OpenSSLCrypto

/// EF.SOD (Doc 9303-10 clause 4.6.2): CMS SignedData and the LDS security object inside, version 0 or 1.
struct SecurityData {
    /// The CMS ContentInfo in DER.
    let signedData: Bytes
    /// Dotted object identifier of the content.
    let contentType: String
    /// The LDS security object in DER.
    let content: Bytes
    let certificates: [Bytes]
    let object: SecurityObjectContent

    /// Nil when the file is not tag 77 around SignedData with an LDS security object.
    init?(_ file: Bytes) {
        guard let outer = TLV.parse(file), outer.tag == 0x77, let info = TLV.parse(outer.value),
            let parts = info.children, info.tag == 0x30, parts.count == 2, parts[0].tag == 0x06, parts[1].tag == 0xA0,
            let signed = TLV.parse(parts[1].value), signed.tag == 0x30, let fields = signed.children,
            fields.count >= 4, let encapsulated = fields[2].children, encapsulated.count == 2,
            encapsulated[0].tag == 0x06, encapsulated[1].tag == 0xA0,
            let octets = TLV.parse(encapsulated[1].value), octets.tag == 0x04,
            let object = SecurityObjectContent(octets.value)
        else { return nil }
        signedData = outer.value
        contentType = Self.dotted(encapsulated[0].value)
        content = octets.value
        certificates = fields.first { $0.tag == 0xA0 }?.children?.map(\.encoded) ?? []
        self.object = object
    }

    private static func dotted(_ identifier: Bytes) -> String {
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
}

/// LDSSecurityObject (Doc 9303-10 clause 4.6.2.3).
struct SecurityObjectContent: Equatable {
    let version: Int
    let digest: Digest
    let hashes: [Int: Bytes]
    /// Only and always in version 1, for example `0108`.
    let ldsVersion: String?

    private static let digests: [Bytes: Digest] = [
        [0x2B, 0x0E, 0x03, 0x02, 0x1A]: .sha1,
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]: .sha256,
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02]: .sha384,
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03]: .sha512,
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04]: .sha224,
    ]

    init?(_ content: Bytes) {
        guard let outer = TLV.parse(content), outer.tag == 0x30, let fields = outer.children,
            (3...4).contains(fields.count), fields[0].tag == 0x02, let version = fields[0].value.first,
            fields[0].value.count == 1, version <= 1, fields[1].tag == 0x30,
            let algorithm = fields[1].first(0x06), let digest = Self.digests[algorithm.value],
            fields[2].tag == 0x30, let entries = fields[2].children, !entries.isEmpty,
            (version == 1) == (fields.count == 4)
        else { return nil }
        var hashes: [Int: Bytes] = [:]
        for entry in entries {
            guard let pair = entry.children, pair.count == 2, pair[0].tag == 0x02, pair[1].tag == 0x04,
                let number = pair[0].value.first.map(Int.init), pair[0].value.count == 1, (1...16).contains(number),
                hashes.updateValue(pair[1].value, forKey: number) == nil
            else { return nil }
        }
        self.version = Int(version)
        self.digest = digest
        self.hashes = hashes
        ldsVersion = fields.count == 4 ? fields[3].first(0x13).map { String(decoding: $0.value, as: UTF8.self) } : nil
        if version == 1, ldsVersion == nil { return nil }
    }
}
