import PostgresClient
import PostgresRig
import Testing

struct StatementTests {
    @Test func `a statement is prepared once, and only so many are kept`() throws {
        var options = try PostgresServer.options()
        options.statementLimit = 100
        let connection = try PostgresConnection(options)
        for round in 0..<3 {
            for number in 0..<150 {
                #expect(
                    try connection.rows("SELECT ? + \(number) AS sum", [.integer(Int64(round))])[0]["sum"]
                        == .integer(Int64(round + number)))
            }
        }
        #expect(connection.preparedStatements == 100)
        let known = try connection.rows("SELECT count(*) AS n FROM pg_prepared_statements")[0]["n"]
        #expect(known == .integer(100))
    }

    @Test func `an answer of many rows comes row by row, and other statements run in between`() throws {
        let connection = try PostgresServer.connect()
        var sum: Int64 = 0
        var asked = 0
        try connection.forEach("SELECT generate_series(1, 20000)::bigint AS i") { row in
            guard case .integer(let integer) = row["i"] else { return }
            sum += integer
            if integer == 100 || integer == 19_999 {
                asked += try connection.rows("SELECT ? AS echo", [.integer(integer)]).count
            }
        }
        #expect(sum == 20_000 * 20_001 / 2)
        #expect(asked == 2)
    }

    @Test func `a reader that stops in the middle leaves the transaction usable`() throws {
        struct Enough: Error {}
        let connection = try PostgresServer.connect()
        try connection.begin(.snapshot)
        #expect(throws: Enough.self) {
            try connection.forEach("SELECT generate_series(1, 5000)") { _ in throw Enough() }
        }
        #expect(try connection.rows("SELECT 1 AS one")[0]["one"] == .integer(1))
        try connection.commit()
    }

    @Test func `an error in the middle of an answer is thrown`() throws {
        let connection = try PostgresServer.connect()
        var seen = 0
        let failure = #expect(throws: PostgresFailure.self) {
            try connection.forEach("SELECT 1 / (3000 - i) FROM generate_series(1, 5000) AS t(i)") { _ in seen += 1 }
        }
        #expect(failure?.sqlstate == "22012")
        #expect(seen == 2999)
        #expect(connection.isOpen)
    }

    @Test func `a refused constraint names itself and no value`() throws {
        try PostgresServer.withSchema { options in
            let connection = try PostgresConnection(options)
            try connection.run("CREATE TABLE holder (name TEXT CONSTRAINT one_each UNIQUE, CHECK (name <> 'nobody'))")
            try connection.execute("INSERT INTO holder VALUES (?)", [.text("Utopia Specimen")])
            let failure = #expect(throws: PostgresFailure.self) {
                try connection.execute("INSERT INTO holder VALUES (?)", [.text("Utopia Specimen")])
            }
            #expect(failure?.sqlstate == "23505")
            #expect(failure?.constraint == "one_each")
            #expect(failure?.detail.contains("Specimen") == false)
            let cast = #expect(throws: PostgresFailure.self) {
                try connection.rows("SELECT ?::text::bigint", [.text("Specimen")])
            }
            #expect(cast?.detail == "SQLSTATE 22P02")
        }
    }

    @Test func `a wrong count of arguments is refused before it is sent`() throws {
        let connection = try PostgresServer.connect()
        let failure = #expect(throws: PostgresFailure.self) { try connection.rows("SELECT ?, ?", [.integer(1)]) }
        #expect(failure?.kind == .misuse)
    }

    @Test func `a table that changes its shape costs one failed statement, not the connection`() throws {
        try PostgresServer.withSchema { options in
            let connection = try PostgresConnection(options)
            try connection.run("CREATE TABLE t (a BIGINT); INSERT INTO t VALUES (1)")
            #expect(try connection.rows("SELECT * FROM t")[0].values == [.integer(1)])
            try connection.run("ALTER TABLE t ADD COLUMN b TEXT DEFAULT 'x'")
            _ = try? connection.rows("SELECT * FROM t")
            #expect(try connection.rows("SELECT * FROM t")[0].values == [.integer(1), .text("x")])
        }
    }

    @Test func `the session is durable and gives up its locks`() throws {
        let connection = try PostgresConnection(PostgresOptions(PostgresServer.conninfo()))
        func setting(_ name: String) throws -> PostgresValue {
            try connection.rows("SELECT current_setting(?) AS s", [.text(name)])[0]["s"]
        }
        #expect(try setting("synchronous_commit") == .text("on"))
        #expect(try setting("client_encoding") == .text("UTF8"))
        #expect(try setting("idle_in_transaction_session_timeout") == .text("10s"))
        #expect(try setting("lock_timeout") == .text("5s"))
    }
}
