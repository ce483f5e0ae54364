internal import Foundation
public import Ground
public import OpenSSLCrypto

/// Whom a border trusts: country signing certificates, and the revocation lists that they made.
public struct TrustStore: Sendable {
    public var authorities: [X509Certificate]
    public var revocationLists: [CertificateRevocationList]
    /// Document signers that a directory tells: known, and not trusted for that.
    public var signers: [X509Certificate] = []
    /// What could not be used, and why.
    public var warnings: [String] = []

    /// Among which a signer's certificate is looked for.
    var certificates: [X509Certificate] { authorities + signers }

    public init(authorities: [X509Certificate], revocationLists: [CertificateRevocationList] = []) {
        self.authorities = authorities
        self.revocationLists = revocationLists
    }

    /// Folders and single files together; `border.trust.folder` for a path that is neither, or a file that is none of those
    /// that a folder may hold. No path at all is a reader that trusts nobody: it reads, and verifies no authority.
    /// - Parameter pins: SHA-256 of authorities as their countries tell them: one that a master list brings itself is then trusted.
    public init(paths: [String], pins: Set<Bytes> = [], at time: WallTime) throws(SakkError) {
        self.init(authorities: [])
        guard !paths.isEmpty else { return }
        var lists: [Named] = []
        for path in paths {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw Self.unusable(path, "There is no such file or folder.")
            }
            if isFolder.boolValue {
                lists += try takeFolder(path)
            } else if let content = FileManager.default.contents(atPath: path) {
                guard take(Bytes(content), path, &lists) else {
                    throw Self.unusable(path, "This is not a certificate.")
                }
            }
        }
        for list in lists {
            guard let authority = Self.authority(of: list.bytes), pins.contains(Digest.sha256(authority.der)),
                !authorities.contains(where: { $0.der == authority.der })
            else { continue }
            authorities.append(authority)
        }
        try open(lists, from: paths.joined(separator: ", "), at: time)
    }

    /// Reads a folder: certificates, revocation lists, master lists, and exports of a directory with them (LDIF), each known by
    /// what is in it, whatever it is called. A master list counts only when a certificate of the folder vouches for its signer;
    /// the others are warned about.
    /// - Throws: `border.trust.folder` when the folder cannot be read or nothing in it is a certificate.
    public init(folder: String, at time: WallTime) throws(SakkError) {
        self.init(authorities: [])
        try open(try takeFolder(folder), from: folder, at: time)
    }

    private typealias Named = (name: String, bytes: Bytes)

    private mutating func takeFolder(_ folder: String) throws(SakkError) -> [Named] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw Self.unusable(folder, "The folder cannot be read.")
        }
        var lists: [Named] = []
        for name in names.sorted() {
            guard let data = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
            if !take(Bytes(data), name, &lists) { warnings.append("\(name): not a file of a trust folder") }
        }
        return lists
    }

    /// Lists are opened when all certificates are there.
    private mutating func open(_ lists: [Named], from place: String, at time: WallTime) throws(SakkError) {
        let anchors = authorities
        for list in lists {
            do throws(SakkError) {
                let opened = try MasterList(list.bytes, trust: anchors, at: time)
                let known = Set(authorities.map(\.der))
                authorities += opened.certificates.filter { !known.contains($0.der) }
                warnings += opened.warnings.map { "\(list.name): \($0)" }
            } catch {
                warnings.append("\(list.name): \(error.text)" + Self.carried(by: list.bytes))
            }
        }
        guard authorities.isEmpty else { return }
        throw Self.unusable(
            place, (["No certificate in it can be read or is vouched for."] + warnings).joined(separator: " "))
    }

    /// False for what is nothing of the kind.
    private mutating func take(_ bytes: Bytes, _ name: String, _ lists: inout [Named]) -> Bool {
        let blocks = Self.textBlocks(bytes)
        if !blocks.isEmpty {
            var taken = 0
            for block in blocks {
                if let certificate = try? X509Certificate(pem: block) {
                    authorities.append(certificate)
                } else if let list = try? CertificateRevocationList(pem: block) {
                    revocationLists.append(list)
                } else {
                    continue
                }
                taken += 1
            }
            if taken > 0, taken < blocks.count {
                warnings.append("\(name): \(blocks.count - taken) of \(blocks.count) blocks cannot be read")
            }
            return taken > 0
        }
        if DirectoryExport.isOne(bytes) {
            var strangers = 0
            for value in DirectoryExport.values(bytes) {
                if let certificate = try? X509Certificate(der: value) {
                    signers.append(certificate)
                } else if !takeList(value, name, &lists) {
                    strangers += 1
                }
            }
            if strangers > 0 { warnings.append("\(name): \(strangers) values that are neither certificate nor list") }
            return true
        }
        if let certificate = try? X509Certificate(der: bytes) {
            authorities.append(certificate)
            return true
        }
        return takeList(bytes, name, &lists)
    }

    /// The blocks of a text in PEM (RFC 7468), which may have words around them.
    private static func textBlocks(_ bytes: Bytes) -> [Bytes] {
        var blocks: [Bytes] = []
        var rest = bytes[...]
        while let begin = rest.firstRange(of: Bytes("-----BEGIN ".utf8))?.lowerBound,
            let end = rest[begin...].firstRange(of: Bytes("-----END ".utf8))
        {
            let line = rest[end.upperBound...].firstIndex(of: 0x0A) ?? rest.endIndex
            blocks.append(Bytes(rest[begin..<line]) + [0x0A])
            rest = rest[line...]
        }
        return blocks
    }

    private mutating func takeList(_ bytes: Bytes, _ name: String, _ lists: inout [Named]) -> Bool {
        if let list = try? CertificateRevocationList(der: bytes) {
            revocationLists.append(list)
        } else if SignedFile(bytes)?.contentType == MasterList.contentType {
            lists.append((name, bytes))
        } else {
            return false
        }
        return true
    }

    /// The authority that a list brings for its signer: nobody is trusted because he says so, but who has its fingerprint from the
    /// country may compare it.
    private static func carried(by list: Bytes) -> String {
        guard let authority = authority(of: list) else { return "" }
        return
            " The list brings its authority (\(authority.subject)): when the country tells the same fingerprint, SHA-256 "
            + "\(Digest.sha256(authority.der).hex), lay that certificate into the folder (sakk chip trust --pin writes it)."
    }

    private static func authority(of list: Bytes) -> X509Certificate? {
        guard let file = SignedFile(list), let signer = file.signer.flatMap({ try? X509Certificate(der: $0) }) else {
            return nil
        }
        return file.certificates.lazy.compactMap { try? X509Certificate(der: $0) }
            .first { $0.isSelfIssued && signer.isSigned(by: $0) }
    }

    private static func unusable(_ folder: String, _ text: String) -> SakkError {
        SakkError(
            "border.trust.folder", source: folder, text: text,
            remedy:
                "Give a folder with country signing certificates (PEM or DER), revocation lists and master lists, among them "
                + "the certificate that vouches for the master list's signer.")
    }
}
