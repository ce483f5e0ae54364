/// One character changed: what a wrong record, a wrong font or a slip of the hand makes of a text.
struct LookAlikes {
    private static let arabicDots: [Character: [Character]] = [
        "ب": ["ت", "ن", "ي", "ث", "پ"], "ت": ["ب", "ث", "ن"], "ث": ["ت", "ب"], "ن": ["ب", "ت"], "ي": ["ى", "ب"],
        "ج": ["ح", "خ"], "ح": ["ج", "خ"], "خ": ["ح", "ج"], "د": ["ذ"], "ذ": ["د"], "ر": ["ز"], "ز": ["ر"],
        "س": ["ش"], "ش": ["س"], "ص": ["ض"], "ض": ["ص"], "ط": ["ظ"], "ظ": ["ط"], "ع": ["غ"], "غ": ["ع"],
        "ف": ["ق"], "ق": ["ف"], "ة": ["ه"], "أ": ["ا", "إ"], "ا": ["أ"],
    ]
    private static let arabicLetters: [Character: [Character]] = [
        "م": ["ن", "ه"], "ل": ["ك"], "ك": ["ل"], "ه": ["م", "ع"], "و": ["ر"], "ر": ["و", "د"], "د": ["ر"], "ح": ["ع"],
    ]
    private static let sorani: [Character: [Character]] = [
        "ێ": ["ی"], "ی": ["ێ"], "ڕ": ["ر"], "ر": ["ڕ"], "ڵ": ["ل"], "ل": ["ڵ"], "ۆ": ["و"], "و": ["ۆ"], "گ": ["ک"],
        "ک": ["گ"], "پ": ["ب"], "ب": ["پ", "ت"], "چ": ["ج"], "ج": ["چ", "ح"], "ژ": ["ز"], "ز": ["ژ", "ر"], "ڤ": ["ف"],
        "ش": ["س"], "س": ["ش"], "غ": ["ع"], "خ": ["ح"], "ن": ["ت", "ب"], "د": ["ذ"],
    ]
    private static let latin: [Character: [Character]] = [
        "O": ["Q", "D", "0"], "I": ["L", "T", "1"], "E": ["F"], "F": ["E", "P"], "B": ["R", "8", "P"], "R": ["B", "P"],
        "S": ["5", "Z"], "M": ["N", "H"], "N": ["M", "H"], "U": ["V", "O"], "V": ["U", "Y"], "A": ["R", "4"],
        "H": ["N", "M"], "D": ["O", "B"], "K": ["X", "R"], "L": ["I", "T"], "T": ["I", "Y"], "Z": ["2", "S"],
        "G": ["C", "6"], "C": ["G", "O"], "J": ["I", "U"], "W": ["V"], "Y": ["V", "T"], "Q": ["O"], "X": ["K"],
        "a": ["o", "e"], "e": ["c", "o"], "i": ["l", "j"], "l": ["i", "t"], "r": ["n", "t"], "n": ["r", "u"],
        "o": ["a", "e"], "s": ["a", "z"], "u": ["n", "o"], "d": ["b", "a"], "b": ["h", "d"], "m": ["n"],
        "h": ["b", "n"],
    ]
    private static let digits: [Character: [Character]] = [
        "0": ["8", "6", "9"], "1": ["7", "4"], "2": ["7", "3"], "3": ["8", "5", "9"], "4": ["1", "9"], "5": ["6", "3"],
        "6": ["8", "5", "0"], "7": ["1", "2"], "8": ["3", "0", "6"], "9": ["8", "0", "4"],
    ]
    private static let arabicDigits: [Character: [Character]] = [
        "٠": ["٥", "١"], "١": ["٢", "٠"], "٢": ["٣", "١"], "٣": ["٢"], "٤": ["٣", "٦"], "٥": ["٠"], "٦": ["٢", "٩"],
        "٧": ["٨"], "٨": ["٧"], "٩": ["٦"],
    ]
    private static let zone: [Character: [Character]] = [
        "0": ["O", "8", "6"], "1": ["I", "7"], "2": ["Z", "7"], "3": ["8", "5"], "4": ["9", "A"], "5": ["S", "6"],
        "6": ["G", "8"], "7": ["1", "2"], "8": ["B", "3", "0"], "9": ["8", "4"], "O": ["0", "Q"], "I": ["1", "L"],
        "B": ["8", "R"], "S": ["5"], "Z": ["2"], "D": ["O"], "Q": ["O"], "E": ["F"], "N": ["M", "H"], "M": ["N"],
        "U": ["V"], "V": ["U"], "R": ["P", "B"], "A": ["R"], "H": ["N"], "<": ["K", "X", "0"], "L": ["I"], "T": ["I"],
    ]

    /// What kind of slip a change is, as the label says it.
    enum Slip: String, CaseIterable { case dot, letter, digit }

    /// The text with one character changed, and where; nil when this script has no such slip in it.
    static func change(
        _ text: String, _ script: Person.Script, _ slip: Slip, _ dice: inout Dice
    ) -> (text: String, at: Int)? {
        let table: [Character: [Character]]
        switch (script, slip) {
        case (.arabic, .dot): table = arabicDots
        case (.arabic, .letter): table = arabicLetters
        case (.sorani, .dot), (.sorani, .letter): table = sorani
        case (.latin, .letter): table = latin
        case (.latin, .digit), (.digits, .digit): table = digits
        case (.arabicDigits, .digit): table = arabicDigits
        default: return nil
        }
        return change(text, by: table, &dice)
    }

    static func changeZone(_ line: String, _ dice: inout Dice) -> (text: String, at: Int)? {
        change(line, by: zone, &dice)
    }

    private static func change(
        _ text: String, by table: [Character: [Character]], _ dice: inout Dice
    ) -> (text: String, at: Int)? {
        var letters = Array(text)
        let places = letters.indices.filter { table[letters[$0]] != nil }
        guard !places.isEmpty else { return nil }
        let at = dice.pick(places)
        guard let others = table[letters[at]] else { return nil }
        letters[at] = dice.pick(others)
        return (String(letters), at)
    }
}
