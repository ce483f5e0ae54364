public import Ground
public import OpenSSLCrypto

/// A list of country signing certificates that one country vouches for (Doc 9303-12 clause 8).
public struct MasterList: Sendable {
    /// Country of the signer, where its certificate says so.
    public let country: String?
    public let certificates: [X509Certificate]
    /// Certificates that could not be read, and other departures from the profile.
    public let warnings: [String]

    /// id-icao-mrtd-security-masterList
    static let contentType = "2.23.136.1.1.2"

    /// Verifies the list: one signer, whose certificate a trusted authority made.
    /// - Throws: `border.masterlist.malformed`, or the errors of `CMS.verify`.
    public init(_ bytes: Bytes, trust: [X509Certificate], at time: WallTime) throws(SakkError) {
        guard let file = SignedFile(bytes), file.contentType == Self.contentType,
            let content = TLV.parse(file.content), content.tag == 0x30, let fields = content.children,
            fields.count == 2, fields[0].tag == 0x02, fields[1].tag == 0x31, let entries = fields[1].children
        else {
            throw SakkError(
                "border.masterlist.malformed", source: "master list", text: "This is not an ICAO master list.",
                remedy: "Fetch the list again from the authority that publishes it.")
        }
        let verified = try CMS.verify(bytes, trust: trust, expectedContentType: Self.contentType, at: time)
        guard verified.content == file.content else {
            throw SakkError(
                "border.masterlist.ambiguous", source: "master list", text: "The list can be read in two ways.",
                remedy: "Do not use it.")
        }
        var warnings = file.deviations
        if fields[0].value != [0] { warnings.append("list is not version 0") }
        var certificates: [X509Certificate] = []
        for (index, entry) in entries.enumerated() {
            guard let certificate = try? X509Certificate(der: entry.encoded) else {
                warnings.append("certificate \(index + 1) of the list cannot be read")
                continue
            }
            certificates.append(certificate)
        }
        country = verified.signer.countryName
        self.certificates = certificates
        self.warnings = warnings
    }
}
