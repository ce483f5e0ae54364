import Foundation
import Ground
import OpenSSLCrypto
import Testing

@testable import BorderReader

/// Public documents, certificates and a master list of the living world: read, verified or warned about.
@Suite(.enabled(if: SilverDocument.isThere)) struct RealWorldTests {
    private static let time = WallTime(iso8601: "2024-08-10T12:00:00Z")!

    /// The CSCA that the list carries beside its signer. A plant compares its fingerprint with what came by another way.
    private func carried(_ list: Bytes) throws -> X509Certificate {
        let verified = try CMS.verifySignature(list, expectedContentType: MasterList.contentType)
        return try #require(verified.certificates.first { $0.isSelfIssued })
    }

    @Test func `The German master list opens with the authority that made its signer, and every entry is looked at`()
        throws
    {
        let bytes = try SilverDocument.file("masterlist/DE_ML_2024-08-07.ml")
        let list = try MasterList(bytes, trust: [try carried(bytes)], at: Self.time)
        #expect(list.country == "DE" && list.certificates.count > 500)
        var deviations: [String: Int] = [:]
        var unreadable = 0
        var selfSigned = 0
        for authority in list.certificates {
            guard let data = CertificateData(authority.der) else {
                unreadable += 1
                continue
            }
            if authority.isSelfIssued, authority.isSigned(by: authority) { selfSigned += 1 }
            for text in CertificateProfile.deviations(ofAuthority: data) { deviations[text, default: 0] += 1 }
        }
        print(
            "master list: \(list.certificates.count) certificates, \(selfSigned) self-signed, warnings "
                + "\(list.warnings), deviations \(deviations.sorted { $0.value > $1.value })")
        #expect(unreadable == 0)
        #expect(selfSigned > list.certificates.count / 2)
    }

    @Test func `A master list whose signer nobody vouches for, or with one bit flipped, is not used`() throws {
        let list = try SilverDocument.file("masterlist/DE_ML_2024-08-07.ml")
        let trusted = try carried(list)
        // the authority that lies beside the list has another key: it began two months after the list
        let later = try X509Certificate(der: try SilverDocument.file("masterlist/DE_ROOT_CA_CSCA07.cer"))
        #expect(later.notBefore > Self.time)
        for trust in [[], [later]] {
            #expect {
                try MasterList(list, trust: trust, at: Self.time)
            } throws: {
                ($0 as? SakkError)?.code == "cms.chain.untrusted"
            }
        }
        var broken = list
        broken[list.count / 2] ^= 1
        #expect(throws: SakkError.self) { try MasterList(broken, trust: [trusted], at: Self.time) }
        let store = try TrustStore(folder: SilverDocument.folder.appending(path: "masterlist").path(), at: Self.time)
        #expect(store.authorities.count == 1 && store.warnings.count == 1)
        #expect(store.warnings[0].contains(Digest.sha256(trusted.der).hex))
    }

    @Test(arguments: [
        ("country-lower-case_ro_e0a6d1bd", "country is not two upper-case letters", false),
        ("rsa-exponent-3_KR_8ed8f1ea", "RSA with exponent 3", true),
        ("serial-not-positive_VA_ea1ad38f", "serial number is not positive", true),
        ("explicit-ec_CY_02d2b62b", "", false),
        ("pss-signature_RS_7433cea5", "", true), ("rsa6144_MD_5533a5f5", "", true),
        ("secp521r1_EG_b93296ab", "", true),
    ]) func `Odd certificates are read, their signatures verified, their oddity named`(
        name: String, oddity: String, isSelfSigned: Bool
    ) throws {
        let bytes = try SilverDocument.file("certs/\(name).der")
        let certificate = try X509Certificate(der: bytes)
        let data = try #require(CertificateData(bytes))
        let found = CertificateProfile.deviations(ofAuthority: data)
        print("\(name): \(found)")
        #expect(oddity.isEmpty || found.contains(oddity))
        #expect(PublicKey(info: certificate.publicKeyInfo) != nil)
        // the two others are links: one name, and the key of the authority before
        #expect(certificate.isSigned(by: certificate) == isSelfSigned)
        #expect(certificate.isSelfIssued)
    }
}
