internal import Ground
internal import Stations

/// What a template may name in `data-field`, and what a record says there.
enum FieldValues {
    /// Names that text placeholders may use.
    static let textNames: Set<String> = {
        var names: Set<String> = [
            "sex.arabic", "sex.sorani", "sex.letter", "date_of_birth", "date_of_issue", "date_of_expiry",
            "national_number", "document_number", "family_number", "blood_group", "document_code", "issuing_state",
            "nationality",
            // for Arabic-Indic digits beside the European ones
            "national_number.arabic",
        ]
        for script in ["arabic", "sorani", "latin"] {
            names.insert("place_of_birth.\(script)")
            names.insert("names.\(script).full")
            names.insert("names.\(script).given_names")
            names.insert("names.\(script).primary")
            names.insert("names.\(script).secondary")
            for part in nameParts { names.insert("names.\(script).\(part.0)") }
        }
        return names
    }()

    static let imageNames: [FieldKind: String] = [.portrait: "portrait", .ghost: "ghost", .signature: "signature"]

    private static let nameParts: [(String, @Sendable (ApprovedRecord.Names) -> String)] = [
        ("given", { $0.given }), ("father", { $0.father }), ("grandfather", { $0.grandfather }),
        ("surname", { $0.surname }), ("mother_given", { $0.motherGiven }), ("mother_father", { $0.motherFather }),
    ]

    /// What a code or text field says; `mrz` is the lines of the zone without separator.
    static func value(_ name: String, of record: ApprovedRecord, mrz: [String]) -> String {
        name == "mrz" ? mrz.joined() : text(name, of: record)
    }

    /// A value as long as it may become, and as varied: what a code field must have room for when a template is checked.
    static func longest(_ name: String, format: DocumentFormat) -> String {
        switch name {
        case "mrz":
            format == .td3
                ? "P<UTOAL<BAGHDADI<<ABDULRAHMAN<MOHAMMED<ALI<<A12345678<UTO9005035F3601141199012345678<<04"
                : "IDUTOAB28815850199012345678<<<9005035F3601141UTO<<<<<<<<<<<4AL<BAGHDADI<<ABDULRAHMAN<MOHAM"
        case "national_number": "199012345678"
        case "family_number": "1020M3304150512345"
        default: "AB1234567"
        }
    }

    /// The text of a text field; empty when the record has none.
    static func text(_ name: String, of record: ApprovedRecord, date: Placeholder.DateForm = .slashed) -> String {
        switch name {
        case "sex.arabic": sexWord(record.sex, female: "أنثى", male: "ذكر")
        case "sex.sorani": sexWord(record.sex, female: "مێ", male: "نێر")
        case "sex.letter": record.sex.rawValue
        case "date_of_birth": written(record.dateOfBirth, as: date)
        case "date_of_issue": written(record.dateOfIssue, as: date)
        case "date_of_expiry": written(record.dateOfExpiry, as: date)
        case "national_number", "national_number.arabic": record.nationalNumber
        case "document_number": record.documentNumber
        case "family_number": record.familyNumber
        case "blood_group": record.bloodGroup ?? ""
        case "document_code": record.documentType
        case "issuing_state": record.issuingState
        case "nationality": record.nationality
        case "place_of_birth.arabic": record.placeOfBirth.arabic
        case "place_of_birth.sorani": record.placeOfBirth.sorani
        case "place_of_birth.latin": record.placeOfBirth.latin
        default: namePart(name, of: record)
        }
    }

    private static func namePart(_ name: String, of record: ApprovedRecord) -> String {
        let words = name.split(separator: ".")
        guard words.count == 3 else { return "" }
        let names =
            switch words[1] {
            case "arabic": record.names.arabic
            case "sorani": record.names.sorani
            default: record.names.latin
            }
        switch words[2] {
        case "full": return joined([names.given, names.father, names.grandfather, names.surname])
        case "given_names": return joined([names.given, names.father, names.grandfather])
        case "primary": return names.primaryIdentifier
        case "secondary": return joined(names.secondaryIdentifiers)
        default: return nameParts.first { $0.0 == words[2] }?.1(names) ?? ""
        }
    }

    private static func joined(_ parts: [String]) -> String { parts.filter { !$0.isEmpty }.joined(separator: " ") }

    private static func sexWord(_ sex: ApprovedRecord.Sex, female: String, male: String) -> String {
        switch sex {
        case .female: female
        case .male: male
        case .unspecified: "—"
        }
    }

    /// Month names of ICAO Doc 9303-3, 3.8.
    private static let months = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ]

    private static func written(_ date: CivilDate, as form: Placeholder.DateForm) -> String {
        switch form {
        case .slashed: String(date.iso8601.map { $0 == "-" ? "/" : $0 })
        case .dayMonthYear: "\(date.iso8601.suffix(2)) \(months[date.month - 1]) \(date.iso8601.prefix(4))"
        }
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
