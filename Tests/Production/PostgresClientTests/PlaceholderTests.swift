import Testing

@testable import PostgresClient

struct PlaceholderTests {
    @Test func `question marks become numbers, in order`() throws {
        let placeholders = try Placeholders("UPDATE t SET a = ?, b = ? WHERE c IN (?)")
        #expect(placeholders.text == "UPDATE t SET a = $1, b = $2 WHERE c IN ($3)")
        #expect(placeholders.count == 3)
    }

    @Test(arguments: [
        "SELECT '?', 'it''s ?'", "SELECT \"a?\"", "SELECT 1 -- ?", "SELECT /* ? /* ? */ ? */ 1", "SELECT $$ ? $$",
        "SELECT $tag$ ? $ $tag $tag$", "SELECT E'\\'?'",
    ])
    func `a question mark inside quotes and comments stays`(sql: String) throws {
        let placeholders = try Placeholders(sql)
        #expect(placeholders.text == sql)
        #expect(placeholders.count == 0)
    }

    @Test func `what looks like the start of a quote does not swallow a placeholder`() throws {
        #expect(try Placeholders("SELECT a - ?, b / ?, name'x', $1").text == "SELECT a - $1, b / $2, name'x', $1")
    }

    @Test func `a placeholder that is compared with NULL gets a type`() throws {
        #expect(
            try Placeholders("? IS NULL OR ? is  not null OR ? IS TRUE OR ?").text
                == "$1::text IS NULL OR $2::text is  not null OR $3 IS TRUE OR $4")
    }

    @Test func `numbered placeholders are refused, doubled ones are the operator`() throws {
        #expect(throws: PostgresFailure.self) { try Placeholders("SELECT ?1") }
        #expect(try Placeholders("SELECT a ?? ?").text == "SELECT a ? $1")
    }
}
