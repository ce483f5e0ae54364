public import Ground
public import Ledger
import Stations

extension BatchReport {
    /// `sakk.batch-report/1`: ids, states, times (ISO 8601), reasons and places; no personal data.
    public var json: String {
        JSONValue.object([
            "batch_id": .string(batch.rawValue),
            "authority": .string(authority),
            "product": .string(product),
            "received_at": .string(receivedAt.iso8601),
            "started_at": startedAt.map { .string($0.iso8601) } ?? .null,
            "ended_at": endedAt.map { .string($0.iso8601) } ?? .null,
            "totals": totals.json,
            "blanks": .object(
                Dictionary(uniqueKeysWithValues: blanks.map { ($0.key.rawValue, .integer(Int64($0.value))) })),
            "records": .array(records.map(\.json)),
        ]).document(schema: "sakk.batch-report/1")
    }
}

extension BatchTotals {
    public var json: JSONValue {
        [
            "records": .integer(Int64(records)), "waiting": .integer(Int64(waiting)),
            "in_work": .integer(Int64(inWork)), "good": .integer(Int64(good)), "held": .integer(Int64(held)),
            "unknown": .integer(Int64(unknown)), "spoiled": .integer(Int64(spoiled)),
            "packed": .integer(Int64(packed)), "dispatched": .integer(Int64(dispatched)),
            "delivered": .integer(Int64(delivered)), "returned": .integer(Int64(returned)),
            "lost": .integer(Int64(lost)),
        ]
    }
}

extension RecordReport {
    var json: JSONValue {
        [
            "production_id": .string(production.rawValue), "request_id": .string(requestID),
            "state": .string(state.rawValue), "reason": .optional(reason),
            "priority_class": .string(priorityClass), "attempts": .array(attempts.map(\.json)),
            "unbound_blanks": .array(unboundBlanks.map(\.json)),
        ]
    }
}

extension AttemptReport {
    public var json: JSONValue {
        [
            "attempt": .string(attempt.rawValue), "number": .integer(Int64(number)),
            "line": .string(line.rawValue), "cell": .string(cell.rawValue), "state": .string(state.rawValue),
            "reason": .optional(reason), "blank": blank?.json ?? .null, "chip": .optional(chip?.rawValue),
            "sod_sha256": .optional(sodHash?.hex), "chip_death": .optional(death?.rawValue),
            "started_at": .string(startedAt.iso8601), "ended_at": .optional(endedAt?.iso8601),
        ]
    }
}

extension BlankReport {
    public var json: JSONValue {
        [
            "blank": .string(blank.rawValue), "account": .string(account.rawValue),
            "chip": .optional(chip?.rawValue), "exit": .optional(exit?.rawValue),
            "place": place.map { .integer(Int64($0)) } ?? .null, "reason": .string(reason),
        ]
    }
}

extension JSONValue {
    static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
