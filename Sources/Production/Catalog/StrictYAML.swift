public import Ground
import Yams

/// One configuration file, read strictly: each key is asked for by name, and what nobody asked for is an error with its
/// line. Errors are `config.*`, say file and line, and carry no values of secrets because no file holds any.
public struct ConfigurationFile {
    public let path: String
    public let root: ConfigurationNode

    /// Reads a file whose first key is `sakk: 1`.
    public init(path: String) throws(SakkError) {
        guard let file = FileBytes.read(path) else {
            throw SakkError(
                "config.file.missing", source: path, text: "The file cannot be read.",
                remedy: "Check the path and the permissions.")
        }
        try self.init(path: path, text: String(decoding: file, as: UTF8.self))
    }

    public init(path: String, text: String) throws(SakkError) {
        self.path = path
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw ConfigurationFile.syntax(error, path)
        }
        guard let node else {
            throw SakkError("config.syntax", source: path, text: "The file is empty.", remedy: "Write the file anew.")
        }
        root = ConfigurationNode(node, path: path, name: "")
        guard try root.integer("sakk") == 1 else {
            throw root.error("sakk", "must be 1: this program reads version 1 of the format")
        }
    }

    /// The parser's complaint with its line, without the file's text.
    private static func syntax(_ error: any Error, _ path: String) -> SakkError {
        var (line, reason): (Int?, String) = (nil, "\(error)")
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            line = mark.line
            reason = [context?.text, problem].compactMap(\.self).joined(separator: ": ")
        case .reader(let problem, _, _, _): reason = problem
        case .duplicatedKeysInMapping(let duplicates, let context):
            line = context.mark.line
            reason = "`\(duplicates.sorted().joined(separator: "`, `"))` stands twice, first there"
        default: break
        }
        return SakkError(
            "config.syntax", source: line.map { "\(path):\($0)" } ?? path,
            text: "The file is not YAML" + (line.map { ", line \($0)" } ?? "") + ": \(reason).",
            remedy: "Correct the line: indented by blanks, a blank behind each colon, each key once.")
    }
}

/// A place in a configuration file.
public final class ConfigurationNode {
    private let node: Node
    private let path: String
    private let name: String
    private var asked: Set<String> = []
    private var nested: [ConfigurationNode] = []

    init(_ node: Node, path: String, name: String) {
        self.node = node
        self.path = path
        self.name = name
    }

    /// An error about a key of this place, with the line it stands on (or the line of this place when it is missing).
    public func error(_ key: String, _ reason: String, code: SakkError.Code = "config.value") -> SakkError {
        let place = name.isEmpty ? key : "\(name).\(key)"
        return SakkError(
            code, source: source(of: key), subject: place, text: "`\(place)` \(reason).",
            remedy: "Correct the line; docs/configuration.md lists every key.")
    }

    /// File and line of a key of this place.
    public func source(of key: String) -> String {
        "\(path):\((node.mapping?[key]?.mark ?? node.mark)?.line ?? 1)"
    }

    private func value(_ key: String) -> Node? {
        asked.insert(key)
        return node.mapping?[key]
    }

    public func has(_ key: String) -> Bool { node.mapping?[key] != nil }

    public func optionalString(_ key: String) throws(SakkError) -> String? {
        guard let node = value(key) else { return nil }
        guard let text = node.scalar?.string else { throw error(key, "must be a text") }
        return text
    }

    public func string(_ key: String) throws(SakkError) -> String {
        guard let text = try optionalString(key) else { throw missing(key) }
        return text
    }

    /// A text that is not empty.
    public func filled(_ key: String) throws(SakkError) -> String {
        let text = try string(key)
        guard !text.allSatisfy(\.isWhitespace) else { throw error(key, "must not be empty") }
        return text
    }

    /// A key that is missing; where one stands that is almost it, that one is named.
    private func missing(_ key: String) -> SakkError {
        let there = node.mapping?.keys.compactMap(\.string) ?? []
        guard let other = there.first(where: { ConfigurationNode.areAlike($0, key) }),
            let line = node.mapping?[other]?.mark?.line
        else { return error(key, "is missing", code: "config.missing") }
        return error(key, "is missing; line \(line) has `\(other)`, which is no key", code: "config.missing")
    }

