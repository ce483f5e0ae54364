public import Ground

/// What a border sees of one document. Everything but the checks and warnings is personal data: it does not describe
/// itself.
public struct BorderReading: Sendable {
    /// One judgement under a stable name: `application`, `bac`, `files`, `com.sod.agree`, `dg1.hash` to `dg16.hash`,
    /// `sod.signature`, `sod.chain`, `sod.signer`, `dg1.mrz`, `dg1.access`, `dg2.face`.
    public struct Check: Sendable, Equatable {
        public let name: String
        public let passed: Bool
        /// For a technician; no personal data.
        public let detail: String
        public init(name: String, passed: Bool, detail: String) {
            self.name = name
            self.passed = passed
            self.detail = detail
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
    /// SHA-256 of EF.SOD as read; empty when it could not be read.
    public internal(set) var sodHash: Bytes = []
    /// EF.DG11: values by tag (`5F0E` full name, `5F10` personal number and so on), as UTF-8 text.
    public internal(set) var personalDetails: [UInt32: [String]] = [:]
    /// Deviations from the standard that a border reads over.
    public internal(set) var warnings: [String] = []

    public var passed: Bool { !checks.isEmpty && checks.allSatisfy(\.passed) }

    public subscript(check name: String) -> Check? { checks.first { $0.name == name } }

    mutating func check(_ name: String, _ passed: Bool, _ detail: String) {
        checks.append(Check(name: name, passed: passed, detail: detail))
    }
}

extension BorderReading: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "border reading: \(passed ? "passed" : "failed"), \(checks.count) checks" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
