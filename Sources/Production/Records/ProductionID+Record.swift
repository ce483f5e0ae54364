public import Ground
import OpenSSLCrypto
public import Stations

extension ProductionID {
    /// First 128 bits of SHA-256 over authority, request id, product and issue number (decimal digits), each as UTF-8
    /// behind its length in four big-endian bytes; in Crockford base32 (26 characters).
    public init(authority: String, requestID: String, product: String, issueNumber: Int) {
        var input = Bytes()
        for part in [authority, requestID, product, String(issueNumber)] {
            input += BigEndian.bytes(UInt32(part.utf8.count))
            input += part.utf8
        }
        self.init(rawValue: Crockford.encode(Bytes(Digest.sha256(input).prefix(16))))
    }
}

extension ApprovedRecord {
    public var productionID: ProductionID {
        ProductionID(authority: authority, requestID: requestID, product: product, issueNumber: issueNumber)
    }
}
