public import Ground

/// How far a batch is, as its authority may know it: ids and states, no personal data.
public struct BatchStatus: Sendable, Hashable {
    public struct Production: Sendable, Hashable {
        public let production: ProductionID
        public let state: String
        /// A code such as `print.inspection`, never a text about a person.
        public let reason: String?
        /// Tries so far: more than one is a remake.
        public let attempts: Int
        /// Where its parcel stands (`boxed`, `dispatched`, `delivered`, ...); nil before it is packed.
        public let delivery: String?
        /// What holds of the document itself: `active` only when it is in its holder's hands, `recalled`, `suspended`,
        /// `lost`, `destroyed`; nil while none of them does.
        public let document: String?

        public init(
            production: ProductionID, state: String, reason: String?, attempts: Int, delivery: String? = nil,
            document: String? = nil
        ) {
            self.delivery = delivery
            self.document = document
            self.production = production
            self.state = state
            self.reason = reason
            self.attempts = attempts
        }
    }

    public let batch: BatchID
    public let authority: String
    /// Grows with every change of the books (their tick): the larger one is the newer one.
    public internal(set) var number: Int64
    public let asOf: WallTime
    public let productions: [Production]

    public init(batch: BatchID, authority: String, number: Int64, asOf: WallTime, productions: [Production]) {
        self.batch = batch
        self.authority = authority
        self.number = number
        self.asOf = asOf
        self.productions = productions
    }

    /// How many are in each state.
    public var counts: [String: Int] { Dictionary(productions.map { ($0.state, 1) }, uniquingKeysWith: +) }
}

/// The signed status file of a batch: CMS over JSON `sakk.batch-status/1`.
public enum BatchStatusFile {
    public static let schema = "sakk.batch-status/1"

    public static func content(_ status: BatchStatus) -> JSONValue {
        let productions = status.productions.sorted { $0.production < $1.production }.map { production -> JSONValue in
            var row: [String: JSONValue] = [
                "production_id": .string(production.production.rawValue), "state": .string(production.state),
                "reason": production.reason.map { .string($0) } ?? .null,
                "attempts": .integer(Int64(production.attempts)),
            ]
            row["delivery"] = production.delivery.map { .string($0) }
            row["document"] = production.document.map { .string($0) }
            return .object(row)
        }
        return [
            "schema": .string(schema), "batch_id": .string(status.batch.rawValue),
            "authority": .string(status.authority), "number": .integer(status.number),
            "as_of": .string(status.asOf.iso8601),
            "counts": .object(status.counts.mapValues { .integer(Int64($0)) }), "productions": .array(productions),
        ]
    }

    /// Writes `status-BATCH.p7m`, whole or not at all; returns its path. A reader takes the larger `number`.
    @discardableResult
    public static func write(
        _ status: BatchStatus, to folder: String, seal: any Sealing
    ) throws(SakkError) -> String {
        try DurableFile.makeFolder(folder)
        let path = "\(folder)/status-\(PlainName.of(status.batch.rawValue)).p7m"
        try DurableFile.write(try seal.seal(content(status).canonical, at: status.asOf), to: path)
        return path
    }
}
