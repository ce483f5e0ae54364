public import Ground
internal import OpenSSLCrypto

/// What a border process tells its line of one document: checks, zone, portrait and hashes, or why there was nothing to read.
/// Its form on the wire is four bytes of length, one JSON object of so many bytes (`sakk.border-answer/1`), and the portrait as
/// stored. Personal data: it does not describe itself.
public struct BorderAnswer: Sendable, CustomStringConvertible, CustomReflectable {
    public let checks: [BorderReading.Check]
    /// Lines of EF.DG1.
    public let mrz: [String]
    /// Image of EF.DG2 as stored.
    public let portrait: Bytes
    /// SHA-256 of EF.SOD as read.
    public let sodHash: Bytes
    /// SHA-256 of each file as read, by file identifier.
    public let fileHashes: [UInt16: Bytes]

    public init(_ reading: BorderReading) {
        checks = reading.checks
        mrz = reading.mrz
        portrait = reading.portrait
        sodHash = reading.sodHash
        fileHashes = reading.files.mapValues { Digest.sha256($0) }
    }

    public var description: String { "border answer: \(checks.count) checks" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension BorderAnswer {
    public var encoded: Bytes {
        let head: JSONValue = [
            "checks": .array(
                checks.map { check in
                    ["name": .string(check.name), "passed": .bool(check.passed), "detail": .string(check.detail)]
                }),
            "mrz": .array(mrz.map(JSONValue.string)), "sod_sha256": .string(sodHash.hex),
            "file_sha256": .object(
                Dictionary(
                    uniqueKeysWithValues: fileHashes.map {
                        (Hex.digits(of: BigEndian.bytes($0)), JSONValue.string($1.hex))
                    })),
        ]
        return Self.frame(head) + portrait
    }

    /// The answer to an empty request: reader and trust are known, documents may come.
    public static var ready: Bytes { frame(["ready": true]) }

    /// An error in the place of an answer; texts of errors hold nothing of a person.
    public static func encoded(_ error: SakkError) -> Bytes {
        frame([
            "error": [
                "code": .string(error.code.rawValue), "source": .string(error.source), "text": .string(error.text),
                "remedy": .string(error.remedy), "outcome": .string(error.outcome.rawValue),
                "native_kind": error.native.map { .string($0.kind) } ?? .null,
                "native_value": error.native.map { .string($0.value) } ?? .null,
            ]
        ])
    }

    static func frame(_ head: JSONValue) -> Bytes {
        let text = Bytes(head.document(schema: "sakk.border-answer/1").utf8)
        return BigEndian.bytes(UInt32(text.count)) + text
    }

    /// Nil for bytes that are neither an answer nor an error.
    public static func decoded(_ bytes: Bytes) -> Result<BorderAnswer, SakkError>? {
        var reader = ByteReader(bytes)
        guard let length = reader.unsigned(4), let text = reader.read(Int(length)),
            let head = try? JSONValue(parsing: text), head["schema"]?.string == "sakk.border-answer/1"
        else { return nil }
        if let said = head["error"] { return reader.isAtEnd ? error(said).map(Result.failure) : nil }
        return BorderAnswer(head, portrait: Bytes(reader.remaining)).map(Result.success)
    }

    private static func error(_ said: JSONValue) -> SakkError? {
        guard let code = said["code"]?.string, let source = said["source"]?.string, let text = said["text"]?.string,
            let remedy = said["remedy"]?.string,
            let outcome = said["outcome"]?.string.flatMap(SakkError.Outcome.init(rawValue:))
        else { return nil }
        var native: SakkError.Native?
        if let kind = said["native_kind"]?.string, let value = said["native_value"]?.string {
            native = SakkError.Native(kind: kind, value: value)
        }
        return SakkError(
            SakkError.Code(rawValue: code), source: source, native: native, outcome: outcome, text: text, remedy: remedy
        )
    }

    private init?(_ head: JSONValue, portrait: Bytes) {
        var checks: [BorderReading.Check] = []
        for check in head["checks"]?.array ?? [] {
            guard let name = check["name"]?.string, let passed = check["passed"]?.bool,
                let detail = check["detail"]?.string
            else { return nil }
            checks.append(BorderReading.Check(name: name, passed: passed, detail: detail))
        }
        var hashes: [UInt16: Bytes] = [:]
        for (name, hash) in head["file_sha256"]?.object ?? [:] {
            guard let fileID = UInt16(name, radix: 16), let hash = hash.string.flatMap({ Bytes(hex: $0) }) else {
                return nil
            }
            hashes[fileID] = hash
        }
        guard let lines = head["mrz"]?.array, let sod = head["sod_sha256"]?.string.flatMap({ Bytes(hex: $0) }) else {
            return nil
        }
        mrz = lines.compactMap(\.string)
        guard mrz.count == lines.count, !checks.isEmpty else { return nil }
        self.checks = checks
        self.portrait = portrait
        sodHash = sod
        fileHashes = hashes
    }
}
