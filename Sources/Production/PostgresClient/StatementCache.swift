import CPostgres
import Ground

/// A statement that the server has parsed.
struct PreparedStatement {
    let name: String
    /// Of the placeholders, as the server settled them.
    let types: [UInt32]
    let shape: RowShape

    init(name: String, description: Answer) {
        self.name = name
        types = description.parameterTypes
        shape = description.shape
    }

    /// Integers and blobs say what they are, because they go in binary; texts and nulls take the type of their place.
    static func declaredType(of value: PostgresValue) -> UInt32 {
        switch value {
        case .integer: RowShape.OID.int8
        case .blob: RowShape.OID.bytea
        case .text, .null: 0
        }
    }

    func accepts(_ arguments: [PostgresValue]) -> Bool {
        guard arguments.count == types.count else { return false }
        return zip(arguments, types).allSatisfy { value, type in
            switch value {
            case .null: true
            case .integer: type == RowShape.OID.int8
            case .blob: type == RowShape.OID.bytea
            case .text: type != RowShape.OID.int8 && type != RowShape.OID.bytea
            }
        }
    }
}

/// The statements of one connection, at most `limit`; the one unused for longest goes first.
struct StatementCache {
    private let limit: Int
    private var kept: [String: [(statement: PreparedStatement, used: UInt64)]] = [:]
    private var tick: UInt64 = 0
    private(set) var count = 0

    init(limit: Int) { self.limit = max(1, limit) }

    mutating func find(_ sql: String, for arguments: [PostgresValue]) -> PreparedStatement? {
        guard let variants = kept[sql], let index = variants.firstIndex(where: { $0.statement.accepts(arguments) })
        else { return nil }
        tick += 1
        kept[sql]?[index].used = tick
        return variants[index].statement
    }

    /// Tells in the server's log what the statement does.
    mutating func freshName(for sql: String) -> String {
        tick += 1
        return "sakk\(tick)." + sql.drop(while: \.isWhitespace).prefix { $0.isLetter }.prefix(12)
    }

    mutating func keep(_ statement: PreparedStatement, for sql: String) {
        tick += 1
        count += 1
        kept[sql, default: []].append((statement, tick))
    }

    mutating func forget(_ statement: PreparedStatement) {
        for (sql, variants) in kept where variants.contains(where: { $0.statement.name == statement.name }) {
            remove(statement.name, of: sql)
        }
    }

    /// Makes room: the name to deallocate, nil while there is room.
    mutating func evicted() -> String? {
        guard count >= limit else { return nil }
        let oldest = kept.lazy.flatMap { sql, variants in variants.map { (sql, $0.statement.name, $0.used) } }
            .min { $0.2 < $1.2 }
        guard let (sql, name, _) = oldest else { return nil }
        remove(name, of: sql)
        return name
    }

    private mutating func remove(_ name: String, of sql: String) {
        kept[sql]?.removeAll { $0.statement.name == name }
        if kept[sql]?.isEmpty == true { kept[sql] = nil }
        count -= 1
    }
}
