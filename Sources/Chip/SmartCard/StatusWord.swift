import Ground

/// SW1-SW2, ISO/IEC 7816-4 clause 5.6, with the names of that clause. Any value is allowed; unknown ones have no name.
public struct StatusWord: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    public init(integerLiteral value: UInt16) { rawValue = value }

    public static let success: StatusWord = 0x9000
    public static let selectedFileDeactivated: StatusWord = 0x6283
    public static let endOfFileReached: StatusWord = 0x6282
    public static let authenticationFailed: StatusWord = 0x6300
    /// GlobalPlatform GET STATUS: there is more (GPCS 2.3.1 11.4.3).
    public static let moreDataAvailable: StatusWord = 0x6310
    public static let memoryFailure: StatusWord = 0x6581
    public static let wrongLength: StatusWord = 0x6700
    public static let logicalChannelNotSupported: StatusWord = 0x6881
    public static let secureMessagingNotSupported: StatusWord = 0x6882
    public static let securityStatusNotSatisfied: StatusWord = 0x6982
    public static let authenticationMethodBlocked: StatusWord = 0x6983
    public static let referenceDataInvalidated: StatusWord = 0x6984
    public static let conditionsNotSatisfied: StatusWord = 0x6985
    public static let commandNotAllowed: StatusWord = 0x6986
    public static let secureMessagingDataMissing: StatusWord = 0x6987
    public static let secureMessagingDataIncorrect: StatusWord = 0x6988
    public static let appletSelectFailed: StatusWord = 0x6999
    public static let wrongData: StatusWord = 0x6A80
    public static let functionNotSupported: StatusWord = 0x6A81
    public static let fileNotFound: StatusWord = 0x6A82
    public static let recordNotFound: StatusWord = 0x6A83
    public static let notEnoughMemory: StatusWord = 0x6A84
    public static let incorrectParameters: StatusWord = 0x6A86
    public static let lengthInconsistentWithParameters: StatusWord = 0x6A87
    public static let referencedDataNotFound: StatusWord = 0x6A88
    public static let wrongParameters: StatusWord = 0x6B00
    public static let instructionNotSupported: StatusWord = 0x6D00
    public static let classNotSupported: StatusWord = 0x6E00
    public static let unknownFailure: StatusWord = 0x6F00

    public var sw1: UInt8 { UInt8(rawValue >> 8) }
    public var sw2: UInt8 { UInt8(rawValue & 0xFF) }
    public var isSuccess: Bool { self == .success }

    /// 61xx: so many bytes are waiting for GET RESPONSE (00 means 256 or more).
    public var bytesAvailable: Int? { sw1 == 0x61 ? (sw2 == 0 ? 256 : Int(sw2)) : nil }
    /// 6Cxx: the Le that would have been right (00 means 256).
    public var correctLe: Int? { sw1 == 0x6C ? (sw2 == 0 ? 256 : Int(sw2)) : nil }
    /// 63Cx: retries left.
    public var retriesLeft: Int? { sw1 == 0x63 && sw2 & 0xF0 == 0xC0 ? Int(sw2 & 0x0F) : nil }

    /// What the word means; for an unknown word what its class means.
    public var text: String {
        if let known = StatusWord.texts[rawValue] { return known }
        if let retries = retriesLeft { return "verification failed, \(retries) retries left" }
        return switch sw1 {
        case 0x61: "response bytes are waiting"
        case 0x62: "warning, memory unchanged"
        case 0x63: "warning, memory changed"
        case 0x64: "execution error, memory unchanged"
        case 0x65: "execution error, memory changed"
        case 0x66: "security-related error"
        case 0x68: "function in the class byte not supported"
        case 0x69: "command not allowed"
        case 0x6A: "wrong parameters"
        case 0x6C: "wrong expected length"
        default: "status word unknown to ISO/IEC 7816-4"
        }
    }

    private static let texts: [UInt16: String] = [
        0x9000: "success", 0x6281: "part of the data may be corrupted", 0x6282: "end of file before the asked length",
        0x6283: "selected file or card is locked", 0x6285: "selected file is in termination state",
        0x6300: "authentication failed", 0x6310: "more data available",
        0x6400: "execution error, memory unchanged", 0x6581: "memory failure: the chip could not write",
        0x6700: "wrong length", 0x6881: "logical channel not supported", 0x6882: "secure messaging not supported",
        0x6883: "last command of the chain expected", 0x6884: "command chaining not supported",
        0x6982: "security status not satisfied", 0x6983: "authentication method blocked",
        0x6984: "reference data not usable", 0x6985: "conditions of use not satisfied",
        0x6986: "command not allowed, no current file", 0x6987: "secure messaging data missing",
        0x6988: "secure messaging data incorrect", 0x6999: "the application refused to be selected",
        0x6A80: "incorrect command data", 0x6A81: "function not supported or card locked",
        0x6A82: "file or application not found", 0x6A83: "record not found", 0x6A84: "not enough memory",
        0x6A86: "incorrect P1 or P2", 0x6A87: "length does not fit P1 and P2", 0x6A88: "referenced data not found",
        0x6B00: "wrong P1 or P2", 0x6D00: "instruction not supported", 0x6E00: "class not supported",
        0x6F00: "no precise diagnosis",
    ]
}

extension StatusWord: CustomStringConvertible {
    public var description: String { "\(BigEndian.bytes(rawValue).hex) \(text)" }
}
