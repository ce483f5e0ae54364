internal import CPKCS11
internal import Ground

/// A return value of Cryptoki (PKCS#11 2.40, 5.1), with the standard's own names.
struct CryptokiError: RawRepresentable, Error, Hashable {
    let rawValue: UInt
    init(rawValue: UInt) { self.rawValue = rawValue }
    init(_ value: CK_RV) { rawValue = UInt(value) }

    static let ok = CryptokiError(rawValue: 0x00)
    static let functionFailed = CryptokiError(rawValue: 0x06)
    static let attributeSensitive = CryptokiError(rawValue: 0x11)
    static let attributeTypeInvalid = CryptokiError(rawValue: 0x12)
    static let pinIncorrect = CryptokiError(rawValue: 0xA0)
    static let pinInvalid = CryptokiError(rawValue: 0xA1)
    static let pinLengthRange = CryptokiError(rawValue: 0xA2)
    static let pinExpired = CryptokiError(rawValue: 0xA3)
    static let pinLocked = CryptokiError(rawValue: 0xA4)
    static let userAlreadyLoggedIn = CryptokiError(rawValue: 0x100)
    static let userPINNotInitialized = CryptokiError(rawValue: 0x102)
    static let bufferTooSmall = CryptokiError(rawValue: 0x150)

    /// The session, the login or the token went away: a new session may work.
    static let lost: Set<CryptokiError> = [
        .init(rawValue: 0x32), .init(rawValue: 0xB0), .init(rawValue: 0xB3), .init(rawValue: 0xE0),
        .init(rawValue: 0x101),
    ]
    /// The key's object is gone.
    static let gone: Set<CryptokiError> = [.init(rawValue: 0x60), .init(rawValue: 0x82)]
    /// What tokens say to a seal that does not fit; some know no better word than a general error.
    static let unsealed: Set<CryptokiError> = [
        .init(rawValue: 0x40), .init(rawValue: 0x41), .init(rawValue: 0xC0), .init(rawValue: 0x05),
        .init(rawValue: 0x06), .init(rawValue: 0x20),
    ]

    private static let names: [UInt: String] = [
        0x02: "HOST_MEMORY", 0x03: "SLOT_ID_INVALID", 0x05: "GENERAL_ERROR", 0x06: "FUNCTION_FAILED",
        0x20: "DATA_INVALID", 0x30: "DEVICE_ERROR", 0x31: "DEVICE_MEMORY", 0x32: "DEVICE_REMOVED",
        0x40: "ENCRYPTED_DATA_INVALID", 0x41: "ENCRYPTED_DATA_LEN_RANGE", 0x60: "KEY_HANDLE_INVALID",
        0x68: "KEY_FUNCTION_NOT_PERMITTED", 0x70: "MECHANISM_INVALID", 0x71: "MECHANISM_PARAM_INVALID",
        0x82: "OBJECT_HANDLE_INVALID", 0x90: "OPERATION_ACTIVE", 0xA0: "PIN_INCORRECT", 0xA1: "PIN_INVALID",
        0xA2: "PIN_LEN_RANGE", 0xA3: "PIN_EXPIRED", 0xA4: "PIN_LOCKED", 0xB0: "SESSION_CLOSED",
        0xB1: "SESSION_COUNT", 0xB3: "SESSION_HANDLE_INVALID", 0xB5: "SESSION_READ_ONLY",
        0xE0: "TOKEN_NOT_PRESENT", 0xE1: "TOKEN_NOT_RECOGNIZED", 0xE2: "TOKEN_WRITE_PROTECTED",
        0x101: "USER_NOT_LOGGED_IN", 0x102: "USER_PIN_NOT_INITIALIZED", 0x150: "BUFFER_TOO_SMALL",
        0x190: "CRYPTOKI_NOT_INITIALIZED",
    ]

    var native: SakkError.Native {
        let hexadecimal = "0x" + String(rawValue, radix: 16, uppercase: true)
        return SakkError.Native(
            kind: "PKCS#11", value: CryptokiError.names[rawValue].map { "CKR_" + $0 } ?? hexadecimal)
    }

    /// The error of Sakk for a refused login.
    func login(token: String) -> SakkError {
        let (code, text, remedy): (SakkError.Code, String, String) =
            switch self {
            case .pinIncorrect, .pinInvalid, .pinLengthRange:
                (
                    "vault.pin.wrong", "The token refuses the PIN; it was tried once and is not tried again.",
                    "Correct the PIN file or variable, then start again. Too many wrong tries lock the token."
                )
            case .pinLocked:
                (
                    "vault.pin.locked", "The user PIN of the token is locked.",
                    "The security officer of the HSM must set it anew."
                )
            case .pinExpired, .userPINNotInitialized:
                (
                    "vault.pin.unset", "The token has no valid user PIN.",
                    "The security officer of the HSM must set one."
                )
            default:
                ("vault.token.fault", "The login to the token failed.", "Check the HSM and its connection.")
            }
        return SakkError(code, source: token, native: native, text: text, remedy: remedy)
    }

    /// The error of Sakk for any other call.
    func during(_ act: String, token: String, outcome: SakkError.Outcome = .notDone) -> SakkError {
        SakkError(
            "vault.token.fault", source: token, native: native, outcome: outcome,
            text: "The token failed to \(act).", remedy: "Check the HSM and its connection, then try again.")
    }
}
