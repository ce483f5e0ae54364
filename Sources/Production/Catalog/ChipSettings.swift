public import Ground

/// What a product says about its chips: `profiles/<product>/chip.yaml`. No key stands in it.
public struct ChipSettings: Sendable {
    public let issuerSecurityDomain: Bytes
    public let loadFile: Bytes
    public let module: Bytes
    public let instance: Bytes
    /// How the applet is written; `jmrtd` is the one there is.
    public let dialect: String
    public let keyVersion: UInt8
    public let blockBytes: Int
    public let presenceTimeoutMS: Int

    public init(path: String) throws(SakkError) {
        let root = try ConfigurationFile(path: path).root
        func applicationID(_ key: String) throws(SakkError) -> Bytes {
            guard let bytes = Bytes(hex: try root.string(key)), (5...16).contains(bytes.count) else {
                throw root.error(key, "must be an application identifier of 5 to 16 bytes in hexadecimal digits")
            }
            return bytes
        }
        issuerSecurityDomain = try applicationID("issuer_security_domain")
        loadFile = try applicationID("load_file")
        module = try applicationID("module")
        instance = try applicationID("instance")
        dialect = try root.string("dialect", oneOf: ["jmrtd"])
        keyVersion = UInt8(try root.integer("key_version", in: 0...127))
        blockBytes = try root.integer("block_bytes", in: 1...255)
        presenceTimeoutMS = try root.integer("presence_timeout_ms", in: 0...60_000)
        try root.finish()
    }
}
