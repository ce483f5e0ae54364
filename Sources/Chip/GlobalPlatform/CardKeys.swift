public import Ground

/// The three static keys of a security domain.
public struct CardKeys: ~Copyable, Sendable {
    public let enc: SecretBytes
    public let mac: SecretBytes
    public let dek: SecretBytes

    public init(enc: consuming SecretBytes, mac: consuming SecretBytes, dek: consuming SecretBytes) {
        self.enc = enc
        self.mac = mac
        self.dek = dek
    }

    /// Check value of the first key, in the way of its protocol: what a person compares.
    public borrowing func checkValue(_ secureChannel: InitializeUpdate.SecureChannelProtocol) throws(SakkError) -> Bytes
    {
        secureChannel == .scp02 ? try KeyCheckValue.tripleDES(enc) : try KeyCheckValue.aes(enc)
    }
}

/// Finds the keys of a card from what its INITIALIZE UPDATE tells. A vault is one, a master key in memory another.
public protocol CardKeySource: Sendable {
    func keys(forKDD kdd: Bytes, version: UInt8) throws(SakkError) -> CardKeys
}

/// A master key with its scheme. Its check value, not the key, is what a log or a screen shows.
public final class MasterKey: CardKeySource {
    private let key: SecretBytes
    public let scheme: Diversification
    /// Check value of the master key, for the operator to compare.
    public let checkValue: Bytes

    public init(_ key: consuming SecretBytes, scheme: Diversification) throws(SakkError) {
        checkValue = scheme == .kdf3 || scheme == .none ? try KeyCheckValue.aes(key) : try KeyCheckValue.tripleDES(key)
        self.key = key
        self.scheme = scheme
    }

    public func keys(forKDD kdd: Bytes, version: UInt8) throws(SakkError) -> CardKeys {
        CardKeys(
            enc: try scheme.key(from: key, kdd: kdd, number: 1), mac: try scheme.key(from: key, kdd: kdd, number: 2),
            dek: try scheme.key(from: key, kdd: kdd, number: 3))
    }
}

/// The same three keys for every card: a test card, or one whose keys were derived elsewhere.
public final class GivenKeys: CardKeySource {
    private let all: CardKeys

    public init(_ keys: consuming CardKeys) { all = keys }

    public func keys(forKDD kdd: Bytes, version: UInt8) -> CardKeys {
        CardKeys(enc: all.enc.copy(), mac: all.mac.copy(), dek: all.dek.copy())
    }
}
