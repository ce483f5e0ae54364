import CPostgres
import Glibc

/// The connection string: what may be told of it, and the way to a connection.
enum Conninfo {
    /// `postgresql host:port/database`. The string itself may hold a password and is never shown.
    static func describe(_ conninfo: String) -> String {
        let fields = parsed(conninfo) ?? [:]
        let host = fields["host"] ?? fields["hostaddr"] ?? "local"
        return "postgresql \(host):\(fields["port"] ?? "5432")/\(fields["dbname"] ?? fields["user"] ?? "")"
    }

    private static func parsed(_ conninfo: String) -> [String: String]? {
        guard let options = PQconninfoParse(conninfo, nil) else { return nil }
        defer { PQconninfoFree(options) }
        var fields: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { fields[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return fields
    }

    /// What a plant needs unless the connection string says otherwise: a dead peer is noticed within about ten seconds.
    private static let defaults = [
        ("keepalives", "1"), ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
        ("tcp_user_timeout", "10000"),
    ]

    static func connect(_ options: PostgresOptions) throws(PostgresFailure) -> OpaquePointer {
        // libpq's own message would quote the string
        guard parsed(options.conninfo) != nil else {
            throw PostgresFailure(.refused, detail: "the connection string cannot be read")
        }
        // later words win: the caller's over the defaults, ours over the caller's
        let words =
            defaults + [("fallback_application_name", options.application), ("dbname", options.conninfo)] + [
                ("client_encoding", "UTF8")
            ]
        guard let handle = start(words) else { throw PostgresFailure(.away, detail: "no memory for a connection") }
        sakk_pq_silence(handle)
        do {
            try finish(handle, within: options.connectTimeout)
            PQsetnonblocking(handle, 1)
            return handle
        } catch {
            PQfinish(handle)
            throw error
        }
    }

    private static func start(_ words: [(String, String)]) -> OpaquePointer? {
        let keys = words.map { strdup($0.0) }
        let values = words.map { strdup($0.1) }
        defer { (keys + values).forEach { free($0) } }
        func list(_ texts: [UnsafeMutablePointer<CChar>?]) -> [UnsafePointer<CChar>?] {
            texts.map { $0.map { UnsafePointer($0) } } + [nil]
        }
        return PQconnectStartParams(list(keys), list(values), 1)
    }

    private static func finish(_ handle: OpaquePointer, within limit: Duration) throws(PostgresFailure) {
        let deadline = ContinuousClock.now.advanced(by: limit)
        var state = PGRES_POLLING_WRITING
        while PQstatus(handle) != CONNECTION_BAD {
            if state == PGRES_POLLING_OK { return }
            if state == PGRES_POLLING_FAILED { break }
            let readiness = Socket.wait(
                PQsocket(handle), toWrite: state == PGRES_POLLING_WRITING, until: deadline, waker: nil)
            guard readiness == .ready else {
                throw PostgresFailure(.away, detail: "no connection within \(limit)")
            }
            state = PQconnectPoll(handle)
        }
        // names host, port, role and database, never the password
        let message = String(cString: PQerrorMessage(handle)).split(separator: "\n").first.map(String.init) ?? ""
        throw PostgresFailure(turnsDown(message) ? .refused : .away, detail: message)
    }

    /// libpq keeps no SQLSTATE of a failed connection: these are the server's FATAL messages that waiting does not cure.
    private static func turnsDown(_ message: String) -> Bool {
        guard message.contains("FATAL") || message.contains("no password supplied") else { return false }
        let passing = [
            "starting up", "not yet accepting", "shutting down", "recovery mode", "too many",
            "remaining connection slots",
        ]
        return !passing.contains { message.contains($0) }
    }
}
