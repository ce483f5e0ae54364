import COpenSSL
public import Ground

/// What a verified CMS SignedData holds.
public struct CMSVerification: Sendable {
    /// The encapsulated content, byte for byte.
    public let content: Bytes
    public let signer: X509Certificate
    public let certificates: [X509Certificate]
    /// Time that the signer claims; nil when it claims none.
    public let signingTime: WallTime?
}

/// CMS SignedData (RFC 5652) in DER with the content inside: signed records and EF.SOD.
public enum CMS {
    /// id-data
    public static let dataContentType = "1.2.840.113549.1.7.1"

    /// One signer, its certificate inside, identified by issuer and serial number; `chain` is put beside it. Without
    /// `signingTime` the attribute says now.
    public static func sign(
        content: Bytes, contentTypeOID: String, signer: X509Certificate, key: PrivateKey, chain: [X509Certificate],
        digest: Digest, signingTime: WallTime?
    ) throws(SakkError) -> Bytes {
        let flags = UInt32(CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP)
        guard let bio = memoryBIO(content),
            let cms = CMS_sign(nil, nil, nil, nil, flags | UInt32(CMS_STREAM))
        else { throw signingFailure() }
        defer {
            BIO_free(bio)
            CMS_ContentInfo_free(cms)
        }
        guard let type = OBJ_txt2obj(contentTypeOID, 1) else { throw signingFailure() }
        defer { ASN1_OBJECT_free(type) }
        guard CMS_set1_eContentType(cms, type) == 1,
            let info = CMS_add1_signer(
                cms, signer.handle.pointer, key.handle.pointer, digest.algorithm, flags & ~UInt32(CMS_STREAM))
        else { throw signingFailure() }
        if let signingTime {
            let seconds = time_t(signingTime.microseconds / 1_000_000)
            guard let stamp = ASN1_TIME_set(nil, seconds) else { throw signingFailure() }
            defer { ASN1_STRING_free(stamp) }
            guard
                CMS_signed_add1_attr_by_NID(
                    info, NID_pkcs9_signingTime, ASN1_STRING_type(stamp), stamp, -1) == 1
            else { throw signingFailure() }
        }
        for certificate in chain {
            guard CMS_add1_cert(cms, certificate.handle.pointer) == 1 else { throw signingFailure() }
        }
        guard CMS_final(cms, bio, nil, flags) == 1 else { throw signingFailure() }
        var output: UnsafeMutablePointer<UInt8>?
        let count = i2d_CMS_ContentInfo(cms, &output)
        guard count > 0, let output else { throw signingFailure() }
        defer { sakk_openssl_free(output) }
        return Bytes(UnsafeBufferPointer(start: output, count: Int(count)))
    }

    /// Checks structure, content type, signature and chain, in that order, and says which of them failed:
    /// `cms.malformed`, `cms.content.type`, `cms.signer.count`, `cms.signature.invalid`, `cms.chain.untrusted`,
    /// `cms.certificate.expired`. Certificates are judged at `time`.
    public static func verify(
        _ der: Bytes, trust: [X509Certificate], expectedContentType: String, at time: WallTime
    ) throws(SakkError) -> CMSVerification {
        // signature first, without a chain, so that a flipped byte is told from a stranger's signature
        let verified = try verifySignature(der, expectedContentType: expectedContentType)
        try CertificateChain.verify(verified.signer, others: verified.certificates, trust: trust, at: time)
        return verified
    }

