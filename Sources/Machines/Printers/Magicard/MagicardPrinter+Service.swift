public import Ground
import Stations

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
}
