/// How often each thing goes wrong, in 10,000 opportunities (a card, an act, or a picture).
public struct FaultProfile: Sendable, Hashable {
    public var name: String
    /// The chip of a blank never answers.
    public var chipMute = 0
    /// The chip dies while it is written to.
    public var chipDies = 0
    /// The write stops after the application was installed; the chip lives.
    public var chipTorn = 0
    /// The chip is written whole and the reader says that it does not know.
    public var chipUntold = 0
    /// The reader fails before anything was done.
    public var readerFails = 0
    /// The hopper does not give the card.
    public var feedFails = 0
    /// The card was fed and the printer does not say so.
    public var feedUntold = 0
    /// Two cards go in and stick.
    public var feedDouble = 0
    /// A card stuck on its way.
    public var jam = 0
    /// It was moved and the printer does not say so.
    public var moveUntold = 0
    /// The ribbon is at its end before the card.
    public var ribbonEnd = 0
    /// The print stops in the middle.
    public var printTorn = 0
    /// It was printed whole and the printer does not say so.
    public var printUntold = 0
    public var panelMissing = 0
    /// The printer lays the buffer of the card before.
    public var otherPerson = 0
    public var frameIncomplete = 0
    public var frameDark = 0
    /// A hand exchanges the card in the machine for the next one of the hopper.
    public var swapped = 0
    /// A card of the reject box lies on the hopper again.
    public var usedCard = 0
    /// A personalised card that nobody knows lies on the hopper.
    public var foreignCard = 0
    /// It was ejected and the printer does not say so.
    public var ejectUntold = 0
    /// The eject was not obeyed and the printer does not know.
    public var ejectFails = 0
    /// The cable: the device comes back under another connection, the card stays.
    public var cable = 0
    /// The printer loses power; with a card inside it ejects it to the good side when it comes back.
    public var power = 0
    /// The host's crash takes the printers' power with it.
    public var blackout = 0

    /// Passports: each blank has a number of its own, which is read before anything is written.
    public var isBooklets = false
    /// Only every second line makes passports, of two categories by turns; the others make cards.
    public var isMixed = false
    /// The two upper booklets of the hopper lie the other way round.
    public var bookletOrder = 0
    public var bookletPage = 0
    public var bookletUnreadable = 0
    /// A booklet of another category that was never received here lies on the hopper.
    public var bookletForeign = 0
    /// A booklet with the number of a good one lies on the hopper.
    public var bookletTwin = 0
    /// The machine takes nothing in and says that it did.
    public var bookletAbsent = 0
    /// The upper booklet of another passport line's hopper lies on this one.
    public var bookletStray = 0

    public static let none = FaultProfile(name: "none")

    /// A line on an ordinary day, some times worse than the makers' figures.
    public static let typical = FaultProfile(
        name: "typical", chipMute: 20, chipDies: 5, chipTorn: 10, chipUntold: 5, readerFails: 10, feedFails: 10,
        feedUntold: 5, feedDouble: 3, jam: 10, moveUntold: 5, ribbonEnd: 20, printTorn: 10, printUntold: 5,
        panelMissing: 10, otherPerson: 1, frameIncomplete: 10, frameDark: 10, foreignCard: 1,
        ejectUntold: 5, ejectFails: 5, cable: 2, power: 2, blackout: 1000)

    /// All of the machine's faults, all the time.
    public static let harsh = FaultProfile(
        name: "harsh", chipMute: 200, chipDies: 100, chipTorn: 150, chipUntold: 100, readerFails: 100, feedFails: 100,
        feedUntold: 100, feedDouble: 60, jam: 100, moveUntold: 50, ribbonEnd: 50, printTorn: 150, printUntold: 100,
        panelMissing: 100, otherPerson: 50, frameIncomplete: 100, frameDark: 100,
        foreignCard: 40, ejectUntold: 100, ejectFails: 100, cable: 30, power: 30, blackout: 3000)

    /// Hands in the machine.
    public static let hands = FaultProfile(
        name: "hands", chipMute: 100, feedDouble: 100, jam: 100, swapped: 100, usedCard: 100, foreignCard: 100,
        blackout: 3000)

    /// Wrong, unreadable and foreign booklets, beside broken chips and prints.
    public static let passports = FaultProfile(
        name: "passports", chipMute: 100, chipDies: 50, chipTorn: 100, chipUntold: 50, readerFails: 50,
        feedUntold: 50, printTorn: 100, printUntold: 50, panelMissing: 150, frameDark: 50, ejectUntold: 50,
        isBooklets: true, bookletOrder: 150, bookletPage: 150, bookletUnreadable: 150, bookletForeign: 100,
        bookletTwin: 100, bookletAbsent: 100)

    /// Cards and passports at the same time, in one process on one ledger: what goes wrong with either.
    public static let both = FaultProfile(
        name: "both", chipMute: 100, chipDies: 50, chipTorn: 100, chipUntold: 50, readerFails: 50, feedFails: 30,
        feedUntold: 50, jam: 30, moveUntold: 30, ribbonEnd: 50, printTorn: 100, printUntold: 50, panelMissing: 100,
        otherPerson: 20, frameIncomplete: 30, frameDark: 50, usedCard: 50, foreignCard: 30, ejectUntold: 50,
        ejectFails: 30, cable: 10, power: 10, blackout: 1000, isBooklets: true, isMixed: true, bookletOrder: 100,
        bookletPage: 100, bookletUnreadable: 100, bookletForeign: 80, bookletTwin: 80, bookletAbsent: 80,
        bookletStray: 80)

    public static let all = [none, typical, harsh, hands, passports, both]

    public static func named(_ name: String) -> FaultProfile? { all.first { $0.name == name } }

    /// Whether the line of this cell makes passports.
    func isBooklets(_ cell: Int) -> Bool { isBooklets && (!isMixed || cell % 2 == 1) }

    /// Of the booklets of this line.
    func category(_ cell: Int) -> String { isMixed && cell % 4 == 3 ? "diplomatic" : "regular" }
}
