import CPostgres
import Ground

/// One PGresult, freed with its owner.
final class Answer {
    private let result: OpaquePointer

    init(_ result: OpaquePointer) { self.result = result }
    deinit { PQclear(result) }

    /// The command tag, for example `INSERT 0 1`.
    var tag: String { String(cString: PQcmdStatus(result)) }
    var affected: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    /// The end of an exchange.
    var isInStep: Bool { PQresultStatus(result) == PGRES_PIPELINE_SYNC }

    /// Nil when this part of the answer is no error.
    func failure() -> PostgresFailure? {
        let status = PQresultStatus(result)
        guard status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR else {
            return nil
        }
        guard let sqlstate = field("C") else { return PostgresFailure(.away, detail: "the connection is lost") }
        var detail = "SQLSTATE \(sqlstate)"
        if PostgresFailure.mayQuote(sqlstate), let message = field("M") { detail = message }
        let names: [(Unicode.Scalar, String)] = [("t", "table"), ("c", "column"), ("n", "constraint")]
        for (code, word) in names {
            if let name = field(code) { detail += ", \(word) \(name)" }
        }
        let away = PostgresFailure.endsSession(sqlstate)
        return PostgresFailure(away ? .away : .server, sqlstate: sqlstate, constraint: field("n"), detail: detail)
    }

    /// A field of an error by its letter (PostgreSQL manual 55.8).
    private func field(_ code: Unicode.Scalar) -> String? {
        PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
    }

    func rows(_ shape: RowShape) -> [PostgresRow] {
        (0..<PQntuples(result)).map { row in
            PostgresRow(
                columns: shape.columns,
                values: shape.types.indices.map { column in
                    guard PQgetisnull(result, row, Int32(column)) == 0 else { return .null }
                    let bytes = UnsafeRawBufferPointer(
                        start: PQgetvalue(result, row, Int32(column)),
                        count: Int(PQgetlength(result, row, Int32(column))))
                    return RowShape.decode(bytes, type: shape.types[column], binary: shape.format == 1)
                })
        }
    }

    /// Of a described statement: types of the placeholders, names and types of the columns.
    var parameterTypes: [UInt32] { (0..<PQnparams(result)).map { PQparamtype(result, $0) } }
    var shape: RowShape {
        let count = PQnfields(result)
        return RowShape(
            names: (0..<count).map { String(cString: PQfname(result, $0)) },
            types: (0..<count).map { PQftype(result, $0) })
    }
}

/// The part of an answer that is still to come, or was put aside because another statement had to go first.
final class RowStream {
    let shape: RowShape
    var isComplete = false
    private var buffered: ArraySlice<PostgresRow> = []

    init(shape: RowShape) { self.shape = shape }

    func buffer(_ rows: [PostgresRow]) { buffered += rows }
    func takeBuffered() -> PostgresRow? { buffered.popFirst() }
}
