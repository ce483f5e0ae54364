import Ground

/// Which characters a text of a record may have, by script.
enum ScriptRule {
    case arabic
    case sorani
    case latin

    /// Nil when the text keeps the rule, otherwise what is wrong. Texts have single spaces inside, none at the ends.
    func objection(to text: String) -> String? {
        let scalars = Array(text.unicodeScalars)
        if scalars.first == " " || scalars.last == " " || text.contains("  ") {
            return "a space at an end, or two in a row"
        }
        guard let bad = scalars.firstIndex(where: { !allows($0) }) else { return nil }
        return "character \(bad + 1) is not allowed in \(allowed)"
    }

    private var allowed: String {
        switch self {
        case .arabic: "an Arabic text (Arabic letters, space, hyphen)"
        case .sorani: "a Sorani text (Sorani letters: yeh U+06CC, kaf U+06A9 and ae U+06D5 among them, space, hyphen)"
        case .latin: "a Latin text (A to Z, space, hyphen, apostrophe)"
        }
    }

    private func allows(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == " " || scalar == "-" { return true }
        switch self {
        case .latin: return scalar == "'" || ("A"..."Z").contains(scalar)
        case .arabic: return ScriptRule.arabicLetters.contains(scalar)
        case .sorani: return ScriptRule.soraniLetters.contains(scalar)
        }
    }

    /// U+0621 to U+063A and U+0641 to U+064A, and the letters that Iraqi Arabic adds (peh, tcheh, jeh, veh, gaf).
    private static let arabicLetters: Set<Unicode.Scalar> = {
        var letters = Set("پچژڤگ".unicodeScalars)
        for value in UInt32(0x0621)...0x063A { letters.insert(Unicode.Scalar(value) ?? " ") }
        for value in UInt32(0x0641)...0x064A { letters.insert(Unicode.Scalar(value) ?? " ") }
        return letters
    }()

    /// The Sorani alphabet, with the letters that Arabic names keep. Arabic yeh, kaf and teh marbuta are not in it:
    /// they look alike and compare unlike.
    private static let soraniLetters = Set("ئابپتجچحخدرڕزژسشعغفڤقکگلڵمنوۆهھەیێذثصضطظءأ".unicodeScalars)
}
