import Foundation
import Ground
import OpenSSLCrypto
import Testing

@testable import BorderReader

/// Public documents, certificates and a master list of the living world: read, verified or warned about.
@Suite(.enabled(if: SilverDocument.isThere)) struct RealWorldTests {
    private static let time = WallTime(iso8601: "2024-08-10T12:00:00Z")!

    @Test func `The German master list is verified by its country's certificate and every entry is looked at`() throws {
        let folder = SilverDocument.folder.appending(path: "masterlist").path()
        let store = try TrustStore(folder: folder, at: Self.time)
        print("master list: \(store.authorities.count) certificates, warnings \(store.warnings)")
        #expect(store.authorities.count > 500)
        #expect(store.warnings.isEmpty)
        var deviations: [String: Int] = [:]
        var unreadable = 0
        var selfSigned = 0
        for authority in store.authorities {
            guard let data = CertificateData(authority.der) else {
                unreadable += 1
                continue
            }
            if authority.isSelfIssued, authority.isSigned(by: authority) { selfSigned += 1 }
            for text in CertificateProfile.deviations(ofAuthority: data) { deviations[text, default: 0] += 1 }
        }
        print("master list: \(selfSigned) self-signed, deviations \(deviations.sorted { $0.value > $1.value })")
        #expect(unreadable == 0)
    }

    @Test func `A master list whose signer nobody vouches for, or with one bit flipped, is not used`() throws {
        let list = try SilverDocument.file("masterlist/DE_ML_2024-08-07.ml")
        #expect(throws: SakkError("cms.chain.untrusted", source: "", text: "", remedy: "")) {
            try MasterList(list, trust: [], at: Self.time)
        }
        let anchor = try X509Certificate(der: try SilverDocument.file("masterlist/DE_ROOT_CA_CSCA07.cer"))
        var broken = list
        broken[list.count / 2] ^= 1
        #expect(throws: SakkError.self) { try MasterList(broken, trust: [anchor], at: Self.time) }
        let opened = try MasterList(list, trust: [anchor], at: Self.time)
        #expect(opened.country == "DE" && opened.certificates.count > 500)
    }

    @Test(arguments: [
        ("country-lower-case_ro_e0a6d1bd", "country is not two upper-case letters"),
        ("rsa-exponent-3_KR_8ed8f1ea", "RSA with exponent 3"),
        ("serial-not-positive_VA_ea1ad38f", "serial number is not positive"), ("explicit-ec_CY_02d2b62b", ""),
        ("pss-signature_RS_7433cea5", ""), ("rsa6144_MD_5533a5f5", ""), ("secp521r1_EG_b93296ab", ""),
    ]) func `Odd certificates are read, their signatures verified, their oddity named`(
        name: String, oddity: String
    ) throws {
        let bytes = try SilverDocument.file("certs/\(name).der")
        let certificate = try X509Certificate(der: bytes)
        let data = try #require(CertificateData(bytes))
        let found = CertificateProfile.deviations(ofAuthority: data)
        print("\(name): \(found)")
        #expect(oddity.isEmpty || found.contains(oddity))
        #expect(PublicKey(info: certificate.publicKeyInfo) != nil)
        if certificate.isSelfIssued { #expect(certificate.isSigned(by: certificate)) }
    }
}
