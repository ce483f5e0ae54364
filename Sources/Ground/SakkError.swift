/// The one error shape of Sakk. Equality is by code, so tests compare with an error they make.
/// It never carries personal data, keys or APDU payloads: `text` and `remedy` go to screens and logs as they are.
public struct SakkError: Error, Sendable {
    /// Dotted lower-case code, `<station>.<thing>.<condition>`, for example `printer.ribbon.end`.
    public struct Code: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public init(stringLiteral value: String) { self.rawValue = value }
        public var description: String { rawValue }
    }

    /// What the failed act did to the world. A timeout is `unknown`, never `notDone`.
    public enum Outcome: String, Sendable, Codable {
        case notDone = "not_done"
        case done
        case unknown
    }

    /// The code that the device or library gave (status word, PC/SC code, libusb code, SQLSTATE).
    public struct Native: Sendable, Hashable {
        public let kind: String
        public let value: String
        public init(kind: String, value: String) {
            self.kind = kind
            self.value = value
        }
    }

    public var code: Code
    /// Station or file that reports, for example `printer PR-0001` or `seeds/batch.tar`.
    public var source: String
    /// What it is about: an id, never a name.
    public var subject: String?
    public var native: Native?
    public var outcome: Outcome
    /// What happened, for a technician.
    public var text: String
    /// What to do now.
    public var remedy: String

    public init(
        _ code: Code, source: String, subject: String? = nil, native: Native? = nil, outcome: Outcome = .notDone,
        text: String, remedy: String
    ) {
        self.code = code
        self.source = source
        self.subject = subject
        self.native = native
        self.outcome = outcome
        self.text = text
        self.remedy = remedy
    }
}

extension SakkError: Equatable {
    public static func == (left: SakkError, right: SakkError) -> Bool { left.code == right.code }
}

extension SakkError: CustomStringConvertible {
    public var description: String {
        var line = "\(code) [\(source)]"
        if let subject { line += " \(subject)" }
        line += ": \(text)"
        if let native { line += " (\(native.kind) \(native.value))" }
        line += " Outcome: \(outcome.rawValue). \(remedy)"
        return line
    }
}
