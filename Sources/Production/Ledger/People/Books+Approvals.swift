public import Ground
import OpenSSLCrypto

extension Books {
    /// Asks that another person approves. `people.unknown`, `people.inactive`, `people.approval.expired` for a request
    /// that is over before it begins.
    public func ask(_ request: ApprovalRequest, by person: PersonID) async throws(SakkError) -> ApprovalID {
        let id = ApprovalID(UUIDv7.make(wall: time.wall(), random: try RandomSource.bytes(10)))
        try await people(by: person.rawValue) { books in
            guard request.expires > books.wall else {
                throw books.projector.refusal("people.approval.expired", request.item)
            }
            try books.append(
                [
                    JournalEntry(
                        "approval.asked", [id.rawValue, request.item],
                        [
                            "action": .string(request.action.rawValue), "digest": .string(request.digest.hex),
                            "role": .string(request.role.rawValue), "reason": .string(request.reason),
                            "by": .string(person.rawValue), "expires": .integer(request.expires.microseconds),
                        ])
                ], to: .people, epoch: 0, actor: person.rawValue)
        }
        return id
    }

    /// Another person approves. Refused, and the refusal journaled: `people.approval.same`, `.role`, `.expired`,
    /// `.answered`, `.unknown`, `people.inactive`, `people.unknown`.
    public func give(_ id: ApprovalID, by person: PersonID, station: String, answer: String? = nil)
        async throws(SakkError)
    {
        try await self.answer(id, "approval.given", by: person, station: station, answer)
    }

    /// Anybody active may say no; who asked takes the request back so.
    public func refuse(_ id: ApprovalID, by person: PersonID, station: String, answer: String)
        async throws(SakkError)
    {
        try await self.answer(id, "approval.refused", by: person, station: station, answer)
    }

    private func answer(
        _ id: ApprovalID, _ kind: String, by person: PersonID, station: String, _ answer: String?
    ) async throws(SakkError) {
        do throws(SakkError) {
            _ = try await people(by: person.rawValue) { books in
                try books.append(
                    [
                        PeopleChange.did(PersonAct(person: person, act: kind, item: id.rawValue, station: station))
                            .entry,
                        JournalEntry(
                            kind, [id.rawValue], ["by": .string(person.rawValue), "answer": .optional(answer)]),
                    ], to: .people, epoch: 0, actor: person.rawValue)
            }
        } catch {
            guard error.code.rawValue.hasPrefix("people.") else { throw error }
            try await did(
                PersonAct(person: person, act: kind, item: id.rawValue, station: station, refusal: error.code))
            throw error
        }
    }
}
