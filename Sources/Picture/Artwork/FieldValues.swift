internal import Ground
internal import Stations

/// What a template may name in `data-field`, and what a record says there.
enum FieldValues {
    /// Names that text placeholders may use.
    static let textNames: Set<String> = {
        var names: Set<String> = [
            "sex.arabic", "sex.sorani", "sex.letter", "date_of_birth", "date_of_issue", "date_of_expiry",
            "national_number", "document_number", "family_number", "blood_group", "names.latin.given_names",
        ]
        for script in ["arabic", "sorani", "latin"] {
            names.insert("place_of_birth.\(script)")
            for part in nameParts { names.insert("names.\(script).\(part.0)") }
        }
        return names
    }()

    static let imageNames: [FieldKind: String] = [.portrait: "portrait", .ghost: "ghost", .signature: "signature"]

    private static let nameParts: [(String, @Sendable (ApprovedRecord.Names) -> String)] = [
        ("given", { $0.given }), ("father", { $0.father }), ("grandfather", { $0.grandfather }),
        ("surname", { $0.surname }), ("mother_given", { $0.motherGiven }), ("mother_father", { $0.motherFather }),
    ]

    /// The text of a text field; empty when the record has none.
    static func text(_ name: String, of record: ApprovedRecord) -> String {
        switch name {
        case "sex.arabic": sexWord(record.sex, female: "أنثى", male: "ذكر")
        case "sex.sorani": sexWord(record.sex, female: "مێ", male: "نێر")
        case "sex.letter": record.sex.rawValue
        case "date_of_birth": slashed(record.dateOfBirth)
        case "date_of_issue": slashed(record.dateOfIssue)
        case "date_of_expiry": slashed(record.dateOfExpiry)
        case "national_number": record.nationalNumber
        case "document_number": record.documentNumber
        case "family_number": record.familyNumber
        case "blood_group": record.bloodGroup ?? ""
        case "names.latin.given_names":
            [record.names.latin.given, record.names.latin.father, record.names.latin.grandfather]
                .filter { !$0.isEmpty }.joined(separator: " ")
        case "place_of_birth.arabic": record.placeOfBirth.arabic
        case "place_of_birth.sorani": record.placeOfBirth.sorani
        case "place_of_birth.latin": record.placeOfBirth.latin
        default: namePart(name, of: record)
        }
    }

    private static func namePart(_ name: String, of record: ApprovedRecord) -> String {
        let words = name.split(separator: ".")
        guard words.count == 3, let part = nameParts.first(where: { $0.0 == words[2] }) else { return "" }
        return switch words[1] {
        case "arabic": part.1(record.names.arabic)
        case "sorani": part.1(record.names.sorani)
        default: part.1(record.names.latin)
        }
    }

    private static func sexWord(_ sex: ApprovedRecord.Sex, female: String, male: String) -> String {
        switch sex {
        case .female: female
        case .male: male
        case .unspecified: "—"
        }
    }

    /// YYYY/MM/DD, as on the card.
    private static func slashed(_ date: CivilDate) -> String {
        String(date.iso8601.map { $0 == "-" ? "/" : $0 })
    }

    static func apply(_ digits: Placeholder.Digits, to text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch (digits, scalar.value) {
            case (.arabicIndic, 0x30...0x39):
                scalars.append(Unicode.Scalar(scalar.value - 0x30 + 0x660) ?? scalar)
            case (.european, 0x660...0x669):
                scalars.append(Unicode.Scalar(scalar.value - 0x660 + 0x30) ?? scalar)
            case (.european, 0x6F0...0x6F9):
                scalars.append(Unicode.Scalar(scalar.value - 0x6F0 + 0x30) ?? scalar)
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}
