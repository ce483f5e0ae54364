public import Ground
public import Stations

extension MagicardPrinter {
    public func details() async throws(SakkError) -> PrinterDetails {
        try asked { session throws(SakkError) in
            let left = try session.number(.panelsLeft)
            let panels = try session.number(.panels)
            let cards = try session.number(.cards)
            let since = try session.number(.cardsSinceCleaning)
            let interval = try session.number(.cleaningInterval)
            let ribbonCards = left / max(1, configuration.ribbon.count)
            return PrinterDetails(
                ribbonCards: ribbonCards, ribbonLot: nil, cleaningCards: max(0, interval - since),
                counters: [
                    .init("cards", cards), .init("panels", panels),
                    .init("head_prints", try session.number(.headPrints)),
                    .init("cleanings", try session.number(.cleanings)), .init("cards_since_cleaning", since),
                    .init("panels_since_cleaning", try session.number(.panelsSinceCleaning)),
                    .init("ribbon_panels_left", left),
                ])
        }
    }

    /// M8. The order is not answered: the counter of cleanings proves it.
    public func clean() async throws(SakkError) {
        let before = try asked { session throws(SakkError) in
            guard position(try examine(session)) == .none else {
                throw failure(
                    "printer.occupied", "A card is inside the printer.",
                    "The cell finds out which card it is first.")
            }
            return try session.number(.cleanings)
        }
        try acted { session throws(SakkError) in
            try session.order(.clean)
            guard try session.number(.cleanings, timeoutMS: configuration.panelTimeoutMS) == before + 1 else {
                throw failure(
                    "printer.cleaning", "The printer counted no cleaning.",
                    "Lay the cleaning card into the hopper and look at the printer's display.")
            }
        }
    }

    private var resetFailures: ResetFailures { ResetFailures(source: "printer \(configuration.serial)") }

    /// M7. The order is not answered: the mark that it forgets (I2) proves it.
    public func reset() async throws(SakkError) -> PrinterIdentity {
        let cards = try asked { session throws(SakkError) in
            let state = try examine(session)
            // a jam that no sensor sees (W3) is something inside
            guard position(state) == .none, !state.reasons.contains(.mediaJam) else { throw resetFailures.occupied }
            return try session.number(.cards)
        }
        try acted { session throws(SakkError) in try session.order(.reset) }
        await disconnect()
        let found = try Reopening.afterReset(
            withinMS: configuration.panelTimeoutMS, undone: resetFailures.undone
        ) { () throws(SakkError) in
            try opened { session throws(SakkError) in
                try session.synchronise()
                return try session.number(.ramp) != MagicardCodec.mark
            }
        }
        let identity = try connect(found)
        let (state, after) = try acted { session throws(SakkError) in
            (try examine(session), try session.number(.cards))
        }
        guard position(state) == .none, after == cards else { throw resetFailures.moved }
        return identity
    }
}
