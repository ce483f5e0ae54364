public import Ground

/// What crosses the wire. Integers are `bigint`, blobs are `bytea`, texts take the type that the statement gives them.
public enum PostgresValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case blob(Bytes)
}

/// One row of an answer. Integers and booleans (1, 0) are exact, a `numeric` without fraction that fits is an integer,
/// `bytea` is a blob; every other type is the text that the server writes.
public struct PostgresRow: Sendable {
    /// Shared by all rows of one answer.
    public let columns: [String: Int]
    public let values: [PostgresValue]

    /// `null` too when there is no such column.
    public subscript(_ column: String) -> PostgresValue { columns[column].map { values[$0] } ?? .null }
}

/// What another session said with NOTIFY.
public struct PostgresNotification: Sendable, Hashable {
    public let channel: String
    public let payload: String
    /// The process of the server that sent it, to know one's own.
    public let sender: Int32
}
