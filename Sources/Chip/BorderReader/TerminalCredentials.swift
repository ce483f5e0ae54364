internal import Foundation
public import Ground
public import OpenSSLCrypto

/// What an inspection system needs to read fingerprints: its certificates up to the country's authority, and who signs with
/// its key: in memory, in a token, or on the other side of a process.
public struct TerminalCredentials: Sendable {
    /// Signs a whole message, in the form that the chip gets: ECDSA as r and s side by side, or RSASSA-PSS.
    public typealias Signer = @Sendable (Bytes) throws(SakkError) -> Bytes

    let chain: [CVCertificate]
    private let signer: Signer

    /// `chain`: card verifiable certificates in DER, first the one that the chip's authority signed (a link certificate
    /// or the document verifier's), last the terminal's own.
    public init(chain: [Bytes], signer: @escaping Signer) throws(SakkError) {
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
        self.signer = signer
    }

    /// With the key of the last certificate. Throws `border.terminal.mismatch` for another one, `border.terminal.algorithm` for
    /// an algorithm that this key cannot sign with (RSASSA-PSS in a token).
    public init(chain: [Bytes], key: any SigningKey) throws(SakkError) {
        guard let terminal = chain.last.flatMap({ CVCertificate($0) }) else {
            try self.init(chain: chain) { _ in [] }
            return
        }
        guard terminal.isOf(try key.publicKeyInfo()) else {
            throw SakkError(
                "border.terminal.mismatch", source: "border check", subject: terminal.holderReference,
                text: "The inspection system's key is not the one in its certificate.",
                remedy: "Name the key that the last certificate of the folder was issued for.")
        }
        try self.init(chain: chain, signer: try Self.signer(terminal, key))
    }

    /// A folder with `*.cvcert` in the order of their names, the terminal's own last, and `key.pem`.
    public init(folder: String) throws(SakkError) {
        guard let key = FileManager.default.contents(atPath: Self.keyFile(in: folder)) else {
            throw Self.empty(folder, "Give a folder with *.cvcert and key.pem.")
        }
        try self.init(chain: try Self.read(Self.certificates(in: folder)), key: try PrivateKey(pem: Bytes(key)))
    }

    /// The certificates in these files, in their order.
    public static func read(_ files: [String]) throws(SakkError) -> [Bytes] {
        var chain: [Bytes] = []
        for path in files {
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw empty(path, "Look whether the file is there and may be read.")
            }
            chain.append(Bytes(bytes))
        }
        return chain
    }

    /// Paths of the certificates in a folder, the terminal's own last. Throws `border.terminal.folder`.
    public static func certificates(in folder: String) throws(SakkError) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let paths = names.filter { $0.hasSuffix(".cvcert") }.sorted().map { folder + "/" + $0 }
        guard !paths.isEmpty else { throw empty(folder, "Give a folder with *.cvcert.") }
        return paths
    }

    public static func keyFile(in folder: String) -> String { folder + "/key.pem" }

    /// Whether these bytes are one card verifiable certificate (Doc 9303-12 clause 7.2).
    public static func isCertificate(_ bytes: Bytes) -> Bool { CVCertificate(bytes) != nil }

    /// Certificate holder reference of the terminal.
    public var holder: String { chain.last?.holderReference ?? "" }
    /// The last day on which a chip believes the terminal's certificate, YYMMDD.
    public var expires: String { chain.last?.expires.map(String.init).joined() ?? "" }

    /// The terminal's signature of Terminal Authentication (Doc 9303-11 clause 7.1.4).
    public func sign(_ message: Bytes) throws(SakkError) -> Bytes { try signer(message) }

    /// Algorithms of clauses 7.1.4.1 and 7.1.4.2 by the last two arcs of their identifiers.
    private static func signer(_ terminal: CVCertificate, _ key: any SigningKey) throws(SakkError) -> Signer {
        let digests: [Bytes: Digest] = [
            [1, 4]: .sha256, [1, 6]: .sha512, [2, 2]: .sha224, [2, 3]: .sha256, [2, 4]: .sha384, [2, 5]: .sha512,
        ]
        let family = Bytes(terminal.algorithm.suffix(2))
        if let digest = digests[family], family[0] == 2, key.kind == .ecdsa,
            case .ec(let half, _)? = PublicKey(info: try key.publicKeyInfo())?.kind
        {
            return { (message) throws(SakkError) in
                guard let plain = ECDSASignature.plain(der: try key.sign(message, digest: digest), half: half) else {
                    throw SakkError(
                        "border.terminal.signature", source: "border check",
                        text: "The inspection system's key gave no signature that can be read.",
                        remedy: "Look at the token that holds it.")
                }
                return plain
            }
        }
        if let digest = digests[family], family[0] == 1, let key = key as? PrivateKey {
            return { (message) throws(SakkError) in try key.signPSS(message, digest: digest) }
        }
        throw SakkError(
            "border.terminal.algorithm", source: "border check", subject: terminal.holderReference,
            text: "The inspection system's key cannot sign as its certificate says.",
            remedy: "Use a key on an elliptic curve; one in a token signs with nothing else here.")
    }

    private static func empty(_ place: String, _ remedy: String) -> SakkError {
        SakkError(
            "border.terminal.folder", source: place, text: "The folder holds no inspection system.", remedy: remedy)
    }
}
