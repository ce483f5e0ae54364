public import Ground
public import Ledger

/// A line as the console reaches it. The books answer what is asked; this carries out what is ordered.
public protocol ServedLine: Sendable {
    var id: LineID { get }
    /// In the order of the line's file.
    var cells: [CellID] { get }
    var product: String { get }
    /// Stock type of the blanks.
    var stock: String { get }
    /// SPECIMEN documents only.
    var isTraining: Bool { get }
    /// Folder with pictures of cards, by attempt, those of people's documents sealed; nil when none are kept.
    var pictures: String? { get }
    /// Cards that one cell should make in an hour; nil when nobody said.
    var targetPerHour: Int? { get }

    /// Blanks have no engraved numbers: new ones come into the books by their count.
    var countsBlanks: Bool { get }

    /// Asks the controller that works on the line, wherever it runs; where none works, does what may be done without.
    func ask(_ word: LineCommand.Word, cell: CellID?, by person: String, facts: [String: JSONValue])
        async throws(SakkError) -> CommandAnswer
    /// Starts a controller in this process. `line.running` when one works already.
    func begin(by person: String) async throws(SakkError)
    /// Ends the controller of this process after the cards that are in the machines.
    func end(by person: String) async throws(SakkError)
    /// Whether the controller of this process is at work, and why the last one ended by itself.
    func controller() async -> LineHand
    /// The cells' cameras, in the order of the cells.
    func cameras() async throws(SakkError) -> [ServedCamera]
    /// The keys that it works with, document signers in the order of their turns.
    func keys() async throws(SakkError) -> [ServedKey]
}

/// The controller in this process.
public struct LineHand: Sendable {
    public let works: Bool
    /// Asked to end; cards are still in the machines.
    public let isEnding: Bool
    public let failure: SakkError?

    public init(works: Bool, isEnding: Bool = false, failure: SakkError? = nil) {
        self.works = works
        self.isEnding = isEnding
        self.failure = failure
    }
}
