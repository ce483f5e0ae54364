/// Why a check failed, one code per cause: for programs and statistics. Written `border.<check>.<cause>`.
public struct BorderReason: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { rawValue = value }
    public var description: String { rawValue }
}

extension BorderReason {
    /// No eMRTD application answers.
    public static let applicationMissing: BorderReason = "border.application.missing"
    /// The access data do not open the chip.
    public static let accessRefused: BorderReason = "border.access.refused"
    /// Basic Access Control does not begin: the chip gives no challenge.
    public static let challengeRefused: BorderReason = "border.access.no_challenge"
    /// A CAN was given and the chip knows no PACE.
    public static let accessWithoutPACE: BorderReason = "border.access.no_pace"
    /// A file that is named cannot be read.
    public static let filesUnreadable: BorderReason = "border.files.unreadable"
    /// EF.COM is missing or malformed.
    public static let commonMissing: BorderReason = "border.com.missing"
    /// EF.COM and EF.SOD name different data groups.
    public static let commonDiffers: BorderReason = "border.com.differs_from_sod"
    /// EF.SOD is missing.
    public static let securityObjectMissing: BorderReason = "border.sod.missing"
    /// EF.SOD is not signed data with an LDS security object.
    public static let securityObjectMalformed: BorderReason = "border.sod.malformed"
    /// The signed content is of another type.
    public static let contentType: BorderReason = "border.sod.content_type"
    /// The signature does not fit.
    public static let signatureInvalid: BorderReason = "border.sod.signature_invalid"
    /// No document signer certificate inside.
    public static let signerMissing: BorderReason = "border.signer.missing"
    /// No trusted country signing authority made the signer's certificate.
    public static let authorityUnknown: BorderReason = "border.csca.unknown"
    /// The authority's own certificate has run out, the signer's has not.
    public static let authorityExpired: BorderReason = "border.csca.expired"
    /// Signer and authority are of different countries.
    public static let authorityForeign: BorderReason = "border.csca.other_country"
    /// The signer is on its authority's revocation list.
    public static let signerRevoked: BorderReason = "border.signer.revoked"
    /// The certificate is not valid at the time of reading.
    public static let signerExpired: BorderReason = "border.signer.expired"
    /// Signed before or after the period in which the key may be used.
    public static let signerUsagePeriod: BorderReason = "border.signer.outside_usage_period"
    /// The certificate is for other purposes than signing documents.
    public static let signerPurpose: BorderReason = "border.signer.purpose"
    /// The document's issuing State is not the signer's country.
    public static let signerForeign: BorderReason = "border.signer.other_country"
    /// The certificate is for other types of document.
    public static let signerDocumentType: BorderReason = "border.signer.document_type"
    /// The security object fits the person's data but names other chip keys: it is of another, usually earlier, attempt.
    public static let securityObjectStale: BorderReason = "border.sod.stale"
    /// No data group has its signed hash: the security object of another document.
    public static let securityObjectForeign: BorderReason = "border.sod.other_document"
    /// A data group has another hash than the signed one: changed, or of another document.
    public static let groupForeign: BorderReason = "border.dg.hash_differs"
    public static let groupUnsigned: BorderReason = "border.dg.unsigned"
    public static let groupMissing: BorderReason = "border.dg.missing"
    public static let zoneMissing: BorderReason = "border.mrz.missing"
    public static let zoneCheckDigit: BorderReason = "border.mrz.check_digit"
    /// EF.DG1 is not the zone that opened the chip.
    public static let zoneForeign: BorderReason = "border.mrz.other_document"
    public static let faceMissing: BorderReason = "border.face.missing"
    /// EF.DG3 is read without Terminal Authentication.
    public static let fingersOpen: BorderReason = "border.fingers.open"
    /// The issuer's own inspection system could not read EF.DG3.
    public static let fingersUnread: BorderReason = "border.fingers.unread"
    /// The chip signs, but not with the key of EF.DG15: the file was copied without its key.
    public static let chipKeyForeign: BorderReason = "border.aa.key_differs"
    /// The chip does not sign although EF.DG15 says so.
    public static let chipKeyMissing: BorderReason = "border.aa.refused"
    public static let chipKeyMalformed: BorderReason = "border.aa.key_malformed"
    /// The chip does not have the key that EF.DG14 announces.
    public static let chipAuthenticationFailed: BorderReason = "border.ca.failed"
    /// The chip authentication data of PACE do not fit the signed key.
    public static let mappingUnexplained: BorderReason = "border.cam.key_differs"
    /// EF.CardSecurity is missing, malformed, wrongly signed, or not by a trusted country.
    public static let cardSecurity: BorderReason = "border.card_security.invalid"
    /// EF.CardAccess offers what EF.DG14 or EF.CardSecurity does not sign.
    public static let cardAccessUnsigned: BorderReason = "border.card_access.unsigned"
    /// A file can be selected without access control: the document was not locked.
    public static let accessOpen: BorderReason = "border.access.open"
    public static let terminalRefused: BorderReason = "border.ta.refused"
}
