internal import Ground
internal import Synchronization

/// What a signature takes over from a certificate (RFC 5280 4.1), byte for byte.
struct CertificateFields: Sendable {
    let der: Bytes
    /// IssuerAndSerialNumber (RFC 5652 10.2.4).
    let issuerAndSerialNumber: Bytes

    init?(_ der: Bytes) {
        guard let parts = TLV.parse(der)?.children?.first?.children else { return nil }
        // the version [0] is there in all but version 1
        let from = parts.first?.tag == 0xA0 ? 1 : 0
        guard parts.count > from + 2, parts[from].tag == 0x02, parts[from + 2].tag == 0x30 else { return nil }
        self.der = der
        issuerAndSerialNumber = TLV(0x30, parts[from + 2].encoded + parts[from].encoded).encoded
    }
}

extension X509Certificate {
    /// Taken apart once: a certificate does not change. Nil when it cannot be taken apart.
    var fields: CertificateFields? {
        handle.fields.withLock { known in
            if known == nil { known = CertificateFields(der) }
            return known
        }
    }
}
