import Ground
import PostgresClient
import PostgresRig
import Testing

struct ValueTests {
    @Test(arguments: [Int64.min, -1, 0, 1, 255, 256, 1 << 40, Int64.max])
    func `an integer comes back exactly, from a column and from an expression`(integer: Int64) throws {
        let connection = try PostgresServer.connect()
        let rows = try connection.rows(
            "SELECT ? AS plain, COALESCE(?, 0) AS chosen, SUM(v) AS total FROM (VALUES (?)) AS t(v)",
            [.integer(integer), .integer(integer), .integer(integer)])
        #expect(rows.count == 1)
        #expect(rows[0]["plain"] == .integer(integer))
        #expect(rows[0]["chosen"] == .integer(integer))
        // SUM of bigint is numeric: another form on the wire, the same number
        #expect(rows[0]["total"] == .integer(integer))
    }

    @Test func `smaller integers, booleans and counts are integers`() throws {
        let connection = try PostgresServer.connect()
        let row = try #require(
            try connection.rows(
                "SELECT (-5)::int2 AS two, (-70000)::int4 AS four, true AS yes, false AS no, count(*) AS n, 7::oid AS oid"
            ).first)
        #expect(row.columns.count == 6)
        #expect(row["two"] == .integer(-5))
        #expect(row["four"] == .integer(-70000))
        #expect(row["yes"] == .integer(1))
        #expect(row["no"] == .integer(0))
        #expect(row["n"] == .integer(1))
        #expect(row["oid"] == .integer(7))
        #expect(row["nothing"] == .null)
    }

    @Test(arguments: ["", "a", "أحمد بن علي", "it's \"?\" \\ $1", "👮🏽‍♀️", String(repeating: "x", count: 9000)])
    func `a text comes back exactly`(text: String) throws {
        let connection = try PostgresServer.connect()
        #expect(
            try connection.rows("SELECT ?::text AS t, length(?) AS n", [.text(text), .text(text)])[0]["t"]
                == .text(text))
    }

    @Test(arguments: [0, 1, 2, 255, 256, 1 << 20])
    func `bytes come back exactly, in both forms of the wire`(count: Int) throws {
        let blob = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let connection = try PostgresServer.connect()
        #expect(try connection.rows("SELECT ? AS b", [.blob(blob)])[0]["b"] == .blob(blob))
        // a column without a binary form here turns the whole answer to text
        #expect(try connection.rows("SELECT ? AS b, now() AS t", [.blob(blob)])[0]["b"] == .blob(blob))
    }

    @Test func `null is null in every place, and one statement serves null and value`() throws {
        try PostgresServer.withSchema { options in
            let connection = try PostgresConnection(options)
            try connection.run("CREATE TABLE t (i BIGINT, s TEXT, b BYTEA)")
            let insert = "INSERT INTO t VALUES (?, ?, ?)"
            try connection.execute(insert, [.null, .null, .null])
            try connection.execute(insert, [.integer(1), .text("s"), .blob([1])])
            try connection.execute(insert, [.null, .text("s"), .null])
            #expect(connection.preparedStatements < 6)
            #expect(try connection.rows("SELECT * FROM t WHERE i IS NULL")[0].values == [.null, .null, .null])
            #expect(try connection.rows("SELECT 1 FROM t WHERE (? IS NULL OR s = ?)", [.null, .null]).count == 3)
            #expect(
                try connection.rows("SELECT 1 FROM t WHERE (? IS NULL OR i = ?)", [.integer(1), .integer(1)]).count == 1
            )
        }
    }

    @Test func `a text that the server cannot hold is refused before it is sent`() throws {
        let connection = try PostgresServer.connect()
        let failure = #expect(throws: PostgresFailure.self) { try connection.rows("SELECT ?", [.text("a\u{0}b")]) }
        #expect(failure?.kind == .misuse)
        #expect(try connection.rows("SELECT 1 AS one")[0]["one"] == .integer(1))
    }

    @Test func `types without a form of their own are the server's text`() throws {
        let connection = try PostgresServer.connect()
        let row = try connection.rows(
            "SELECT 1.50::numeric AS n, '2026-01-31'::date AS d, 12345678901234567890 AS big")[0]
        #expect(row.values == [.text("1.50"), .text("2026-01-31"), .text("12345678901234567890")])
    }

    @Test func `changed rows are counted`() throws {
        try PostgresServer.withSchema { options in
            let connection = try PostgresConnection(options)
            try connection.run("CREATE TABLE t (i BIGINT PRIMARY KEY)")
            #expect(try connection.execute("INSERT INTO t SELECT generate_series(1, 5)") == 5)
            #expect(try connection.execute("INSERT INTO t VALUES (?) ON CONFLICT DO NOTHING", [.integer(5)]) == 0)
            #expect(try connection.execute("UPDATE t SET i = i + 10 WHERE i > ?", [.integer(3)]) == 2)
            #expect(try connection.execute("DELETE FROM t") == 5)
        }
    }
}
