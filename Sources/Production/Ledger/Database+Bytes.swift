import Foundation
import GRDB
import Ground

extension [UInt8] {
    var data: Data { Data(self) }
}

extension Row {
    func bytes(_ column: String) -> Bytes {
        let data: Data = self[column]
        return Bytes(data)
    }

    /// Canonical JSON that this ledger wrote.
    func object(_ column: String) -> [String: JSONValue] {
        guard let value = try? JSONValue(parsing: bytes(column)) else { return [:] }
        return value.object ?? [:]
    }
}
