public import Ground

/// Bytes with places to fill, as a dialect file writes them:
///
/// | written | means |
/// |---|---|
/// | `00 D6` | bytes |
/// | `{offset}` | the value of a variable |
/// | `62[ ... ]` | a BER-TLV object (ISO/IEC 8825-1) |
/// | `A001< ... >`, `{file.id}< ... >` | a data grouping: identifier, length of one byte or FF and two, value (GPCS 11.11) |
/// | `A010!< ... >` | the same, its value under the data encryption key of the secure channel |
public struct CommandTemplate: Sendable, Hashable {
    public indirect enum Part: Sendable, Hashable {
        case bytes(Bytes)
        case variable(String)
        case object(tag: UInt32, [Part])
        case grouping(identifier: Part, isSealed: Bool, [Part])
    }

    public let parts: [Part]

    public init(parts: [Part]) { self.parts = parts }

    /// Names that a part or one inside of it asks for.
    public var variables: Set<String> { Self.variables(of: parts) }

    private static func variables(of parts: [Part]) -> Set<String> {
        parts.reduce(into: []) { names, part in
            switch part {
            case .bytes: break
            case .variable(let name): names.insert(name)
            case .object(_, let inner): names.formUnion(variables(of: inner))
            case .grouping(let identifier, _, let inner): names.formUnion(variables(of: [identifier] + inner))
            }
        }
    }

    /// Nil, with the reason, for text that is not a template.
    public static func parse(_ text: String) -> (template: CommandTemplate?, reason: String) {
        var parser = TemplateParser(text)
        let parts = parser.parts(until: nil)
        if let reason = parser.fault { return (nil, reason) }
        return (CommandTemplate(parts: parts), "")
    }
}

/// Recursive descent over the characters of one template; the first fault ends it.
private struct TemplateParser {
    private let text: [Character]
    private var index = 0
    private(set) var fault: String?

    init(_ text: String) { self.text = Array(text) }

    mutating func parts(until end: Character?) -> [CommandTemplate.Part] {
        var parts: [CommandTemplate.Part] = []
        while fault == nil {
            skipSpace()
            guard index < text.count else {
                if let end { fail("has no closing `\(end)`") }
                return parts
            }
            if text[index] == end {
                index += 1
                return parts
            }
            if let part = part() { parts.append(part) }
        }
        return parts
    }

    private mutating func part() -> CommandTemplate.Part? {
        let head: CommandTemplate.Part
        if text[index] == "{" {
            guard let close = text[index...].firstIndex(of: "}") else { return fail("has no closing `}`") }
            head = .variable(String(text[(index + 1)..<close]))
            index = close + 1
        } else {
            var digits = ""
            while index < text.count, text[index].isHexDigit {
                digits.append(text[index])
                index += 1
            }
            guard let bytes = Bytes(hex: digits), !bytes.isEmpty else {
                return fail("must be pairs of hexadecimal digits, {variables}, TAG[ ] and ID< >")
            }
            head = .bytes(bytes)
        }
        return enclosing(head)
    }

    /// What stands before a bracket names what is in it.
    private mutating func enclosing(_ head: CommandTemplate.Part) -> CommandTemplate.Part? {
        guard index < text.count else { return head }
        if text[index] == "[" {
            guard case .bytes(let tag) = head, tag.count <= 4, let number = BigEndian.unsigned(tag) else {
                return fail("needs a tag before `[`")
            }
            index += 1
            return .object(tag: UInt32(number), parts(until: "]"))
        }
        let isSealed = text[index] == "!"
        guard isSealed || text[index] == "<" else { return head }
        if isSealed { index += 1 }
        guard index < text.count, text[index] == "<" else { return fail("has `!` without `<`") }
        if case .bytes(let identifier) = head, identifier.count != 2 {
            return fail("needs an identifier of two bytes before `<`")
        }
        index += 1
        return .grouping(identifier: head, isSealed: isSealed, parts(until: ">"))
    }

    private mutating func skipSpace() { while index < text.count, text[index] == " " { index += 1 } }

    @discardableResult
    private mutating func fail(_ reason: String) -> CommandTemplate.Part? {
        fault = fault ?? reason
        return nil
    }
}
