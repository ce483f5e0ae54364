import Ground
import PlantChip
import SmartCard

/// A card over several sessions, torn on order. Commands are counted over all of its life (`once`) or from each power-up
/// (`always`).
final class TornCard {
    enum Order {
        case never
        /// At this command, once.
        case once(Int)
        /// At this command of every session.
        case always(Int)
    }

    enum Manner: CaseIterable {
        /// The command did not reach the card.
        case before
        /// It was carried out, and nobody heard the answer.
        case after
    }

    let card: VirtualCard
    let order: Order
    let manner: Manner
    /// What the host is told: `chip.removed`, `chip.reset`, `chip.silent`, or `simulated.crash` for a controller that died.
    let code: SakkError.Code
    private(set) var sent = 0
    private(set) var failedAuthentications = 0
    private var hasTorn = false

    init(
        _ card: VirtualCard, _ order: Order = .never, _ manner: Manner = .before, code: SakkError.Code = "chip.removed"
    ) {
        self.card = card
        self.order = order
        self.manner = manner
        self.code = code
    }

    func power() throws(SakkError) -> any CardChannel {
        guard card.powerOn() != nil else { throw failure("chip.mute") }
        return Session(of: self)
    }

    private func failure(_ code: SakkError.Code) -> SakkError {
        SakkError(code, source: "virtual card", outcome: .unknown, text: "The card is gone.", remedy: "Power it again.")
    }

    private final class Session: CardChannel {
        let torn: TornCard
        var sent = 0
        var isOver = false

        init(of torn: TornCard) { self.torn = torn }

        func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
            guard !isOver else { throw torn.failure(torn.code) }
            sent += 1
            torn.sent += 1
            let tears =
                switch torn.order {
                case .never: false
                case .once(let place): !torn.hasTorn && torn.sent == place
                case .always(let place): sent == place
                }
            if tears {
                torn.hasTorn = true
                isOver = true
                if torn.manner == .after { _ = torn.card.process(command.encoded) }
                throw torn.failure(torn.code)
            }
            guard let answer = torn.card.process(command.encoded), let response = APDUResponse(encoded: answer) else {
                isOver = true
                throw torn.failure("chip.silent")
            }
            if command.header.hasPrefix("8482"), !response.status.isSuccess { torn.failedAuthentications += 1 }
            return response
        }
    }
}
