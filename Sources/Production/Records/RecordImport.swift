import Glibc
public import Ground
public import OpenSSLCrypto
public import Stations

/// A record that intake may queue. The envelope is kept byte for byte.
public struct AcceptedRecord: Sendable {
    public let name: String
    public let productionID: ProductionID
    public let envelope: Bytes
    /// SHA-256 of the envelope, 32 bytes.
    public let envelopeDigest: Bytes
    public let record: ApprovedRecord
}

/// What a file of records holds: whom to queue, and a line for each thing that is wrong.
public struct ImportReading: Sendable {
    /// Nil when the file does not say (a single envelope, or nothing readable).
    public let batchID: BatchID?
    public let authority: String?
    public let accepted: [AcceptedRecord]
    public let problems: [RecordProblem]
}

/// Reads a batch (tar) or a single envelope (`.p7m`). One bad record does not stop the others; a file that is broken
/// as a whole gives no record. What is already known is for the ledger to say.
public struct RecordImport: Sendable {
    public struct Limits: Sendable {
        public var fileBytes = 512 * 1024 * 1024
        public var records = 10_000
        public init() {}
    }

    private let trust: [X509Certificate]
    private let rules: RecordRules
    private let limits: Limits
    private let time: any TimeSource

    public init(
        trust: [X509Certificate], rules: RecordRules = .standard, limits: Limits = Limits(),
        time: any TimeSource = SystemTime()
    ) {
        self.trust = trust
        self.rules = rules
        self.limits = limits
        self.time = time
    }

    /// Never throws: a file that cannot be opened is one problem line.
    public func read(file path: String) -> ImportReading {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        do throws(TarFailure) {
            return read(try contents(of: path), name: name)
        } catch {
            return refused([RecordProblem(recordName: name, code: error.code, reason: error.reason)])
        }
    }

    /// - Parameter name: what problem lines call the file.
    public func read(_ bytes: Bytes, name: String) -> ImportReading {
        func whole(_ code: SakkError.Code, _ reason: String) -> ImportReading {
            refused([RecordProblem(recordName: name, code: code, reason: reason)])
        }
        guard !bytes.isEmpty else { return whole("batch.empty", "the file is empty") }
        guard bytes.count <= limits.fileBytes else {
            return whole("batch.too_large", "the file has more than \(limits.fileBytes) bytes")
        }
        if Tar.looksLikeTar(bytes) {
            do throws(TarFailure) {
                let members = try Tar.read(
                    bytes, maxMembers: limits.records + 1,
                    maxMemberBytes: max(ApprovalEnvelope.maxBytes, limits.records * 256))
                return batch(members, name: name)
            } catch {
                return whole(error.code, error.reason)
            }
        }
        guard bytes[0] == 0x30 else {
            return whole("batch.unknown", "the file is neither a batch (tar) nor an envelope (CMS in DER)")
        }
        var collector = Collector()
        open(bytes, name: name, requestID: nil, authority: nil, into: &collector)
        return ImportReading(
            batchID: nil, authority: collector.accepted.first?.record.authority, accepted: collector.accepted,
            problems: collector.problems)
    }

    private struct Collector {
        var accepted: [AcceptedRecord] = []
        var problems: [RecordProblem] = []
        var productions: Set<ProductionID> = []
    }

