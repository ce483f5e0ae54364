public import Ground

/// Where a card can stop inside the machine.
public enum MachineStation: String, Sendable, Hashable { case print, contact, contactless }

/// Where the machine's sensors see a card. `jammed` is between stations.
public enum MachinePosition: Sendable, Hashable {
    case empty
    case at(MachineStation)
    case jammed
}

public enum MachineExit: String, Sendable, Hashable { case good, reject }
public enum MachineSide: String, Sendable, Hashable { case front, back }

/// Why a movement did not come to its end.
public enum MechanicalFault: Error, Sendable, Equatable {
    /// No card could be taken from the hopper.
    case feeder
    /// The card stopped on its way.
    case jam
    /// The box of that exit takes no more.
    case full
    /// The ribbon ended in this panel.
    case ribbonEnd
}

/// A booklet as a camera over the laser's place sees it.
public struct MachineBooklet: Sendable, Hashable {
    /// Nil when it cannot be read.
    public var number: String?
    public var category: String
    /// Open at the data page.
    public var isDataPage: Bool
    public var isUpsideDown: Bool
    /// How far the page lies from its place, thousandths of a millimetre.
    public var x: Int
    public var y: Int

    public init(
        number: String?, category: String = "regular", isDataPage: Bool = true, isUpsideDown: Bool = false, x: Int = 0,
        y: Int = 0
    ) {
        self.number = number
        self.category = category
        self.isDataPage = isDataPage
        self.isUpsideDown = isUpsideDown
        self.x = x
        self.y = y
    }
}

/// Rollers, sensors and ribbon: what the firmware moves and feels. The world behind it holds the cards.
public protocol PrinterMechanism: AnyObject {
    var position: MachinePosition { get }
    var hopperHasCards: Bool { get }
    var coverIsClosed: Bool { get }
    /// Ribbon in the machine, for example `ymckok`; nil when there is none.
    var ribbon: String? { get }
    /// Cards that the ribbon is still good for.
    var ribbonCardsLeft: Int { get }
    func isFull(_ exit: MachineExit) -> Bool
    /// Takes the next card from the hopper to a station.
    func feed(to station: MachineStation) throws(MechanicalFault)
    /// Moves the card that is inside.
    func move(to station: MachineStation) throws(MechanicalFault)
    /// Turns the card at the print station.
    func turn(to side: MachineSide) throws(MechanicalFault)
    /// Lays ink: landscape, 1016 by 648 dots as the side is held, one byte a dot, 0 nothing to 255 full.
    func lay(_ panel: Character, _ dots: Bytes) throws(MechanicalFault)
    func eject(_ exit: MachineExit) throws(MechanicalFault)
    /// The operator's hand cleared a jam or opened the cover: nothing moves by itself.
    func clearLatch()
    /// Whether the next ribbon count is answered by a stray `OK` (S3); asking uses it up.
    func takeStrayAnswer() -> Bool

    var needsCleaning: Bool { get }
    /// The head, or the laser, is too hot to work.
    var headIsHot: Bool { get }
    /// Takes the cleaning card through; false when none lies in the hopper.
    func runCleaningCard() -> Bool

    // retransfer printers: ink goes on a film first

    /// Panels that the ribbon is still good for.
    var panelsLeft: Int { get }
    /// Winds to film that nobody has printed on.
    func windFilm()
    /// Prints one panel on the film; dots as in `lay`.
    func printOnFilm(_ panel: Character, _ dots: Bytes) throws(MechanicalFault)
    /// Lays everything that is on the film on the side of the card that looks up.
    func transferFilm() throws(MechanicalFault)

    // booklet machines

    /// What lies inside; nil when nothing does, or a card.
    var booklet: MachineBooklet? { get }
    var laserWorks: Bool { get }
}

extension PrinterMechanism {
    public var panelsLeft: Int { ribbonCardsLeft * (ribbon?.count ?? 0) }
    public var needsCleaning: Bool { false }
    public var headIsHot: Bool { false }
    public func runCleaningCard() -> Bool { false }
    public func windFilm() {}
    public func printOnFilm(_ panel: Character, _ dots: Bytes) throws(MechanicalFault) { throw .jam }
    public func transferFilm() throws(MechanicalFault) { throw .jam }
    public var booklet: MachineBooklet? { nil }
    public var laserWorks: Bool { true }
}
