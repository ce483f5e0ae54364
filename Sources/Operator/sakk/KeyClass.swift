import Catalog
import Ground
import KeyVault
import OpenSSLCrypto

/// Test keys and real ones never meet: those are refused on a line in production, these in training and at a desk. What is
/// a test key: a file in a folder with the file `SPECIMEN`; a certificate whose subject is of TEST or SPECIMEN; a master key,
/// in a token too, with the check value of a key that everybody knows.
enum KeyClass {
    /// 40 41 .. 4F under AES and triple DES: the makers' published key.
    private static let published: Set<String> = ["504A77", "8BAF47"]

    static func isTest(path: String) -> Bool {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return FileBytes.read((folder.isEmpty ? "." : folder) + "/SPECIMEN") != nil
    }

    static func isTest(_ certificate: X509Certificate) -> Bool {
        certificate.subject.split(separator: ",").contains { part in
            let value = part.split(separator: "=", maxSplits: 1).last ?? ""
            return value.hasPrefix("TEST ") || value.hasPrefix("SPECIMEN")
        }
    }

    static func isTest(certificate path: String) throws(SakkError) -> Bool {
        if isTest(path: path) { return true }
        return isTest(try Certificates.read(path))
    }

    static func isPublished(checkValue: Bytes) -> Bool { published.contains(checkValue.hex) }

    /// Looks at every key and certificate that the line names. Throws `keys.test` in production, `keys.real` in training.
    static func check(_ line: LineProfile) throws(SakkError) {
        let wantsTest = line.mode == .training
        for path in line.trust.approval + line.trust.countrySigning {
            if !wantsTest, try isTest(certificate: path) { throw refusal(line, path) }
        }
        for path in line.trust.countrySigning where wantsTest {
            guard try isTest(certificate: path) else { throw refusal(line, path) }
        }
        for signer in line.keys.documentSigners {
            guard try isTest(certificate: signer.certificate) == wantsTest else {
                throw refusal(line, signer.certificate)
            }
            if let path = signer.key.path, KeyClass.isTest(path: path) != wantsTest { throw refusal(line, path) }
        }
        switch line.keys.transportMaster {
        case .file(let path):
            let isKnown = isPublished(checkValue: try IssuerKeys.checkValue(file: path))
            guard (isKnown || isTest(path: path)) == wantsTest else { throw refusal(line, path) }
        case .token(_, let token, _, let label, _):
            let checkValue = try IssuerKeys.master(line.keys.transportMaster)?.checkValue ?? []
            guard isPublished(checkValue: checkValue) == wantsTest else { throw refusal(line, "\(token)/\(label)") }
        }
    }

    private static func refusal(_ line: LineProfile, _ place: String) -> SakkError {
        if line.mode == .production {
            return SakkError(
                "keys.test", source: line.path, subject: place,
                text: "A production line names a test key or certificate.",
                remedy: "Name the production keys, or set `mode: training`.")
        }
        return SakkError(
            "keys.real", source: line.path, subject: place,
            text: "A line in training names a key or certificate that is not known as a test one.",
            remedy: "Name test keys (seeds/test-pki), or set `mode: production`.")
    }
}
