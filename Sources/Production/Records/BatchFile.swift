public import Ground
import OpenSSLCrypto

/// A batch as it travels: a tar with `manifest.json` (`sakk.batch/1`) first and one `.p7m` envelope per record.
public struct BatchFile: Sendable {
    public static let schema = "sakk.batch/1"
    public static let manifestName = "manifest.json"

    public struct Entry: Sendable {
        /// File name in the tar, for example `0001.p7m`.
        public let name: String
        public let requestID: String
        public let envelope: Bytes

        public init(name: String, requestID: String, envelope: Bytes) {
            self.name = name
            self.requestID = requestID
            self.envelope = envelope
        }
    }

    public let batchID: BatchID
    public let authority: String
    public let created: WallTime
    public let entries: [Entry]

    public init(batchID: BatchID, authority: String, created: WallTime, entries: [Entry]) {
        self.batchID = batchID
        self.authority = authority
        self.created = created
        self.entries = entries
    }

    public var manifest: Bytes {
        let records = entries.map { entry -> JSONValue in
            [
                "name": .string(entry.name), "request_id": .string(entry.requestID),
                "sha256": .string(Digest.sha256(entry.envelope).hex.lowercased()),
            ]
        }
        let value: JSONValue = [
            "schema": .string(BatchFile.schema), "batch_id": .string(batchID.rawValue),
            "authority": .string(authority), "created": .string(created.iso8601), "records": .array(records),
        ]
        return value.canonical
    }

    /// The tar; equal batches give equal bytes.
    public var tar: Bytes {
        let manifest = TarMember(name: BatchFile.manifestName, bytes: manifest)
        return Tar.write([manifest] + entries.map { TarMember(name: $0.name, bytes: $0.envelope) }, modified: created)
    }
}

/// What a manifest says, before any envelope is opened.
struct BatchManifest {
    struct Record {
        let name: String
        let requestID: String
        let digest: Bytes
    }

    let batchID: BatchID
    let authority: String
    let records: [Record]

    /// Nil when there are problems in `findings`.
    init?(_ bytes: Bytes, findings: FieldReader.Findings) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            let encoding = String(validating: bytes, as: UTF8.self) == nil
            findings.add(
                encoding ? "batch.encoding" : "batch.manifest.syntax", "",
                encoding ? "the manifest is not UTF-8" : "the manifest is not strict JSON at byte \(error.offset)")
            return nil
        }
        guard let members = value.object, value["schema"]?.string == BatchFile.schema else {
            findings.add("batch.manifest.schema", "schema", "\(BatchFile.schema) is expected")
            return nil
        }
        let reader = FieldReader(members, findings: findings)
        _ = reader.string("schema")
        let batch = reader.string("batch_id")
        let authority = reader.string("authority")
        let created = reader.string("created")
        if let created, WallTime(iso8601: created) == nil {
            findings.add("record.field.form", "created", "a UTC time written YYYY-MM-DDThh:mm:ssZ is expected")
        }
        var records: [Record] = []
        for (index, item) in reader.array("records").enumerated() {
            let entry = FieldReader(item.object ?? [:], path: "records[\(index)]", findings: findings)
            let name = entry.string("name")
            let request = entry.string("request_id")
            let digest = entry.string("sha256", length: 64...64)
            entry.refuseOthers()
            guard let name, let request, let digest else { continue }
            guard Tar.isPlain(Array(name.utf8)), name.hasSuffix(".p7m") else {
                findings.add("batch.name.unsafe", entry.field("name"), "a plain file name ending in .p7m is expected")
                continue
            }
            guard let bytes = Bytes(hex: digest) else {
                findings.add("record.field.form", entry.field("sha256"), "64 hexadecimal digits are expected")
                continue
            }
            records.append(Record(name: name, requestID: request, digest: bytes))
        }
        reader.refuseOthers()
        guard findings.problems.isEmpty, let batch, let authority else { return nil }
        batchID = BatchID(batch)
        self.authority = authority
        self.records = records
    }
}
