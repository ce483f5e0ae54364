import Ground
import PlantChip
import SmartCard

/// Carries commands to a virtual card and its answers back; what PC/SC says of a silent card is said here.
final class CardWire: CardChannel {
    private let card: VirtualCard

    /// Powers the card. Errors: `chip.mute`.
    init(_ card: VirtualCard) throws(SakkError) {
        self.card = card
        guard card.powerOn() != nil else { throw CardWire.failure("chip.mute") }
    }

    func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
        guard let answer = card.process(command.encoded), let response = APDUResponse(encoded: answer) else {
            throw CardWire.failure("chip.silent")
        }
        return response
    }

    private static func failure(_ code: SakkError.Code) -> SakkError {
        SakkError(
            code, source: "virtual card", outcome: .unknown, text: "The chip does not answer.",
            remedy: "Look at the card again.")
    }
}
