public import Ground
public import Ledger
public import Stations

/// What the books know about an approval: withdrawals that were entered, and those of the stop-lists that were read.
public struct LedgerStanding: RecordStanding {
    private let store: any LedgerStore

    public init(store: any LedgerStore) { self.store = store }

    public func standing(of production: ProductionID) async throws(SakkError) -> Standing {
        try await store.read(StoppedQuery(production)).map { .withdrawn(reason: $0) } ?? .valid
    }
}

extension CellController {
    /// Why a card was stopped whose approval was taken back; such a record is never made again.
    static let withdrawn = "record.withdrawn"

    /// True while the approval stands for the books and, when there is one, for its source. Asked before the first act
    /// that cannot be undone, whenever a card is taken up again, and before the good exit.
    func stands(_ production: ProductionID) async throws(SakkError) -> Bool {
        lastAsked = production
        guard try await LedgerStanding(store: store).standing(of: production) == .valid else { return false }
        guard let source = stations.standing else { return true }
        return try await source.standing(of: production) == .valid
    }

    /// Before anything is fed: a record whose approval does not stand, or that a person holds, is let go; false when it
    /// was.
    func mayBegin(_ claim: Claim) async throws(SakkError) -> Bool {
        let end: (RecordState, String)
        do throws(SakkError) {
            if try await !stands(claim.production) {
                end = (.withdrawn, CellController.withdrawn)
            } else if try await store.read(HeldByPersonQuery(claim.production)) {
                end = (.held, Books.heldByPerson)
            } else {
                return true
            }
        } catch {
            guard error.code == "record.standing.unknown" else { throw error }
            end = (.held, error.code.rawValue)
        }
        try await commit([
            .attempt(claim.attempt, .dropped, reason: end.1), .record(claim.production, end.0, reason: end.1),
        ])
        report(claim.attempt, nil)
        return false
    }

    /// A card that is found inside is not gone on with when its approval was taken back meanwhile.
    func stopped(_ decision: Decision, _ attempt: AttemptReport) async throws(SakkError) -> Decision {
        switch decision {
        case .personalise, .readBack, .print, .printed, .look, .ejectAgain(.good):
            try await stands(attempt.production) ? decision : .kill(CellController.withdrawn)
        case .nothing, .notBegun, .fed, .kill, .ejectAgain, .left, .lost, .stranger, .strangerMute: decision
        }
    }
}
