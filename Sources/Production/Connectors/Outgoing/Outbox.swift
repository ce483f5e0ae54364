public import Ground
import OpenSSLCrypto

/// One event on its way to a webhook.
public struct OutboxEvent: Sendable, Hashable {
    /// Place in the order, from 1, without gaps.
    public let number: Int
    /// Idempotency key: the same for every try, so that the receiver acts once.
    public let key: String
    /// The whole body, byte for byte as it will be sent.
    public let body: Bytes
}

/// Events that must go out, in a folder: whole files, numbered, synced before `add` returns.
///
/// `waiting/` goes out in order; `delivered/` and `parked/` remember. Names are `NUMBER-HASH.json`, with a hash of the
/// key, so that an event that is added again is known without opening a file. Delivered events are kept in their last
/// ten thousand.
public actor Outbox {
    static let delivered = 10_000

    private let folder: String
    private let lock: FileLock
    private var last: Int
    private var known: Set<String>
    private var waiting: [String]
    private var kept: [String]

    /// Throws `outbox.busy` while another program has the folder open.
    public init(folder: String) throws(SakkError) {
        try DurableFile.makeFolder(folder)
        for inner in ["waiting", "delivered", "parked"] { try DurableFile.makeFolder("\(folder)/\(inner)") }
        guard let lock = FileLock(try DurableFile.lock("\(folder)/.lock")) else {
            throw SakkError(
                "outbox.busy", source: folder, text: "Another program has this outbox open.",
                remedy: "End the other program.")
        }
        self.lock = lock
        self.folder = folder
        waiting = try DurableFile.names(in: "\(folder)/waiting")
        kept = try DurableFile.names(in: "\(folder)/delivered")
        let all = waiting + kept + (try DurableFile.names(in: "\(folder)/parked").filter { $0.hasSuffix(".json") })
        known = Set(all.compactMap(Outbox.hash))
        last = all.compactMap { Int($0.prefix { $0 != "-" }) }.max() ?? 0
    }

    /// Puts an event behind the others. False when its key is known: nothing was done.
    @discardableResult
    public func add(key: String, body: JSONValue) throws(SakkError) -> Bool {
        guard WebJSON.isName(key) else {
            throw SakkError(
                "outbox.key", source: folder, text: "The key is not 1 to 128 visible ASCII characters.",
                remedy: "Make it of ids.")
        }
        let hash = Bytes(Digest.sha256(Bytes(key.utf8)).prefix(16)).hex.lowercased()
        guard !known.contains(hash) else { return false }
        let name = "\(Padded.nine(last + 1))-\(hash).json"
        let file: JSONValue = ["key": .string(key), "body": .string(body.canonicalText)]
        try DurableFile.write(Bytes(file.document(schema: "sakk.outbox/1").utf8), to: "\(folder)/waiting/\(name)")
        last += 1
        known.insert(hash)
        waiting.append(name)
        return true
    }

    /// How many wait.
    public var count: Int { waiting.count }

    /// The event whose turn it is.
    public func head() throws(SakkError) -> OutboxEvent? {
        guard let name = waiting.first else { return nil }
        guard let number = Int(name.prefix { $0 != "-" }),
            let bytes = try DurableFile.read("\(folder)/waiting/\(name)", atMost: 64 << 20),
            let value = try? JSONValue(parsing: bytes), value["schema"]?.string == "sakk.outbox/1",
            let key = value["key"]?.string, let body = value["body"]?.string
        else {
            throw SakkError(
                "outbox.broken", source: folder, subject: name, text: "This event cannot be read.",
                remedy: "Take the file out of `waiting` and tell the receiver which number is missing.")
        }
        return OutboxEvent(number: number, key: key, body: Bytes(body.utf8))
    }

    func markDelivered(_ event: OutboxEvent) throws(SakkError) {
        guard let name = waiting.first, Int(name.prefix { $0 != "-" }) == event.number else { return }
        try DurableFile.move("\(folder)/waiting/\(name)", to: "\(folder)/delivered/\(name)", replacing: true)
        waiting.removeFirst()
        kept.append(name)
        while kept.count > Outbox.delivered { try DurableFile.remove("\(folder)/delivered/\(kept.removeFirst())") }
    }

    /// Sets an event aside that the receiver will never take; its reason stands beside it.
    func park(_ event: OutboxEvent, because error: SakkError) throws(SakkError) {
        guard let name = waiting.first, Int(name.prefix { $0 != "-" }) == event.number else { return }
        let reason: JSONValue = [
            "code": .string(error.code.rawValue), "native": .string(error.native?.value ?? ""),
            "text": .string(error.text),
        ]
        try DurableFile.write(
            Bytes((reason.document(schema: "sakk.parked/1") + "\n").utf8), to: "\(folder)/parked/\(name).reason")
        try DurableFile.move("\(folder)/waiting/\(name)", to: "\(folder)/parked/\(name)", replacing: true)
        waiting.removeFirst()
    }

    private static func hash(_ name: String) -> String? {
        let parts = name.split(separator: ".").first?.split(separator: "-") ?? []
        return parts.count == 2 ? String(parts[1]) : nil
    }
}
