public import Ground
public import OpenSSLCrypto
internal import Records

/// Approvals that an authority took back: CMS SignedData (RFC 5652) over JSON `sakk.stoplist/1`.
///
/// Its number only grows, so that an old list, however well signed, cannot pass for a new one. What was withdrawn stays
/// withdrawn: an authority that changes its mind gives a new approval.
public struct StopList: Sendable {
    public let authority: String
    public let number: Int64
    public let issuedAt: WallTime
    /// When the authority promises the next one; from then on this one says nothing any more.
    public let nextUpdate: WallTime
    /// What is withdrawn, and the authority's word why.
    public let entries: [ProductionID: String]

    public static let schema = "sakk.stoplist/1"
    public static let maxBytes = 64 << 20

    public init(
        authority: String, number: Int64, issuedAt: WallTime, nextUpdate: WallTime, entries: [ProductionID: String]
    ) {
        self.authority = authority
        self.number = number
        self.issuedAt = issuedAt
        self.nextUpdate = nextUpdate
        self.entries = entries
    }

    /// Verifies signature, chain and form; age and number are the keeper's business. Throws `cms.*`, `stoplist.schema`.
    public static func verify(
        _ envelope: Bytes, trust: [X509Certificate], at time: WallTime
    ) throws(SakkError) -> StopList {
        guard envelope.count <= maxBytes else { throw malformed("it is too large") }
        let verified = try CMS.verify(envelope, trust: trust, expectedContentType: CMS.dataContentType, at: time)
        return try StopList(content: verified.content)
    }

    private init(content: Bytes) throws(SakkError) {
        guard let value = try? JSONValue(parsing: content), let members = value.object else {
            throw StopList.malformed("it is not a JSON object")
        }
        guard value["schema"]?.string == StopList.schema,
            Set(members.keys) == ["schema", "authority", "number", "issued_at", "next_update", "entries"]
        else { throw StopList.malformed("its schema or its members are others than those of \(StopList.schema)") }
        guard let authority = value["authority"]?.string, (1...64).contains(authority.utf8.count),
            let number = value["number"]?.integer, number > 0,
            let issuedAt = value["issued_at"]?.string.flatMap(WallTime.init(iso8601:)),
            let nextUpdate = value["next_update"]?.string.flatMap(WallTime.init(iso8601:)), issuedAt < nextUpdate,
            let list = value["entries"]?.array
        else { throw StopList.malformed("authority, number, times or entries are missing or make no sense") }
        var entries: [ProductionID: String] = [:]
        for entry in list {
            guard let (production, reason) = StopList.entry(entry, authority: authority) else {
                throw StopList.malformed("entry \(entries.count + 1) names no production and no request, or no reason")
            }
            entries[production] = reason
        }
        self.init(
            authority: authority, number: number, issuedAt: issuedAt, nextUpdate: nextUpdate, entries: entries)
    }

    /// `{production_id, reason}` or `{request_id, product, issue, reason}`. A reason is a short plain word: it goes to
    /// screens and journals.
    private static func entry(_ value: JSONValue, authority: String) -> (ProductionID, String)? {
        guard let reason = value["reason"]?.string, WebJSON.isName(reason) else { return nil }
        if let text = value["production_id"]?.string {
            guard text.utf8.count == 26, value.object?.count == 2 else { return nil }
            return (ProductionID(text), reason)
        }
        guard let request = value["request_id"]?.string, let product = value["product"]?.string,
            let issue = value["issue"]?.integer, (1...99).contains(issue), value.object?.count == 4
        else { return nil }
        let production = ProductionID(
            authority: authority, requestID: request, product: product, issueNumber: Int(issue))
        return (production, reason)
    }

    /// As an authority makes it.
    public func seal(signer: X509Certificate, key: PrivateKey) throws(SakkError) -> Bytes {
        let list = entries.sorted { $0.key < $1.key }.map { production, reason -> JSONValue in
            ["production_id": .string(production.rawValue), "reason": .string(reason)]
        }
        let content: JSONValue = [
            "schema": .string(StopList.schema), "authority": .string(authority), "number": .integer(number),
            "issued_at": .string(issuedAt.iso8601), "next_update": .string(nextUpdate.iso8601),
            "entries": .array(list),
        ]
        return try ApprovalEnvelope.seal(content: content.canonical, at: issuedAt, signer: signer, key: key)
    }

    static func malformed(_ reason: String) -> SakkError {
        SakkError(
            "stoplist.schema", source: "stop-list", text: "The stop-list cannot be read: \(reason).",
            remedy: "Keep the list before it and ask the authority for a good one.")
    }
}
