import COpenSSL
public import Ground

/// A certificate revocation list (RFC 5280 clause 5, profile of Doc 9303-12 clause 7.1.4).
public struct CertificateRevocationList: Sendable {
    /// Immutable after parsing and reference-counted by OpenSSL.
    private final class Handle: @unchecked Sendable {
        let pointer: OpaquePointer
        init(_ pointer: OpaquePointer) { self.pointer = pointer }
        deinit { X509_CRL_free(pointer) }
    }

    private let handle: Handle

    /// DER, nothing left over.
    public init(der: Bytes) throws(SakkError) {
        var cursor: UnsafePointer<UInt8>?
        let parsed: OpaquePointer? = der.withUnsafeBufferPointer { buffer in
            guard !buffer.isEmpty else { return nil }
            cursor = buffer.baseAddress
            let list = d2i_X509_CRL(nil, &cursor, buffer.count)
            if list != nil, cursor != buffer.baseAddress?.advanced(by: buffer.count) {
                X509_CRL_free(list)
                return nil
            }
            return list
        }
        guard let parsed else { throw Self.malformed() }
        handle = Handle(parsed)
    }

    /// The first list of a PEM text.
    public init(pem: Bytes) throws(SakkError) {
        guard let bio = BIO_new_mem_buf(pem, Int32(pem.count)) else { throw Self.malformed() }
        defer { BIO_free(bio) }
        guard let parsed = PEM_read_bio_X509_CRL(bio, nil, nil, nil) else { throw Self.malformed() }
        handle = Handle(parsed)
    }

    public var thisUpdate: WallTime { X509Certificate.time(X509_CRL_get0_lastUpdate(handle.pointer)) }

    /// When the next list is due; nil when the list does not say.
    public var nextUpdate: WallTime? { X509_CRL_get0_nextUpdate(handle.pointer).map { X509Certificate.time($0) } }

    /// Whether issuer and certificate's issuer are one name, as RFC 5280 compares them.
    public func covers(_ certificate: X509Certificate) -> Bool {
        X509_NAME_cmp(X509_CRL_get_issuer(handle.pointer), X509_get_issuer_name(certificate.handle.pointer)) == 0
    }

    /// Whether the authority's key made the list.
    public func isSigned(by authority: X509Certificate) -> Bool {
        defer { ERR_clear_error() }
        guard let key = X509_get0_pubkey(authority.handle.pointer) else { return false }
        return X509_CRL_verify(handle.pointer, key) == 1
    }

    public func revokes(_ certificate: X509Certificate) -> Bool {
        var entry: OpaquePointer?
        // 2 is "removed from the list", of delta lists
        return X509_CRL_get0_by_cert(handle.pointer, &entry, certificate.handle.pointer) == 1
    }

    public var count: Int { Int(sakk_crl_revoked_count(handle.pointer)) }

    private static func malformed() -> SakkError {
        cryptoFailure(
            "crl.malformed", "This is not a certificate revocation list.", remedy: "Give a list in DER or PEM.")
    }
}

extension X509Certificate {
    /// Whether the other certificate's key made this one's signature and the names fit. Says nothing of validity.
    public func isIssued(by other: X509Certificate) -> Bool {
        X509_NAME_cmp(X509_get_issuer_name(handle.pointer), X509_get_subject_name(other.handle.pointer)) == 0
            && isSigned(by: other)
    }

    /// Whether the other certificate's key made this one's signature.
    public func isSigned(by other: X509Certificate) -> Bool {
        defer { ERR_clear_error() }
        guard let key = X509_get0_pubkey(other.handle.pointer) else { return false }
        return X509_verify(handle.pointer, key) == 1
    }

    /// Subject and issuer are the same name.
    public var isSelfIssued: Bool {
        X509_NAME_cmp(X509_get_issuer_name(handle.pointer), X509_get_subject_name(handle.pointer)) == 0
    }

    /// SubjectPublicKeyInfo as it stands in the certificate.
    public var publicKeyInfo: Bytes {
        var output: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(handle.pointer), &output)
        guard count > 0, let output else { return [] }
        defer { sakk_openssl_free(output) }
        return Bytes(UnsafeBufferPointer(start: output, count: Int(count)))
    }
}
