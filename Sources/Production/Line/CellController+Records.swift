import Ground
import Ledger
import Stations

extension CellController {
    /// The next document to make; nil when the queue is empty. Records that cannot be made are held on the way.
    func nextReady() async throws(SakkError) -> Ready? {
        if let ready = ahead {
            ahead = nil
            return ready
        }
        while true {
            let claim = try await claim()
            guard let claim else { return nil }
            if let ready = try await prepare(claim) { return ready }
        }
    }

    /// The next record for the blanks in the hopper; one that needs others is given back, and the change is asked for.
    private func claim() async throws(SakkError) -> Claim? {
        guard let claim = try await claimAny() else { return nil }
        guard claim.product != configuration.product || claim.stock != configuration.stock else { return claim }
        try await commit([.release(claim.attempt, claim.production)])
        throw hold(
            "line.stock.change",
            "Next is a record of \(claim.product), which is made on \(claim.stock); the hopper has \(configuration.stock).",
            "Empty the hopper, load \(claim.stock), and start the line for \(claim.product): it asks for the clearance."
        )
    }

    /// A record that this cell spoiled is another cell's to make, as long as there is other work for this one.
    private func claimAny() async throws(SakkError) -> Claim? {
        var request = ClaimRequest(
            lease: try lease.current(), cell: configuration.cell, product: configuration.product,
            stocks: [configuration.stock], stockWindow: configuration.stockWindow, quotas: configuration.quotas,
            deadlines: configuration.deadlines,
            actor: configuration.actor)
        request.others = configuration.others
        guard tally.othersWork(than: configuration.cell) else { return try await store.claim(request) }
        request.avoidsOwnRemakes = true
        if let claim = try await store.claim(request) { return claim }
        request.avoidsOwnRemakes = false
        return try await store.claim(request)
    }

    /// Claims and prepares while the card before is printed. What goes wrong here goes wrong again, and is told, when
    /// the record's turn comes.
    func prepareAhead() async {
        guard configuration.preparesAhead, ahead == nil else { return }
        ahead = try? await nextReady()
    }

    /// Opens the envelope again and prepares the document; nil when the record was held instead, before any blank.
    private func prepare(_ claim: Claim) async throws(SakkError) -> Ready? {
        do {
            let record = try await record(of: claim.production, claim.requestID, claim.product)
            try await refuseUsedNumber(claim)
            if configuration.booklets != nil {
                return Ready(claim: claim, draft: try await draft(record, for: claim.attempt))
            }
            return Ready(claim: claim, document: try await stations.preparation.prepare(record, for: claim.attempt))
        } catch {
            guard CellController.isContent(error) else { throw error }
            let reason = [error.code.rawValue, error.subject].compactMap { $0 }.joined(separator: " ")
            try await commit([
                .attempt(claim.attempt, .dropped, reason: reason), .record(claim.production, .held, reason: reason),
            ])
            report(claim.attempt, nil)
            return nil
        }
    }

    private func record(of production: ProductionID, _ requestID: String, _ product: String)
        async throws(SakkError) -> ApprovedRecord
    {
        let envelope = try await store.envelope(of: production)
        let record = try stations.verification.verify(envelope)
        guard record.requestID == requestID, record.product == product else {
            throw SakkError(
                "record.mismatch", source: "line \(configuration.line)", subject: production.rawValue,
                text: "The signed record is not the one that the queue names.",
                remedy: "Hold the record and call the security officer.")
        }
        return record
    }

    /// Whatever gave the record back to the queue: its number was bound to a card, and the profile lets no second one have it.
    private func refuseUsedNumber(_ claim: Claim) async throws(SakkError) {
        guard configuration.renumbersRemakes,
            try await store.attempts(.production(claim.production)).contains(where: {
                $0.attempt != claim.attempt && $0.chip != nil
            })
        else { return }
        throw SakkError(
            SakkError.Code(rawValue: Books.numberIsVoid), source: "line \(configuration.line)",
            text: "A card had this record's number, and a document of this product is made again with another one.",
            remedy: "Ask the authority to take the request back and to send one with a new number.")
    }

