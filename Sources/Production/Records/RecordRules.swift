public import Ground

/// What intake asks of a record beyond its schema. The standard rules fit the products in `profiles/`.
public struct RecordRules: Sendable {
    public struct Product: Sendable {
        /// First characters of the machine readable zone: `ID`, `P`.
        public var documentType: String
        /// Capital letters, then digits: how many of each.
        public var numberLetters: Int
        public var numberDigits: Int
        /// Category of its booklets; the number is then the booklet's, and a record brings none.
        public var booklet: String?
        /// A record may bring fingers, for EF.DG3; to other products none are sent.
        public var takesFingers: Bool

        public init(
            documentType: String, numberLetters: Int, numberDigits: Int, booklet: String? = nil,
            takesFingers: Bool = false
        ) {
            self.documentType = documentType
            self.numberLetters = numberLetters
            self.numberDigits = numberDigits
            self.booklet = booklet
            self.takesFingers = takesFingers
        }
    }

    public struct Portrait: Sendable {
        /// Pixels that each side may have.
        public var side: ClosedRange<Int> = 240...2000
        /// Width in thousandths of the height (35 mm by 45 mm is 778).
        public var aspectThousandths: ClosedRange<Int> = 700...850
        public var maxBytes = 60_000
        public init() {}
    }

    /// By product id, the folder name in `profiles/`.
    public var products: [String: Product] = [
        "iq-national-id": Product(documentType: "ID", numberLetters: 2, numberDigits: 7),
        "iq-residence-card": Product(documentType: "IR", numberLetters: 2, numberDigits: 7, takesFingers: true),
        "iq-passport-regular": passport("regular"), "iq-passport-diplomatic": passport("diplomatic"),
        "iq-passport-service": passport("service"), "iq-passport-special": passport("special"),
    ]
    public var portrait = Portrait()
    /// Of all fingers together: with their headers they must fit one file of a chip.
    public var fingerBytes = 60_000
    /// `normal` needs no reason, the others do.
    public var priorityClasses: Set<String> = ["normal", "urgent", "martyrs_family", "campaign", "remake"]

    private static func passport(_ category: String) -> Product {
        Product(documentType: "P", numberLetters: 1, numberDigits: 8, booklet: category)
    }

    public init() {}
    public static let standard = RecordRules()
}
