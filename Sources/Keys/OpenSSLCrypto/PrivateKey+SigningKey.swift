import COpenSSL
public import Ground

extension PrivateKey: SigningKey {
    public var kind: SigningKeyKind { EVP_PKEY_get_base_id(handle.pointer) == EVP_PKEY_EC ? .ecdsa : .rsa }

    public func publicKeyInfo() throws(SakkError) -> Bytes { try publicKeyInfo(explicit: false) }

    public func sign(_ message: Bytes, digest: Digest) throws(SakkError) -> Bytes {
        try sign(message, digest) { _ in 1 }
    }
}
