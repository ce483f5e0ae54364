import Foundation
public import Ground
import Records

/// A registry's list of approved records over HTTPS with mutual TLS (`docs/connectors.md`, `sakk.pull/1`).
///
/// `GET /v1/records?after=CURSOR&limit=N` gives a page; the cursor is the server's own word. `POST /v1/acknowledgements`
/// follows the ledger's commit, and tells the refused ones with a code.
public struct HTTPSSource: RecordSource {
    public let name: String
    private let client: WebClient
    private let pageRecords: Int

    /// - Parameter pageRecords: how many records are asked for at a time, 1 to 1000.
    public init(name: String, client: WebClient, pageRecords: Int = 100) {
        self.name = name
        self.client = client
        self.pageRecords = pageRecords
    }

    public func pull(after cursor: String?) async throws(SakkError) -> SourcePage {
        var request = WebRequest("/v1/records")
        if let cursor { request.query.append(("after", cursor)) }
        request.query.append(("limit", "\(pageRecords)"))
        let answer = try await client.send(request)
        let value = try WebJSON.object(answer.body, schema: "sakk.pull/1", source: name)
        guard let next = value["next"]?.string, !next.isEmpty, next.utf8.count <= 1024 else {
            throw WebFailure.schema(name, "`next` is not a text of 1 to 1024 bytes")
        }
        guard let more = value["more"]?.bool, let records = value["records"]?.array, records.count <= 1000 else {
            throw WebFailure.schema(name, "`more` or `records` is missing, or there are more than 1000 records")
        }
        var items: [SourceItem] = []
        for record in records {
            guard let id = record["id"]?.string, WebJSON.isName(id) else {
                throw WebFailure.schema(name, "a record has no `id` of 1 to 128 plain characters")
            }
            // what is no base64 is a record to be refused, not a page to be stopped at for ever
            let content = record["cms"]?.string.flatMap { Data(base64Encoded: $0) }.map { Bytes($0) }
            let batch = record["batch_id"]?.string.flatMap { WebJSON.isName($0) ? BatchID($0) : nil }
            items.append(SourceItem(id: id, content: content ?? [], batch: batch))
        }
        return SourcePage(items: items, next: next, more: more)
    }

    public func acknowledge(_ acknowledgement: Acknowledgement) async throws(SakkError) {
        let refused = acknowledgement.verdicts.filter { !$0.isTaken }.map { verdict -> JSONValue in
            let problem = verdict.refused.first
            return [
                "id": .string(verdict.id), "code": .string(problem?.code.rawValue ?? "record.refused"),
                "field": .string(problem?.field ?? ""), "reason": .string(problem?.reason ?? ""),
            ]
        }
        let body: JSONValue = [
            "schema": "sakk.acknowledgement/1",
            "ids": .array(acknowledgement.verdicts.filter(\.isTaken).map { .string($0.id) }),
            "refused": .array(refused),
            "cursor": acknowledgement.cursor.map { .string($0) } ?? .null,
        ]
        _ = try await client.send(WebRequest("/v1/acknowledgements", body: body.canonical))
    }
}
