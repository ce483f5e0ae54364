public import Ground

/// From national characters to those of the machine readable zone (ICAO Doc 9303-3 clause 6). The tables are one letter to
/// one sequence: what a state prints can be checked by anybody.
public enum Transliteration {
    /// Latin letters with marks and ligatures (clause 6 A). Where the table offers a choice, the first sequence is taken:
    /// Ä is AE, Ö is OE, Ü is UE, Å is AA, Ñ is N. Letters without mark, hyphens, spaces and apostrophes stay.
    /// - Throws: `lds.transliteration.unknown` for a letter that no table has.
    public static func latin(_ name: String) throws(SakkError) -> String {
        var text = ""
        for scalar in name.unicodeScalars {
            if let upper = latinTable[scalar] {
                text += upper
            } else if scalar.value < 0x80 || scalar == "\u{2019}" {
                text += String(scalar).uppercased()
            } else if scalar.properties.canonicalCombiningClass != .notReordered {
                continue  // a mark written apart from its letter
            } else {
                throw unknown(scalar)
            }
        }
        return text
    }

    /// Arabic letters (clause 6 C), and the Kurdish letters that stand in it. Vowel signs are not encoded; shadda doubles
    /// the sequence before it; teh marbuta is XAH at the end of a component and XTA inside one. Components are separated by
    /// `<`. Sorani letters that no table of the document has are written as their issuer decided (`soraniTable`).
    /// - Throws: `lds.transliteration.unknown` for a letter that neither table has.
    public static func arabic(_ name: String) throws(SakkError) -> String {
        var components: [String] = []
        for word in name.unicodeScalars.split(whereSeparator: { $0 == " " || $0 == "-" || $0 == "\u{00A0}" }) {
            var sequences: [String] = []
            let letters = Array(word)
            for (index, scalar) in letters.enumerated() {
                switch scalar.value {
                case 0x0629:
                    let isLast = letters[(index + 1)...].allSatisfy { arabicTable[$0] == "" }
                    sequences.append(isLast ? "XAH" : "XTA")
                case 0x0651:
                    if let last = sequences.last { sequences.append(last) }
                case 0x200C, 0x200D, 0x200E, 0x200F: continue  // joiners and marks of direction
                default:
                    guard let sequence = arabicTable[scalar] ?? soraniTable[scalar] else { throw unknown(scalar) }
                    if !sequence.isEmpty { sequences.append(sequence) }
                }
            }
            if !sequences.isEmpty { components.append(sequences.joined()) }
        }
        return components.joined(separator: "<")
    }

    private static func unknown(_ scalar: Unicode.Scalar) -> SakkError {
        // the letter alone tells nothing of the person
        SakkError(
            "lds.transliteration.unknown", source: "transliteration",
            subject: "U+" + String(scalar.value, radix: 16, uppercase: true),
            text: "A letter of the name stands in no transliteration table.",
            remedy: "Send the record back to the authority, or have its transliteration corrected.")
    }

    private static let latinTable: [Unicode.Scalar: String] = {
        let rows: [(String, String)] = [
            ("A", "ÁÀÂÃĂĀĄǍẠẢẤẦẨẪẬẮẰẲẴẶ"), ("AA", "Å"), ("AE", "ÄÆ"), ("C", "ĆĈČĊÇ"), ("D", "ÐĎĐ"),
            ("E", "ÉÈÊËĚĖĒĘĔẸẺẼẾỀỂỄỆ"), ("G", "ĜĞĠĢǦ"), ("H", "ĦĤ"), ("I", "ÍÌÎÏĨİĪĮĬỈỊǏ"), ("IJ", "Ĳ"), ("J", "Ĵ"),
            ("K", "ĶǨ"), ("L", "ŁĹĽĻĿ"), ("N", "ŃÑŇŅŊ"), ("O", "ÓÒÔÕŐŌŎƠỌỎỐỒỔỖỘỚỜỞỠỢǑ"), ("OE", "ÖØŒ"), ("R", "ŔŘŖ"),
            ("S", "ŚŜŠŞȘ"), ("SS", "ẞ"), ("T", "ŢŤŦȚ"), ("TH", "Þ"), ("U", "ÚÙÛŨŬŰŮŪŲƯỤỦỨỪỬỮỰǓ"), ("UE", "Ü"),
            ("W", "Ŵ"),
            ("Y", "ÝŶŸỲỴỶỸ"), ("Z", "ŹŽŻ"),
        ]
        var table: [Unicode.Scalar: String] = ["ß": "SS", "ı": "I", "ĸ": "Q"]
        for (sequence, letters) in rows {
            for scalar in letters.unicodeScalars {
                table[scalar] = sequence
                for lower in scalar.properties.lowercaseMapping.unicodeScalars.prefix(1) where lower.value > 0x7F {
                    table[lower] = sequence
                }
            }
        }
        return table
    }()

    /// Clause 6 C; an empty sequence is not encoded.
    private static let arabicTable: [Unicode.Scalar: String] = {
        let rows = """
            0621 XE 0622 XAA 0623 XAE 0624 U 0625 I 0626 XI 0627 A 0628 B 062A T 062B XTH 062C J 062D XH 062E XKH 062F D \
            0630 XDH 0631 R 0632 Z 0633 S 0634 XSH 0635 XSS 0636 XDZ 0637 XTT 0638 XZZ 0639 E 063A G 0640 - 0641 F \
            0642 Q 0643 K 0644 L 0645 M 0646 N 0647 H 0648 W 0649 XAY 064A Y 064B - 064C - 064D - 064E - 064F - 0650 - \
            0652 - 0670 - 0671 XXA 0679 XXT 067C XRT 067E P 0681 XKE 0685 XXH 0686 XC 0688 XXD 0689 XDR 0691 XXR \
            0693 XRR 0696 XRX 0698 XJ 069A XXS 069C - 06A2 - 06A4 V 06A5 XF 06A7 - 06A8 - 06A9 XKK 06AB XXK 06AD XNG \
            06AF XGG 06BA XNN 06BC XXN 06BE XDO 06C0 XYH 06C1 XXG 06C2 XGE 06C3 XTG 06CC XYA 06CD XXY 06D0 Y 06D2 XYB \
            06D3 XBE
            """.split(separator: " ")
        var table: [Unicode.Scalar: String] = [:]
        for index in stride(from: 0, to: rows.count - 1, by: 2) {
            guard let value = UInt32(rows[index], radix: 16), let scalar = Unicode.Scalar(value) else { continue }
            table[scalar] = rows[index + 1] == "-" ? "" : String(rows[index + 1])
        }
        return table
    }()

    /// Letters of Central Kurdish that Doc 9303-3 does not have; the issuer's own decision, made known in the profile.
    public static let soraniTable: [Unicode.Scalar: String] = [
        "\u{0695}": "R", "\u{06B5}": "L", "\u{06C6}": "O", "\u{06CE}": "E", "\u{06D5}": "E",
    ]

    /// Sequence of one Arabic letter by itself; nil where it depends on its place (teh marbuta, shadda) or is in no table.
    public static func arabicSequence(of letter: Unicode.Scalar) -> String? { arabicTable[letter] }
}
