/// Characters that a dot, a stroke or a little of their shape tells apart: what a signed text may be taken for.
enum RivalLetters {
    private static let groups = [
        // Arabic and Sorani: one body, other dots.
        "بتثنيپیئێى", "جحخچ", "دذ", "رزڕژ", "سش", "صض", "طظ", "عغ", "فقڤ", "كکگ", "لڵ", "وۆؤ", "هةەھ", "اأإآ",
        "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹",
        "0123456789", "0ODQ", "1Il|", "5S", "8B", "2Z", "6G",
        "CGO", "EFB", "EL", "PRB", "IJT", "LI", "MNH", "UVO", "VYU", "KXR", "ceo", "aoe", "ilj", "tlf", "nhru", "bhd",
        "mn", "vy", "agq",
        "AÁÀÂÄÃÅ", "EÉÈÊË", "IÍÎÏİ", "OÓÔÖÕ", "UÚÛÜ", "CÇ", "SŞŠ", "GĞ", "ZŽ", "aáàâäãå", "eéèêë", "iıíîï", "oóôöõ",
        "uúûü",
        "cç", "sşš", "gğ", "zž",
        ".,:'", "-/.", "-+",
    ]

    private static let table: [Character: [Character]] = {
        var table: [Character: [Character]] = [:]
        for group in groups {
            for one in group {
                table[one, default: []] += group.filter { $0 != one && table[one]?.contains($0) != true }
            }
        }
        return table
    }()

    private static let alphabets = [
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹",
        "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىأإآؤئپچژگڤکیەۆێڕڵ",
    ]

    /// All characters that may stand in a character's place.
    static func alphabet(of character: Character) -> [Character] {
        Array(alphabets.first { $0.contains(character) } ?? "")
    }

    /// All characters that a field like this one may hold: of the same kinds, and what stands between them. None for a text
    /// of two directions.
    static func signs(likeThoseOf text: String) -> [Character] {
        let kinds = alphabets.filter { kind in text.contains { kind.contains($0) } }
        let isJoined = kinds.map { $0.contains { joins($0) } }
        guard !kinds.isEmpty, !isJoined.contains(true) || !isJoined.contains(false) else { return [] }
        return Array(kinds.joined()) + " " + (isJoined[0] ? "" : "-/.,'".filter { text.contains($0) })
    }

    /// Written joined to its neighbours.
    static func joins(_ character: Character) -> Bool { alphabets[5].contains(character) }

    /// To the one after it as well.
    static func joinsNext(_ character: Character) -> Bool { !"اأإآؤدذرزژڕوۆةەء".contains(character) }

    static func rivals(of character: Character) -> [Character] { table[character] ?? [] }
}
