import COpenSSL
public import Ground
internal import Synchronization

/// An X.509 certificate (RFC 5280). Explicit EC domain parameters are accepted, as 9303-12 asks for them.
public struct X509Certificate: Sendable {
    let handle: CertificateHandle

    public init(der: Bytes) throws(SakkError) {
        var cursor: UnsafePointer<UInt8>?
        let pointer: OpaquePointer? = der.withUnsafeBufferPointer { buffer in
            cursor = buffer.baseAddress
            let parsed = d2i_X509(nil, &cursor, buffer.count)
            // what was parsed must be all that was given
            if parsed != nil, cursor != buffer.baseAddress?.advanced(by: buffer.count) {
                X509_free(parsed)
                return nil
            }
            return parsed
        }
        guard let pointer else { throw X509Certificate.malformed() }
        handle = CertificateHandle(pointer)
    }

    /// The first certificate of a PEM text.
    public init(pem: Bytes) throws(SakkError) {
        guard let bio = memoryBIO(pem) else { throw X509Certificate.malformed() }
        defer { BIO_free(bio) }
        guard let pointer = PEM_read_bio_X509(bio, nil, nil, nil) else { throw X509Certificate.malformed() }
        handle = CertificateHandle(pointer)
    }

    init(retaining pointer: OpaquePointer) {
        X509_up_ref(pointer)
        handle = CertificateHandle(pointer)
    }

    public var der: Bytes {
        var output: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(handle.pointer, &output)
        guard count > 0, let output else { return [] }
        defer { sakk_openssl_free(output) }
        return Bytes(UnsafeBufferPointer(start: output, count: Int(count)))
    }

    /// RFC 2253 form.
    public var subject: String { X509Certificate.name(X509_get_subject_name(handle.pointer)) }
    public var issuer: String { X509Certificate.name(X509_get_issuer_name(handle.pointer)) }

    public var serialNumber: String {
        guard let number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(handle.pointer), nil) else { return "" }
        defer { BN_free(number) }
        guard let text = BN_bn2hex(number) else { return "" }
        defer { sakk_openssl_free(text) }
        return String(cString: text)
    }

    public var notBefore: WallTime { X509Certificate.time(X509_get0_notBefore(handle.pointer)) }
    public var notAfter: WallTime { X509Certificate.time(X509_get0_notAfter(handle.pointer)) }

    /// `countryName` of the subject, as written.
    public var countryName: String? {
        var buffer = [CChar](repeating: 0, count: 8)
        let name = X509_get_subject_name(handle.pointer)
        let count = X509_NAME_get_text_by_NID(name, NID_countryName, &buffer, Int32(buffer.count))
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Key usage bits as OpenSSL counts them (digitalSignature is 0x80); nil when the extension is not there.
    public var keyUsage: UInt32? {
        let usage = X509_get_key_usage(handle.pointer)
        return usage == UInt32.max ? nil : usage
    }

    public func isValid(at time: WallTime) -> Bool { notBefore <= time && time <= notAfter }

    private static func name(_ name: OpaquePointer?) -> String {
        guard let bio = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(bio) }
        X509_NAME_print_ex(bio, name, 0, sakk_rfc2253_flags())
        var data: UnsafeMutablePointer<CChar>?
        let count = sakk_bio_data(bio, &data)
        guard count > 0, let data else { return "" }
        return String(
            decoding: UnsafeRawBufferPointer(start: data, count: count), as: UTF8.self)
    }

    static func time(_ value: UnsafePointer<ASN1_TIME>?) -> WallTime {
        var parts = tm()
        guard ASN1_TIME_to_tm(value, &parts) == 1,
            let date = CivilDate(
                year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday))
        else { return WallTime(microseconds: 0) }
        let seconds = Int64(date.daysSince1970) * 86400 + Int64(parts.tm_hour) * 3600 + Int64(parts.tm_min) * 60
        return WallTime(microseconds: (seconds + Int64(parts.tm_sec)) * 1_000_000)
    }

    private static func malformed() -> SakkError {
        cryptoFailure(
            "certificate.malformed", "This is not a certificate.", remedy: "Give a certificate in DER or PEM.")
    }
}

/// Reference-counted by OpenSSL and never changed after it is made, so it may cross threads.
final class CertificateHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    /// Nil until somebody asks for them (`X509Certificate.fields`).
    let fields = Mutex<CertificateFields?>(nil)
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { X509_free(pointer) }
}
