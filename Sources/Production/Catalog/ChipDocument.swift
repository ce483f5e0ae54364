internal import Ground
public import Stations

/// What a product's chip holds and how it is opened and proved: `document` in `chip.yaml`.
public struct ChipDocument: Sendable {
    public enum Maker: String, Sendable { case host, chip }

    /// Numbers of Doc 9303-11 table 12 by the names that a profile writes.
    public static let domains: [String: Int] = [
        "dh1024-160": 0, "dh2048-224": 1, "dh2048-256": 2, "p192": 8, "bp192": 9, "p224": 10, "bp224": 11, "p256": 12,
        "bp256": 13, "bp320": 14, "p384": 15, "bp384": 16, "bp512": 17, "p521": 18,
    ]
    public static let rsaKeys: [String: Int] = ["rsa1024": 1024, "rsa2048": 2048, "rsa3072": 3072]

    public struct ActiveAuthentication: Sendable {
        /// Curve number, or RSA bits from 1024.
        public let parameter: Int
        public let maker: Maker
        public var isRSA: Bool { parameter >= 512 }
        /// Bits of the hash that the chip signs with an EC key.
        public let digestBits: Int
    }

    public struct ChipAuthentication: Sendable {
        public let parameter: Int
        public let maker: Maker
        public let cipher: String
        public let keyID: UInt8
    }

    public struct PACE: Sendable {
        /// `generic`, `integrated`, or `chip`: the key of Chip Authentication proves itself in the mapping.
        public let mapping: String
        public let cipher: String
        public let parameter: Int
    }

    /// What a record can fill.
    private static let groupsOfRecords = [1, 2, 3, 7, 11, 12]

    /// `0107` (security object of version 0) or `0108` (version 1).
    public let ldsVersion: String
    /// In ascending order; 14 and 15 follow from what is below.
    public let dataGroups: [Int]
    /// `iso19794` or `iso39794`.
    public let face: String
    public let allowsBasicAccess: Bool
    public let pace: PACE?
    public let activeAuthentication: ActiveAuthentication?
    public let chipAuthentication: ChipAuthentication?

    init(_ place: ConfigurationNode) throws(SakkError) {
        ldsVersion = try place.string("lds_version", oneOf: ["0107", "0108"])
        var groups: [Int] = []
        for text in try place.requiredStrings("data_groups") {
            guard let number = Int(text), ChipDocument.groupsOfRecords.contains(number), number > groups.last ?? 0
            else {
                throw place.error("data_groups", "must be some of 1, 2, 3, 7, 11, 12, in this order")
            }
            groups.append(number)
        }
        guard groups.starts(with: [1, 2]) else { throw place.error("data_groups", "must begin with 1 and 2") }
        dataGroups = groups
        face = try place.string("face", oneOf: ["iso19794", "iso39794"])
        let access = try place.requiredStrings("access")
        for word in access where !["bac", "pace"].contains(word) {
            throw place.error("access", "knows bac and pace, not \(word)")
        }
        allowsBasicAccess = access.contains("bac")
        pace = try place.optionalNode("pace").map { (node) throws(SakkError) in
            PACE(
                mapping: try node.string("mapping", oneOf: ["generic", "integrated", "chip"]),
                cipher: try node.string("cipher", oneOf: ChipDocument.ciphers),
                parameter: try ChipDocument.domain("domain", node))
        }
        guard access.contains("pace") == (pace != nil) else {
            throw place.error("access", "and `pace` must both speak of PACE, or neither")
        }
        activeAuthentication = try place.optionalNode("active_authentication").map { (node) throws(SakkError) in
            let key = try node.string("key")
            guard let parameter = ChipDocument.rsaKeys[key] ?? ChipDocument.domains[key].flatMap({ $0 < 8 ? nil : $0 })
            else {
                throw node.error("key", "must be an RSA key or a curve of 9303-11, such as rsa2048 or p256")
            }
            let sizes = [8: 224, 9: 224, 10: 224, 11: 224, 15: 384, 16: 384, 17: 512, 18: 512]
            let digest = node.has("digest_bits") ? try node.integer("digest_bits") : sizes[parameter] ?? 256
            guard [224, 256, 384, 512].contains(digest) else {
                throw node.error("digest_bits", "must be 224, 256, 384 or 512")
            }
            return ActiveAuthentication(
                parameter: parameter, maker: try ChipDocument.maker(node), digestBits: digest)
        }
        chipAuthentication = try place.optionalNode("chip_authentication").map { (node) throws(SakkError) in
            ChipAuthentication(
                parameter: try ChipDocument.curve("domain", node), maker: try ChipDocument.maker(node),
                cipher: try node.string("cipher", oneOf: ChipDocument.ciphers),
                keyID: UInt8(try node.integer("key_id", in: 1...255)))
        }
        guard !hasFingers || chipAuthentication != nil else {
            throw place.error("data_groups", "with 3 need `chip_authentication`: Terminal Authentication follows it")
        }
        guard let pace, pace.mapping == "chip" else { return }
        // the worked example of appendix I names the key by its domain, and so do applets
        guard let key = chipAuthentication, key.parameter == pace.parameter, Int(key.keyID) == pace.parameter,
            pace.cipher != "3des"
        else {
            throw place.error(
                "pace", "of mapping chip needs AES and `chip_authentication` on its curve, the curve's number as key_id"
            )
        }
    }

    private static let ciphers = ["3des", "aes128", "aes192", "aes256"]

    private static func domain(_ key: String, _ node: ConfigurationNode) throws(SakkError) -> Int {
        guard let number = domains[try node.string(key)] else {
            let known = domains.sorted { $0.value < $1.value }.map(\.key).joined(separator: ", ")
            throw node.error(key, "must be one of \(known)")
        }
        return number
    }

    private static func curve(_ key: String, _ node: ConfigurationNode) throws(SakkError) -> Int {
        let number = try domain(key, node)
        guard number >= 8 else { throw node.error(key, "must be a curve") }
        return number
    }

    private static func maker(_ node: ConfigurationNode) throws(SakkError) -> Maker {
        Maker(rawValue: try node.string("made", oneOf: ["host", "chip"])) ?? .host
    }

    /// EF.DG3 is written, and opens to inspection systems alone.
    public var hasFingers: Bool { dataGroups.contains(3) }

    /// Who makes which key.
    public func keys(madeBy maker: Maker) -> Set<ChipKeys.Use> {
        var uses: Set<ChipKeys.Use> = []
        if activeAuthentication?.maker == maker { uses.insert(.activeAuthentication) }
        if chipAuthentication?.maker == maker { uses.insert(.chipAuthentication) }
        return uses
    }
}
