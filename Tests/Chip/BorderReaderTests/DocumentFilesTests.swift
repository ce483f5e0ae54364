import Foundation
import Ground
import OpenSSLCrypto
import Testing

@testable import BorderReader

/// Documents as folders of files, and trust with a pinned authority.
@Suite(.enabled(if: SilverDocument.isThere)) struct DocumentFilesTests {
    private static let silver = SilverDocument.folder.appending(path: "bsi-silver-2008").path()
    private static let list = SilverDocument.folder.appending(path: "masterlist/DE_ML_2024-08-07.ml").path()
    private static let published = WallTime(iso8601: "2024-08-10T12:00:00Z")!

    @Test func `A folder's files are known by what is in them, whatever they are called`() throws {
        let document = try DocumentFiles(paths: [Self.silver])
        #expect(Set(document.files.keys) == [0x0101, 0x0102, 0x0103, 0x010E, 0x010F, 0x011D, 0x011E])
        #expect(document.places["EF.DG15"]?.hasSuffix("Datagroup15.bin") == true && document.strangers.isEmpty)
        let time = try #require(WallTime(iso8601: "2008-06-01T12:00:00Z"))
        let reading = BorderInspection(trust: []).judge(document, access: nil, at: time)
        let hashes = reading.checks.filter { $0.name.hasSuffix(".hash") }
        // its EF.DG15 is a sample of its own: EF.SOD does not name it
        #expect(hashes.filter(\.passed).map(\.name) == ["dg1.hash", "dg2.hash", "dg3.hash", "dg14.hash"])
        #expect(hashes.filter { !$0.passed }.map(\.reason) == [.groupUnsigned])
        #expect(reading[check: "sod.signature"]?.passed == true && reading[check: "dg2.face"]?.passed == true)
        #expect(reading[check: "aa"] == nil && reading[check: "sod.chain"]?.reason == .authorityUnknown)
    }

    @Test func `Two files of a kind, none at all, and a path that is not there are said`() throws {
        func code(_ paths: [String]) -> SakkError.Code? {
            do throws(SakkError) {
                _ = try DocumentFiles(paths: paths)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code([Self.silver, Self.silver + "/Datagroup1.bin"]) == "lds.files.twice")
        #expect(code([SilverDocument.folder.appending(path: "certs").path()]) == "lds.files.none")
        #expect(code([Self.silver + "/Datagroup9.bin"]) == "file.missing")
    }

    @Test func `A lone EF.DG2 of the newer encoding is read, and proves nothing`() throws {
        let path = SilverDocument.folder.appending(path: "iso39794/dg2-mandatory-fields.bin").path()
        let reading = BorderInspection(trust: []).judge(
            try DocumentFiles(paths: [path]), access: nil, at: Self.published)
        #expect(reading[check: "dg2.face"]?.passed == true && !reading.passed)
        #expect(reading[check: "sod.signature"]?.reason == .securityObjectMissing)
    }

    @Test func `A master list counts when the fingerprint of its authority was pinned, and not with another`() throws {
        let verified = try CMS.verifySignature(
            Bytes(try Data(contentsOf: URL(filePath: Self.list))), expectedContentType: MasterList.contentType)
        let authority = try #require(verified.certificates.first { $0.isSelfIssued })
        let pin = Digest.sha256(authority.der)
        let store = try TrustStore(paths: [Self.list], pins: [pin], at: Self.published)
        #expect(store.authorities.count > 500 && store.entries.first?.fingerprint == pin)
        #expect {
            try TrustStore(paths: [Self.list], pins: [Digest.sha256(pin)], at: Self.published)
        } throws: {
            ($0 as? SakkError)?.code == "border.trust.folder" && ($0 as? SakkError)?.text.contains(pin.hex) == true
        }
    }

    @Test(arguments: [
        ("rsa-exponent-3_KR_8ed8f1ea", "RSA with exponent 3"),
        ("explicit-ec_CY_02d2b62b", "signed by a key that is not here"),
    ]) func `An authority is shown with what deviates`(name: String, oddity: String) throws {
        let path = SilverDocument.folder.appending(path: "certs/\(name).der").path()
        let entries = try TrustStore(paths: [path], at: Self.published).entries
        #expect(entries.count == 1 && entries[0].deviations.contains(oddity))
    }
}
