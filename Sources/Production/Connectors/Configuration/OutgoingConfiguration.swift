import Catalog
public import Ground
public import OpenSSLCrypto

/// A file that says what goes out, and where (`docs/configuration.md`, Outgoing).
public struct OutgoingConfiguration: Sendable {
    public struct Webhook: Sendable {
        public let address: String
        public let outbox: String
        /// Hexadecimal file with the key that signs events, 16 bytes or more.
        public let keyFile: String
        public let limits: WebLimits
        public let tls: MutualTLS
        public let retry: RetryPolicy

        func key() throws(SakkError) -> SecretBytes {
            let digits = FileBytes.read(keyFile).map { bytes in
                String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
            }
            guard let digits, var key = Bytes(hex: digits), key.count >= 16 else {
                throw SakkError(
                    "keys.malformed", source: keyFile,
                    text: "The key file must be readable and hold 16 bytes or more as hexadecimal digits.",
                    remedy: "Write the file anew and give the key to the receiver.")
            }
            return SecretBytes(wiping: &key)
        }
    }

    public let seal: any Sealing
    /// The certificate that signs, and those that signed before.
    public let sealTrust: [X509Certificate]
    public let statusFolder: String?
    public let voidFolder: String?
    public let webhook: Webhook?
    public let everyMilliseconds: Int

    public init(path: String) throws(SakkError) {
        let file = try ConfigurationFile(path: path)
        let place = ConfigurationPlace(file: path)
        let root = file.root
        let seal = try root.node("seal")
        func read(_ key: String, _ path: String) throws(SakkError) -> Bytes {
            guard let bytes = FileBytes.read(place(path)) else {
                throw seal.error(key, "names a file that cannot be read", code: "config.file.missing")
            }
            return bytes
        }
        let certificate = try X509Certificate(pem: try read("certificate", try seal.string("certificate")))
        self.seal = FileSeal(
            certificate: certificate, key: try PrivateKey(pem: try read("key", try seal.string("key"))))
        var trust = [certificate]
        for path in try seal.strings("earlier") { trust.append(try X509Certificate(pem: try read("earlier", path))) }
        sealTrust = trust
        statusFolder = try root.optionalString("status_folder").map(place.callAsFunction)
        voidFolder = try root.optionalString("void_folder").map(place.callAsFunction)
        webhook = try root.optionalNode("webhook").map { node throws(SakkError) in
            Webhook(
                address: try node.string("address"), outbox: place(try node.string("outbox")),
                keyFile: place(try node.string("key")), limits: try node.webLimits(),
                tls: try node.mutualTLS(place.callAsFunction), retry: try node.retryPolicy())
        }
        everyMilliseconds = try root.integer("every_ms", in: 1000...3_600_000, orElse: 60_000)
        try root.finish()
    }
}
