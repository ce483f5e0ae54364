/// What every session of Sakk is set to, and what its server must be.
enum Session {
    static func setUp(_ connection: PostgresConnection) throws(PostgresFailure) {
        let options = connection.options
        let settings = [
            ("statement_timeout", milliseconds(options.statementTimeout)),
            ("lock_timeout", milliseconds(options.lockTimeout)),
            ("idle_in_transaction_session_timeout", milliseconds(options.idleInTransactionTimeout)),
            ("bytea_output", "hex"), ("standard_conforming_strings", "on"), ("client_min_messages", "warning"),
            // the server must notice a dead client too, or its locks outlive it
            ("tcp_keepalives_idle", "5"), ("tcp_keepalives_interval", "2"), ("tcp_keepalives_count", "3"),
        ]
        let calls = settings.map { _ in "set_config(?, ?, false)" }.joined(separator: ", ")
        try connection.execute(
            "SELECT \(calls)", settings.flatMap { [PostgresValue.text($0.0), .text($0.1)] })
        if let schema = options.schema {
            try connection.run("SET search_path TO \(PostgresConnection.quoted(schema))")
        }
        try demandDurability(connection)
    }

    private static func demandDurability(_ connection: PostgresConnection) throws(PostgresFailure) {
        let row = try connection.rows(
            """
            SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_pages,
              current_setting('synchronous_commit') AS synchronous
            """
        ).first
        func isOn(_ column: String) -> Bool { row?[column] == .text("on") }
        if connection.options.demandsDurability, !isOn("fsync") || !isOn("full_pages") {
            throw PostgresFailure(
                .refused,
                detail: "the server runs with fsync or full_page_writes off: a power cut would damage the books")
        }
        // `remote_apply` waits for more than `on` does and stays
        if !isOn("synchronous"), row?["synchronous"] != .text("remote_apply") {
            try connection.run("SET synchronous_commit TO on")
        }
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let parts = duration.components
        return "\(parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)"
    }
}
