import Foundation
import Ground
import OpenSSLCrypto
import Testing

/// An invented country: its signing authority, document signers and revocation list, all made by the `openssl` command.
struct TestCountry {
    struct Signer {
        let certificate: X509Certificate
        let key: PrivateKey
        let path: String
    }

    let folder: URL
    let code: String

    init(code: String = "UT") throws {
        self.code = code
        folder = FileManager.default.temporaryDirectory.appending(path: "country-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data().write(to: folder.appending(path: "index"))
        try Data("01".utf8).write(to: folder.appending(path: "serial"))
        try Data("01".utf8).write(to: folder.appending(path: "crlnumber"))
        try openssl([
            "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-pkeyopt",
            "ec_param_enc:explicit", "-out", "csca.key",
        ])
        try issue(
            name: "csca", subject: "/C=\(code)/O=SPECIMEN State/CN=TEST CSCA", extensions: "csca",
            valid: ("20200101000000Z", "20450101000000Z"), usage: ("20200101000000Z", "20300101000000Z"), by: nil)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    var authority: X509Certificate {
        get throws { try X509Certificate(pem: read("csca.pem")) }
    }

    /// A document signer with explicit curve parameters, as Doc 9303-12 asks.
    func signer(
        _ name: String, usage: (String, String) = ("20250101000000Z", "20280101000000Z"),
        valid: (String, String) = ("20250101000000Z", "20380101000000Z"), section: String = "signer",
        subject: String? = nil
    ) throws -> Signer {
        try openssl([
            "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP256r1", "-pkeyopt",
            "ec_param_enc:explicit", "-out", "\(name).key",
        ])
        try issue(
            name: name, subject: subject ?? "/C=\(code)/O=SPECIMEN State/CN=TEST Signer \(name)", extensions: section,
            valid: valid, usage: usage, by: "csca")
        return Signer(
            certificate: try X509Certificate(pem: read("\(name).pem")), key: try PrivateKey(pem: read("\(name).key")),
            path: folder.appending(path: "\(name).pem").path())
    }

    /// A list with the named signers on it.
    func revocationList(of names: [String]) throws -> CertificateRevocationList {
        for name in names {
            try openssl([
                "ca", "-config", "pki.cnf", "-cert", "csca.pem", "-keyfile", "csca.key", "-revoke", "\(name).pem",
            ])
        }
        try openssl([
            "ca", "-config", "pki.cnf", "-cert", "csca.pem", "-keyfile", "csca.key", "-gencrl", "-crldays", "9000",
            "-out",
            "country.crl",
        ])
        return try CertificateRevocationList(pem: read("country.crl"))
    }

    func read(_ name: String) throws -> Bytes { Bytes(try Data(contentsOf: folder.appending(path: name))) }

    private func issue(
        name: String, subject: String, extensions: String, valid: (String, String), usage: (String, String),
        by issuer: String?
    ) throws {
        try Data(Self.configuration(usage).utf8).write(to: folder.appending(path: "pki.cnf"))
        try openssl([
            "req", "-new", "-config", "pki.cnf", "-key", "\(name).key", "-subj", subject, "-out", "\(name).csr",
        ])
        var arguments = [
            "ca", "-batch", "-notext", "-config", "pki.cnf", "-extfile", "pki.cnf", "-extensions", extensions, "-in",
            "\(name).csr", "-startdate", String(valid.0.dropFirst(2)), "-enddate", String(valid.1.dropFirst(2)), "-out",
            "\(name).pem",
        ]
        arguments +=
            issuer.map { ["-cert", "\($0).pem", "-keyfile", "\($0).key"] } ?? ["-selfsign", "-keyfile", "\(name).key"]
        try openssl(arguments)
    }

    /// Runs the command in the country's folder; what it says is shown when it fails.
    @discardableResult
    func openssl(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: output, as: UTF8.self)
        try #require(process.terminationStatus == 0, "openssl \(arguments[0]): \(text)")
        return text
    }

    private static func configuration(_ usage: (String, String)) -> String {
        """
        [ca]
        default_ca = here
        [here]
        database = index
        serial = serial
        crlnumber = crlnumber
        new_certs_dir = .
        default_md = sha384
        policy = any
        unique_subject = no
        email_in_dn = no
        preserve = yes
        [any]
        countryName = optional
        organizationName = optional
        commonName = supplied
        [req]
        distinguished_name = none
        prompt = no
        [none]
        [csca]
        basicConstraints = critical, CA:TRUE, pathlen:0
        keyUsage = critical, keyCertSign, cRLSign
        subjectKeyIdentifier = hash
        authorityKeyIdentifier = keyid
        2.5.29.16 = ASN1:SEQUENCE:usage
        subjectAltName = email:csca@example.test
        issuerAltName = email:csca@example.test
        [signer]
        keyUsage = critical, digitalSignature
        subjectKeyIdentifier = hash
        authorityKeyIdentifier = keyid
        2.5.29.16 = ASN1:SEQUENCE:usage
        2.23.136.1.1.6.2 = ASN1:SEQUENCE:document_types
        subjectAltName = email:csca@example.test
        issuerAltName = email:csca@example.test
        crlDistributionPoints = URI:http://csca.example.test/crl
        [signer_for_visas]
        keyUsage = critical, digitalSignature
        subjectKeyIdentifier = hash
        authorityKeyIdentifier = keyid
        2.5.29.16 = ASN1:SEQUENCE:usage
        2.23.136.1.1.6.2 = ASN1:SEQUENCE:visas
        subjectAltName = email:csca@example.test
        issuerAltName = email:csca@example.test
        crlDistributionPoints = URI:http://csca.example.test/crl
        [signer_for_mail]
        keyUsage = critical, keyEncipherment
        subjectKeyIdentifier = hash
        authorityKeyIdentifier = keyid
        2.5.29.16 = ASN1:SEQUENCE:usage
        [usage]
        notBefore = IMPLICIT:0, GENERALIZEDTIME:\(usage.0)
        notAfter = IMPLICIT:1, GENERALIZEDTIME:\(usage.1)
        [document_types]
        version = INTEGER:0
        types = SET:document_type_list
        [document_type_list]
        passport = PRINTABLESTRING:P
        [visas]
        version = INTEGER:0
        types = SET:visa_list
        [visa_list]
        visa = PRINTABLESTRING:V
        """
    }
}
