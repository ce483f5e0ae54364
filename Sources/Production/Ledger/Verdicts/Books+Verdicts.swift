public import Ground
import OpenSSLCrypto
import Stations

extension Books {
    public func zoneTag(_ lines: [String]) throws(SakkError) -> Bytes {
        let zone = Bytes(lines.joined(separator: "\n").utf8)
        return try vault.keys.tag(BigEndian.bytes(UInt32(9)) + Bytes("sakk.zone".utf8) + zone)
    }

    /// Takes a good document out of the good box to be looked at, and puts it before all inspectors.
    ///
    /// `verdict.away` for a card that is no good document, or that logistics has.
    @discardableResult
    public func sample(_ blank: BlankID, by person: String) async throws(SakkError) -> AuditID {
        guard let chip = try await blanks(.blank(blank)).first?.chip,
            let attempt = try await attempts(.chip(chip)).first?.attempt
        else { throw VerdictRefusal.away.error(store.source, blank.rawValue) }
        let item = AuditItem(id: try auditID(), sample: attempt)
        try await commit(
            Transition(
                plant: .vault, actor: person,
                changes: [.verdict(.sampled(blank, attempt, by: person)), .verdict(.auditPlaced(item))]))
        return item.id
    }

    /// Puts pictures with a known defect before all inspectors. `truth` is a reason code of `profiles/reasons.yaml`.
    @discardableResult
    public func seedAudit(_ pictures: String, truth: String, by person: String) async throws(SakkError) -> AuditID {
        let item = AuditItem(id: try auditID(), seeded: pictures, truth: truth)
        try await commit(Transition(plant: .vault, actor: person, changes: [.verdict(.auditPlaced(item))]))
        return item.id
    }

    /// What one inspector says of an item; once. `verdict.answered` for the second time.
    public func answerAudit(_ id: AuditID, _ verdict: CardVerdict, reason: String?, by person: String)
        async throws(SakkError)
    {
        try await commit(
            Transition(
                plant: .vault, actor: person,
                changes: [.verdict(.auditAnswered(id, verdict, reason: reason, by: person))]))
    }

    /// Lays a card before one inspector, who lets go of the one before: nobody else is given it for so long (microseconds),
    /// unless he judges it or takes another. `verdict.taken` while somebody else has it.
    public func take(_ attempt: AttemptID, for time: Int64, by person: String) async throws(SakkError) {
        let until = WallTime(microseconds: self.time.wall().microseconds + time)
        try await commit(
            Transition(plant: .vault, actor: person, changes: [.verdict(.taken(attempt, until: until, by: person))]))
    }

    private func auditID() throws(SakkError) -> AuditID {
        AuditID(UUIDv7.make(wall: time.wall(), random: try RandomSource.bytes(10)))
    }
}
