/// A language of the pages. Arabic is the first.
public enum Language: String, Sendable, Hashable, CaseIterable {
    case ar, ckb, en

    public var direction: String { self == .en ? "ltr" : "rtl" }
    /// As the language calls itself.
    public var ownName: String {
        switch self {
        case .ar: "العربية"
        case .ckb: "کوردی"
        case .en: "English"
        }
    }
}

/// How one browser wants to see the pages; a cookie keeps it.
public struct Look: Sendable, Hashable {
    public var language: Language
    public var digits: Numerals

    static let cookie = "sakk-look"
    static let first = Look(language: .ar, digits: .latin)

    /// `ar.latin`
    var text: String { "\(language.rawValue).\(digits.rawValue)" }

    init(language: Language, digits: Numerals) {
        self.language = language
        self.digits = digits
    }

    init?(_ text: String) {
        let parts = text.split(separator: ".").map(String.init)
        guard parts.count == 2, let language = Language(rawValue: parts[0]), let digits = Numerals(rawValue: parts[1])
        else { return nil }
        self.init(language: language, digits: digits)
    }
}
