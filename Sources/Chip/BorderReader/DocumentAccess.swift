internal import Ground
internal import OpenSSLCrypto

/// What the inspector read from the document to open its chip. Personal data: it does not describe itself.
public enum DocumentAccess: Sendable {
    /// Document number as printed without check digit, dates as YYMMDD.
    case mrz(documentNumber: String, dateOfBirth: String, dateOfExpiry: String)
    /// Card Access Number, as printed: opens PACE only.
    case can(String)

    /// Number, birth and expiry with their check digits; nil for a CAN.
    var information: String? {
        guard case .mrz(let number, let birth, let expiry) = self else { return nil }
        return AccessKeys.information(documentNumber: number, dateOfBirth: birth, dateOfExpiry: expiry)
    }

    /// Reference of the password in MSE:Set AT (Doc 9303-11 clause 4.4.4.1).
    var reference: UInt8 {
        switch self {
        case .mrz: 0x01
        case .can: 0x02
        }
    }

    /// The password as the key derivation takes it (clause 9.7.3).
    var password: Bytes {
        switch self {
        case .mrz: Digest.sha1(Bytes((information ?? "").utf8))
        case .can(let number): Bytes(number.utf8)
        }
    }
}

extension DocumentAccess: CustomStringConvertible, CustomReflectable {
    public var description: String {
        switch self {
        case .mrz: "access by machine readable zone (not shown)"
        case .can: "access by card access number (not shown)"
        }
    }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
