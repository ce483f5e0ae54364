import Foundation
import Ground
import KeyVault
import Ledger
import OpenSSLCrypto
import Stations
import Synchronization

@testable import Console

/// A clock that tests move.
final class HandClock: TimeSource, Sendable {
    private let now = Mutex<Int64>(1_795_000_000_000_000)
    func wall() -> WallTime { WallTime(microseconds: now.withLock { $0 }) }
    func boot() -> BootTime { BootTime(boot: "test", microseconds: now.withLock { $0 }) }
    func pass(seconds: Int64) { now.withLock { $0 += seconds * 1_000_000 } }
}

/// A line without machines: it says what was asked of it.
actor QuietLine: ServedLine {
    nonisolated let id = LineID("l1")
    nonisolated let cells = [CellID("c1"), CellID("c2")]
    nonisolated let product = "iq-national-id"
    nonisolated let stock = "pc-td1"
    nonisolated let isTraining: Bool
    nonisolated let pictures: String?
    nonisolated let targetPerHour: Int? = 100
    nonisolated let countsBlanks = true
    private(set) var asked: [String] = []
    /// Of each card that was settled.
    private(set) var facts: [[String: JSONValue]] = []
    private var works = false

    /// - Parameter production: the folder of the pictures of a line that makes people's documents.
    init(production: String? = nil) {
        isTraining = production == nil
        pictures = production
    }

    func ask(_ word: LineCommand.Word, cell: CellID?, by person: String, facts: [String: JSONValue])
        async throws(SakkError) -> CommandAnswer
    {
        asked.append("\(word.rawValue) \(cell?.rawValue ?? "*") \(person)")
        if word == .settle { self.facts.append(facts) }
        return CommandAnswer(isAccepted: true, text: "\(word.rawValue): \(cell?.rawValue ?? "all").")
    }
    func begin(by person: String) async throws(SakkError) {
        asked.append("begin \(person)")
        works = true
    }
    func end(by person: String) async throws(SakkError) {
        asked.append("end \(person)")
        works = false
    }
    func controller() -> LineHand { LineHand(works: works) }
    func cameras() -> [ServedCamera] {
        [
            ServedCamera(
                cell: CellID("c1"), model: "test-camera", white: .taken(WallTime(microseconds: 1), evenness: 874)),
            ServedCamera(cell: CellID("c2"), model: "test-camera", white: .unreadable),
        ]
    }
    func keys() -> [ServedKey] {
        [
            ServedKey(
                use: .documentSigner, place: "HSM/ds-1", certificate: String(repeating: "a1", count: 32),
                subject: "CN=SPECIMEN DS 1", until: WallTime(microseconds: 1), attemptsMax: 5),
            ServedKey(
                use: .documentSigner, place: "HSM/ds-2", certificate: String(repeating: "b2", count: 32),
                subject: "CN=SPECIMEN DS 2"), ServedKey(use: .transportMaster, place: "HSM/kmc"),
        ]
    }
}

/// A console on books of its own, and somebody to ask it.
final class ConsoleRig {
    let folder: URL
    let books: Books
    let clock = HandClock()
    let line: QuietLine
    let console: Console
    /// Of the line, once it was taken over.
    var lease: Lease?
    var pictures: URL { folder.appendingPathComponent("pictures") }
    var auditFolder: String { folder.appendingPathComponent("audit").path }

    /// - Parameters:
    ///   - hasDesk: with a packing table on the places of `seeds/` and a dispatch key.
    ///   - isRenumbered: the product's profile says `on_remake: new`.
    init(
        isProduction: Bool = false, hasDesk: Bool = false, trust: ClientTrust? = nil, isRenumbered: Bool = false
    ) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sakk-console-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let pictures = folder.appendingPathComponent("pictures")
        try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
        line = QuietLine(production: isProduction ? pictures.path : nil)
        let keys = try FileWeekKeys(folder: folder.appendingPathComponent("vault").path)
        books = try await Books.open(folder.appendingPathComponent("books.sqlite").path, keys: keys, time: clock)
        var settings = ConsoleSettings(isSecure: false)
        settings.name = "test"
        settings.times.watch = .milliseconds(20)
        settings.products = [
            "iq-national-id": ProductTerms(
                headStarts: ["normal": 0, "urgent": 3_600_000_000], isRenumbered: isRenumbered,
                order: QueueOrder(product: "iq-national-id", stock: "id1", now: clock.wall()))
        ]
        settings.rejects = ["portrait.differs", "print.scratch", "print.spot"]
        settings.auditPictures = folder.appendingPathComponent("audit").path
        settings.clientTrust = trust
        console = try Console(
            books: books, lines: [line], shipping: try hasDesk ? ConsoleRig.desk(books, clock) : nil,
            signer: try hasDesk ? PrivateKey.fresh(curve: 12) : nil, settings: settings, time: clock)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Adds somebody with an own password.
    @discardableResult
    func add(_ id: String, _ roles: Set<PersonRole>, password: String? = nil, name: String? = nil) async throws
        -> Person
    {
        let person = Person(id: PersonID(id), name: name ?? id, roles: roles)
        try await books.add(person, by: "test")
        if let password {
            try await books.setCredential(
                .password(scrypt: try Scrypt.verifier(of: password)), of: person.id, by: "test")
        }
        return person
    }

    /// A browser in which this person is signed in, without the door.
    func browser(_ person: Person?) async throws -> Browser {
        guard let person else { return Browser(console: console) }
        let (token, session) = try await console.sessions.begin(
            person, peer: "10.0.0.1", mustChoose: false, replacing: nil)
        return Browser(console: console, cookie: token, formToken: session.formToken)
    }
}

/// What a browser sends.
struct Browser {
    let console: Console
    var cookie: String?
    var formToken: String?
    var headers: [String: String] = [:]
    var proof = Ask.Proof.none

    func get(_ path: String) async throws -> Reply { try await send("GET", path, "") }

    func post(_ path: String, _ fields: [(String, String)] = [], token: String? = nil) async throws -> Reply {
        let all = fields + [("token", token ?? formToken ?? "")]
        let body = all.map { "\(Address.escape($0.0))=\(Address.escape($0.1))" }.joined(separator: "&")
        return try await send("POST", path, body)
    }

    private func send(_ method: String, _ path: String, _ body: String) async throws -> Reply {
        var headers = headers
        headers["host"] = "127.0.0.1:8480"
        if method == "POST", headers["content-type"] == nil {
            headers["content-type"] = "application/x-www-form-urlencoded"
        }
        if let cookie { headers["cookie"] = "sakk-look=en.latin; sakk-session=\(cookie)" }
        guard
            let ask = Ask(
                method: method, target: path, headers: headers, body: Bytes(body.utf8), peer: "10.0.0.1", proof: proof)
        else {
            throw Unasked()
        }
        return await console.answer(ask)
    }

    struct Unasked: Error {}
}

extension Reply {
    var words: String {
        guard case .bytes(let bytes) = body else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
    var json: JSONValue {
        get throws {
            guard case .bytes(let bytes) = body else { return .null }
            return try JSONValue(parsing: bytes)
        }
    }
}
