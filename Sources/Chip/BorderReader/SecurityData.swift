internal import Ground
internal import OpenSSLCrypto

/// EF.SOD (Doc 9303-10 clause 4.6.2): CMS SignedData and the LDS security object inside, version 0 or 1.
struct SecurityData {
    let signed: SignedFile
    let object: SecurityObjectContent
    /// Of the object that the file is.
    private let outer: [String]

    var contentType: String { signed.contentType }
    var content: Bytes { signed.content }
    var certificates: [Bytes] { signed.certificates }

    /// Nil when the file is not tag 77 around SignedData with an LDS security object.
    init?(_ file: Bytes) {
        let isIndefinite = DefiniteForm.isIndefinite(file)
        guard let whole = isIndefinite ? DefiniteForm(file)?.encoded : file, let outer = TLV.parse(whole),
            outer.tag == 0x77, let signed = SignedFile(outer.value),
            let object = SecurityObjectContent(signed.content)
        else { return nil }
        self.signed = signed
        self.outer = isIndefinite ? ["tag 77 has no definite length"] : []
        self.object = object
    }

    var deviations: [String] { (outer + signed.deviations + object.deviations).map { "EF.SOD: \($0)" } }
}

/// LDSSecurityObject (Doc 9303-10 clause 4.6.2.3).
struct SecurityObjectContent: Equatable {
    let version: Int
    let digest: Digest
    let hashes: [Int: Bytes]
    /// Only and always in version 1, for example `0108`.
    let ldsVersion: String?
    let deviations: [String]

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
        var order: [Int] = []
        var found: [String] = []
        for entry in entries {
            guard let pair = entry.children, pair.count == 2, pair[0].tag == 0x02, pair[1].tag == 0x04,
                let number = pair[0].value.first.map(Int.init), pair[0].value.count == 1, (1...16).contains(number),
                hashes.updateValue(pair[1].value, forKey: number) == nil
            else { return nil }
            order.append(number)
            if pair[1].value.count != digest.byteCount { found.append("hash of EF.DG\(number) has a wrong length") }
        }
        if order != order.sorted() { found.append("data groups are not in order") }
        if hashes.count < 2 { found.append("fewer than two data groups") }
        deviations = found
        self.version = Int(version)
        self.digest = digest
        self.hashes = hashes
        ldsVersion = fields.count == 4 ? fields[3].first(0x13).map { String(decoding: $0.value, as: UTF8.self) } : nil
        if version == 1, ldsVersion == nil { return nil }
    }
}
