public import Ground

/// What is written into the data groups of one document. Holds personal data: it does not describe itself.
public struct DocumentContent: Sendable {
    /// Lines of the machine readable zone, as printed.
    public var mrz: [String]
    public var face: FaceImage
    public var details: PersonalDetails?
    /// How EF.DG2 is written.
    public var faceEncoding = DataGroup2.Encoding.iso19794
    /// Whole files of further data groups by number, as their writers made them (`DataGroup3`, `DataGroup12`,
    /// `SecurityInfoSet.dataGroup14`, `DataGroup15` and so on).
    public var furtherGroups: [Int: Bytes] = [:]

    public init(mrz: [String], face: FaceImage, details: PersonalDetails?) {
        self.mrz = mrz
        self.face = face
        self.details = details
    }
}

extension DocumentContent: CustomStringConvertible, CustomReflectable {
    public var description: String { "document content (not shown)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The approved portrait: its bytes go to the chip unchanged.
public struct FaceImage: Sendable {
    public enum Format: UInt8, Sendable {
        case jpeg = 0
        case jpeg2000 = 1
    }

    public enum Gender: UInt8, Sendable {
        case unspecified = 0
        case male = 1
        case female = 2
    }

    public let format: Format
    public let bytes: Bytes
    /// Pixels, as decoded.
    public let width: Int
    public let height: Int
    public let gender: Gender

    public init(format: Format, bytes: Bytes, width: Int, height: Int, gender: Gender) {
        self.format = format
        self.bytes = bytes
        self.width = width
        self.height = height
        self.gender = gender
    }
}

/// Additional personal details for EF.DG11.
public struct PersonalDetails: Sendable {
    /// Primary identifier in national characters.
    public var primaryName: String
    /// Secondary identifiers in national characters.
    public var secondaryNames: [String]
    public var personalNumber: String
    public var dateOfBirth: CivilDate
    /// Parts of the place of birth, town first.
    public var placeOfBirth: [String]

    public init(
        primaryName: String, secondaryNames: [String], personalNumber: String, dateOfBirth: CivilDate,
        placeOfBirth: [String]
    ) {
        self.primaryName = primaryName
        self.secondaryNames = secondaryNames
        self.personalNumber = personalNumber
        self.dateOfBirth = dateOfBirth
        self.placeOfBirth = placeOfBirth
    }
}
