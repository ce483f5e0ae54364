public import Ground

/// What goes into a machine readable zone.
public struct MRZContent: Sendable {
    public var documentCode: String
    public var issuer: String
    public var documentNumber: String
    public var nationality: String
    public var dateOfBirth: CivilDate
    /// `F`, `M` or `X`; X is written as the filler (9303-3).
    public var sex: Character
    public var dateOfExpiry: CivilDate
    public var optional1: String
    public var optional2: String
    public var primary: String
    public var secondary: String

    public init(
        documentCode: String, issuer: String, documentNumber: String, nationality: String, dateOfBirth: CivilDate,
        sex: Character, dateOfExpiry: CivilDate, optional1: String, optional2: String, primary: String,
        secondary: String
    ) {
        self.documentCode = documentCode
        self.issuer = issuer
        self.documentNumber = documentNumber
        self.nationality = nationality
        self.dateOfBirth = dateOfBirth
        self.sex = sex
        self.dateOfExpiry = dateOfExpiry
        self.optional1 = optional1
        self.optional2 = optional2
        self.primary = primary
        self.secondary = secondary
    }
}

/// Writes machine readable zones. A field that does not fit or has a character that the zone does not know is an error
/// `lds.mrz.field`; only the name is cut, by the rule of Doc 9303-3, 4.6.
public enum MRZWriter {
    /// Three lines of 30 characters (9303-5, 4.2).
    public static func td1(_ content: MRZContent) throws(SakkError) -> [String] {
        let number = try numberField(content, rest: 15)
        let line1 =
            try field(content.documentCode, 2, "document code") + field(content.issuer, 3, "issuing state")
            + number.head + field(number.optional, 15, "optional data 1")
        let birth = dated(content.dateOfBirth)
        let expiry = dated(content.dateOfExpiry)
        let optional2 = try field(content.optional2, 11, "optional data 2")
        let sex = try sexCharacter(content.sex)
        let nationality = try field(content.nationality, 3, "nationality")
        guard let composite = CheckDigit.of(String(line1.dropFirst(5)) + birth + expiry + optional2) else {
            throw fault("composite")
        }
        let line2 = birth + sex + expiry + nationality + optional2 + String(composite)
        let line3 = try nameField(primary: content.primary, secondary: content.secondary, length: 30)
        return [line1, line2, line3.field]
    }

    /// Two lines of 36 characters (9303-6, 4.2).
    public static func td2(_ content: MRZContent) throws(SakkError) -> [String] {
        let number = try numberField(content, rest: 7)
        let head = number.head + (try field(content.nationality, 3, "nationality"))
        let dates = dated(content.dateOfBirth) + (try sexCharacter(content.sex)) + dated(content.dateOfExpiry)
        let optional = try field(number.optional, 7, "optional data 1")
        let covered = number.head + dated(content.dateOfBirth) + dated(content.dateOfExpiry) + optional
        guard let composite = CheckDigit.of(covered) else { throw fault("composite") }
        let line1 = try firstLine(content, length: 36)
        return [line1, head + dates + optional + String(composite)]
    }

    /// Two lines of 44 characters (9303-4, 4.2). The check digit of an empty optional field is the filler.
    public static func td3(_ content: MRZContent) throws(SakkError) -> [String] {
        guard content.documentNumber.count <= 9, content.optional2.isEmpty else { throw fault("document number") }
        let number = try numberField(content, rest: 14)
        let optional = try field(content.optional1, 14, "optional data 1")
        guard let digit = content.optional1.isEmpty ? "<" : CheckDigit.of(optional) else {
            throw fault("optional data 1")
        }
        let birth = dated(content.dateOfBirth)
        let expiry = dated(content.dateOfExpiry)
        let tail = optional + String(digit)
        guard let composite = CheckDigit.of(number.head + birth + expiry + tail) else { throw fault("composite") }
        let line2 =
            number.head + (try field(content.nationality, 3, "nationality")) + birth + (try sexCharacter(content.sex))
            + expiry + tail + String(composite)
        return [try firstLine(content, length: 44), line2]
    }

    private static func firstLine(_ content: MRZContent, length: Int) throws(SakkError) -> String {
        let name = try nameField(primary: content.primary, secondary: content.secondary, length: length - 5)
        return try field(content.documentCode, 2, "document code") + field(content.issuer, 3, "issuing state")
            + name.field
    }

    /// Number and check digit, ten characters. A longer number goes on at the head of the optional field (9303-5, 4.2.2
    /// note j; 9303-6 likewise) of `rest` characters.
    private static func numberField(
        _ content: MRZContent, rest: Int
    ) throws(SakkError) -> (head: String, optional: String) {
        let number = try characters(content.documentNumber, "document number")
        guard !number.isEmpty, let digit = CheckDigit.of(number.count <= 9 ? padded(number, 9) : number) else {
            throw fault("document number")
        }
        let optional = try characters(content.optional1, "optional data 1")
        guard number.count > 9 else { return (padded(number, 9) + String(digit), optional) }
        let more = number.dropFirst(9) + String(digit) + (optional.isEmpty ? "" : "<" + optional)
        guard more.count <= rest else { throw fault("document number") }
        return (number.prefix(9) + "<", String(more))
    }

