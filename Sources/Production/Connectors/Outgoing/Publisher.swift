public import Ground
public import Ledger
import OpenSSLCrypto
public import Stations

/// What a run of the publisher brought out.
public struct PublishCount: Sendable, Equatable {
    public var statuses = 0
    public var voidNumbers = 0
    /// Void numbers that cannot be told because the record was forgotten before: a person must tell them.
    public var untold: [ProductionID] = []
    public var delivered = 0
    public var parked = 0
    public init() {}
}

/// Brings out what changed in the books: status files, void numbers, and an event for each.
///
/// Order: file, event, then the mark that it is published. A crash in between publishes the same again with a larger
/// number; nothing is left out.
public struct Publisher: Sendable {
    public typealias NumberSpace = @Sendable (ApprovedRecord) -> String

    private let books: any LedgerStore
    private let configuration: OutgoingConfiguration
    private let verification: any RecordVerification
    private let numberSpace: NumberSpace
    private let time: any TimeSource

    /// - Parameters:
    ///   - verification: opens the signed records of void numbers.
    ///   - numberSpace: what a record's number is unique under, as at intake.
    public init(
        books: any LedgerStore, configuration: OutgoingConfiguration, verification: any RecordVerification,
        time: any TimeSource = SystemTime(), numberSpace: @escaping NumberSpace
    ) {
        self.books = books
        self.configuration = configuration
        self.verification = verification
        self.numberSpace = numberSpace
        self.time = time
    }

    /// - Parameter tell: hears of an event that the receiver refused for good.
    public func publish(
        retry: RetryPolicy? = nil, tell: @escaping @Sendable (OutboxEvent, SakkError) -> Void = { _, _ in }
    ) async throws(SakkError) -> PublishCount {
        var count = PublishCount()
        let outbox = try configuration.webhook.map { webhook throws(SakkError) in try Outbox(folder: webhook.outbox) }
        if let folder = configuration.statusFolder {
            for batch in try await books.read(BatchesQuery()) {
                guard let status = try await books.read(BatchStatusQuery(batch, asOf: time.wall())) else { continue }
                if try await publish(status, to: folder, outbox) { count.statuses += 1 }
            }
        }
        if let folder = configuration.voidFolder { try await voids(to: folder, outbox, &count) }
        guard let outbox, let webhook = configuration.webhook else { return count }
        let client = try WebClient(base: webhook.address, tls: webhook.tls, limits: webhook.limits, name: "webhook")
        let sender = WebhookSender(
            outbox: outbox, client: client, key: try webhook.key(), retry: retry ?? webhook.retry, time: time,
            tell: tell)
        let sent = try await sender.run()
        count.delivered = sent.delivered
        count.parked = sent.parked
        return count
    }

    /// False when nothing changed since the last time.
    private func publish(_ status: BatchStatus, to folder: String, _ outbox: Outbox?) async throws(SakkError) -> Bool {
        let mark = "\(folder)/.status-\(PlainName.of(status.batch.rawValue)).sha256"
        let content = BatchStatusFile.content(status)
        let digest = Digest.sha256(content["productions"]?.canonical ?? []).hex
        let last = try DurableFile.read(mark, atMost: 1024).map { bytes in
            String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init)
        }
        guard last?.first != digest else { return false }
        // restored books begin at an older tick, and of two controllers one may commit a lower tick later
        var status = status
        status.number = max(status.number, (last?.last.flatMap { Int64($0) } ?? 0) + 1)
        try BatchStatusFile.write(status, to: folder, seal: configuration.seal)
        try FaultPoint.pass("publish.written")
        try await outbox?.add(
            key: "status:\(PlainName.of(status.batch.rawValue)):\(status.number)",
            body: [
                "schema": "sakk.event/1", "event": "batch.status", "batch_id": .string(status.batch.rawValue),
                "number": .integer(status.number), "counts": content["counts"] ?? [:],
            ])
        try FaultPoint.pass("publish.queued")
        try DurableFile.write(Bytes("\(digest) \(status.number)".utf8), to: mark)
        return true
    }

    private func voids(to folder: String, _ outbox: Outbox?, _ count: inout PublishCount) async throws(SakkError) {
        let feed = try VoidFeed(folder: folder, seal: configuration.seal, trust: configuration.sealTrust, time: time)
        var numbers: [VoidNumber] = []
        let void = try await books.read(VoidAttemptsQuery())
        try await holdBack(await feed.attempts.subtracting(void.map(\.attempt)))
        for void in void where await !feed.holds(void.attempt) {
            let envelope: Bytes
            do throws(SakkError) {
                envelope = try await books.envelope(of: void.production)
            } catch {
                // forgotten by itself, or with all of its week, of which restored books may not know
                guard ["ledger.payload.gone", "vault.key.destroyed"].contains(error.code) else { throw error }
                count.untold.append(void.production)
                continue
            }
            let record = try verification.verify(envelope)
            numbers.append(
                VoidNumber(
                    attempt: void.attempt, authority: void.authority, numberSpace: numberSpace(record),
                    number: record.documentNumber, reason: void.reason, voidedAt: void.voidedAt))
        }
        numbers += try await booklets(feed)
        try await feed.append(numbers, at: time.wall())
        count.voidNumbers = numbers.count
        // every page has its event, also one whose event a crash swallowed
        let last = await feed.count
        guard let outbox, last > 0 else { return }
        for page in max(1, last - 99)...last {
            try await outbox.add(
                key: "void:\(page)",
                body: ["schema": "sakk.event/1", "event": "void.page", "number": .integer(Int64(page))])
        }
    }

    /// What the feed told and the books do not know: they were restored from a time before. No card gets such a number
    /// again: a record that could still be made waits for the authority.
    private func holdBack(_ forgotten: Set<AttemptID>) async throws(SakkError) {
        let productions = Set(forgotten.compactMap { $0.rawValue.split(separator: "-").first.map(String.init) })
        guard !productions.isEmpty else { return }
        let waiting = try await books.read(
            QueueQuery(
                QueueSelection(names: productions.sorted()), states: [.queued, .held], limit: productions.count)
        ).filter { $0.reason != Books.numberIsVoid && productions.contains($0.production.rawValue) }
        guard !waiting.isEmpty else { return }
        try await books.commit(
            Transition(
                plant: .queue, actor: "publisher",
                changes: waiting.map { .record($0.production, .held, reason: Books.numberIsVoid) }))
    }

    /// Void booklets that the feed does not hold. What the feed told and the books do not know is void in them from now
    /// on: they were restored from a time before.
    private func booklets(_ feed: VoidFeed) async throws(SakkError) -> [VoidNumber] {
        let void = try await books.read(VoidBookletsQuery())
        let told = await feed.booklets
        let forgotten = told.subtracting(void.map(\.blank)).sorted { $0.rawValue < $1.rawValue }
        var changes: [Change] = []
        for blank in forgotten where try await books.blanks(.blank(blank)).first?.number != nil {
            changes.append(.stock(.voided(blank, reason: "void.feed")))
        }
        if !changes.isEmpty {
            try await books.commit(Transition(plant: .vault, actor: "publisher", changes: changes))
        }
        return void.filter { !told.contains($0.blank) }.map { VoidNumber($0) }
    }
}
