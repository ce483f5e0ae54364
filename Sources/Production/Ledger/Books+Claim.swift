public import Ground

extension Books {
    public func claim(_ request: ClaimRequest) async throws(SakkError) -> Claim? {
        try await write { books in
            // on a server one wait: the line's log is locked first, and then looked for what there is to do
            let answers = try books.session.answers(
                to: [BooksWriter.locked(request.lease.line, books.session.dialect), BooksWriter.untouched(request)]
                    + BooksWriter.heads(request))
            guard let head = answers[0].first, try head.integer("epoch") == request.lease.epoch else {
                throw BooksWriter.stale(request.lease.line, books.source)
            }
            books.heads.last[LogID(request.lease.line)] = try head.integer("seq")
            if let left = answers[1].first { return try books.retake(left, request) }
            guard try head.integer("reconciling") == 0 else {
                throw SakkError(
                    "ledger.restored", source: books.source,
                    text: "The ledger was restored from a backup and is not reconciled yet.",
                    remedy: "Check it against the authority's acknowledgements and a count (sakk ledger reconcile).")
            }
            return try books.next(request, try BooksWriter.heads(answers.dropFirst(2), of: request))
        }
    }
}

extension BooksWriter {
    private static let columns = "production, request, product, batch, stock"

    /// SQLite takes the index of live attempts only when its condition stands in the question word by word; without it
    /// each claim looks through all attempts of the plant.
    static var untouchedAttempt: String {
        let live = AttemptState.live.map { "'\($0.rawValue)'" }.joined(separator: ",")
        return """
            SELECT a.attempt, a.number, p.production, p.request, p.product, p.batch, p.stock
            FROM attempt a JOIN production p ON p.production = a.production
            WHERE a.line = ? AND a.cell = ? AND a.state IN (\(live)) AND a.state = 'claimed' AND NOT EXISTS
              (SELECT 1 FROM intent i WHERE i.attempt = a.attempt AND i.open = 1)
            ORDER BY a.started LIMIT 1
            """
    }

    fileprivate static func locked(_ line: LineID, _ dialect: SQLDialect) -> SQLQuestion {
        SQLQuestion(
            "SELECT epoch, seq, (SELECT reconciling FROM meta) AS reconciling FROM log WHERE log = ?\(dialect.forUpdate)",
            [.text(line.rawValue)])
    }

    fileprivate static func untouched(_ request: ClaimRequest) -> SQLQuestion {
        SQLQuestion(untouchedAttempt, [.text(request.lease.line.rawValue), .text(request.cell.rawValue)])
    }

    /// An attempt of this cell that never got a blank: taken again instead of a new record.
    fileprivate func retake(_ row: SQLRow, _ request: ClaimRequest) throws -> Claim {
        let attempt = AttemptID(try row.text("attempt"))
        try append(
            [JournalEntry("attempt.retaken", [attempt.rawValue])], to: LogID(request.lease.line),
            epoch: request.lease.epoch, actor: request.actor)
        return try claim(row, attempt, number: try row.count("number"))
    }

    /// Remakes first, then what is due first: due is approval minus the head start of the class, so waiting outweighs
    /// any class in the end. A deadline that comes nearer moves its class forward (`ClassDeadline`). One small index look
    /// per class, whatever the length of the queue.
    fileprivate func next(_ request: ClaimRequest, _ first: [QueueOrder.Head]) throws -> Claim? {
        var heads = first
        let order = order(request)
        while let best = try order.first(
            of: heads, served: { try QueueOrder.counts(session.rows(QueueOrder.served, [.text(request.product)])) })
        {
            let row = try session.row(
                """
                SELECT \(BooksWriter.columns),
                  (SELECT MAX(c.number) FROM attempt c WHERE c.production = production.production) AS last
                FROM production
                WHERE state = 'queued' AND product = ? AND stock = ? AND class = ?\(BooksWriter.avoided(request))
                ORDER BY remake DESC, due, production LIMIT 1\(session.dialect.skipLocked)
                """,
                [.text(best.work.product), .text(best.work.stock), .text(best.priorityClass)]
                    + BooksWriter.own(request))
            guard let row else {
                // others took what was left of this class while we looked
                heads.removeAll { $0.priorityClass == best.priorityClass && $0.work == best.work }
                continue
            }
            return try begin(row, best, request)
        }
        return nil
    }

