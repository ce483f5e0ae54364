public import Ground

/// What a border sees of one document. Everything but the checks and warnings is personal data: it does not describe
/// itself.
public struct BorderReading: Sendable {
    /// One judgement under a stable name: `application`, `pace` or `bac`, `files`, `ca`, `aa`, `ta`, `card.security`, `cam`,
    /// `card.access`, `com.sod.agree`, `dg1.hash` to `dg16.hash`, `sod.signature`, `sod.chain`, `sod.signer`, `dg1.mrz`,
    /// `dg1.access`, `dg2.face`.
    public struct Check: Sendable, Equatable {
        public let name: String
        public let passed: Bool
        /// For a technician; no personal data.
        public let detail: String
        /// Why it failed; nil for a check that passed.
        public let reason: BorderReason?
        public init(name: String, passed: Bool, detail: String, reason: BorderReason? = nil) {
            self.name = name
            self.passed = passed
            self.detail = detail
            self.reason = reason
        }
    }

    public internal(set) var checks: [Check] = []
    /// Lines of EF.DG1; empty when it could not be read.
    public internal(set) var mrz: [String] = []
    /// The image inside EF.DG2 as stored; empty when there is none.
    public internal(set) var portrait: Bytes = []
    /// `jpeg`, `jpeg2000`, or empty.
    public internal(set) var portraitFormat = ""
    /// Each file as read, by file identifier.
    public internal(set) var files: [UInt16: Bytes] = [:]
    /// EF.CardAccess and EF.CardSecurity of the master file, as read; empty where they are not there.
    public internal(set) var cardAccess: Bytes = []
    public internal(set) var cardSecurity: Bytes = []
    /// SHA-256 of EF.SOD as read; empty when it could not be read.
    public internal(set) var sodHash: Bytes = []
    /// EF.DG11: values by tag (`5F0E` full name, `5F10` personal number and so on), as UTF-8 text.
    public internal(set) var personalDetails: [UInt32: [String]] = [:]
    /// Data groups of fingers and irises that did not open, which is no deviation: they open to inspection systems alone.
    public internal(set) var unread: Set<Int> = []
    /// Deviations from the standard that a border reads over.
    public internal(set) var warnings: [String] = []

    /// How the chip was opened and proved, for example `PACE-ECDH-GM-AES128/13`, `CA-ECDH-AES256`, `AA-RSA-sha256`.
    public internal(set) var protocols: [String] = []

    /// Why it was rejected: the reasons of the failed checks, each once, in the order of the checks.
    public var reasons: [BorderReason] {
        var found: [BorderReason] = []
        for check in checks {
            if let reason = check.reason, !found.contains(reason) { found.append(reason) }
        }
        return found
    }

    public var passed: Bool { !checks.isEmpty && checks.allSatisfy(\.passed) }

    public subscript(check name: String) -> Check? { checks.first { $0.name == name } }

    /// `reason` counts only when the check fails.
    mutating func check(_ name: String, _ passed: Bool, _ detail: String, _ reason: BorderReason) {
        checks.append(Check(name: name, passed: passed, detail: detail, reason: passed ? nil : reason))
    }
}

extension BorderReading: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "border reading: \(passed ? "passed" : "failed"), \(checks.count) checks" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
