import Ground

/// Names and types of the columns of a statement, and the form in which its answer is asked for.
struct RowShape {
    let columns: [String: Int]
    let types: [UInt32]
    /// 1 (binary) when all columns have a binary form that is read here, otherwise 0 (text).
    let format: Int32

    /// Object identifiers of pg_type.dat.
    enum OID {
        static let bool: UInt32 = 16
        static let bytea: UInt32 = 17
        static let int8: UInt32 = 20
        static let int2: UInt32 = 21
        static let int4: UInt32 = 23
        static let oid: UInt32 = 26
        static let numeric: UInt32 = 1700
        /// "char" is left out: its text form has escapes.
        static let texts: Set<UInt32> = [19, 25, 1042, 1043]
        static let integers: Set<UInt32> = [int8, int2, int4, oid]
    }

    init(names: [String], types: [UInt32]) {
        columns = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        self.types = types
        let readable = types.allSatisfy {
            $0 == OID.bool || $0 == OID.bytea || OID.integers.contains($0) || OID.texts.contains($0)
        }
        format = readable ? 1 : 0
    }

    static func decode(_ bytes: UnsafeRawBufferPointer, type: UInt32, binary: Bool) -> PostgresValue {
        if binary {
            switch type {
            case OID.bytea: return .blob(Bytes(bytes))
            case OID.bool: return .integer(bytes[0] == 0 ? 0 : 1)
            case OID.oid: return .integer(Int64(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }))
            case OID.int8, OID.int4, OID.int2:
                let negative: Int64 = bytes[0] & 0x80 == 0 ? 0 : -1
                return .integer(bytes.reduce(negative) { $0 << 8 | Int64($1) })
            default: return .text(String(decoding: bytes, as: UTF8.self))
            }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        switch type {
        case OID.bool: return .integer(text == "t" ? 1 : 0)
        case OID.bytea: return Bytes(hex: String(text.dropFirst(2))).map(PostgresValue.blob) ?? .text(text)
        case OID.numeric: return Int64(text).map(PostgresValue.integer) ?? .text(text)
        case _ where OID.integers.contains(type): return Int64(text).map(PostgresValue.integer) ?? .text(text)
        default: return .text(text)
        }
    }
}
