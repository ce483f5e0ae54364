import BorderReader
import Catalog
import GlobalPlatform
import Ground
import KeyVault
import OpenSSLCrypto
import Personalisation

/// Test keys and real ones never meet: those are refused on a line in production, these in training and at a desk. What is
/// a test key: a file in a folder with the file `SPECIMEN`; a certificate whose subject is of TEST or SPECIMEN; a master key,
/// in a token too, with the check value of a key that everybody knows; a key in a token whose label, or the key's own, begins
/// with TEST or SPECIMEN.
enum KeyClass {
    /// Check values under AES and triple DES of the keys that the makers and public transcripts published.
    private static let published: Set<String> = {
        var values: Set<String> = []
        for digits in GpTestKeys.published {
            guard let bytes = Bytes(hex: digits) else { continue }
            var (one, other) = (bytes, bytes)
            let aes = try? KeyCheckValue.aes(SecretBytes(wiping: &one)).hex
            let tripleDES = bytes.count == 16 ? try? KeyCheckValue.tripleDES(SecretBytes(wiping: &other)).hex : nil
            values.formUnion([aes, tripleDES].compactMap { $0 })
        }
        return values
    }()

    static func isTest(path: String) -> Bool {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return FileBytes.read((folder.isEmpty ? "." : folder) + "/SPECIMEN") != nil
    }

    static func isTest(_ certificate: X509Certificate) -> Bool {
        certificate.subject.split(separator: ",").contains { part in
            isTest(name: part.split(separator: "=", maxSplits: 1).last ?? "")
        }
    }

    /// Of a certificate's subject, of a token or a key in it.
    private static func isTest(name: some StringProtocol) -> Bool {
        name == "TEST" || ["TEST ", "TEST-", "SPECIMEN"].contains { name.hasPrefix($0) }
    }

    /// A key in a token that says so; nil for one in a file.
    private static func isTest(token place: LineProfile.KeyPlace) -> Bool? {
        guard case .token(_, let token, _, let key, _) = place else { return nil }
        return isTest(name: token) || isTest(name: key)
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
        // an authority's certificate has no subject to tell it by: its folder does, for the inspection system too
        let folder = line.trust.inspectionSystem.map(InspectionSystem.keyFile(in:))
        for path in [line.trust.terminalAuthority, folder] {
            if let path, isTest(path: path) != wantsTest { throw refusal(line, path) }
        }
        if let place = line.keys.inspectionSystem, !wantsTest, isTest(token: place) == true {
            throw refusal(line, place.name)
        }
        for signer in line.keys.documentSigners {
            guard try isTest(certificate: signer.certificate) == wantsTest else {
                throw refusal(line, signer.certificate)
            }
            if let path = signer.key.path, KeyClass.isTest(path: path) != wantsTest { throw refusal(line, path) }
            // certified by whom it may: a key that says it is for tests signs nothing real
            if !wantsTest, isTest(token: signer.key) == true { throw refusal(line, signer.certificate) }
        }
        if let path = line.keys.seal?.key.path, isTest(path: path) != wantsTest { throw refusal(line, path) }
        try checkMaster(line.keys.transportMaster, line)
        if let master = line.keys.productionMaster { try checkMaster(master, line) }
        try checkProfile(line)
    }

    private static func checkMaster(_ place: LineProfile.KeyPlace, _ line: LineProfile) throws(SakkError) {
        let isKnown = isPublished(checkValue: try IssuerKeys.checkValue(of: place))
        let (known, name): (Bool, String) =
            switch place {
            case .file(let path): (isKnown || isTest(path: path), path)
            case .token: (isKnown || isTest(token: place) == true, place.name)
            }
        guard known == (line.mode == .training) else { throw refusal(line, name) }
    }

    /// Throws `keys.signer.profile` for a line in production whose documents a strict border would warn about.
    static func checkProfile(_ line: LineProfile) throws(SakkError) {
        guard line.mode == .production else { return }
        for signer in line.keys.documentSigners {
            let deviations = SignerProfile.deviations(of: try Certificates.read(signer.certificate).der)
            guard !deviations.isEmpty else { continue }
            throw SakkError(
                "keys.signer.profile", source: line.path, subject: signer.certificate,
                text: "The document signer's certificate does not follow ICAO Doc 9303-12: "
                    + "\(deviations.joined(separator: "; ")).",
                remedy: "Have the country signing authority certify the key again, with the profile of table 6.")
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
