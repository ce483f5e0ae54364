import Catalog
import Ground
import Ledger
import OpenSSLCrypto

/// Reads `sakk.stock-manifest/1` (YAML or JSON), plain or as CMS SignedData.
enum StockManifestFile {
    static let schema = "sakk.stock-manifest/1"

    /// - Parameter trust: certificates that a signed manifest must chain to; when some are given a plain one is refused.
    static func read(_ path: String, trust: [X509Certificate], at time: WallTime) throws(SakkError) -> StockManifest {
        guard let file = FileBytes.read(path) else {
            throw SakkError(
                "file.unreadable", source: path, text: "The file cannot be read.",
                remedy: "Check the path and the permissions.")
        }
        var content = file
        if !trust.isEmpty {
            content = try CMS.verify(file, trust: trust, expectedContentType: CMS.dataContentType, at: time).content
        } else if file.first == 0x30 {
            throw SakkError(
                "stock.manifest.trust", source: path, text: "The manifest is signed and nobody is trusted to sign it.",
                remedy: "Name the manufacturer's certificate (--trust FILE).")
        }
        return try manifest(
            ConfigurationFile(path: path, text: String(decoding: content, as: UTF8.self)).root,
            digest: Digest.sha256(file))
    }

    private static func manifest(_ root: ConfigurationNode, digest: Bytes) throws(SakkError) -> StockManifest {
        guard try root.string("schema") == schema else { throw root.error("schema", "must be \(schema)") }
        var serials: [SerialRange] = []
        for text in try root.requiredStrings("serials") { serials.append(try range(text, root, "serials")) }
        var boxes: [StockManifest.Box] = []
        for box in try root.nodes("boxes") {
            boxes.append(
                StockManifest.Box(
                    box: try box.string("box"), serials: try range(try box.string("serials"), box, "serials")))
        }
        let manifest = try StockManifest(
            id: LotID(stock: try root.string("stock"), lot: try root.string("lot")),
            chipLot: try root.optionalString("chip_lot"), transportKey: try root.optionalString("transport_key"),
            category: try root.optionalString("category"),
            isEngraved: try root.optionalString("serial_is").map { text throws(SakkError) in
                guard ["blank_number", "document_number"].contains(text) else {
                    throw root.error("serial_is", "must be blank_number or document_number")
                }
                return text == "document_number"
            } ?? false, serials: serials, boxes: boxes, count: try root.integer("count"), digest: digest)
        try root.finish()
        return manifest
    }

    private static func range(_ text: String, _ node: ConfigurationNode, _ key: String) throws(SakkError) -> SerialRange
    {
        guard let range = SerialRange(text) else {
            throw node.error(key, "holds `\(text)`, which is no serial and no range FIRST..LAST")
        }
        return range
    }
}
