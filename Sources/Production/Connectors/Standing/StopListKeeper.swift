public import Ground
public import OpenSSLCrypto
public import Stations

/// What the books remember of the last stop-list of an authority, whatever happens to its file.
public struct StopListMark: Sendable, Hashable {
    public let number: Int64
    /// SHA-256 of the envelope.
    public let digest: Bytes
    public init(number: Int64, digest: Bytes) {
        self.number = number
        self.digest = digest
    }
}

/// What a keeper of stop-lists needs of the books.
public protocol StopListBooks: Sendable {
    func mark(of authority: String) async throws(SakkError) -> StopListMark?
    /// Durable when it returns; withdraws what the list names.
    func enter(_ list: StopList) async throws(SakkError)
}

/// Keeps the newest stop-list of each authority and answers from them: `record.standing.old` as soon as one of them is
/// missing, past its next update, or older than the configured age.
///
/// Lists are files in one folder, so that every process of a plant reads the same; the numbers stand in the books, so
/// that an old file put back is seen (`stoplist.number.rollback`).
public actor StopListKeeper: RecordStanding {
    public struct Configuration: Sendable {
        public var folder: String
        /// Whose lists must be there.
        public var authorities: [String]
        public var trust: [X509Certificate]
        public var maxAgeSeconds: Int64

        public init(folder: String, authorities: [String], trust: [X509Certificate], maxAgeSeconds: Int64) {
            self.folder = folder
            self.authorities = authorities
            self.trust = trust
            self.maxAgeSeconds = maxAgeSeconds
        }
    }

    /// What became of a list that was handed in.
    public enum Acceptance: Sendable, Equatable {
        case taken
        /// The same list was here before.
        case known
    }

    private let configuration: Configuration
    private let books: any StopListBooks
    private let time: any TimeSource
    private var lists: [String: StopList] = [:]

    /// How far the clocks of an authority and of this machine may be apart.
    static let clockToleranceMicroseconds: Int64 = 300_000_000

    public init(_ configuration: Configuration, books: any StopListBooks, time: any TimeSource = SystemTime()) {
        self.configuration = configuration
        self.books = books
        self.time = time
    }

    /// Takes a signed list: verifies it, keeps the file, then enters it in the books. A crash in between is mended by the
    /// next look at the folder. Throws `cms.*`, `stoplist.schema`, `stoplist.authority`, `stoplist.number.rollback`,
    /// `stoplist.number.conflict` (the same number, another list), `record.standing.old` (old on arrival).
    @discardableResult
    public func accept(_ envelope: Bytes) async throws(SakkError) -> Acceptance {
        let list = try StopList.verify(envelope, trust: configuration.trust, at: time.wall())
        guard configuration.authorities.contains(list.authority) else {
            throw failure(
                "stoplist.authority", list.authority, "The list is of an authority that is not configured.",
                "Check where it came from; `authorities` names those that are expected.")
        }
        try checkAge(list)
        if let mark = try await books.mark(of: list.authority) {
            try check(list, against: mark)
            if mark.number == list.number, lists[list.authority]?.number == list.number { return .known }
        }
        try DurableFile.makeFolder(configuration.folder)
        try DurableFile.write(envelope, to: path(list.authority))
        try FaultPoint.pass("stoplist.kept")
        let known = try await books.mark(of: list.authority)?.number == list.number
        if !known { try await books.enter(list) }
        try FaultPoint.pass("stoplist.entered")
        lists[list.authority] = list
        return known ? .known : .taken
    }

    public func standing(of production: ProductionID) async throws(SakkError) -> Standing {
        var answer = Standing.valid
        for authority in configuration.authorities {
            let list = try await current(authority)
            if let reason = list.entries[production] { answer = .withdrawn(reason: reason) }
        }
        return answer
    }

    /// The list of an authority, young enough to be believed.
    private func current(_ authority: String) async throws(SakkError) -> StopList {
        let mark = try await books.mark(of: authority)
        // another process may have taken a newer one
        if lists[authority] == nil || lists[authority]?.number != mark?.number { try await load(authority) }
        guard let list = lists[authority] else { throw old(authority, "There is no stop-list of this authority.") }
        if let mark { try check(list, against: mark) }
        try checkAge(list)
        return list
    }

    private func load(_ authority: String) async throws(SakkError) {
        guard let envelope = try DurableFile.read(path(authority), atMost: StopList.maxBytes) else { return }
        let list = try StopList.verify(envelope, trust: configuration.trust, at: time.wall())
        guard list.authority == authority else {
            throw failure(
                "stoplist.authority", authority, "The file holds the list of another authority.",
                "Take the authority's own list with `sakk queue stop-list`.")
        }
        let mark = try await books.mark(of: authority)
        if let mark { try check(list, against: mark) }
        if mark?.number != list.number { try await books.enter(list) }
        lists[authority] = list
    }

    private func check(_ list: StopList, against mark: StopListMark) throws(SakkError) {
        guard list.number >= mark.number else {
            throw failure(
                "stoplist.number.rollback", list.authority,
                "List \(list.number) comes after list \(mark.number) was taken.",
                "Take the authority's newest list; ask who brought the old one.")
        }
        guard list.number > mark.number || ConstantTime.equal(list.digest, mark.digest) else {
            throw failure(
                "stoplist.number.conflict", list.authority, "There are two lists of number \(list.number).",
                "Ask the authority which one is right; it must issue a new number.")
        }
    }

    private func checkAge(_ list: StopList) throws(SakkError) {
        let now = time.wall()
        guard now < list.nextUpdate else { throw old(list.authority, "Its next update is overdue.") }
        let age = now.microseconds - list.issuedAt.microseconds
        guard age <= configuration.maxAgeSeconds * 1_000_000 else {
            throw old(list.authority, "It is older than \(configuration.maxAgeSeconds) seconds.")
        }
        // a clock that was set back would make every list young
        guard age >= -StopListKeeper.clockToleranceMicroseconds else {
            throw old(list.authority, "It was issued in the future: this machine's clock or the authority's is wrong.")
        }
    }

    private func path(_ authority: String) -> String {
        "\(configuration.folder)/\(PlainName.of(authority)).p7m"
    }

    private func old(_ authority: String, _ text: String) -> SakkError {
        failure(
            "record.standing.old", authority, "The stop-list cannot be relied on. \(text)",
            "Take the authority's newest list with `sakk queue stop-list`; the line goes on by itself.")
    }

    private func failure(_ code: SakkError.Code, _ authority: String, _ text: String, _ remedy: String) -> SakkError {
        SakkError(code, source: "stop-list", subject: authority, text: text, remedy: remedy)
    }
}
