import Ground

extension EvolisFault {
    /// Code, words and remedy (firmware-spec E1 to E10).
    var words: (code: SakkError.Code, text: String, remedy: String) {
        switch self {
        case .unknownCommand:
            ("printer.command", "The printer does not know a command.", "Check model and firmware against the spec.")
        case .parameters:
            ("printer.parameters", "The printer refuses a parameter.", "Check model and firmware against the spec.")
        case .feeder:
            ("printer.feeder.empty", "No card could be taken from the hopper.", "Load blanks and start the cell again.")
        case .noRibbon: ("printer.ribbon.missing", "There is no ribbon.", "Load a ribbon and start the cell again.")
        case .ribbonEnd:
            ("printer.ribbon.end", "The ribbon ended.", "Load a ribbon; a card that was in print is thrown out.")
        case .cover: ("printer.cover.open", "The cover is open.", "Close the cover; the cell checks what is inside.")
        case .mechanical:
            ("printer.jam", "A card is jammed.", "Open the printer, take the card out, lay it on the desk reader.")
        case .cleaning: ("printer.cleaning", "The printer must be cleaned.", "Run the cleaning card.")
        case .card: ("printer.card", "There is a card where none should be, or none.", "Look into the printer.")
        case .outputFull: ("printer.output.full", "The box for good cards is full.", "Empty it and count.")
        case .rejectFull: ("printer.reject.full", "The box for rejects is full.", "Empty it and count.")
        }
    }
}