    /// Only remakes are looked at closer, and they stand at the head.
    private static func avoided(_ request: ClaimRequest) -> String {
        guard request.avoidsOwnRemakes else { return "" }
        return """
             AND (remake = 0 OR NOT EXISTS (SELECT 1 FROM attempt a
              WHERE a.production = production.production AND a.line = ? AND a.cell = ? AND a.state = 'spoiled'
              AND a.number = (SELECT MAX(b.number) FROM attempt b
                WHERE b.production = production.production AND b.state = 'spoiled')))
            """
    }

    private static func own(_ request: ClaimRequest) -> [SQLValue] {
        request.avoidsOwnRemakes ? [.text(request.lease.line.rawValue), .text(request.cell.rawValue)] : []
    }

    /// What the request asks for: its product's stocks, then other work.
    private static func work(_ request: ClaimRequest) -> [OtherWork] {
        request.stocks.map { OtherWork(product: request.product, stock: $0) } + request.others
    }

    /// The first record of each class, by product and stock.
    fileprivate static func heads(_ request: ClaimRequest) -> [SQLQuestion] {
        let avoided = avoided(request)
        return work(request).map { work in
            SQLQuestion(
                """
                SELECT c.class, p.production, p.remake, p.due, p.approved FROM queue_class c JOIN production p
                ON p.production = (SELECT production FROM production
                  WHERE state = 'queued' AND product = c.product AND stock = c.stock AND class = c.class\(avoided)
                  ORDER BY remake DESC, due, production LIMIT 1)
                WHERE c.product = ? AND c.stock = ?
                """, own(request) + [.text(work.product), .text(work.stock)])
        }
    }

    fileprivate static func heads(
        _ answers: ArraySlice<[SQLRow]>, of request: ClaimRequest
    ) throws -> [QueueOrder.Head] {
        try zip(work(request), answers).flatMap { work, rows in
            try rows.map { head in
                QueueOrder.Head(
                    production: try head.text("production"), priorityClass: try head.text("class"), work: work,
                    isRemake: try head.integer("remake") == 1, due: try head.integer("due"),
                    approved: try head.integer("approved"))
            }
        }
    }

    private func order(_ request: ClaimRequest) -> QueueOrder {
        QueueOrder(
            product: request.product, stock: request.stocks.first ?? "", stockWindow: request.stockWindow,
            quotas: request.quotas, deadlines: request.deadlines, now: wall)
    }

    private func begin(_ row: SQLRow, _ head: QueueOrder.Head, _ request: ClaimRequest) throws -> Claim {
        let production = ProductionID(try row.text("production"))
        let number = Int(row.optionalInteger("last") ?? 0) + 1
        let attempt = AttemptID(production, try: number)
        try append(
            [
                JournalEntry(
                    "attempt.begun", [attempt.rawValue, production.rawValue],
                    [
                        "cell": .string(request.cell.rawValue), "number": .count(number),
                        "class": .string(head.priorityClass), "product": .string(head.work.product),
                    ])
            ], to: LogID(request.lease.line), epoch: request.lease.epoch, actor: request.actor)
        return try claim(row, attempt, number: number)
    }

    private func claim(_ row: SQLRow, _ attempt: AttemptID, number: Int) throws -> Claim {
        Claim(
            production: ProductionID(try row.text("production")), attempt: attempt, requestID: try row.text("request"),
            product: try row.text("product"), batch: BatchID(try row.text("batch")), stock: try row.text("stock"),
            number: number)
    }
}
