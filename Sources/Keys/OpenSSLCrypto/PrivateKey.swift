import COpenSSL
public import Ground

/// A private key for signing, RSA or EC, from a file. Production keys stay in the vault instead.
public struct PrivateKey: Sendable {
    let handle: KeyHandle

    init(handle: KeyHandle) { self.handle = handle }

    /// Unencrypted PKCS #8 or traditional PEM.
    public init(pem: Bytes) throws(SakkError) {
        guard let bio = memoryBIO(pem) else { throw keyFailure("The key cannot be read.") }
        defer { BIO_free(bio) }
        guard let pointer = PEM_read_bio_PrivateKey(bio, nil, nil, nil) else {
            throw keyFailure("This is not a private key in PEM.")
        }
        handle = KeyHandle(pointer)
    }
}

/// Reference-counted by OpenSSL and never changed after it is made, so it may cross threads.
final class KeyHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { EVP_PKEY_free(pointer) }
}
