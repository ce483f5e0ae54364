/// What came of simulated documents. Adds up over worlds.
public struct Balance: Sendable, Hashable {
    public var worlds = 0
    public var documents = 0
    public var good = 0
    public var held: [String: Int] = [:]
    public var queued = 0
    public var cards = 0
    /// Blanks that are lost, by the reason in the books.
    public var spoiled: [String: Int] = [:]
    public var faults: [String: Int] = [:]
    public var crashes = 0
    /// Of them in the middle of a write or sync of the disk.
    public var crashesInDisk = 0
    public var holds = 0
    /// Processes that ended because a statement of the books had failed, by the code that they said.
    public var stops: [String: Int] = [:]
    /// Cards that lay in a machine at a crash and became good documents, or did not.
    public var continued = 0
    public var spoiledAfterCrash = 0
    /// Fault points reached and changes of the disk.
    public var faultPoints = 0
    public var diskChanges = 0

    public var duplicates = 0
    public var lost = 0
    public var unexplained = 0
    /// Breaches in words, the first ones, with the seed of their world.
    public var findings: [String] = []
    public var breaches = 0

    public init() {}

    public mutating func add(_ other: Balance) {
        worlds += other.worlds
        documents += other.documents
        good += other.good
        held.merge(other.held, uniquingKeysWith: +)
        queued += other.queued
        cards += other.cards
        spoiled.merge(other.spoiled, uniquingKeysWith: +)
        faults.merge(other.faults, uniquingKeysWith: +)
        crashes += other.crashes
        crashesInDisk += other.crashesInDisk
        holds += other.holds
        stops.merge(other.stops, uniquingKeysWith: +)
        continued += other.continued
        spoiledAfterCrash += other.spoiledAfterCrash
        faultPoints += other.faultPoints
        diskChanges += other.diskChanges
        duplicates += other.duplicates
        lost += other.lost
        unexplained += other.unexplained
        breaches += other.breaches
        findings = Array((findings + other.findings).prefix(20))
    }
}