    /// Name field: primary identifier, two fillers, secondary identifiers (9303-3, 4.6). When it does not fit, the
    /// secondary identifiers are cut at the end. When the primary identifier leaves no room for a letter of the secondary,
    /// its components are shortened from the last on, to initials, the first excepted. A field that is cut ends with a letter,
    /// which is the sign of truncation (9303-4, 4.2.3). A first component that still leaves no room is refused: a person
    /// must decide.
    public static func nameField(primary: String, secondary: String, length: Int) throws(SakkError) -> (
        field: String, truncated: Bool
    ) {
        let first = try nameCharacters(primary)
        let second = try nameCharacters(secondary)
        guard !first.isEmpty else { throw fault("primary identifier") }
        let tail = second.isEmpty ? "" : "<<" + second
        if first.count + tail.count <= length { return (padded(first + tail, length), false) }
        guard var kept = shortened(first, to: second.isEmpty ? length : length - 3, spare: 0) else {
            throw fault("primary identifier")
        }
        let spare = length - trimmed((kept + tail).prefix(length)).count
        if spare > 0, kept != first { kept = shortened(first, to: kept.count, spare: spare) ?? kept }
        return (endingWithLetter(kept + tail, length), true)
    }

    /// Components as initials, from the last to the second, until the identifier fits; nil when it never does. The one that was
    /// shortened last keeps `spare` letters more.
    private static func shortened(_ identifier: String, to length: Int, spare: Int) -> String? {
        var components = identifier.split(separator: "<").map(String.init)
        var next = components.count - 1
        var last: (index: Int, whole: String)?
        while components.joined(separator: "<").count > length {
            guard next > 0 else { return nil }
            last = (next, components[next])
            components[next] = String(components[next].prefix(1))
            next -= 1
        }
        if let last { components[last.index] = String(last.whole.prefix(1 + spare)) }
        return components.joined(separator: "<")
    }

    /// The first characters of `text`. A cut right before a component would leave a filler at the end: the last component of
    /// more than one letter gives one up for the initial of the next.
    private static func endingWithLetter(_ text: String, _ length: Int) -> String {
        let characters = Array(text)
        var cut = trimmed(characters.prefix(length))
        guard cut.count < length else { return String(cut) }
        if characters.count > length,
            let place = cut.indices.dropFirst().last(where: { cut[$0] != "<" && cut[$0 - 1] != "<" })
        {
            cut.remove(at: place)
            cut += ["<", characters[length]]
        }
        return padded(String(cut), length)
    }

    private static func trimmed(_ characters: some BidirectionalCollection<Character>) -> [Character] {
        var characters = Array(characters)
        while characters.last == "<" { characters.removeLast() }
        return characters
    }

    /// Hyphens and spaces become fillers, apostrophes vanish, letters become upper case (9303-3, 4.6 and 6).
    private static func nameCharacters(_ name: String) throws(SakkError) -> String {
        var text = ""
        for character in name.uppercased() {
            switch character {
            case "'", "\u{2019}", ",", ".": continue
            case " ", "-", "<":
                if !text.isEmpty && text.last != "<" { text.append("<") }
            case "A"..."Z": text.append(character)
            default: throw fault("name")
            }
        }
        if text.last == "<" { text.removeLast() }
        return text
    }

    private static func characters(_ text: String, _ name: String) throws(SakkError) -> String {
        guard text.utf8.allSatisfy({ CheckDigit.value(of: $0) != nil }) else { throw fault(name) }
        return text
    }

    private static func field(_ text: String, _ length: Int, _ name: String) throws(SakkError) -> String {
        guard text.count <= length else { throw fault(name) }
        return padded(try characters(text, name), length)
    }

    private static func sexCharacter(_ sex: Character) throws(SakkError) -> String {
        switch sex {
        case "F", "M": return String(sex)
        case "X", "<": return "<"
        default: throw fault("sex")
        }
    }

    private static func dated(_ date: CivilDate) -> String {
        let digits = date.yymmdd
        return digits + String(CheckDigit.of(digits) ?? "<")
    }

    private static func padded(_ text: String, _ length: Int) -> String {
        text + String(repeating: "<", count: max(0, length - text.count))
    }

    private static func fault(_ field: String) -> SakkError {
        SakkError(
            "lds.mrz.field", source: "MRZ writer", subject: field,
            text: "The \(field) cannot be written in the machine readable zone: too long or an unknown character.",
            remedy: "Send the record back to the authority, or have its transliteration corrected.")
    }
}
