import Ground
import Ledger
import OpenSSLCrypto

/// One person at one browser.
struct Session: Sendable {
    let person: Person
    /// What each form sends back.
    let formToken: String
    /// The address that the person signed in from.
    let peer: String
    let began: Int64
    var touched: Int64
    /// The person was away: the password is asked again, and nothing else is answered.
    var isLocked: Bool
    /// A one-time credential was used: an own password has to be chosen first.
    var mustChoose: Bool
    /// SHA-256 of the certificate that it was begun with: no connection without that certificate uses it.
    var certificate: Bytes?
    /// What came of the last form; the next page shows it, once.
    var news: JSONValue?
    /// What lies before the person at the packing table.
    var bench: JSONValue?
    /// What lies at the other desks of logistics: the place, the courier, the item in hand.
    var trays: [String: JSONValue] = [:]
}

/// How long a sign-in lasts, in microseconds.
public struct SessionTimes: Sendable, Hashable {
    /// After so long without a request the password is asked again.
    public var lock: Int64 = 300_000_000
    /// After so long without a request the session ends.
    public var idle: Int64 = 1_800_000_000
    /// The longest session: one shift.
    public var longest: Int64 = 32_400_000_000
    /// How often a page that stays open asks whether its session goes on.
    public var watch = Duration.seconds(5)

    public init() {}
}

/// The sign-ins of this console. They live in memory only: a restart ends them all.
actor Sessions {
    private var byDigest: [Bytes: Session] = [:]
    private let times: SessionTimes
    private let time: any TimeSource

    init(times: SessionTimes, time: any TimeSource) {
        self.times = times
        self.time = time
    }

    private var now: Int64 { time.boot().microseconds }

    /// A new session with a token that nobody had before; an older one of the same browser ends.
    ///
    /// - Parameter keepsDesk: what lay before the person in the older one lies there again: after a lock the hands still
    ///   hold it.
    func begin(
        _ person: Person, peer: String, mustChoose: Bool, certificate: Bytes? = nil, replacing old: String?,
        keepsDesk: Bool = false
    ) throws(SakkError) -> (token: String, session: Session) {
        let before = keepsDesk ? old.flatMap { byDigest[digest($0)] } : nil
        if let old { end(old) }
        sweep()
        let token = try RandomSource.bytes(32).hex.lowercased()
        var session = Session(
            person: person, formToken: try RandomSource.bytes(32).hex.lowercased(), peer: peer, began: now,
            touched: now,
            isLocked: false, mustChoose: mustChoose, certificate: certificate)
        if let before, before.person.id == person.id { (session.bench, session.trays) = (before.bench, before.trays) }
        byDigest[digest(token)] = session
        return (token, session)
    }

    /// The session of a token; nil when it ended. `touches` tells a person's request from a page that refreshes itself.
    func find(_ token: String, touches: Bool) -> Session? {
        let key = digest(token)
        guard var session = byDigest[key] else { return nil }
        let now = now
        guard now - session.touched < times.idle, now - session.began < times.longest else {
            byDigest[key] = nil
            return nil
        }
        if now - session.touched >= times.lock { session.isLocked = true }
        if touches, !session.isLocked { session.touched = now }
        byDigest[key] = session
        return session
    }

    /// Seconds until this session locks when nobody asks for anything.
    func secondsLeft(of session: Session) -> Int64 { max(0, session.touched + times.lock - now) / 1_000_000 + 1 }

    func tell(_ news: JSONValue, _ token: String) { byDigest[digest(token)]?.news = news }

    func takeNews(_ token: String) -> JSONValue? {
        defer { byDigest[digest(token)]?.news = nil }
        return byDigest[digest(token)]?.news
    }

    func bench(_ token: String) -> JSONValue? { byDigest[digest(token)]?.bench }
    func lay(_ bench: JSONValue, _ token: String) { byDigest[digest(token)]?.bench = bench }

    func tray(_ desk: String, _ token: String) -> JSONValue? { byDigest[digest(token)]?.trays[desk] }
    func lay(_ tray: JSONValue, at desk: String, _ token: String) { byDigest[digest(token)]?.trays[desk] = tray }

    func lock(_ token: String) { byDigest[digest(token)]?.isLocked = true }
    func end(_ token: String) { byDigest[digest(token)] = nil }
    /// Ends all sessions of somebody who may no longer work here, or whose password changed.
    func endAll(of person: PersonID) { byDigest = byDigest.filter { $0.value.person.id != person } }
    var count: Int { byDigest.count }

    private func sweep() {
        let now = now
        byDigest = byDigest.filter { now - $0.value.touched < times.idle && now - $0.value.began < times.longest }
    }

    // a copy of the memory holds no token that works
    private func digest(_ token: String) -> Bytes { Digest.sha256(Bytes(token.utf8)) }
}
