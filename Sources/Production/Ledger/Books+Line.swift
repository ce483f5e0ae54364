public import Ground

extension Books {
    public func takeOver(_ line: LineID, by holder: LeaseHolder) async throws(SakkError) -> Lease {
        let asked = time.boot().microseconds
        let now = try await store.now()
        let source = store.source
        let epoch = try await write { books -> Int64 in
            let log = LogID(line)
            guard !log.isPlant else { throw books.projector.rule("A line may not be called \(line).", line.rawValue) }
            try books.ensure(log)
            let row = try books.session.row(
                "SELECT epoch, host, holder, deadline FROM log WHERE log = ?\(books.session.dialect.forUpdate)",
                [.text(line.rawValue)])
            let last = try row?.integer("epoch") ?? 0
            let host = row?.optionalText("host") ?? ""
            if !host.isEmpty, host != holder.host, let deadline = row?.optionalInteger("deadline"), deadline > now,
                !holder.isForced
            {
                throw SakkError(
                    "ledger.line.leased", source: source, subject: line.rawValue,
                    text: "A controller on host \(host) works on this line.",
                    remedy: "Stop it there, or wait \((deadline - now) / 1_000_000 + 1) s after it died.")
            }
            let generation = try books.session.row("SELECT generation FROM meta")?.integer("generation") ?? 1
            let epoch = max(last, generation << 32) + 1
            try books.session.execute(
                "UPDATE log SET epoch = ?, holder = ?, host = ?, deadline = ? WHERE log = ?",
                [
                    .integer(epoch), .text(holder.name), .text(holder.host), .integer(now + holder.duration),
                    .text(line.rawValue),
                ])
            try books.append(
                [
                    JournalEntry(
                        "line.taken", [line.rawValue], ["epoch": .integer(epoch), "host": .string(holder.host)])
                ], to: log, epoch: epoch, actor: holder.name)
            return epoch
        }
        return Lease(line: line, epoch: epoch, holder: holder, deadline: asked + holder.duration)
    }

    public func extend(_ lease: Lease) async throws(SakkError) -> Lease {
        let asked = time.boot().microseconds
        let deadline = try await store.now() + lease.holder.duration
        let source = store.source
        try await store.write { session in
            let changed = try session.execute(
                "UPDATE log SET deadline = ? WHERE log = ? AND epoch = ?",
                [.integer(deadline), .text(lease.line.rawValue), .integer(lease.epoch)])
            guard changed == 1 else { throw BooksWriter.stale(lease.line, source) }
        }
        return Lease(
            line: lease.line, epoch: lease.epoch, holder: lease.holder, deadline: asked + lease.holder.duration)
    }

    public func commit(_ transition: Transition) async throws(SakkError) {
        guard !transition.changes.isEmpty else { return }
        let late = try await write { books -> Bool in
            guard let lease = transition.lease else {
                guard transition.log.isPlant else {
                    throw books.projector.rule("A line's log is written under its lease only.", transition.log.rawValue)
                }
                try books.ensure(transition.log)
                _ = try books.epoch(of: transition.log)
                try books.append(try books.entries(transition), to: transition.log, epoch: 0, actor: transition.actor)
                return false
            }
            let epoch = try books.epoch(of: transition.log)
            guard epoch == lease.epoch else {
                try books.keepLate(transition, lease: lease, epoch: epoch)
                return true
            }
            try books.demandSigners(transition)
            try books.append(try books.entries(transition), to: transition.log, epoch: epoch, actor: transition.actor)
            return false
        }
        if late, let lease = transition.lease { throw BooksWriter.stale(lease.line, store.source) }
    }
}

extension BooksWriter {
    func entries(_ transition: Transition) throws -> [JournalEntry] {
        var entries: [JournalEntry] = []
        for change in transition.changes {
            if let before = change.before { entries.append(before) }
            entries.append(try change.entry(transition) { key in try intentSeq(key) })
        }
        return entries
    }

    private func intentSeq(_ key: StepKey) throws -> Int64? {
        try session.row(
            "SELECT seq FROM intent WHERE attempt = ? AND step = ? AND try = ?",
            [.text(key.attempt.rawValue), .text(key.step.rawValue), .count(key.number)]
        )?.optionalInteger("seq")
    }

    /// What an older controller saw, kept as an observation that moves no table. Its intents are refused; an attempt
    /// whose result it carries keeps its open intent, and so stays unknown until somebody looks.
    func keepLate(_ transition: Transition, lease: Lease, epoch: Int64) throws {
        var entries: [JournalEntry] = []
        for case .conclude(let key, let outcome, var facts) in transition.changes {
            facts["epoch"] = .integer(lease.epoch)
            facts["outcome"] = .string(outcome.rawValue)
            facts["step"] = .string(key.step.rawValue)
            facts["try"] = .count(key.number)
            entries.append(JournalEntry("observation.late", [key.attempt.rawValue], facts))
        }
        try append(entries, to: transition.log, epoch: epoch, actor: transition.actor)
    }
}
