public import Ground
public import Stations

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

    private var resetFailures: ResetFailures { ResetFailures(source: "printer \(configuration.serial)") }

    /// M10. It is gone from the bus and comes back; what it forgets (I1) proves that it was reset.
    public func reset() async throws(SakkError) -> PrinterIdentity {
        let before = try connected()
        guard try position(before) == .none else { throw resetFailures.occupied }
        let cards = try number(before, "Rco", "c")
        try before.tell(EvolisCodec.command("Srs"))
        await disconnect()
        let found = try Reopening.afterReset(
            withinMS: configuration.panelTimeoutMS, undone: resetFailures.undone
        ) { () throws(SakkError) in
            try opened { session throws(SakkError) in
                try session.synchronise()
                return try question(session, "Rem") != "18"
            }
        }
        let identity = try connect(found)
        let after = try connected()
        guard try position(after) == .none, try number(after, "Rco", "c") == cards else { throw resetFailures.moved }
        return identity
    }
}
