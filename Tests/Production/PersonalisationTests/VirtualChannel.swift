import Ground
import PlantChip
import SmartCard

/// A virtual card as a channel; a silent card throws what PC/SC says then. Counts, records headers, and fails on order.
final class VirtualChannel: CardChannel {
    enum Tear { case before, after }

    private let card: VirtualCard
    private let tearAt: Int?
    private let tear: Tear
    private(set) var headers: [String] = []
    private(set) var statuses: [StatusWord] = []
    private var isTorn = false

    /// Powers the card. With `tearAt` the n-th command (from 1) is not delivered (`before`) or its answer is lost (`after`),
    /// and everything after it fails.
    init(_ card: VirtualCard, tearAt: Int? = nil, tear: Tear = .before) throws(SakkError) {
        self.card = card
        self.tearAt = tearAt
        self.tear = tear
        guard card.powerOn() != nil else { throw VirtualChannel.failure("chip.mute") }
    }

    func transmit(_ command: APDUCommand) throws(SakkError) -> APDUResponse {
        headers.append(command.header)
        let tearsNow = headers.count == tearAt
        if isTorn || (tearsNow && tear == .before) {
            isTorn = true
            throw VirtualChannel.failure("chip.removed")
        }
        let answer = card.process(command.encoded)
        if tearsNow { isTorn = true }
        guard !isTorn, let answer, let response = APDUResponse(encoded: answer) else {
            throw VirtualChannel.failure("chip.silent")
        }
        statuses.append(response.status)
        return response
    }

    /// How often EXTERNAL AUTHENTICATE was sent and refused.
    var failedAuthentications: Int {
        zip(headers, statuses).filter { $0.hasPrefix("8482") && !$1.isSuccess }.count
    }

    private static func failure(_ code: SakkError.Code) -> SakkError {
        SakkError(code, source: "virtual card", outcome: .unknown, text: "The card is gone.", remedy: "Power it again.")
    }
}
