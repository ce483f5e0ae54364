public import Ground

/// A person's approved application, as the authority signed it (`seeds/record.schema.json`, schema `sakk.record/1`).
/// It never describes itself: personal data must not reach a log by accident.
public struct ApprovedRecord: Sendable, Equatable {
    /// Name parts of a person in one script, as approved. `motherGiven` and `motherFather` are printed, not in the MRZ.
    public struct Names: Sendable, Equatable {
        public var given: String
        public var father: String
        public var grandfather: String
        public var surname: String
        public var motherGiven: String
        public var motherFather: String

        public init(
            given: String, father: String, grandfather: String, surname: String, motherGiven: String,
            motherFather: String
        ) {
            self.given = given
            self.father = father
            self.grandfather = grandfather
            self.surname = surname
            self.motherGiven = motherGiven
            self.motherFather = motherFather
        }
    }

    /// One text in the three scripts.
    public struct Scripts<Value: Sendable & Equatable>: Sendable, Equatable {
        public var arabic: Value
        public var sorani: Value
        public var latin: Value
        public init(arabic: Value, sorani: Value, latin: Value) {
            self.arabic = arabic
            self.sorani = sorani
            self.latin = latin
        }
    }

    public enum Sex: String, Sendable { case female = "F", male = "M", unspecified = "X" }
    public enum ImageFormat: String, Sendable { case jpeg, jpeg2000 }

    /// The bytes of an image exactly as approved; they go to the chip unchanged.
    public struct Image: Sendable, Equatable {
        public var format: ImageFormat
        public var bytes: Bytes
        public init(format: ImageFormat, bytes: Bytes) {
            self.format = format
            self.bytes = bytes
        }
    }

    /// A finger as the authority enrolled it. The most sensitive thing in a record: it leaves it for EF.DG3 and for nothing else.
    public struct Finger: Sendable, Equatable {
        /// ISO/IEC 19794-4 table 5: 1 to 5 right thumb to little finger, 6 to 10 left.
        public var position: Int
        /// Finger image record of ISO/IEC 19794-4:2005 with this finger alone; it goes to the chip unchanged.
        public var record: Bytes
        public init(position: Int, record: Bytes) {
            self.position = position
            self.record = record
        }
    }

    public enum DeliveryRoute: String, Sendable, CaseIterable {
        case home, office, mission
        case mobileStation = "mobile_station"
    }

    public struct Delivery: Sendable, Equatable {
        public var route: DeliveryRoute
        /// Office, mission or station id from `seeds/offices.json`; for `home` the delivering office.
        public var destination: String
        public init(route: DeliveryRoute, destination: String) {
            self.route = route
            self.destination = destination
        }
    }

    public struct Priority: Sendable, Equatable {
        /// `normal` or a class of the profile, for example `martyrs_family`, `campaign`.
        public var priorityClass: String
        public var reason: String?
        public init(priorityClass: String, reason: String?) {
            self.priorityClass = priorityClass
            self.reason = reason
        }
    }

    public var authority: String
    public var requestID: String
    public var issueNumber: Int
    public var product: String
    /// Two or one characters at the head of the MRZ, for example `ID` or `P<` written `P`.
    public var documentType: String
    public var documentCategory: String
    /// ICAO three-letter code of the issuing state; `UTO` in the demo.
    public var issuingState: String
    public var nationality: String
    public var documentNumber: String
    public var dateOfIssue: CivilDate
    public var dateOfExpiry: CivilDate
    public var nationalNumber: String
    public var familyNumber: String
    public var names: Scripts<Names>
    public var sex: Sex
    public var dateOfBirth: CivilDate
    public var placeOfBirth: Scripts<String>
    public var bloodGroup: String?
    public var portrait: Image
    public var signature: Image?
    /// In ascending order of their positions; empty for who gave none.
    public var fingers: [Finger]
    public var enrolmentSite: String
    public var civilRegister: String
    public var delivery: Delivery
    public var priority: Priority
    public var approvedAt: WallTime

    public init(
        authority: String, requestID: String, issueNumber: Int, product: String, documentType: String,
        documentCategory: String, issuingState: String, nationality: String, documentNumber: String,
        dateOfIssue: CivilDate, dateOfExpiry: CivilDate, nationalNumber: String, familyNumber: String,
        names: Scripts<Names>, sex: Sex, dateOfBirth: CivilDate, placeOfBirth: Scripts<String>, bloodGroup: String?,
        portrait: Image, signature: Image?, fingers: [Finger] = [], enrolmentSite: String, civilRegister: String,
        delivery: Delivery,
        priority: Priority, approvedAt: WallTime
    ) {
        self.authority = authority
        self.requestID = requestID
        self.issueNumber = issueNumber
        self.product = product
        self.documentType = documentType
        self.documentCategory = documentCategory
        self.issuingState = issuingState
        self.nationality = nationality
        self.documentNumber = documentNumber
        self.dateOfIssue = dateOfIssue
        self.dateOfExpiry = dateOfExpiry
        self.nationalNumber = nationalNumber
        self.familyNumber = familyNumber
        self.names = names
        self.sex = sex
        self.dateOfBirth = dateOfBirth
        self.placeOfBirth = placeOfBirth
        self.bloodGroup = bloodGroup
        self.portrait = portrait
        self.signature = signature
        self.fingers = fingers
        self.enrolmentSite = enrolmentSite
        self.civilRegister = civilRegister
        self.delivery = delivery
        self.priority = priority
        self.approvedAt = approvedAt
    }
}

extension ApprovedRecord: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "record \(authority)/\(requestID)#\(issueNumber)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