    private func batch(_ members: [TarMember], name: String) -> ImportReading {
        var files: [String: Bytes] = [:]
        var collector = Collector()
        var repeated: Set<String> = []
        for member in members where files.updateValue(member.bytes, forKey: member.name) != nil {
            repeated.insert(member.name)
        }
        guard !repeated.contains(BatchFile.manifestName) else {
            let reason = "the manifest stands twice"
            return refused([RecordProblem(recordName: name, code: "batch.name.duplicate", reason: reason)])
        }
        guard let bytes = files.removeValue(forKey: BatchFile.manifestName) else {
            let reason = "the batch has no \(BatchFile.manifestName)"
            return refused([RecordProblem(recordName: name, code: "batch.manifest.missing", reason: reason)])
        }
        let findings = FieldReader.Findings(recordName: BatchFile.manifestName)
        guard let manifest = BatchManifest(bytes, findings: findings) else { return refused(findings.problems) }

        func note(_ record: String, _ code: SakkError.Code, _ reason: String) {
            collector.problems.append(RecordProblem(recordName: record, code: code, reason: reason))
        }
        let requestCounts = Dictionary(manifest.records.map { ($0.requestID, 1) }, uniquingKeysWith: +)
        var listed: Set<String> = []
        for entry in manifest.records {
            guard listed.insert(entry.name).inserted, !repeated.contains(entry.name) else {
                note(entry.name, "batch.name.duplicate", "the name stands twice in the batch")
                collector.accepted.removeAll { $0.name == entry.name }
                continue
            }
            guard let envelope = files[entry.name] else {
                note(entry.name, "batch.member.missing", "the manifest lists it and the batch does not hold it")
                continue
            }
            guard requestCounts[entry.requestID] == 1 else {
                note(entry.name, "batch.request.duplicate", "its request stands twice in the batch")
                continue
            }
            guard ConstantTime.equal(Digest.sha256(envelope), entry.digest) else {
                note(entry.name, "batch.digest.mismatch", "the envelope is not the one that the manifest lists")
                continue
            }
            open(
                envelope, name: entry.name, requestID: entry.requestID, authority: manifest.authority,
                into: &collector)
        }
        for unlisted in files.keys.sorted() where !listed.contains(unlisted) {
            note(unlisted, "batch.member.unlisted", "the batch holds it and the manifest does not list it")
        }
        return ImportReading(
            batchID: manifest.batchID, authority: manifest.authority, accepted: collector.accepted,
            problems: collector.problems)
    }

    private func open(
        _ envelope: Bytes, name: String, requestID: String?, authority: String?, into collector: inout Collector
    ) {
        func note(_ field: String, _ code: SakkError.Code, _ reason: String) {
            collector.problems.append(RecordProblem(recordName: name, field: field, code: code, reason: reason))
        }
        let opening = ApprovalEnvelope.open(envelope, name: name, trust: trust, rules: rules, at: time.wall())
        guard case .record(let record) = opening else {
            if case .refused(let problems) = opening { collector.problems += problems }
            return
        }
        if let requestID, requestID != record.requestID {
            note("request_id", "batch.request.mismatch", "the manifest lists another request for this envelope")
        } else if let authority, authority != record.authority {
            note("authority", "batch.authority.mismatch", "the record is of another authority than its batch")
        } else if !collector.productions.insert(record.productionID).inserted {
            note("request_id", "batch.request.duplicate", "its request stands twice in the batch")
        } else {
            collector.accepted.append(
                AcceptedRecord(
                    name: name, productionID: record.productionID, envelope: envelope,
                    envelopeDigest: Digest.sha256(envelope), record: record))
        }
    }

    private func refused(_ problems: [RecordProblem]) -> ImportReading {
        ImportReading(batchID: nil, authority: nil, accepted: [], problems: problems)
    }

    private func contents(of path: String) throws(TarFailure) -> Bytes {
        guard let file = fopen(path, "rb") else {
            throw TarFailure(code: "batch.unreadable", reason: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var information = stat()
        guard fstat(fileno(file), &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw TarFailure(code: "batch.unreadable", reason: "this is not a file")
        }
        guard information.st_size <= limits.fileBytes else {
            throw TarFailure(code: "batch.too_large", reason: "the file has more than \(limits.fileBytes) bytes")
        }
        var bytes = Bytes(repeating: 0, count: Int(information.st_size))
        let count = fread(&bytes, 1, bytes.count, file)
        guard count == bytes.count, ferror(file) == 0 else {
            throw TarFailure(code: "batch.unreadable", reason: "the file could not be read to its end")
        }
        return bytes
    }
}
