public import Ground
public import OpenSSLCrypto
public import Stations

/// Which list of an authority the books read last.
public struct StopListState: Sendable, Hashable {
    public let number: Int64
    public let issuedAt: WallTime
    public let nextUpdate: WallTime
    public init(number: Int64, issuedAt: WallTime, nextUpdate: WallTime) {
        self.number = number
        self.issuedAt = issuedAt
        self.nextUpdate = nextUpdate
    }
}

/// What a keeper of stop-lists needs of the books.
public protocol StopListBooks: Sendable {
    func state(of authority: String) async throws(SakkError) -> StopListState?
    /// Why this production was withdrawn, nil while it stands. For ever: a list that no longer names it changes nothing.
    func withdrawal(of production: ProductionID) async throws(SakkError) -> String?
    /// Number, times and entries in one transaction; refuses a number that is not larger than the last.
    func enter(_ list: StopList) async throws(SakkError)
}

/// Takes signed stop-lists into the books and answers from there: `record.standing.old` as soon as the list of one
/// authority is missing, past its next update, or older than the configured age.
public struct StopListKeeper: RecordStanding {
    public struct Configuration: Sendable {
        /// Whose lists must be there.
        public var authorities: [String]
        public var trust: [X509Certificate]
        public var maxAgeSeconds: Int64

        public init(authorities: [String], trust: [X509Certificate], maxAgeSeconds: Int64) {
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

    /// How far the clocks of an authority and of this machine may be apart.
    static let clockToleranceMicroseconds: Int64 = 300_000_000

    public init(_ configuration: Configuration, books: any StopListBooks, time: any TimeSource = SystemTime()) {
        self.configuration = configuration
        self.books = books
        self.time = time
    }

    /// Takes a signed list. Throws `cms.*`, `stoplist.schema`, `stoplist.authority`, `stoplist.number.rollback`,
    /// `stoplist.number.conflict` (the same number, another list), `record.standing.old` (old on arrival).
    @discardableResult
    public func accept(_ envelope: Bytes) async throws(SakkError) -> Acceptance {
        let list = try StopList.verify(envelope, trust: configuration.trust, at: time.wall())
        guard configuration.authorities.contains(list.authority) else {
            throw failure(
                "stoplist.authority", list.authority, "The list is of an authority that is not configured.",
                "Check where it came from; `authorities` names those that are expected.")
        }
        try checkAge(list.state, of: list.authority)
        if let last = try await books.state(of: list.authority), list.number <= last.number {
            try await check(list, knownAs: last)
            return .known
        }
        try FaultPoint.pass("stoplist.verified")
        try await books.enter(list)
        try FaultPoint.pass("stoplist.entered")
        return .taken
    }

    public func standing(of production: ProductionID) async throws(SakkError) -> Standing {
        for authority in configuration.authorities {
            guard let state = try await books.state(of: authority) else {
                throw old(authority, "There is no stop-list of this authority.")
            }
            try checkAge(state, of: authority)
        }
        return try await books.withdrawal(of: production).map { .withdrawn(reason: $0) } ?? .valid
    }

    private func check(_ list: StopList, knownAs last: StopListState) async throws(SakkError) {
        guard list.number == last.number else {
            throw failure(
                "stoplist.number.rollback", list.authority,
                "List \(list.number) comes after list \(last.number) was taken.",
                "Take the authority's newest list; ask who brought the old one.")
        }
        var isSame = list.state == last
        for production in list.entries.keys where isSame {
            isSame = try await books.withdrawal(of: production) != nil
        }
        guard isSame else {
            throw failure(
                "stoplist.number.conflict", list.authority, "There are two lists of number \(list.number).",
                "Ask the authority which one is right; it must issue a new number.")
        }
    }

    private func checkAge(_ state: StopListState, of authority: String) throws(SakkError) {
        let now = time.wall()
        guard now < state.nextUpdate else { throw old(authority, "Its next update is overdue.") }
        let age = now.microseconds - state.issuedAt.microseconds
        guard age <= configuration.maxAgeSeconds * 1_000_000 else {
            throw old(authority, "It is older than \(configuration.maxAgeSeconds) seconds.")
        }
        // a clock that was set back would make every list young
        guard age >= -StopListKeeper.clockToleranceMicroseconds else {
            throw old(authority, "It was issued in the future: this machine's clock or the authority's is wrong.")
        }
    }

    private func old(_ authority: String, _ text: String) -> SakkError {
        failure(
            "record.standing.old", authority, "The stop-list cannot be relied on. \(text)",
            "Take the authority's newest list with `sakk queue stop-list`, then let the line go on.")
    }

    private func failure(_ code: SakkError.Code, _ authority: String, _ text: String, _ remedy: String) -> SakkError {
        SakkError(code, source: "stop-list", subject: authority, text: text, remedy: remedy)
    }
}

extension StopList {
    var state: StopListState { StopListState(number: number, issuedAt: issuedAt, nextUpdate: nextUpdate) }
}
