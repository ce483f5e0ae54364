public import Ground
import OpenSSLCrypto
internal import Stations

/// Pictures of people's documents lie outside the books, as files; what opens them is derived from the record's own key, so
/// that a record that is forgotten takes its pictures along (DESIGN rule 9).
extension Books {
    /// `SKP1`, nonce (12), AES-256-GCM with the file's name as additional data. Nil when the record was forgotten.
    public func sealPicture(_ picture: Bytes, named name: String, of attempt: AttemptID) async throws(SakkError)
        -> Bytes?
    {
        guard let key = try await pictureKey(attempt) else { return nil }
        let nonce = try RandomSource.bytes(12)
        return Self.mark + nonce
            + (try AES.gcmSeal(key: key, nonce: nonce, data: picture, aad: Bytes(name.utf8)))
    }

    /// Nil when the record was forgotten. Throws for a file that is not the one of this name.
    public func openPicture(_ sealed: Bytes, named name: String, of attempt: AttemptID) async throws(SakkError)
        -> Bytes?
    {
        guard let key = try await pictureKey(attempt) else { return nil }
        guard sealed.count > 32, sealed.starts(with: Self.mark) else {
            throw SakkError(
                "ledger.picture.changed", source: store.source, subject: name,
                text: "The picture is not one that this program sealed.", remedy: "Call the security officer.")
        }
        return try AES.gcmOpen(
            key: key, nonce: Bytes(sealed[4..<16]), sealed: Bytes(sealed[16...]), aad: Bytes(name.utf8))
    }

    private static let mark = Bytes("SKP1".utf8)

    private func pictureKey(_ attempt: AttemptID) async throws(SakkError) -> SecretBytes? {
        let row = try await store.read { session in
            try session.row(
                """
                SELECT k.production, k.week, k.wrapped FROM attempt a JOIN data_key k ON k.production = a.production
                WHERE a.attempt = ?
                """, [.text(attempt.rawValue)])
        }
        guard let row else { return nil }
        let (production, week, wrapped) = try LedgerFailure.mapping(source: store.source) {
            guard let week = ApprovalWeek(rawValue: try row.text("week")) else { throw SQLFailure.shape("week") }
            return (try row.text("production"), week, try row.blob("wrapped"))
        }
        let record = try vault.keys.unwrap(wrapped, week: week, name: Bytes(production.utf8))
        var derived = HMAC.sha256(key: record, data: Bytes("sakk.picture".utf8))
        return SecretBytes(wiping: &derived)
    }
}

/// Which of these attempts are of people who are forgotten.
public struct ForgottenAttemptsQuery: LedgerQuery {
    public let attempts: [AttemptID]
    public init(_ attempts: [AttemptID]) { self.attempts = attempts }

    public func answer(_ books: BooksReader) throws -> [AttemptID] {
        try attempts.filter { attempt in
            try books.row(
                """
                SELECT 1 AS yes FROM attempt a WHERE a.attempt = ?
                  AND NOT EXISTS (SELECT 1 FROM data_key k WHERE k.production = a.production)
                """, [.text(attempt.rawValue)]) != nil
        }
    }
}

/// Which of these attempts' pictures nobody needs any more: the record is forgotten; a good document is with logistics, or a
/// week old and no sample; a spoiled one is destroyed or thirty days old. What waits for a person is needed.
public struct UnneededPicturesQuery: LedgerQuery {
    public let attempts: [AttemptID]
    public let now: WallTime
    public static let goodDays: Int64 = 7
    public static let spoiledDays: Int64 = 30

    public init(_ attempts: [AttemptID], now: WallTime) {
        self.attempts = attempts
        self.now = now
    }

    public func answer(_ books: BooksReader) throws -> [AttemptID] {
        var unneeded: [AttemptID] = []
        for attempt in attempts {
            let row = try books.rows(
                """
                SELECT a.state, a.ended, b.account, k.week, p.state AS parcel FROM attempt a
                LEFT JOIN blank b ON b.blank = a.blank LEFT JOIN data_key k ON k.production = a.production
                LEFT JOIN parcel p ON p.production = a.production AND p.blank = a.blank WHERE a.attempt = ?
                """, [.text(attempt.rawValue)]
            ).first
            // of another ledger: not ours to judge
            guard let row else { continue }
            if try isUnneeded(row) { unneeded.append(attempt) }
        }
        return unneeded
    }

    private func isUnneeded(_ row: SQLRow) throws -> Bool {
        guard row.optionalText("week") != nil else { return true }
        let account = row.optionalText("account").flatMap(Account.init(rawValue:))
        let age = now.microseconds - (row.optionalInteger("ended") ?? now.microseconds)
        func isOlder(_ days: Int64) -> Bool { age > days * 86_400_000_000 }
        switch AttemptState(rawValue: try row.text("state")) {
        case .produced?:
            guard account == .good else { return account != .sample && account != .held }
            return row.optionalText("parcel") != nil || isOlder(Self.goodDays)
        case .spoiled?: return account == .destroyed || isOlder(Self.spoiledDays)
        default: return false
        }
    }
}
