public import Ground
public import Stations

/// What a person at the machine wants to know beyond its state.
public struct PrinterDetails: Sendable, Hashable {
    /// Cards that the ribbon is good for, as the printer says.
    public var ribbonCards: Int?
    /// Ribbon's lot, where the printer reads it.
    public var ribbonLot: String?
    /// Cards until it must be cleaned; nil where the printer does not tell before.
    public var cleaningCards: Int?
    /// Every counter of the printer by its name, in the family's order.
    public var counters: [Counter]
    /// Whether cards and panels of its status are those of the machine's whole life; else they only tell acts apart.
    public var tellsLife = true

    public struct Counter: Sendable, Hashable {
        public let name: String
        public let value: Int
        public init(_ name: String, _ value: Int) {
            self.name = name
            self.value = value
        }
    }

    public init(ribbonCards: Int?, ribbonLot: String?, cleaningCards: Int?, counters: [Counter]) {
        self.ribbonCards = ribbonCards
        self.ribbonLot = ribbonLot
        self.cleaningCards = cleaningCards
        self.counters = counters
    }

    /// How many cards can be made before a person has to come.
    public var forecast: Int? { [ribbonCards, cleaningCards].compactMap(\.self).min() }
}

/// A card printer with what service needs. Nothing here prints or feeds but the cleaning run, which a person starts; the line
/// never resets a machine.
public protocol ServicePrinter: CardPrinter {
    func details() async throws(SakkError) -> PrinterDetails
    /// Runs the cleaning card that lies in the hopper. `printer.clean.display` where only the machine's own display can.
    func clean() async throws(SakkError)
    /// Resets the machine by its own command, connects anew and says who came back. `printer.occupied`, and nothing is sent,
    /// when anything is inside: a reset may throw it out by the good exit. That it was reset, and that no card went in or out
    /// meanwhile, is proved; else the outcome is unknown.
    func reset() async throws(SakkError) -> PrinterIdentity
}
