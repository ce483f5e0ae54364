import Ground

/// What a journal row says, before it gets its number.
struct JournalEntry {
    var kind: String
    /// Of the kind's rule: rows of an older one are replayed as they were meant.
    var version: Int64
    var subjects: [String]
    /// The row of the same log that this one answers.
    var cause: Int64?
    var body: [String: JSONValue]

    /// Kinds whose rule is no longer the first one. 2 of `blank.loaded`: it ends the custody of who had the blank.
    static let versions: [String: Int64] = ["blank.loaded": 2]

    init(_ kind: String, _ subjects: [String], cause: Int64? = nil, _ body: [String: JSONValue] = [:]) {
        self.kind = kind
        version = JournalEntry.versions[kind] ?? 1
        self.subjects = subjects
        self.cause = cause
        self.body = body.filter { $0.value != .null }
    }

    init(_ row: JournalRow) throws {
        kind = row.kind
        version = row.kindVersion
        subjects = (try? JSONValue(parsing: row.subjects))?.array?.compactMap(\.string) ?? []
        cause = row.cause
        body = (try? JSONValue(parsing: row.body))?.object ?? [:]
    }

    // What a row of this kind must have: its absence is a damaged journal.
    func subject(_ index: Int) throws -> String {
        guard subjects.indices.contains(index) else { throw SQLFailure.shape("\(kind) subject \(index)") }
        return subjects[index]
    }
    func text(_ key: String) throws -> String {
        guard let text = body[key]?.string else { throw SQLFailure.shape("\(kind) \(key)") }
        return text
    }
    func integer(_ key: String) throws -> Int64 {
        guard let integer = body[key]?.integer else { throw SQLFailure.shape("\(kind) \(key)") }
        return integer
    }
    /// Empty where the row has none: rows of before the key was known.
    func texts(_ key: String) throws -> [String] {
        guard let list = body[key] else { return [] }
        guard let array = list.array else { throw SQLFailure.shape("\(kind) \(key)") }
        return array.compactMap(\.string)
    }
    func hex(_ key: String) throws -> Bytes {
        guard let bytes = Bytes(hex: try text(key)) else { throw SQLFailure.shape("\(kind) \(key)") }
        return bytes
    }
}

/// Where and when a row stands.
struct Stamp {
    let log: String
    let seq: Int64
    let epoch: Int64
    let wall: Int64
}

extension JSONValue {
    static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
    static func count(_ number: Int) -> JSONValue { .integer(Int64(number)) }
}
