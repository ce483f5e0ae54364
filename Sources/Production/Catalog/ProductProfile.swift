public import Ground

/// A document product: `profiles/<product>/profile.yaml`. A new product is a folder, not code.
public struct ProductProfile: Sendable {
    public enum NumberSource: String, Sendable { case record, blank, pool }
    public enum NumberOnRemake: String, Sendable { case keep, new }
    public enum BlankIdentity: String, Sendable { case engraved, chip, none }

    public let folder: String
    public let product: String
    /// Characters at the head of the MRZ, for example `ID`.
    public let documentCode: String
    /// `TD1` or `TD3`.
    public let format: String
    public let numberSource: NumberSource
    public let numberOnRemake: NumberOnRemake
    /// Regular expression that a document number matches.
    public let numberPattern: String
    public let blankStock: String
    public let blankIdentity: BlankIdentity
    /// Category of the booklets, as in the manufacturer's manifest; for a number that is the booklet's.
    public let blankCategory: String?
    /// Empty, as the artwork's paths, while the product has no artwork: it cannot be printed.
    public let ribbon: String
    /// Paths resolved against the profile's folder. A data page (TD3) has no back: the path is empty.
    public let artworkFront: String
    public let artworkBack: String
    public let chipProfile: String
    public let inspectionPlan: String
    /// Priority classes by name. A class that is not named here has no head start and no limit.
    public let priorities: [String: PriorityClass]

    /// A lawful class of records that goes before its turn.
    public struct PriorityClass: Sendable, Hashable {
        /// How much earlier than its approval a record of this class is due.
        public let headStartHours: Int
        /// Largest share of the product's claims, in percent; nil without a limit.
        public let quotaPercent: Int?
        /// The last day on which a record of this class is to be made, in UTC; nil without one.
        public let deadline: CivilDate?
        /// How many days before its end the class begins to go ahead.
        public let deadlineRiseDays: Int
    }

    /// In microseconds.
    public func headStart(_ priorityClass: String) -> Int64 {
        Int64(priorities[priorityClass]?.headStartHours ?? 0) * 3_600_000_000
    }

    public var quotas: [String: Int] { priorities.compactMapValues(\.quotaPercent) }

    /// Reads `profile.yaml` in a product's folder.
    public init(folder: String) throws(SakkError) {
        let file = try ConfigurationFile(path: folder + "/profile.yaml")
        let root = file.root
        self.folder = folder
        product = try root.string("product")
        let document = try root.node("document")
        documentCode = try document.string("code")
        format = try document.string("format", oneOf: ["TD1", "TD3"])
        let number = try document.node("number")
        numberSource = try ProductProfile.choice(number, "source")
        numberOnRemake = try ProductProfile.choice(number, "on_remake")
        numberPattern = try number.string("pattern")
        let blank = try root.node("blank")
        blankStock = try blank.string("stock")
        blankIdentity = try ProductProfile.choice(blank, "identity")
        blankCategory = try blank.optionalString("category")
        if root.has("print") {
            let print = try root.node("print")
            ribbon = try print.string("ribbon")
            artworkFront = folder + "/" + (try print.string("front"))
            artworkBack = try print.optionalString("back").map { folder + "/" + $0 } ?? ""
        } else {
            (ribbon, artworkFront, artworkBack) = ("", "", "")
        }
        guard artworkFront.isEmpty || artworkBack.isEmpty == (format == "TD3") else {
            throw root.error("print", format == "TD3" ? "a data page has no back" : "back is missing")
        }
        chipProfile = folder + "/" + (try root.string("chip"))
        inspectionPlan = folder + "/" + (try root.string("inspection"))
        let classes = try root.node("priorities")
        var priorities: [String: PriorityClass] = [:]
        for name in classes.keys() {
            let entry = try classes.node(name)
            priorities[name] = try ProductProfile.priority(entry)
        }
        self.priorities = priorities
        try root.finish()
        if numberSource == .blank {
            guard blankIdentity == .engraved else {
                throw blank.error("identity", "must be engraved when the number's source is the blank")
            }
            guard numberOnRemake == .new else {
                throw number.error("on_remake", "must be new when the number's source is the blank")
            }
            guard blankCategory != nil else { throw blank.error("category", "is missing for booklets") }
        }
        guard folder.split(separator: "/").last.map(String.init) == product else {
            throw root.error("product", "must be the name of its folder")
        }
    }

    private static func priority(_ entry: ConfigurationNode) throws(SakkError) -> PriorityClass {
        let deadline = try entry.optionalString("deadline").map { text throws(SakkError) in
            guard let date = CivilDate(iso8601: text) else {
                throw entry.error("deadline", "must be a day, YYYY-MM-DD")
            }
            return date
        }
        let hasRise = entry.has("deadline_rise_days")
        guard deadline != nil || !hasRise else { throw entry.error("deadline_rise_days", "needs a `deadline`") }
        return PriorityClass(
            headStartHours: try entry.integer("head_start_hours", in: 0...8760),
            quotaPercent: try entry.optionalInteger("quota_percent") == nil
                ? nil : try entry.integer("quota_percent", in: 1...100),
            deadline: deadline,
            deadlineRiseDays: hasRise ? try entry.integer("deadline_rise_days", in: 1...365) : 30)
    }

    private static func choice<Choice: RawRepresentable<String>>(
        _ node: ConfigurationNode, _ key: String
    ) throws(SakkError) -> Choice {
        let text = try node.string(key)
        guard let choice = Choice(rawValue: text) else { throw node.error(key, "has an unknown value '\(text)'") }
        return choice
    }
}
