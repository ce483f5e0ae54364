import CPostgres

/// One session with a server. Blocking, for one thread; not Sendable.
///
/// Nothing here waits without a limit: each answer has the answer timeout, and a session that was cut or stayed silent
/// is closed and says `away` from then on. A new connection is a new object.
public final class PostgresConnection {
    public let options: PostgresOptions
    /// `postgresql host:port/database`, for errors.
    public let source: String

    // touched by the thread of its owner only; nil once closed
    private var handle: OpaquePointer?
    private var statements: StatementCache
    /// The answer that is being read row by row. A second statement first takes the rest of it into memory.
    private var stream: RowStream?

    /// Connects and sets the session up: UTF8, timeouts, `synchronous_commit`.
    ///
    /// - Throws: `away` when nobody answers in time, `refused` when the server turns us down or is not durable.
    public init(_ options: PostgresOptions) throws(PostgresFailure) {
        self.options = options
        source = Conninfo.describe(options.conninfo)
        statements = StatementCache(limit: options.statementLimit)
        do {
            handle = try Conninfo.connect(options)
            try prepareSession()
        } catch {
            close()
            throw error
        }
    }

    /// `postgresql host:port/database` of a connection string; no password.
    public static func name(of conninfo: String) -> String { Conninfo.describe(conninfo) }

    deinit { close() }

    public func close() {
        guard let open = handle else { return }
        handle = nil
        stream = nil
        PQfinish(open)
    }

    public var isOpen: Bool { handle.map { PQstatus($0) == CONNECTION_OK } ?? false }
    /// The server's process for this session.
    public var backend: Int32 { handle.map { PQbackendPID($0) } ?? 0 }
    public var isInTransaction: Bool { handle.map { PQtransactionStatus($0) != PQTRANS_IDLE } ?? false }
    public var preparedStatements: Int { statements.count }

    // MARK: Statements

    /// Runs one statement with `?` placeholders and gives the number of rows changed (or selected).
    @discardableResult
    public func execute(_ sql: String, _ arguments: [PostgresValue] = []) throws(PostgresFailure) -> Int {
        let statement = try send(sql, arguments, rowByRow: false)
        let answer = try lastAnswer(of: statement)
        return answer.affected
    }

    public func rows(_ sql: String, _ arguments: [PostgresValue] = []) throws(PostgresFailure) -> [PostgresRow] {
        let statement = try send(sql, arguments, rowByRow: false)
        return try lastAnswer(of: statement).rows(statement.shape)
    }

    /// Row by row, in the memory of one row. `body` may run other statements: the rest of this answer is then taken
    /// into memory first. When it throws, the rest is read and dropped, and the transaction stays usable.
    public func forEach(_ sql: String, _ arguments: [PostgresValue] = [], _ body: (PostgresRow) throws -> Void) throws {
        let statement = try send(sql, arguments, rowByRow: true)
        let stream = RowStream(shape: statement.shape)
        self.stream = stream
        do {
            while let row = try next(of: stream) { try body(row) }
        } catch {
            if self.stream === stream { try drain(stream, keeping: false) }
            throw error
        }
    }

    /// Runs a script of statements without arguments, in one go and in one transaction unless it says otherwise.
    public func run(_ script: String) throws(PostgresFailure) {
        let connection = try ready()
        guard PQsendQuery(connection, script) == 1 else { throw lost() }
        _ = try lastAnswer(of: nil)
    }

    // MARK: Transactions

    public enum Mode: String, Sendable {
        case write = "BEGIN ISOLATION LEVEL READ COMMITTED"
        /// One snapshot for all statements.
        case snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    }

    public func begin(_ mode: Mode) throws(PostgresFailure) { try run(mode.rawValue) }

    /// On disk when this returns. A failure in doubt says so; any other means that nothing was done.
    public func commit() throws(PostgresFailure) {
        let connection = try ready()
        guard PQsendQuery(connection, "COMMIT") == 1 else { throw lost() }
        let answer: Answer
        do {
            answer = try lastAnswer(of: nil)
        } catch {
            throw error.kind == .away ? error.doubting() : error
        }
        // a transaction in which a statement failed is rolled back by COMMIT, without an error
        guard answer.tag == "COMMIT" else {
            throw PostgresFailure(.server, sqlstate: "25P02", detail: "a statement of the transaction had failed")
        }
    }

    /// Never fails: a session that cannot roll back is closed, which rolls back too.
    public func rollback() {
        guard isOpen, isInTransaction else { return }
        do { try run("ROLLBACK") } catch { close() }
    }

    // MARK: Notifications

    public func listen(_ channel: String) throws(PostgresFailure) { try run("LISTEN \(Self.quoted(channel))") }

    /// Sent when the transaction commits; equal ones in one transaction are one.
    public func notify(_ channel: String, payload: String = "") throws(PostgresFailure) {
        try execute("SELECT pg_notify(?, ?)", [.text(channel), .text(payload)])
    }

    /// Waits at most `limit`; nil when nothing came or the waker was woken.
    public func notification(within limit: Duration, waker: PostgresWaker? = nil) throws(PostgresFailure)
        -> PostgresNotification?
    {
        let connection = try ready()
        let deadline = ContinuousClock.now.advanced(by: limit)
        while true {
            if let raw = PQnotifies(connection) {
                defer { PQfreemem(raw) }
                return PostgresNotification(
                    channel: String(cString: raw.pointee.relname), payload: String(cString: raw.pointee.extra),
                    sender: raw.pointee.be_pid)
            }
            switch Socket.wait(PQsocket(connection), toWrite: false, until: deadline, waker: waker) {
            case .ready: guard PQconsumeInput(connection) == 1 else { throw lost() }
            case .timedOut, .woken: return nil
            }
        }
    }

