public import GlobalPlatform
public import Ground

/// What a product says about its chips: which applet, how it is written, and under which keys. A value that a profile
/// file fills; nothing in it is secret.
public struct ChipProfile: Sendable {
    /// Issuer security domain.
    public var issuerSecurityDomain: Bytes
    /// The passport applet's load file (package), already on the card from its maker.
    public var loadFile: Bytes
    public var module: Bytes
    /// The instance; eMRTDs are found under A0000002471001 (9303-10, 3.6).
    public var instance: Bytes
    public var dialect: AppletDialect
    /// Key set of the issuer security domain; 0 takes the card's first.
    public var keyVersion: UInt8
    /// Nil takes the highest level that the card offers.
    public var securityLevel: SecurityLevel?
    /// Bytes in one UPDATE BINARY, at most 255.
    public var blockSize: Int
    /// How long a card may take to be seen: pcscd looks every 400 ms.
    public var presenceTimeoutMS: Int

    public init(
        issuerSecurityDomain: Bytes, loadFile: Bytes, module: Bytes, instance: Bytes, dialect: AppletDialect,
        keyVersion: UInt8, securityLevel: SecurityLevel?, blockSize: Int, presenceTimeoutMS: Int
    ) {
        precondition((1...255).contains(blockSize), "a short APDU carries 1 to 255 bytes")
        self.issuerSecurityDomain = issuerSecurityDomain
        self.loadFile = loadFile
        self.module = module
        self.instance = instance
        self.dialect = dialect
        self.keyVersion = keyVersion
        self.securityLevel = securityLevel
        self.blockSize = blockSize
        self.presenceTimeoutMS = presenceTimeoutMS
    }

    /// The open passport applet (firmware-specs/jmrtd-passport-applet) on a card whose first key set is its maker's.
    public static let jmrtd = ChipProfile(
        issuerSecurityDomain: [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00],
        loadFile: [0xA0, 0x00, 0x00, 0x02, 0x47, 0x10],
        module: [0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01],
        instance: [0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01],
        dialect: .jmrtd, keyVersion: 0, securityLevel: nil, blockSize: 224, presenceTimeoutMS: 5000)
}
