import Ground
import OpenSSLCrypto
import Records
import Seeds
import Stations
import Testing

/// The seeds of the repository, and records made from them.
enum World {
    static let path: String = {
        let parts = #filePath.split(separator: "/").dropLast(4)
        return "/" + parts.joined(separator: "/") + "/seeds"
    }()

    static let now = WallTime(iso8601: "2026-06-01T00:00:00Z") ?? WallTime(microseconds: 0)

    struct Clock: TimeSource {
        let time: WallTime
        func wall() -> WallTime { time }
        func boot() -> BootTime { BootTime(boot: "test", microseconds: 0) }
    }

    static func folder() throws -> SeedFolder { try SeedFolder(path: path) }

    static func records(
        _ count: Int, seed: UInt64 = 1, product: String = "iq-national-id"
    ) throws -> [ApprovedRecord] {
        try BatchSeeder(seed: seed, folder: folder()).makeRecords(product: product, count: count)
    }

    static func importer(limits: RecordImport.Limits = .init(), at time: WallTime = now) throws -> RecordImport {
        RecordImport(trust: [try folder().certificate("approval-ca")], limits: limits, time: Clock(time: time))
    }

    static func batch(_ count: Int) throws -> BatchFile {
        try BatchSeeder(seed: 1, folder: folder()).batch(
            product: "iq-national-id", count: count, signer: folder().signer())
    }

    /// The content of a good record with one change to its top-level members.
    static func content(_ change: (inout [String: JSONValue]) -> Void) throws -> Bytes {
        let record = try #require(try records(1).first)
        var members = try #require(RecordEncoder.json(record).object)
        change(&members)
        return JSONValue.object(members).canonical
    }

    static func problems(_ content: Bytes) -> [RecordProblem] {
        switch RecordDecoder().decode(content, name: "x.p7m") {
        case .record: []
        case .refused(let problems): problems
        }
    }
}

extension JSONValue {
    /// The same object with another value at a path of member names.
    func setting(_ path: [String], _ value: JSONValue?) -> JSONValue {
        guard let first = path.first, var members = object else { return self }
        if path.count == 1 {
            members[first] = value
        } else {
            members[first] = (members[first] ?? [:]).setting(Array(path.dropFirst()), value)
        }
        return .object(members)
    }
}
