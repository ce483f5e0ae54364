import Foundation
import Ground
import KeyVault
import Ledger
import PostgresClient

/// The stores that the plant's books lie in.
enum StoreKind: CaseIterable { case sqlite, postgres }

/// Books of one test in one of the stores, gone afterwards.
final class StoreOfBooks {
    private let folder = TemporaryFolder()
    private let kind: StoreKind
    private let schema = "books_" + UUID().uuidString.lowercased().filter { $0 != "-" }

    init(_ kind: StoreKind) { self.kind = kind }

    func open() async throws -> Books {
        let keys = try FileWeekKeys(folder: folder.path + "/vault")
        try keys.prepare()
        let url =
            switch kind {
            case .sqlite: folder.path + "/ledger.db"
            case .postgres: try Registry.server.get() + "?sakk_schema=\(schema)&sakk_patience=120"
            }
        return try await Books.open(url, keys: keys, time: World.Clock(time: World.now))
    }

    deinit {
        guard kind == .postgres, let server = try? Registry.server.get() else { return }
        try? PostgresConnection(PostgresOptions(server)).run("DROP SCHEMA IF EXISTS \(schema) CASCADE")
    }
}
