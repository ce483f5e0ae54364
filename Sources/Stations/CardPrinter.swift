public import Ground

/// A station inside the printer where a card can stop.
public enum PrinterStation: String, Sendable, Hashable, CaseIterable {
    case print
    case contact
    case contactless
}

/// Where the printer says a card is. `somewhere` is a card between stations (a jam).
public enum CardPosition: Sendable, Hashable {
    case none
    case at(PrinterStation)
    case somewhere
}

public enum CardExit: String, Sendable, Hashable, CaseIterable { case good, reject }

/// A ribbon panel.
public enum Panel: String, Sendable, Hashable, CaseIterable {
    case yellow = "y"
    case magenta = "m"
    case cyan = "c"
    case black = "k"
    case overlay = "o"
    /// Ink that only ultraviolet light shows.
    case fluorescent = "u"
    /// Takes the transfer film off again where nothing may lie, for example over contacts (retransfer printers).
    case peelOff = "p"
}

/// What one panel lays on one side: one byte a pixel, rows from the top left of the side as held, 0 nothing, 255 full.
public struct PanelRaster: Sendable {
    public let side: CardSide
    public let panel: Panel
    /// Pixels along the long edge (1016 at 300 dpi over the edge) and the short edge (648).
    public let width: Int
    public let height: Int
    public let pixels: Bytes

    public init(side: CardSide, panel: Panel, width: Int, height: Int, pixels: Bytes) {
        precondition(pixels.count == width * height, "one byte a pixel")
        self.side = side
        self.panel = panel
        self.width = width
        self.height = height
        self.pixels = pixels
    }
}

/// Everything one card gets printed, in the order of the ribbon: front y m c k o, back k.
public struct PrintJob: Sendable {
    public let attempt: AttemptID
    /// Ribbon the job was separated for, for example `ymckok`; a printer with another one refuses before feeding.
    public let ribbon: String
    public let panels: [PanelRaster]

    public init(attempt: AttemptID, ribbon: String, panels: [PanelRaster]) {
        self.attempt = attempt
        self.ribbon = ribbon
        self.panels = panels
    }
}

/// Who the printer says it is. `connection` changes whenever the device enumerates anew (power cycle, replug).
public struct PrinterIdentity: Sendable, Hashable {
    public let family: String
    public let model: String
    public let serial: String
    public let firmware: String
    public let connection: String

    public init(family: String, model: String, serial: String, firmware: String, connection: String) {
        self.family = family
        self.model = model
        self.serial = serial
        self.firmware = firmware
        self.connection = connection
    }
}

/// Words of IPP `printer-state-reasons` (PWG 5100, RFC 8011), as far as card printers need them.
public enum PrinterStateReason: String, Sendable, Hashable, CaseIterable {
    case mediaEmpty = "media-empty"
    case mediaLow = "media-low"
    case mediaJam = "media-jam"
    case markerSupplyEmpty = "marker-supply-empty"
    case markerSupplyLow = "marker-supply-low"
    case markerSupplyMissing = "marker-supply-missing"
    case coverOpen = "cover-open"
    case outputAreaFull = "output-area-full"
    case rejectAreaFull = "reject-area-full"
    case cleaningRequired = "cleaning-required"
    case hardwareFault = "hardware-fault"
    case fuserOverTemperature = "fuser-over-temp"
    case fuserUnderTemperature = "fuser-under-temp"
    case powerDown = "power-down"
    /// None of the words above: busy or warming up, or something that its firmware spec does not list. A stop.
    case other
}

/// Counters that only grow while the printer lives, and what is left on the ribbon.
public struct PrinterCounters: Sendable, Hashable {
    /// Cards taken from the hopper over the printer's life.
    public let cards: Int
    /// Ribbon panels printed over the printer's life.
    public let panels: Int
    /// Cards left on the ribbon (inexact on some families).
    public let ribbonRemaining: Int?

    public init(cards: Int, panels: Int, ribbonRemaining: Int?) {
        self.cards = cards
        self.panels = panels
        self.ribbonRemaining = ribbonRemaining
    }
}

public struct PrinterStatus: Sendable, Hashable {
    public let position: CardPosition
    public let reasons: Set<PrinterStateReason>
    public let counters: PrinterCounters
    /// As in `PrinterIdentity.connection`.
    public let connection: String

    public init(position: CardPosition, reasons: Set<PrinterStateReason>, counters: PrinterCounters, connection: String)
    {
        self.position = position
        self.reasons = reasons
        self.counters = counters
        self.connection = connection
    }
}

/// A USB card printer in host-error mode without automatic retry. No call retries anything that moves a card or ink:
/// what failed says its outcome, and the line decides.
public protocol CardPrinter: Sendable {
    /// Finds the device by its configured serial, claims it, resynchronises, applies and verifies the init profile.
    /// Moves no card. Safe to call again after the device came back.
    func connect() async throws(SakkError) -> PrinterIdentity
    func status() async throws(SakkError) -> PrinterStatus
    /// Where the card is, the counters of cards and panels, and the connection: what is asked about the card that is inside,
    /// a dozen times. The reasons and the ribbon are those of the whole status or left out.
    func whereabouts() async throws(SakkError) -> PrinterStatus
    /// Takes the next blank from the hopper to a station. Nothing may be inside.
    func feed(to station: PrinterStation) async throws(SakkError)
    /// Moves the card that is inside.
    func move(to station: PrinterStation) async throws(SakkError)
    /// Prints all panels on both sides. The card stays inside, at the print station. Returns when the ink is on it.
    func print(_ job: PrintJob) async throws(SakkError)
    /// Turns the card so that the camera over the print station sees this side.
    func present(_ side: CardSide) async throws(SakkError)
    /// Ejects by one exit and returns when the position sensor says that no card is inside.
    func eject(_ exit: CardExit) async throws(SakkError)
    /// Gives the device back.
    func disconnect() async
}

extension CardPrinter {
    public func whereabouts() async throws(SakkError) -> PrinterStatus { try await status() }
}
