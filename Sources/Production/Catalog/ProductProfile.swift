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
    public let ribbon: String
    /// Paths resolved against the profile's folder.
    public let artworkFront: String
    public let artworkBack: String
    public let chipProfile: String
    public let inspectionPlan: String
    /// Priority classes by name; smaller goes first.
    public let priorities: [String: Int]

    /// Where a class that the profile does not name stands.
    public static let lastPriority = 1000

    /// Reads `profile.yaml` in a product's folder.
    public init(folder: String) throws(SakkError) {
        let file = try ConfigurationFile(path: folder + "/profile.yaml")
        let root = file.root
        self.folder = folder
        product = try root.string("product")
        let document = try root.node("document")
        documentCode = try document.string("code")
        format = try document.string("format", oneOf: ["TD1"])
        let number = try document.node("number")
        numberSource = try ProductProfile.choice(number, "source")
        numberOnRemake = try ProductProfile.choice(number, "on_remake")
        numberPattern = try number.string("pattern")
        let blank = try root.node("blank")
        blankStock = try blank.string("stock")
        blankIdentity = try ProductProfile.choice(blank, "identity")
        let print = try root.node("print")
        ribbon = try print.string("ribbon")
        artworkFront = folder + "/" + (try print.string("front"))
        artworkBack = folder + "/" + (try print.string("back"))
        chipProfile = folder + "/" + (try root.string("chip"))
        inspectionPlan = folder + "/" + (try root.string("inspection"))
        let classes = try root.node("priorities")
        var priorities: [String: Int] = [:]
        for name in classes.keys() { priorities[name] = try classes.integer(name, in: 1...999) }
        self.priorities = priorities
        try root.finish()
        guard folder.split(separator: "/").last.map(String.init) == product else {
            throw root.error("product", "must be the name of its folder")
        }
    }

    private static func choice<Choice: RawRepresentable<String>>(
        _ node: ConfigurationNode, _ key: String
    ) throws(SakkError) -> Choice {
        let text = try node.string(key)
        guard let choice = Choice(rawValue: text) else { throw node.error(key, "has an unknown value '\(text)'") }
        return choice
    }
}
