public import Ground
public import OpenSSLCrypto
public import Stations

/// A signed record: CMS SignedData (RFC 5652) in DER, content attached.
public enum ApprovalEnvelope {
    /// What a verified envelope says.
    public enum Opening: Sendable {
        case record(ApprovedRecord)
        case refused([RecordProblem])
    }

    /// Larger envelopes are not parsed.
    public static let maxBytes = 500_000

    /// Verifies signature and chain, then reads and checks the record.
    /// - Parameter time: when the certificates must be valid.
    public static func open(
        _ envelope: Bytes, name: String, trust: [X509Certificate], rules: RecordRules = .standard, at time: WallTime
    ) -> Opening {
        guard envelope.count <= maxBytes else {
            let reason = "more than \(maxBytes) bytes"
            return .refused([RecordProblem(recordName: name, code: "record.too_large", reason: reason)])
        }
        do throws(SakkError) {
            switch RecordDecoder(rules: rules).decode(try content(of: envelope, trust, time), name: name) {
            case .record(let record): return .record(record)
            case .refused(let problems): return .refused(problems)
            }
        } catch {
            return .refused([RecordProblem(recordName: name, code: error.code, reason: error.text)])
        }
    }

    /// What is signed, by one whom the anchors vouch for at that time.
    fileprivate static func content(
        of envelope: Bytes, _ trust: [X509Certificate], _ time: WallTime
    ) throws(SakkError) -> Bytes {
        try CMS.verify(envelope, trust: trust, expectedContentType: CMS.dataContentType, at: time).content
    }

    /// As `open`, throwing the first problem (`cms.*`, `record.*` or `image.*`).
    public static func verify(
        _ envelope: Bytes, trust: [X509Certificate], rules: RecordRules = .standard, at time: WallTime
    ) throws(SakkError) -> ApprovedRecord {
        switch open(envelope, name: "envelope", trust: trust, rules: rules, at: time) {
        case .record(let record): return record
        case .refused(let problems):
            throw problems.first?.error
                ?? SakkError("record.syntax", source: "record", text: "The record is refused.", remedy: "Return it.")
        }
    }

    /// Signs a record as an authority does. The claimed signing time is the approval's, so that equal records signed
    /// with an RSA key give equal bytes.
    public static func seal(
        _ record: ApprovedRecord, signer: X509Certificate, key: PrivateKey
    ) throws(SakkError) -> Bytes {
        try seal(content: RecordEncoder.encode(record), at: record.approvedAt, signer: signer, key: key)
    }

    /// Signs any content: tests seal what no record may be.
    public static func seal(
        content: Bytes, at time: WallTime, signer: X509Certificate, key: PrivateKey
    ) throws(SakkError) -> Bytes {
        try CMS.sign(
            content: content, contentTypeOID: CMS.dataContentType, signer: signer, key: key, chain: [],
            digest: .sha256, signingTime: time)
    }
}

/// Opens envelopes again before the first irreversible act, against the same anchors and the present time.
public struct RecordVerifier: RecordVerification {
    private let trust: [X509Certificate]
    private let rules: RecordRules
    private let time: any TimeSource

    public init(trust: [X509Certificate], rules: RecordRules = .standard, time: any TimeSource = SystemTime()) {
        self.trust = trust
        self.rules = rules
        self.time = time
    }

    public func verify(_ envelope: Bytes) throws(SakkError) -> ApprovedRecord {
        try ApprovalEnvelope.verify(envelope, trust: trust, rules: rules, at: time.wall())
    }

    public func confirm(_ envelope: Bytes) throws(SakkError) {
        _ = try ApprovalEnvelope.content(of: envelope, trust, time.wall())
    }
}
