internal import Foundation
public import Ground
public import OpenSSLCrypto

/// Whom a border trusts: country signing certificates, and the revocation lists that they made.
public struct TrustStore: Sendable {
    public var authorities: [X509Certificate]
    public var revocationLists: [CertificateRevocationList]
    /// What could not be used, and why.
    public var warnings: [String] = []

    public init(authorities: [X509Certificate], revocationLists: [CertificateRevocationList] = []) {
        self.authorities = authorities
        self.revocationLists = revocationLists
    }

    /// Folders and single certificate files together; `border.trust.folder` for a path that is neither.
    public init(paths: [String], at time: WallTime) throws(SakkError) {
        self.init(authorities: [])
        for path in paths {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw Self.unusable(path, "There is no such file or folder.")
            }
            guard !isFolder.boolValue else {
                let store = try TrustStore(folder: path, at: time)
                authorities += store.authorities
                revocationLists += store.revocationLists
                warnings += store.warnings
                continue
            }
            let known = authorities.count
            takeCertificate(Bytes(FileManager.default.contents(atPath: path) ?? Data()), path)
            guard authorities.count > known else { throw Self.unusable(path, "This is not a certificate.") }
        }
    }

    /// Reads a folder: certificates (`.pem`, `.cer`, `.crt`, `.der`), revocation lists (`.crl`), master lists (`.ml`). A
    /// master list counts only when a certificate of the folder vouches for its signer; the others are warned about.
    /// - Throws: `border.trust.folder` when the folder cannot be read or nothing in it is a certificate.
    public init(folder: String, at time: WallTime) throws(SakkError) {
        self.init(authorities: [])
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw Self.unusable(folder, "The folder cannot be read.")
        }
        var lists: [(name: String, bytes: Bytes)] = []
        for name in names.sorted() {
            guard let data = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
            let bytes = Bytes(data)
            switch name.split(separator: ".").last.map({ $0.lowercased() }) {
            case "pem", "cer", "crt", "der": takeCertificate(bytes, name)
            case "crl": takeRevocationList(bytes, name)
            case "ml": lists.append((name, bytes))
            default: warnings.append("\(name): not a file of a trust folder")
            }
        }
        let anchors = authorities
        for list in lists {
            do throws(SakkError) {
                let opened = try MasterList(list.bytes, trust: anchors, at: time)
                authorities += opened.certificates
                warnings += opened.warnings.map { "\(list.name): \($0)" }
            } catch {
                warnings.append("\(list.name): \(error.text)")
            }
        }
        guard !authorities.isEmpty else { throw Self.unusable(folder, "No certificate in it can be read.") }
    }

    private mutating func takeCertificate(_ bytes: Bytes, _ name: String) {
        let isText = bytes.starts(with: Bytes("-----".utf8))
        guard let certificate = isText ? try? X509Certificate(pem: bytes) : try? X509Certificate(der: bytes) else {
            return warnings.append("\(name): not a certificate")
        }
        authorities.append(certificate)
    }

    private mutating func takeRevocationList(_ bytes: Bytes, _ name: String) {
        let isText = bytes.starts(with: Bytes("-----".utf8))
        let list = isText ? try? CertificateRevocationList(pem: bytes) : try? CertificateRevocationList(der: bytes)
        guard let list else { return warnings.append("\(name): not a revocation list") }
        revocationLists.append(list)
    }

    private static func unusable(_ folder: String, _ text: String) -> SakkError {
        SakkError(
            "border.trust.folder", source: folder, text: text,
            remedy:
                "Give a folder with country signing certificates (.pem or .cer), lists (.crl) and master lists (.ml).")
    }
}