    /// Two letters apart, at most: more, fewer or others.
    static func areAlike(_ one: String, _ other: String) -> Bool {
        let (one, other) = (Array(one.lowercased()), Array(other.lowercased()))
        guard abs(one.count - other.count) <= 2, min(one.count, other.count) > 3 else { return false }
        var last = Array(0...other.count)
        for (row, letter) in one.enumerated() {
            var next = [row + 1]
            for (column, against) in other.enumerated() {
                next.append(min(last[column] + (letter == against ? 0 : 1), last[column + 1] + 1, next[column] + 1))
            }
            last = next
        }
        return (1...2).contains(last[other.count])
    }

    public func string(_ key: String, oneOf allowed: [String]) throws(SakkError) -> String {
        let text = try string(key)
        guard allowed.contains(text) else { throw error(key, "must be one of \(allowed.joined(separator: ", "))") }
        return text
    }

    public func optionalInteger(_ key: String) throws(SakkError) -> Int? {
        guard let text = try optionalString(key) else { return nil }
        let number = text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
        guard let number else { throw error(key, "must be a whole number") }
        return number
    }

    public func integer(_ key: String) throws(SakkError) -> Int {
        guard let number = try optionalInteger(key) else { throw missing(key) }
        return number
    }

    public func integer(_ key: String, in range: ClosedRange<Int>) throws(SakkError) -> Int {
        let number = try integer(key)
        guard range.contains(number) else {
            throw error(key, "must lie between \(range.lowerBound) and \(range.upperBound)")
        }
        return number
    }

    public func optionalNumber(_ key: String) throws(SakkError) -> Double? {
        guard let text = try optionalString(key) else { return nil }
        guard let number = Double(text), number.isFinite else { throw error(key, "must be a number") }
        return number
    }

    public func number(_ key: String) throws(SakkError) -> Double {
        guard let number = try optionalNumber(key) else { throw missing(key) }
        return number
    }

    public func optionalFlag(_ key: String) throws(SakkError) -> Bool? {
        guard let text = try optionalString(key) else { return nil }
        switch text {
        case "true", "yes": return true
        case "false", "no": return false
        default: throw error(key, "must be true or false")
        }
    }

    public func optionalNode(_ key: String) throws(SakkError) -> ConfigurationNode? {
        guard let inner = value(key) else { return nil }
        guard inner.mapping != nil else { throw error(key, "must hold keys of its own") }
        return keep(ConfigurationNode(inner, path: path, name: name.isEmpty ? key : "\(name).\(key)"))
    }

    public func node(_ key: String) throws(SakkError) -> ConfigurationNode {
        guard let inner = try optionalNode(key) else { throw missing(key) }
        return inner
    }

    /// A list of places; empty when the key is missing.
    public func nodes(_ key: String) throws(SakkError) -> [ConfigurationNode] {
        guard let inner = value(key) else { return [] }
        guard let sequence = inner.sequence else { throw error(key, "must be a list") }
        return sequence.enumerated().map { index, element in
            keep(ConfigurationNode(element, path: path, name: "\(key)[\(index + 1)]"))
        }
    }

    public func strings(_ key: String) throws(SakkError) -> [String] {
        guard let inner = value(key) else { return [] }
        guard let sequence = inner.sequence else { throw error(key, "must be a list") }
        var texts: [String] = []
        for element in sequence {
            guard let text = element.scalar?.string else { throw error(key, "must be a list of texts") }
            texts.append(text)
        }
        return texts
    }

    /// A list that must be there and name something.
    public func requiredStrings(_ key: String) throws(SakkError) -> [String] {
        guard has(key) else { throw missing(key) }
        let texts = try strings(key)
        guard !texts.isEmpty else { throw error(key, "must name at least one") }
        return texts
    }

    /// The names of this place, in file order, each counted as asked for.
    public func keys() -> [String] {
        let keys = node.mapping?.keys.compactMap(\.string) ?? []
        asked.formUnion(keys)
        return keys
    }

    /// To be called when everything was asked for: refuses what is left over, here and below.
    public func finish() throws(SakkError) {
        for key in node.mapping?.keys.compactMap(\.string) ?? [] where !asked.contains(key) {
            throw error(key, "is not a key that is known here", code: "config.unknown")
        }
        for child in nested { try child.finish() }
    }

    private func keep(_ child: ConfigurationNode) -> ConfigurationNode {
        nested.append(child)
        return child
    }
}
