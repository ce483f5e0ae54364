public import Ground
import Foundation
import OpenSSLCrypto

/// One request, free of the web framework.
public struct Ask: Sendable {
    public let method: String
    /// Without the query, percent-decoded segment by segment.
    public let path: [String]
    public let query: [String: String]
    /// Names in lower case.
    public let headers: [String: String]
    public let body: Bytes
    /// Address of the other end.
    public let peer: String
    /// What the connection itself proves.
    public let proof: Proof

    public enum Proof: Sendable, Hashable {
        /// The listener asks for no certificate.
        case none
        /// It asks for one, and the other end has none.
        case missing
        /// DER of a certificate whose key the other end holds; whether it is good is still to be asked.
        case certificate(Bytes)
    }

    /// SHA-256 of the certificate.
    var certificateDigest: Bytes? {
        if case .certificate(let der) = proof { Digest.sha256(der) } else { nil }
    }

    /// Nil for a target that is no path: `..`, an empty segment, a zero byte, broken escapes.
    public init?(
        method: String, target: String, headers: [String: String], body: Bytes, peer: String, proof: Proof = .none
    ) {
        self.method = method
        self.headers = headers
        self.body = body
        self.peer = peer
        self.proof = proof
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, first.hasPrefix("/"), target.utf8.count <= 2048 else { return nil }
        var path: [String] = []
        if first != "/" {
            for segment in first.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
                guard let text = String(segment).removingPercentEncoding, !text.isEmpty, text != ".", text != "..",
                    !text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
                else { return nil }
                path.append(text)
            }
        }
        self.path = path
        guard let query = Form.read(parts.count > 1 ? Bytes(parts[1].utf8) : []) else { return nil }
        self.query = query.first
    }

    /// The value of a cookie.
    func cookie(_ name: String) -> String? {
        for part in (headers["cookie"] ?? "").split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1)
            if pair.count == 2, pair[0].trimmingCharacters(in: .whitespaces) == name {
                return pair[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return nil
    }
}

/// The fields of a form (`application/x-www-form-urlencoded`, WHATWG URL 5.1).
public struct Form: Sendable {
    /// In their order; a name may come several times.
    public let fields: [(name: String, value: String)]
    /// The first value of each name.
    let first: [String: String]

    static let empty = Form([])

    /// Fields and words of an address that name a thing by its number: a keyboard here may type it in other digits than the
    /// thing bears.
    private static let numbers: Set<String> = [
        "blank", "code", "item", "lot", "missing", "of", "qr", "record", "request", "scan", "seal", "seen", "serial",
        "serials", "zone",
    ]

    init(_ fields: [(name: String, value: String)]) {
        let fields: [(name: String, value: String)] = fields.map { name, value in
            (name, Form.numbers.contains(name) ? Numerals.latin(value) : value)
        }
        self.fields = fields
        first = Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
    }

    /// Nil when it is not UTF-8, has broken escapes or control characters, or more than 500 fields.
    static func read(_ bytes: Bytes) -> Form? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var fields: [(name: String, value: String)] = []
        for part in text.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard fields.count < 500, let name = decode(pair[0]), let value = pair.count > 1 ? decode(pair[1]) : ""
            else {
                return nil
            }
            fields.append((name, value))
        }
        return Form(fields)
    }

    private static func decode(_ text: Substring) -> String? {
        guard let decoded = text.replacing("+", with: " ").removingPercentEncoding,
            !decoded.unicodeScalars.contains(where: {
                ($0.value < 32 && $0.value != 10 && $0.value != 13) || $0.value == 127
            })
        else { return nil }
        return decoded
    }

    /// Trimmed; nil when the field is not there or empty.
    subscript(_ name: String) -> String? {
        guard let value = first[name]?.trimmingCharacters(in: .whitespacesAndNewlines), !value.isEmpty else {
            return nil
        }
        return value
    }

    func all(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map { $0.value.trimmingCharacters(in: .whitespacesAndNewlines) }
            .filter { !$0.isEmpty }
    }

    /// A whole number, in Latin, Arabic-Indic or extended Arabic-Indic digits.
    func number(_ name: String) -> Int? { self[name].flatMap(Numerals.read) }
}
