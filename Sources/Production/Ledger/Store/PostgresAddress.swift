import Foundation
public import PostgresClient

/// `postgresql://user@host:port/database?...` with Sakk's own words taken out, which libpq would refuse:
/// `sakk_schema=NAME` (the ledger lives in that schema), `sakk_patience=SECONDS` (no limit of a session is shorter: for
/// machines that do much else) and `sakk_durability=bench` (a server with fsync off is accepted; for measuring only).
public struct PostgresAddress: Sendable {
    public private(set) var options: PostgresOptions
    /// Host, port, database and schema; no password.
    let name: String

    public static func isOne(_ url: String) -> Bool {
        url.hasPrefix("postgresql://") || url.hasPrefix("postgres://")
    }

    public init(_ url: String) {
        var schema: String?
        var isBench = false
        var patience: Duration?
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let items = parts.count < 2 ? [] : parts[1].split(separator: "&")
        let others = items.filter { item in
            let pair = item.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2 else { return true }
            switch pair[0] {
            case "sakk_schema": schema = pair[1].removingPercentEncoding
            case "sakk_patience": patience = Int64(pair[1]).map { .seconds($0) }
            case "sakk_durability": isBench = pair[1] == "bench"
            default: return true
            }
            return false
        }
        var options = PostgresOptions(
            String(parts.first ?? "") + (others.isEmpty ? "" : "?" + others.joined(separator: "&")))
        options.schema = schema
        options.demandsDurability = !isBench
        if let patience {
            options.connectTimeout = max(options.connectTimeout, patience)
            options.statementTimeout = max(options.statementTimeout, patience)
            options.lockTimeout = max(options.lockTimeout, patience)
            options.idleInTransactionTimeout = max(options.idleInTransactionTimeout, patience)
            options.answerTimeout = max(options.answerTimeout, patience + .seconds(10))
        }
        self.options = options
        name = PostgresConnection.name(of: options.conninfo) + (schema.map { " schema \($0)" } ?? "")
    }

    /// The same address with other timeouts.
    func with(_ change: (inout PostgresOptions) -> Void) -> PostgresAddress {
        var address = self
        change(&address.options)
        return address
    }
}
