public import Ground

/// What intake asks of a record beyond its schema. The standard rules fit the products in `profiles/`.
public struct RecordRules: Sendable {
    public struct Product: Sendable {
        /// First characters of the machine readable zone: `ID`, `P`.
        public var documentType: String
        /// Capital letters, then digits: how many of each.
        public var numberLetters: Int
        public var numberDigits: Int

        public init(documentType: String, numberLetters: Int, numberDigits: Int) {
            self.documentType = documentType
            self.numberLetters = numberLetters
            self.numberDigits = numberDigits
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
        "iq-residence-card": Product(documentType: "IR", numberLetters: 2, numberDigits: 7),
        "iq-passport": Product(documentType: "P", numberLetters: 1, numberDigits: 8),
    ]
    public var portrait = Portrait()
    /// `normal` needs no reason, the others do.
    public var priorityClasses: Set<String> = ["normal", "urgent", "martyrs_family", "campaign", "remake"]

    public init() {}
    public static let standard = RecordRules()
}
