import ArgumentParser
import Catalog
import Ground
import Ledger
import Reporting

/// `sakk queue list`: what waits, in its order, and what is held and why.
struct QueueListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Records that are in work, are held, and wait, these in the order in which they are taken.")

    @OptionGroup var options: LineOptions
    @Option(
        help: "queued, claimed, held, produced or withdrawn; may be given more than once (without: the first three).")
    var state: [String] = []
    @Option(help: "Records of one batch.") var batch: String?
    @Option(help: "At most so many.") var limit = 50
    @Flag(help: "One JSON object (sakk.queue/1).") var json = false
    @Argument(help: "Production or request ids.") var records: [String] = []

    func run() async throws {
        let states = try state.map { word in
            guard let state = RecordState(rawValue: word) else {
                throw ValidationError("`\(word)` is no state of a record.")
            }
            return state
        }
        guard limit > 0 else { throw ValidationError("--limit is a count.") }
        let profile = try options.profile()
        let products = try ProductProfile.all(of: profile)
        let books: Books = try await options.openLedger(profile)
        let now = SystemTime().wall()
        var classes: [ClassStanding] = []
        for product in products { classes += try await books.read(product.deadlinesQuery(now)) }
        let overdue = Set(classes.filter(\.isOverdue).map(\.priorityClass))
        let selection = QueueSelection(names: records, batch: batch.map { BatchID($0) })
        let list = try await books.read(
            QueueQuery(
                selection, states: states.isEmpty ? [.queued, .claimed, .held] : states, limit: limit,
                orders: products.map { $0.order(stockWindow: profile.stockWindow, now) }))
        guard !json else {
            return print(
                JSONValue.object([
                    "classes": .array(classes.map(\.json)), "records": .array(list.map(\.json)),
                ]).document(schema: "sakk.queue/1"))
        }
        for record in list {
            print(
                "\(record.production)  \(record.requestID)  \(record.state.rawValue)\(record.isRemake ? " remake" : "")  "
                    + "\(record.priorityClass)\(overdue.contains(record.priorityClass) ? " overdue" : "")  approved \(record.approved.iso8601)"
                    + (record.reason.map { "  \($0)" } ?? ""))
        }
        for standing in classes { Words.say(standing.words) }
        Words.say(list.count == limit ? "The first \(limit); --limit shows more." : "\(list.count) records.")
    }
}

/// What `sakk queue hold` and `sakk queue release` have in common.
struct QueueDecisionOptions: ParsableArguments {
    @OptionGroup var stock: StockOptions
    @Option(help: "Why, in a few words without names or numbers of holders.") var why: String
    @Option(help: "Records of one batch.") var batch: String?
    @Argument(help: "Production or request ids.") var records: [String] = []

    var selection: QueueSelection { QueueSelection(names: records, batch: batch.map { BatchID($0) }) }

    func validate() throws {
        guard !records.isEmpty || batch != nil else { throw ValidationError("Name records, or --batch.") }
        guard !why.isEmpty else { throw ValidationError("--why is empty.") }
    }

    /// Says what became of each; ends with 1 when one stays as it is or is not known.
    func tell(_ decisions: [QueueDecision], done: String, card: String) throws {
        let known = Set(decisions.flatMap { [$0.record.production.rawValue, $0.record.requestID] })
        let unknown = records.filter { !known.contains($0) }
        let refused = decisions.filter { $0.refusal != nil }
        if stock.json {
            print(
                JSONValue.object([
                    done: .array(decisions.filter { $0.refusal == nil }.map { $0.record.json }),
                    "refused": .array(
                        refused.map { decision in
                            [
                                "record": decision.record.json,
                                "code": .string(decision.refusal?.code.rawValue ?? ""),
                                "text": .string(decision.refusal?.text ?? ""),
                            ]
                        }), "unknown": .array(unknown.map(JSONValue.string)),
                ]).document(schema: "sakk.queue-decision/1"))
        } else {
            for decision in refused {
                guard let refusal = decision.refusal else { continue }
                Words.say("\(decision.record.requestID): \(refusal.text) \(refusal.remedy) [\(refusal.code)]")
            }
            for name in unknown { Words.say("\(name): no such record. `sakk queue list` shows what is there.") }
            Words.say("\(decisions.count - refused.count) \(done), \(refused.count + unknown.count) not.")
            let cards = decisions.count { $0.refusal == nil && $0.concernsCard }
            if cards > 0 { Words.say("\(cards) of them \(card)") }
        }
        if !refused.isEmpty || !unknown.isEmpty || decisions.isEmpty { throw Exit.rejected }
    }
}

struct QueueHoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Holds records until they are released.",
        discussion: """
            A waiting record leaves the queue. One that is being made is held at the next point where its cell asks: \
            before the feed, or before the good exit, where the finished card leaves by the reject exit as held. What is \
            made stays as it is and is said: `sakk recall --where production=ID --hold WHY` (or batch=ID) holds the \
            documents themselves, boxed ones too. Ends with 1 when one of them was not held.
            """)

    @OptionGroup var options: QueueDecisionOptions

    func run() async throws {
        let (books, _) = try await options.stock.open()
        try options.tell(
            try await books.hold(options.selection, why: options.why, by: options.stock.person), done: "held",
            card: "are being made or wait for an inspector: such a card does not become good before the release.")
    }
}

struct QueueReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "An engineer gives held records back to the queue.",
        discussion: """
            One that a person held goes back to its place, any other (attempts used up, content refused, document \
            recalled and destroyed) to the head of the queue. One that is being made goes on; a card that was put aside \
            for the hold is then passed by an inspector (sakk card verdict). One whose earlier card is not settled stays \
            held. Ends with 1 when one of them was not released.
            """)

    @OptionGroup var options: QueueDecisionOptions

    func run() async throws {
        let (books, _) = try await options.stock.open()
        try options.tell(
            try await books.release(options.selection, why: options.why, by: options.stock.person),
            done: "released",
            card:
                "have a card: it goes on, or lies in the reject tray and is passed by an inspector (sakk card verdict)."
        )
    }
}

extension QueuedRecord {
    fileprivate var json: JSONValue {
        [
            "production": .string(production.rawValue), "request": .string(requestID), "batch": .string(batch.rawValue),
            "product": .string(product), "class": .string(priorityClass), "state": .string(state.rawValue),
            "reason": reason.map { .string($0) } ?? .null, "remake": .bool(isRemake),
            "approved_at": .string(approved.iso8601), "since": .string(since.iso8601),
        ]
    }
}

extension ProductProfile {
    /// As the queue takes them.
    var deadlines: [String: ClassDeadline] {
        priorities.compactMapValues { entry in
            entry.deadline.map { day in
                // the day counts to its end
                ClassDeadline(
                    at: WallTime(microseconds: Int64(day.daysSince1970 + 1) * 86_400_000_000),
                    rise: Int64(entry.deadlineRiseDays) * 86_400_000_000)
            }
        }
    }

    /// How its records are taken.
    func order(stockWindow: Int64, _ now: WallTime) -> QueueOrder {
        QueueOrder(
            product: product, stock: blankStock, stockWindow: stockWindow, quotas: quotas, deadlines: deadlines,
            now: now)
    }

    func deadlinesQuery(_ now: WallTime) -> ClassDeadlinesQuery {
        ClassDeadlinesQuery(product: product, deadlines: deadlines, now: now)
    }
}

extension ClassStanding {
    fileprivate var words: String {
        let open = "\(waiting) waiting, \(inWork) in work, \(held) held"
        return "\(priorityClass): to be made until \(lastDay): \(open)\(isOverdue ? " - OVERDUE" : "")"
    }
}
