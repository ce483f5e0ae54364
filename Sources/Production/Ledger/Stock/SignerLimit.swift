import Ground

extension BooksWriter {
    /// A document signer signs so many attempts and no more, whatever controllers of whatever lines take turns with it: each
    /// counts by itself when it begins, and here, where all of them meet, the limit holds. Throws `keys.signer.spent`,
    /// outcome not done.
    ///
    /// Not in the projector: a journal that is replayed comes in another order.
    func demandSigners(_ transition: Transition) throws {
        for case .stock(.genealogy(let attempt, let facts)) in transition.changes {
            guard let signer = facts[.documentSigner], let limit = facts[.documentSignerMax].flatMap({ Int64($0) })
            else { continue }
            // until this transaction ends no other one counts this signer; a file has one writer anyway
            if session.dialect == .postgres {
                try session.execute(
                    "SELECT pg_advisory_xact_lock(hashtext('sakk.signer.' || current_schema() || ?))", [.text(signer)])
            }
            let row = try session.row(
                "SELECT COUNT(*) AS taken FROM genealogy WHERE key = ? AND value = ? AND attempt <> ?",
                [.text(GenealogyKey.documentSigner.rawValue), .text(signer), .text(attempt.rawValue)])
            let taken = try row?.integer("taken") ?? 0
            guard taken < limit else {
                throw SakkError(
                    "keys.signer.spent", source: source, subject: attempt.rawValue,
                    text: "The document signer \(signer.prefix(8)) was taken for \(taken) attempts of \(limit).",
                    remedy: "The next signer signs; when there is none, have one certified.")
            }
        }
    }
}
