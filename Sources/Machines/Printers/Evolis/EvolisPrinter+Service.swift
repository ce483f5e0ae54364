public import Ground
import Stations

extension EvolisPrinter {
    public func details() async throws(SakkError) -> PrinterDetails {
        let session = try connected()
        let ribbon = try ribbonRemaining(session)
        let panels = try number(session, "Rco", "p")
        let cards = try number(session, "Rco", "c")
        return PrinterDetails(
            ribbonCards: ribbon, ribbonLot: nil, cleaningCards: nil,
            counters: [
                .init("cards", cards), .init("panels", panels),
                .init("cleanings", try number(session, "Rco", "n")),
                .init("cleaning_interval_average", try number(session, "Rco", "a")),
                .init("cleaning_interval_longest", try number(session, "Rco", "m")),
            ])
    }

    /// S8. The card is taken from the hopper and comes out again.
    public func clean() async throws(SakkError) {
        let session = try connected()
        guard try position(session) == .none else {
            throw failure(
                "printer.occupied", "A card is inside the printer.", "The cell finds out which card it is first.")
        }
        try order(session, EvolisCodec.command("Scp"), timeoutMS: configuration.panelTimeoutMS)
    }
}
