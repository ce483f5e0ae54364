public import Ground

/// What the manufacturer says is in a delivery (`sakk.stock-manifest/1`).
public struct StockManifest: Sendable, Hashable {
    public struct Box: Sendable, Hashable {
        public let box: String
        public let serials: SerialRange
        public init(box: String, serials: SerialRange) {
            self.box = box
            self.serials = serials
        }
    }

    public let id: LotID
    public let chipLot: String?
    public let transportKey: String?
    public let category: String?
    public let isEngraved: Bool
    public let serials: [SerialRange]
    public let boxes: [Box]
    public let digest: Bytes

    /// - Parameter count: what the manifest says its ranges add up to.
    /// - Parameter digest: SHA-256 of the file.
    ///
    /// Throws `stock.manifest`: ranges overlap, the count is another, or the boxes do not hold exactly the ranges.
    public init(
        id: LotID, chipLot: String?, transportKey: String?, category: String?, isEngraved: Bool, serials: [SerialRange],
        boxes: [Box], count: Int, digest: Bytes
    ) throws(SakkError) {
        func refuse(_ text: String) -> SakkError {
            SakkError(
                "stock.manifest", source: "manifest \(id)", text: text,
                remedy: "Put the delivery aside and ask the manufacturer for a right manifest.")
        }
        guard digest.count == 32 else { throw refuse("Its digest is no SHA-256.") }
        guard !serials.isEmpty else { throw refuse("It names no serial.") }
        for (index, range) in serials.enumerated() {
            if let other = serials[..<index].first(where: range.overlaps) {
                throw refuse("The ranges \(other) and \(range) overlap.")
            }
        }
        let sum = serials.reduce(0) { $0 + $1.count }
        guard sum <= SerialRange.maxCount else { throw refuse("It names \(sum) blanks; a lot has at most a million.") }
        guard sum == count else { throw refuse("It says \(count) blanks and its ranges hold \(sum).") }
        guard !id.stock.contains(":"), !id.stock.isEmpty, !id.lot.isEmpty else {
            throw refuse("Stock type and lot must be named, the stock type without a colon.")
        }
        if !boxes.isEmpty {
            let ranges = boxes.map(\.serials)
            for (index, box) in ranges.enumerated() where ranges[..<index].contains(where: box.overlaps) {
                throw refuse("Box \(boxes[index].box) holds serials of another box.")
            }
            let unboxed = serials.flatMap { $0.without(ranges) }
            guard unboxed.isEmpty else { throw refuse("In no box: \(unboxed.words).") }
            let unlisted = ranges.flatMap { $0.without(serials) }
            guard unlisted.isEmpty else { throw refuse("In a box and in no range: \(unlisted.words).") }
        }
        self.id = id
        self.chipLot = chipLot
        self.transportKey = transportKey
        self.category = category
        self.isEngraved = isEngraved
        self.serials = serials
        self.boxes = boxes
        self.digest = digest
    }

    /// Numbers between its own first and last that the manifest leaves out.
    public var skipped: [SerialRange] {
        let groups = Dictionary(grouping: serials) { "\($0.prefix)/\($0.digits)" }
        return groups.sorted { $0.key < $1.key }.flatMap { _, ranges -> [SerialRange] in
            guard let sample = ranges.first, let first = ranges.map(\.first).min(), let last = ranges.map(\.last).max()
            else { return [] }
            return SerialRange(prefix: sample.prefix, first: first, last: last, digits: sample.digits).without(ranges)
        }
    }

    /// What of the delivery is missing, what is too much, and what can be registered.
    func compare(_ delivered: [SerialRange]) -> (present: [SerialRange], gaps: [SerialRange], extras: [SerialRange]) {
        let gaps = serials.flatMap { $0.without(delivered) }
        return (serials.flatMap { $0.without(gaps) }, gaps, delivered.flatMap { $0.without(serials) })
    }
}

extension [SerialRange] {
    /// For people; the first twenty.
    public var words: String {
        let shown = prefix(20).map(\.description).joined(separator: ", ")
        return count > 20 ? "\(shown) and \(count - 20) more" : shown
    }
}
