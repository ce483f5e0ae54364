public import Ground
public import OpenSSLCrypto

/// A document number that reached a chip or a print, or is engraved on a booklet, and is on no good document: never used
/// again.
public struct VoidNumber: Sendable, Hashable {
    /// The attempt that used the number up; nil for a booklet that none had.
    public let attempt: AttemptID?
    /// The booklet that bears the number; nil for a number that came with its record.
    public let booklet: BlankID?
    /// Whose record it was made for; nil for a booklet that no attempt had.
    public let authority: String?
    /// What the number is unique under, for example issuing state and document type, or the stock type of a booklet.
    public let numberSpace: String
    public let number: String
    public let reason: String
    public let voidedAt: WallTime

    public init(
        attempt: AttemptID, authority: String, numberSpace: String, number: String, reason: String, voidedAt: WallTime
    ) {
        self.attempt = attempt
        booklet = nil
        self.authority = authority
        self.numberSpace = numberSpace
        self.number = number
        self.reason = reason
        self.voidedAt = voidedAt
    }

    /// Of a booklet.
    public init(_ void: VoidBooklet) {
        attempt = void.attempt
        booklet = void.blank
        authority = void.authority
        numberSpace = void.stock
        number = void.number
        reason = void.reason
        voidedAt = void.voidedAt
    }

    /// It stands in the feed once by this.
    var key: String { booklet?.rawValue ?? attempt?.rawValue ?? "" }

    var entry: JSONValue {
        var entry: [String: JSONValue] = [
            "number_space": .string(numberSpace), "document_number": .string(number), "reason": .string(reason),
            "voided_at": .string(voidedAt.iso8601),
        ]
        if let attempt { entry["attempt"] = .string(attempt.rawValue) }
        if let booklet { entry["booklet"] = .string(booklet.rawValue) }
        if let authority { entry["authority"] = .string(authority) }
        return .object(entry)
    }
}

extension VoidNumber: CustomStringConvertible, CustomReflectable {
    public var description: String { "void number of \(key)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The feed of void numbers: signed pages `void-000000001.p7m` (CMS over JSON `sakk.void-feed/1`) in a folder. Pages are
/// numbered without gaps, each holds the SHA-256 of the one before, and none is ever written again; an attempt or booklet
/// stands in the feed once. A folder is written by one program at a time (`voidfeed.busy`).
public actor VoidFeed {
    public static let schema = "sakk.void-feed/1"
    private static let maxPageBytes = 16 << 20

    private let folder: String
    private let seal: any Sealing
    private let lock: FileLock
    private var last = 0
    private var lastDigest = Bytes(repeating: 0, count: 32)
    private var keys: Set<String> = []
    private var told: Set<BlankID> = []
    private var toldAttempts: Set<AttemptID> = []

    /// Reads and checks the whole feed.
    /// - Parameter trust: who signs the feed, and who did: a page is good when its signer was valid now or at the end of
    ///   one of these certificates.
    ///
    /// Throws `voidfeed.broken` with the page that is missing, changed or not ours.
    public init(
        folder: String, seal: any Sealing, trust: [X509Certificate], time: any TimeSource = SystemTime()
    ) throws(SakkError) {
        self.folder = folder
        self.seal = seal
        try DurableFile.makeFolder(folder)
        guard let lock = FileLock(try DurableFile.lock("\(folder)/.lock")) else {
            throw SakkError(
                "voidfeed.busy", source: folder, text: "Another program writes this feed.",
                remedy: "End the other program.")
        }
        self.lock = lock
        let names = try DurableFile.names(in: folder).filter { $0.hasPrefix("void-") && $0.hasSuffix(".p7m") }
        for name in names {
            let page = last + 1
            guard name == VoidFeed.name(page),
                let envelope = try DurableFile.read("\(folder)/\(name)", atMost: VoidFeed.maxPageBytes),
                let content = VoidFeed.open(envelope, trust: trust, at: time.wall()),
                let value = try? JSONValue(parsing: content), value["schema"]?.string == VoidFeed.schema,
                value["number"]?.integer == Int64(page), value["previous"]?.string == lastDigest.hex.lowercased(),
                let entries = value["entries"]?.array
            else { throw VoidFeed.broken(folder, page) }
            for entry in entries {
                guard let key = entry["booklet"]?.string ?? entry["attempt"]?.string else {
                    throw VoidFeed.broken(folder, page)
                }
                keys.insert(key)
                if let booklet = entry["booklet"]?.string {
                    told.insert(BlankID(booklet))
                } else {
                    toldAttempts.insert(AttemptID(key))
                }
            }
            last = page
            lastDigest = Digest.sha256(envelope)
        }
    }

    /// How many pages there are.
    public var count: Int { last }

    public func holds(_ attempt: AttemptID) -> Bool { keys.contains(attempt.rawValue) }

    /// The booklets whose numbers were told to be void.
    public var booklets: Set<BlankID> { told }

    /// The attempts whose records' numbers were told to be void.
    public var attempts: Set<AttemptID> { toldAttempts }

    /// Adds one page with those that are not in the feed yet; returns its number, nil when all are.
    @discardableResult
    public func append(_ numbers: [VoidNumber], at time: WallTime) throws(SakkError) -> Int? {
        var entries: [JSONValue] = []
        var fresh: Set<String> = []
        for number in numbers where !keys.contains(number.key) && fresh.insert(number.key).inserted {
            entries.append(number.entry)
        }
        guard !entries.isEmpty else { return nil }
        let content: JSONValue = [
            "schema": .string(VoidFeed.schema), "number": .integer(Int64(last + 1)),
            "previous": .string(lastDigest.hex.lowercased()), "made_at": .string(time.iso8601),
            "entries": .array(entries),
        ]
        let envelope = try seal.seal(content.canonical, at: time)
        try DurableFile.write(envelope, to: "\(folder)/\(VoidFeed.name(last + 1))")
        last += 1
        lastDigest = Digest.sha256(envelope)
        keys.formUnion(fresh)
        told.formUnion(numbers.compactMap(\.booklet))
        toldAttempts.formUnion(numbers.filter { $0.booklet == nil }.compactMap(\.attempt))
        return last
    }

    private static func open(_ envelope: Bytes, trust: [X509Certificate], at now: WallTime) -> Bytes? {
        for time in [now] + trust.map(\.notAfter) {
            let verified = try? CMS.verify(
                envelope, trust: trust, expectedContentType: CMS.dataContentType, at: time)
            if let verified { return verified.content }
        }
        return nil
    }

    private static func name(_ page: Int) -> String { "void-\(Padded.nine(page)).p7m" }

    private static func broken(_ folder: String, _ page: Int) -> SakkError {
        SakkError(
            "voidfeed.broken", source: folder, subject: name(page),
            text: "Page \(page) of the feed is missing, changed or not signed by us.",
            remedy: "Put the page back from the copy that was handed over; never make it anew.")
    }
}

/// Numbers that sort as file names.
enum Padded {
    static func nine(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 9 - digits.count)) + digits
    }
}
