import Ground
import Ledger

/// What a person counted at a cell when the line was cleared for another product or batch.
public struct ClearanceCounts: Sendable, Hashable {
    public let hopper: Int
    public let good: Int
    public let reject: Int

    public init(hopper: Int, good: Int, reject: Int) {
        self.hopper = hopper
        self.good = good
        self.reject = reject
    }

    var facts: [String: JSONValue] {
        ["hopper": .count(hopper), "good": .count(good), "reject": .count(reject)]
    }
}

extension CellController {
    /// Refuses to begin with the blanks and cards of another product in the machine's boxes.
    func demandClearance(_ unit: UnitState) throws(SakkError) {
        guard let last = unit.product, last != configuration.product else { return }
        throw clearance("The cell was last cleared for product \(last), not for \(configuration.product).")
    }

    /// The first record of another batch, where batches are cleared one by one.
    func demandClearance(_ claim: Claim) async throws(SakkError) {
        guard configuration.clearsBatches else { return }
        guard let last = cell.batch else { return try await commit(cell.takes(batch: claim.batch.rawValue)) }
        guard last != claim.batch.rawValue else { return }
        throw clearance("The cell was last cleared for batch \(last); the next record is of another.")
    }

    private func clearance(_ text: String) -> SakkError {
        hold(
            "line.clearance", text,
            "Empty hopper, good box and reject box, count the cards, and go on with the three counts.")
    }

    /// The note of a person who cleared the cell.
    func cleared(by person: String, _ counts: ClearanceCounts, _ unit: UnitState) -> [Change] {
        [
            .note(
                kind: "line.cleared", subjects: [configuration.cell.rawValue, person], facts: evidence(counts, unit))
        ] + cell.takes(batch: nil)
    }

    func evidence(_ counts: ClearanceCounts, _ unit: UnitState) -> [String: JSONValue] {
        var facts = counts.facts
        facts["from"] = unit.product.map(JSONValue.string) ?? .null
        facts["to"] = .string(configuration.product)
        facts["batch"] = unit.batch.map(JSONValue.string) ?? .null
        return facts
    }
}

extension JSONValue {
    static func count(_ number: Int) -> JSONValue { .integer(Int64(number)) }
}
