import Ground

/// What every family says of a reset that was not to be, or is in doubt.
struct ResetFailures {
    let source: String

    var occupied: SakkError {
        SakkError(
            "printer.occupied", source: source, text: "Something is inside the machine: a reset may throw it out.",
            remedy: "Let it out by its exit, or take it out by hand and settle it in the books; then reset.")
    }

    var undone: SakkError {
        SakkError(
            "printer.reset.undone", source: source, outcome: .unknown,
            text: "The machine remembers what a reset forgets: it was not reset.",
            remedy: "Switch it off and on; call the engineer when it comes again.")
    }

    var moved: SakkError {
        SakkError(
            "printer.reset.card", source: source, outcome: .unknown,
            text: "A card came in or went out while the machine was reset.",
            remedy: "Find the card and read it at the desk before the cell goes on.")
    }
}
