internal import Ground

/// What CK_TOKEN_INFO says about a token before anybody logs in (PKCS#11 2.40, 3.2).
struct TokenState {
    let flags: UInt

    var initialised: Bool { flags & 1 << 10 != 0 }
    private var hasUserPIN: Bool { flags & 1 << 3 != 0 }
    private var finalTry: Bool { flags & 1 << 17 != 0 }
    private var locked: Bool { flags & 1 << 18 != 0 }

    var pin: TokenEntry.PIN { locked ? .locked : !hasUserPIN ? .unset : finalTry ? .finalTry : .ready }

    /// A label is 32 characters, padded with blanks and without an end mark.
    static func label(_ padded: Bytes) -> String {
        var label = padded[...]
        while let last = label.last, last == UInt8(ascii: " ") || last == 0 { label = label.dropLast() }
        return String(decoding: label, as: UTF8.self)
    }

    /// What the vault asks of a token: mechanism, its name, and the CKF flags that it must have.
    typealias Mechanism = (mechanism: UInt, name: String, use: UInt)

    static let vault: [Mechanism] = [
        (0x1080, "CKM_AES_KEY_GEN", 1 << 15),
        (0x1087, "CKM_AES_GCM", 1 << 8 | 1 << 9),
        (0x350, "CKM_GENERIC_SECRET_KEY_GEN", 1 << 15),
        (0x251, "CKM_SHA256_HMAC", 1 << 11),
    ]

    /// Throws when a login would fail, or when a wrong PIN would lock the token: a program that starts again and again
    /// must not be what locks it.
    func refuse(token: String) throws(SakkError) {
        if locked { throw CryptokiError.pinLocked.login(token: token) }
        if !hasUserPIN { throw CryptokiError.userPINNotInitialized.login(token: token) }
        guard finalTry else { return }
        throw SakkError(
            "vault.pin.final", source: token,
            text: "One more wrong PIN locks the token, so it is not tried.",
            remedy: "Check the PIN file, log in once by hand with the HSM's own tool, then start again.")
    }
}
