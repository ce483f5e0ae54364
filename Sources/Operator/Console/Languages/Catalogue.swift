import Foundation
public import Ground

/// The texts of all languages: one file for each, `key = text`, `#` begins a remark.
public struct Catalogue: Sendable {
    private let texts: [Language: [String: String]]

    /// Reads `ar.txt`, `ckb.txt` and `en.txt`. Throws `console.language` when a language lacks a key or a text, or has
    /// one that the others lack.
    /// `reasons` are texts by code and language, which come as `reason.CODE`.
    public init(folder: String, reasons: [String: [String: String]] = [:]) throws(SakkError) {
        var texts: [Language: [String: String]] = [:]
        for language in Language.allCases {
            let path = "\(folder)/\(language.rawValue).txt"
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw Catalogue.error("The file of language \(language.rawValue) cannot be read.", path)
            }
            texts[language] = try Catalogue.read(text, path)
        }
        for (code, words) in reasons {
            for language in Language.allCases {
                if let text = words[language.rawValue] { texts[language, default: [:]]["reason.\(code)"] = text }
            }
        }
        let all = Set(texts.values.flatMap(\.keys))
        for language in Language.allCases {
            let missing = all.subtracting(texts[language, default: [:]].keys).sorted()
            guard missing.isEmpty else {
                throw Catalogue.error(
                    "Language \(language.rawValue) lacks: \(missing.prefix(12).joined(separator: ", ")).", folder)
            }
        }
        self.texts = texts
    }

    private static func read(_ text: String, _ path: String) throws(SakkError) -> [String: String] {
        var found: [String: String] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            let parts = line.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, !parts[1].isEmpty, found[parts[0]] == nil else {
                throw error("Line \(index + 1) is no `key = text`, or its key came before.", path)
            }
            found[parts[0]] = parts[1]
        }
        return found
    }

    static func error(_ text: String, _ path: String) -> SakkError {
        SakkError(
            "console.language", source: path, text: text, remedy: "Write the text in every language; see the README.")
    }

    public var keys: Set<String> { Set(texts.values.flatMap(\.keys)) }

    public func text(_ key: String, _ language: Language) -> String? { texts[language]?[key] }

    /// A reason of the books: a code, a code and what it is about (`artwork.text.overflow surname`), or a person's own words.
    /// Where the code has no words as a reason or a cause, its family says what it is about, and the code stands beside it.
    func reason(_ reason: String, _ language: Language) -> String {
        if let known = text("reason.\(reason)", language) { return known }
        let code = String(reason.prefix { $0 != " " })
        let family = String(code.prefix { $0 != "." })
        guard code != family,
            let words = text("reason.\(code)", language) ?? text("cause.\(code)", language)
                ?? text("reason.family.\(family)", language)
        else { return reason }
        return "\(words) (\u{2066}\(reason)\u{2069})"
    }
}