    static func quoted(_ name: String) -> String {
        "\"" + name.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }
}

// MARK: - One question and its answer

extension PostgresConnection {
    /// The connection, with the stream of an outer statement put aside.
    func ready() throws(PostgresFailure) -> OpaquePointer {
        if let stream { try drain(stream, keeping: true) }
        guard let handle, PQstatus(handle) == CONNECTION_OK else { throw lost() }
        return handle
    }

    func send(_ sql: String, _ arguments: [PostgresValue], rowByRow: Bool) throws(PostgresFailure)
        -> PreparedStatement
    {
        let connection = try ready()
        let statement = try prepared(sql, arguments)
        let sent = try Arguments(arguments).withPointers { count, values, lengths, formats in
            PQsendQueryPrepared(connection, statement.name, count, values, lengths, formats, statement.shape.format)
        }
        guard sent == 1 else { throw lost() }
        if rowByRow { PQsetSingleRowMode(connection) }
        return statement
    }

    /// Prepares the text once for each set of types; also asks for the columns, so that integers and blobs can come
    /// in their binary form.
    func prepared(_ sql: String, _ arguments: [PostgresValue]) throws(PostgresFailure) -> PreparedStatement {
        if let known = statements.find(sql, for: arguments) { return known }
        let connection = try ready()
        let placeholders = try Placeholders(sql)
        guard placeholders.count == arguments.count else {
            throw PostgresFailure(
                .misuse, detail: "\(placeholders.count) placeholders and \(arguments.count) arguments")
        }
        if let old = statements.evicted() { try run("DEALLOCATE \(Self.quoted(old))") }
        let name = statements.freshName(for: sql)
        let types = arguments.map(PreparedStatement.declaredType(of:))
        guard PQsendPrepare(connection, name, placeholders.text, Int32(types.count), types) == 1 else { throw lost() }
        _ = try lastAnswer(of: nil)
        guard PQsendDescribePrepared(connection, name) == 1 else { throw lost() }
        let description = try lastAnswer(of: nil)
        let statement = PreparedStatement(name: name, description: description)
        statements.keep(statement, for: sql)
        return statement
    }

    /// Reads until the server is ready for the next question.
    func lastAnswer(of statement: PreparedStatement?) throws(PostgresFailure) -> Answer {
        var last: Answer?
        var failure: PostgresFailure?
        while let answer = try nextAnswer() {
            if let refused = answer.failure() {
                failure = failure ?? refused
            } else {
                last = answer
            }
        }
        if let failure { throw report(failure, of: statement) }
        guard let last else { throw lost() }
        return last
    }

    private func next(of stream: RowStream) throws(PostgresFailure) -> PostgresRow? {
        if let row = stream.takeBuffered() { return row }
        guard !stream.isComplete else { return nil }
        while let answer = try nextAnswer() {
            if let failure = answer.failure() {
                finish(stream)
                while try nextAnswer() != nil {}
                throw report(failure, of: nil)
            }
            // the last answer of single-row mode has no row
            if let row = answer.rows(stream.shape).first { return row }
        }
        finish(stream)
        return nil
    }

    private func finish(_ stream: RowStream) {
        stream.isComplete = true
        if self.stream === stream { self.stream = nil }
    }

    private func drain(_ stream: RowStream, keeping: Bool) throws(PostgresFailure) {
        var failure: PostgresFailure?
        while let answer = try nextAnswer() {
            if let refused = answer.failure() {
                failure = refused
            } else if keeping {
                stream.buffer(answer.rows(stream.shape))
            }
        }
        finish(stream)
        if let failure { throw report(failure, of: nil) }
    }

    /// The next part of the answer, nil at its end. Waits at most the answer timeout for each part.
    func nextAnswer() throws(PostgresFailure) -> Answer? {
        guard let handle else { throw lost() }
        let deadline = ContinuousClock.now.advanced(by: options.answerTimeout)
        while true {
            let unsent = PQflush(handle)
            guard unsent >= 0 else { throw lost() }
            if PQisBusy(handle) == 0, unsent == 0 { break }
            switch Socket.wait(PQsocket(handle), toWrite: unsent == 1, until: deadline, waker: nil) {
            case .ready: guard PQconsumeInput(handle) == 1 else { throw lost() }
            case .timedOut, .woken:
                close()
                throw PostgresFailure(.away, detail: "no answer within \(options.answerTimeout)")
            }
        }
        return PQgetResult(handle).map(Answer.init)
    }

    /// What to tell about a failed answer; closes the session when it is over.
    func report(_ failure: PostgresFailure, of statement: PreparedStatement?) -> PostgresFailure {
        if failure.kind == .away || !isOpen {
            close()
            return PostgresFailure(.away, sqlstate: failure.sqlstate, detail: failure.detail)
        }
        // the shape of a table changed, or a pooler took the statement away: prepare again next time
        if failure.sqlstate == "0A000" || failure.sqlstate == "26000", let statement { statements.forget(statement) }
        return failure
    }

    func lost() -> PostgresFailure {
        // an administrator's farewell (57P01) may wait unread in the socket
        var sqlstate: String?
        if let handle {
            // a broken pipeline may give the same answer for ever
            for _ in 0..<64 {
                guard PQisBusy(handle) == 0, let answer = PQgetResult(handle).map(Answer.init) else { break }
                sqlstate = answer.failure()?.sqlstate ?? sqlstate
            }
        }
        close()
        return PostgresFailure(.away, sqlstate: sqlstate, detail: "the connection is lost")
    }

    private func prepareSession() throws(PostgresFailure) {
        try Session.setUp(self)
    }
}