    /// Checks structure, content type and signature, and asks nobody whether the signer is to be trusted. `others`:
    /// certificates among which the signer's is looked for when it is not inside.
    public static func verifySignature(
        _ der: Bytes, expectedContentType: String, others: [X509Certificate] = []
    ) throws(SakkError) -> CMSVerification {
        let cms = try parse(der)
        defer { CMS_ContentInfo_free(cms) }
        guard let type = CMS_get0_eContentType(cms), oid(type) == expectedContentType else {
            throw failure("cms.content.type", "The signed content is of another type than expected.")
        }
        guard sakk_cms_signer_count(cms) == 1 else {
            throw failure("cms.signer.count", "There must be exactly one signer.")
        }
        guard let store = X509_STORE_new(), let output = BIO_new(BIO_s_mem()) else { throw signingFailure() }
        defer {
            X509_STORE_free(store)
            BIO_free(output)
        }
        let flags = UInt32(CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY)
        let beside = others.isEmpty ? nil : sakk_x509_stack_new()
        defer { if let beside { sakk_x509_stack_free_shallow(beside) } }
        for certificate in others { _ = sakk_x509_stack_push(beside, certificate.handle.pointer) }
        guard CMS_verify(cms, beside, store, nil, output, flags) == 1 else {
            throw failure("cms.signature.invalid", "The signature does not fit the content.")
        }
        var data: UnsafeMutablePointer<CChar>?
        let count = sakk_bio_data(output, &data)
        let content = data.map { Bytes(UnsafeRawBufferPointer(start: $0, count: count)) } ?? []
        guard let signers = CMS_get0_signers(cms) else { throw failure("cms.malformed", "The signer is missing.") }
        defer { sakk_x509_stack_free_shallow(signers) }
        guard let first = sakk_x509_stack_value(signers, 0) else {
            throw failure("cms.malformed", "The signer is missing.")
        }
        let signer = X509Certificate(retaining: first)
        var certificates: [X509Certificate] = []
        if let all = CMS_get1_certs(cms) {
            defer { sakk_x509_stack_free(all) }
            for index in 0..<sakk_x509_stack_count(all) {
                if let pointer = sakk_x509_stack_value(all, index) {
                    certificates.append(X509Certificate(retaining: pointer))
                }
            }
        }
        return CMSVerification(
            content: content, signer: signer, certificates: certificates, signingTime: signingTime(cms))
    }

    private static func parse(_ der: Bytes) throws(SakkError) -> OpaquePointer {
        var cursor: UnsafePointer<UInt8>?
        let parsed: OpaquePointer? = der.withUnsafeBufferPointer { buffer in
            guard !buffer.isEmpty else { return nil }
            cursor = buffer.baseAddress
            let cms = d2i_CMS_ContentInfo(nil, &cursor, buffer.count)
            if cms != nil, cursor != buffer.baseAddress?.advanced(by: buffer.count) {
                CMS_ContentInfo_free(cms)
                return nil
            }
            return cms
        }
        guard let parsed else {
            throw failure("cms.malformed", "This is not a CMS SignedData in DER, or bytes are missing or left over.")
        }
        guard OBJ_obj2nid(CMS_get0_type(parsed)) == NID_pkcs7_signed else {
            CMS_ContentInfo_free(parsed)
            throw failure("cms.malformed", "This CMS structure is not SignedData.")
        }
        return parsed
    }

    private static func oid(_ object: OpaquePointer) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        let count = OBJ_obj2txt(&buffer, Int32(buffer.count), object, 1)
        return String(decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func signingTime(_ cms: OpaquePointer) -> WallTime? {
        guard let info = sakk_cms_signer(cms, 0) else { return nil }
        let index = CMS_signed_get_attr_by_NID(info, NID_pkcs9_signingTime, -1)
        guard index >= 0, let attribute = CMS_signed_get_attr(info, index),
            let value = X509_ATTRIBUTE_get0_type(attribute, 0)
        else { return nil }
        var parts = tm()
        guard ASN1_TIME_to_tm(value.pointee.value.asn1_string, &parts) == 1,
            let date = CivilDate(
                year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday))
        else { return nil }
        let seconds = Int64(date.daysSince1970) * 86400 + Int64(parts.tm_hour) * 3600 + Int64(parts.tm_min) * 60
        return WallTime(microseconds: (seconds + Int64(parts.tm_sec)) * 1_000_000)
    }

    private static func signingFailure() -> SakkError {
        cryptoFailure(
            "cms.signing", "The signature could not be made.",
            remedy: "Check that the certificate and the key belong together.")
    }

    private static func failure(_ code: SakkError.Code, _ text: String) -> SakkError {
        cryptoFailure(code, text, remedy: "Do not use it; ask the signer to send it again.")
    }
}
