internal import CPKCS11
internal import Ground
internal import Stations

/// A key object in the token that is fit for the vault.
struct TokenKey: Sendable {
    let id: KeyID
    let handle: CK_OBJECT_HANDLE

    static let tags = "sakk tags"
    private static let weekPrefix = "sakk week "

    static func label(_ week: ApprovalWeek) -> String { weekPrefix + week.rawValue }
    static func mark(_ week: ApprovalWeek) -> String { weekPrefix + week.rawValue + " destroyed" }

    static func week(label: String) -> ApprovalWeek? {
        guard label.hasPrefix(weekPrefix) else { return nil }
        return ApprovalWeek(rawValue: String(label.dropFirst(weekPrefix.count)))
    }

    /// Nil for an object that is not finished: another process is making it, or died while it did (SoftHSM shows a key
    /// before it has a value). Throws `vault.key.weak` for a key that the token would show or once could have shown:
    /// one that was put there by other means than ours.
    init?(_ object: CK_OBJECT_HANDLE, _ session: TokenSession, token: String) throws(TokenFailure) {
        guard try session.exists(object) else { return nil }
        let always = [CKAttribute.sensitive, CKAttribute.alwaysSensitive, CKAttribute.neverExtractable]
        var fit = try session.attribute(CKAttribute.extractable, of: object) == [0]
        for attribute in always where fit { fit = try session.attribute(attribute, of: object) == [1] }
        guard fit, let id = try session.attribute(CKAttribute.id, of: object), id.count == KeyID.count else {
            throw .refused(
                SakkError(
                    "vault.key.weak", source: token,
                    text: "A key object with a label of the vault is not one that the vault made inside the token.",
                    remedy: "Find out who put it there, and remove it with the HSM's own tool."))
        }
        guard try session.attribute(CKAttribute.local, of: object) == [1] else { return nil }
        self.id = KeyID(bytes: id)
        handle = object
    }

    /// The finished keys with this label, and with this id when there is one.
    static func all(
        _ label: String, id: KeyID? = nil, _ session: TokenSession, token: String
    ) throws(TokenFailure) -> [TokenKey] {
        var keys: [TokenKey] = []
        for object in try session.find(.secretKey, label: label, id: id) {
            if let key = try TokenKey(object, session, token: token) { keys.append(key) }
        }
        return keys
    }
}

/// Attribute types (PKCS#11 2.40, 4.1).
enum CKAttribute {
    static let label: UInt = 0x03
    static let keyType: UInt = 0x100
    static let modulus: UInt = 0x120
    static let publicExponent: UInt = 0x122
    static let valueLength: UInt = 0x161
    static let ecParameters: UInt = 0x180
    static let ecPoint: UInt = 0x181
    static let id: UInt = 0x102
    static let sensitive: UInt = 0x103
    static let extractable: UInt = 0x162
    static let neverExtractable: UInt = 0x164
    static let local: UInt = 0x163
    static let alwaysSensitive: UInt = 0x165
}

extension Bytes {
    /// `withUnsafeBytes` with a typed error.
    func withRaw<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let result = withUnsafeBytes { raw in
            do throws(Failure) { return Result<Value, Failure>.success(try body(raw)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
