internal import Foundation
public import Ground
public import OpenSSLCrypto
internal import SmartCard

/// What an inspection system needs to read fingerprints: its certificates up to the country's authority, and its key.
public struct TerminalCredentials: Sendable {
    let chain: [CVCertificate]
    let key: PrivateKey

    /// `chain`: card verifiable certificates in DER, first the one that the chip's authority signed (a link certificate
    /// or the document verifier's), last the terminal's own.
    public init(chain: [Bytes], key: PrivateKey) throws(SakkError) {
        var certificates: [CVCertificate] = []
        for bytes in chain {
            guard let certificate = CVCertificate(bytes) else {
                throw SakkError(
                    "border.terminal.certificate", source: "border check",
                    text: "A certificate of the inspection system is no card verifiable certificate.",
                    remedy: "Give the certificates as the document verifier issued them, the terminal's own last.")
            }
            certificates.append(certificate)
        }
        self.chain = certificates
        self.key = key
    }

    /// Whether these bytes are one card verifiable certificate (Doc 9303-12 clause 7.2).
    public static func isCertificate(_ bytes: Bytes) -> Bool { CVCertificate(bytes) != nil }
}

/// Terminal Authentication version 1 (Doc 9303-11 clause 7.1): opens fingerprints and irises.
struct TerminalAuthentication {
    let credentials: TerminalCredentials
    /// Who the chip is: the document number with its check digit after BAC, the compressed PACE key after PACE.
    let chipIdentity: Bytes
    /// The reader's ephemeral key of Chip Authentication, compressed.
    let terminalKey: Bytes

    /// The chip trusts the terminal when it returns.
    func run(on messaging: SecureMessaging, authorities: [Bytes]) throws(BorderFault) {
        let chain = credentials.chain
        let start = chain.firstIndex { authorities.contains($0.authority) } ?? 0
        guard let terminal = chain.last else { throw .chip("Terminal Authentication: no certificate of the terminal") }
        for certificate in chain[start...] {
            _ = try messaging.expect(
                APDUCommand(0x00, 0x22, 0x81, 0xB6, data: TLV(0x83, certificate.authority).encoded),
                "Terminal Authentication: MSE:Set DST")
            _ = try messaging.expect(
                APDUCommand(0x00, 0x2A, 0x00, 0xBE, data: certificate.body + certificate.signature),
                "Terminal Authentication: PSO:Verify Certificate")
        }
        _ = try messaging.expect(
            APDUCommand(0x00, 0x22, 0x81, 0xA4, data: TLV(0x83, terminal.holder).encoded),
            "Terminal Authentication: MSE:Set AT")
        let challenge = try messaging.expect(
            APDUCommand(0x00, 0x84, 0, 0, le: 8), "Terminal Authentication: GET CHALLENGE")
        let signature = try sign(chipIdentity + challenge + terminalKey, algorithm: terminal.algorithm)
        _ = try messaging.expect(
            APDUCommand(0x00, 0x82, 0, 0, data: signature), "Terminal Authentication: EXTERNAL AUTHENTICATE")
    }

    /// Algorithms of clauses 7.1.4.1 and 7.1.4.2 by the last two arcs of their identifiers.
    private func sign(_ message: Bytes, algorithm: Bytes) throws(BorderFault) -> Bytes {
        let family = Bytes(algorithm.suffix(2))
        do throws(SakkError) {
            switch family {
            case [1, 4]: return try credentials.key.signPSS(message, digest: .sha256)
            case [1, 6]: return try credentials.key.signPSS(message, digest: .sha512)
            case [2, 2]: return try credentials.key.signPlain(message, digest: .sha224)
            case [2, 3]: return try credentials.key.signPlain(message, digest: .sha256)
            case [2, 4]: return try credentials.key.signPlain(message, digest: .sha384)
            case [2, 5]: return try credentials.key.signPlain(message, digest: .sha512)
            default: break
            }
        } catch {
            throw .transport(error)
        }
        throw .chip("Terminal Authentication: the terminal's certificate names an unknown algorithm")
    }
}

extension TerminalCredentials {
    /// A folder with `*.cvcert` in the order of their names, the terminal's own last, and `key.pem`.
    public init(folder: String) throws(SakkError) {
        let files = FileManager.default
        let names = ((try? files.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".cvcert") }.sorted()
        let chain = names.compactMap { files.contents(atPath: folder + "/" + $0) }.map { Bytes($0) }
        guard !chain.isEmpty, let key = files.contents(atPath: folder + "/key.pem") else {
            throw SakkError(
                "border.terminal.folder", source: folder, text: "The folder holds no inspection system.",
                remedy: "Give a folder with *.cvcert and key.pem.")
        }
        try self.init(chain: chain, key: try PrivateKey(pem: Bytes(key)))
    }
}