    /// Faults of the record, not of the plant: another record may do.
    static func isContent(_ error: SakkError) -> Bool {
        let families = [
            "record.", "artwork.text.", "artwork.glyph.", "artwork.mrz.", "image.", "portrait.", "mrz.", "lds.",
            // forgotten with its week: restored books may have it in the queue again
            "vault.key.destroyed",
        ]
        return families.contains { error.code.rawValue.hasPrefix($0) }
    }

    /// Makes the document: as many blanks as are dead on arrival, one that lives.
    func make(_ ready: Ready) async throws(SakkError) {
        guard try await mayBegin(ready.claim) else { return }
        while cell.state == .execute {
            guard let blank = try await store.blanks(.hopper(configuration.line, configuration.cell, limit: 1)).first
            else {
                ahead = ready
                throw hold(
                    "line.stock.empty", "No blank of this line is left in the books.",
                    "Take blanks from the vault and load them (sakk run --blanks N).")
            }
            let status = try await stations.printer.status()
            guard status.position == .none else {
                ahead = ready
                throw SakkError(
                    "line.card.inside", source: "cell \(configuration.cell)", outcome: .unknown,
                    text: "A card lies in the machine where none should be.", remedy: "It is looked at now.")
            }
            do throws(SakkError) {
                try Preflight.check(status, configuration, feeds: true)
            } catch {
                ahead = ready
                throw error
            }
            let report = try await store.attempts(.attempt(ready.claim.attempt)).first
            var machine = CardMachine(
                production: ready.claim.production, attempt: ready.claim.attempt,
                faultsBefore: try await faults(before: ready.claim.attempt, of: ready.claim.production),
                limits: configuration, blank: blank.blank, chip: nil, sodHash: ready.document?.chip.sodHash ?? [],
                panels: ready.document?.rendered.panels.count ?? 0, tries: CellController.tries(report), open: nil)
            var actions = machine.handle(.begin(status))
            if case .commit(let changes)? = actions.first {
                let ribbon = try await accounted(status)
                actions[0] = .commit(
                    [genealogy(of: ready.claim.attempt, signer: ready.document?.chip.signer)] + ribbon + changes)
            }
            let end: CardEnd
            do throws(SakkError) {
                end = try await drive(&machine, actions, ready.document, draft: ready.draft)
            } catch {
                // another line took this signer's last turn: the attempt is untouched, and the next signer signs it
                guard error.code == "keys.signer.spent", error.outcome == .notDone else { throw error }
                return
            }
            try await ended(end, ready.claim.attempt)
            guard end == .deadOnArrival else { return }
        }
        // the cell holds after a dead blank: the attempt is untouched and is claimed again later
    }

    /// What a recall may ask for and neither blank nor cell tells. In the transaction of the feed's intent: no card is
    /// taken without it.
    private func genealogy(of attempt: AttemptID, signer: String?) -> Change {
        var facts = configuration.genealogy
        // signers take turns; the document knows which one it was
        if let signer, !signer.isEmpty {
            facts[.documentSigner] = signer
            facts[.documentSignerMax] = configuration.signerLimits[signer].map(String.init)
        }
        facts[.operatorName] = configuration.actor
        facts[.printer] = identity?.serial
        facts[.firmware] = identity?.firmware
        return .stock(.genealogy(attempt, facts))
    }

    /// Spoiled attempts of the record that say something against it or its blank.
    func faults(before attempt: AttemptID, of production: ProductionID) async throws(SakkError) -> Int {
        try await store.attempts(.production(production)).count {
            $0.attempt != attempt && $0.state == .spoiled && !Recovery.isInterruption($0.reason ?? "")
        }
    }

    static func tries(_ report: AttemptReport?) -> [Step: Int] {
        var tries: [Step: Int] = [:]
        for step in report?.steps ?? [] { tries[step.key.step, default: 0] = step.key.number }
        return tries
    }
}
