import CImage
import Foundation
public import Ground

/// A product's documents, drawn by the program that draws them on the line, as anybody can call it: records by `seed batch`,
/// pictures, panels and places by `art render`. A changed text is a changed record.
public final class ProductPainter: DocumentPainter {
    private(set) var layout: Layout
    /// Records as their authority wrote them, and what each says by field.
    let records: [Data]
    private let program: String
    private let product: String
    private let folder: String
    private let number: String?
    private var stocks: [Side: Sheet] = [:]

    /// Errors: `defects.product` when the program cannot be run or its files are not understood.
    public init(program: String, product: String, seed: UInt64, isPassport: Bool) throws(SakkError) {
        self.program = program
        self.product = product
        number = isPassport ? "A\(10_000_000 + seed % 89_999_999)" : nil
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("defects-\(UUID().uuidString)").path
        let words = "mkdir -p \"$2\" && \"$1\" seed batch --product \"$3\" --count 4 --seed \"$4\" --out \"$2/b.tar\" "
        let open =
            "&& cd \"$2\" && tar xf b.tar && for f in *.p7m; do openssl cms -verify -noverify -inform DER -in $f -out ${f%.p7m}.json || exit 1; done"
        try Self.shell(words + open, [program, folder, product, "\(seed % 1_000_000)"], product)
        let home = folder
        records = (1...4).compactMap { FileManager.default.contents(atPath: "\(home)/000\($0).json") }
        layout = Layout(
            isPassport: isPassport, dotsPerMM: 300 / 25.4, isBilevel: true, isGroundPrinted: false, hasWindow: true)
        guard records.count == 4 else { throw Self.failure(product) }
        try render(records[0])
        layout = try Self.described(layout, folder)
        try findStocks()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func draw(_ content: Content, hidden: Set<String>) -> Drawing? {
        guard hidden.isEmpty, let record = content.record, (try? render(record)) != nil else { return nil }
        return try? drawing()
    }

    func stock(_ side: Side) -> Sheet {
        let size = CardFace.size(layout)
        let board = Sketch(width: size.width, height: size.height, scale: CardFace.scale(layout.width))
        if let stock = stocks[side] {
            let dots = layout.dotsPerMM
            board.lay(
                stock,
                in: Box(
                    -layout.origin.x / dots, -layout.origin.y / dots, Double(stock.width) / dots,
                    Double(stock.height) / dots))
        }
        return board.sheet()
    }

    func otherStock(_ side: Side, _ dice: inout Dice) -> Sheet {
        let size = CardFace.size(layout)
        return SidePainter(layout: layout, side: side).mill(
            scale: CardFace.scale(layout.width), width: size.width, height: size.height,
            StockStyle(&dice, side: side))
    }

    /// A record's values by their place in it, where a field of the drawing has that name.
    func values(of record: Data) -> [String: String] {
        guard let object = try? JSONSerialization.jsonObject(with: record) else { return [:] }
        var values: [String: String] = [:]
        for place in layout.places where place.kind == .text {
            var node: Any? = object
            for part in place.name.split(separator: ".") { node = (node as? [String: Any])?[String(part)] }
            // dates are written otherwise on the document
            if let text = node as? String, !place.name.hasPrefix("date_") { values[place.name] = text }
        }
        return values
    }

    /// The record with one value changed; with it, what is made of it: zone and codes.
    func record(_ record: Data, with text: String, at name: String) -> Data? {
        guard let object = try? JSONSerialization.jsonObject(with: record) else { return nil }
        func changed(_ node: Any, _ path: ArraySlice<Substring>) -> Any {
            guard let first = path.first, var inner = node as? [String: Any] else { return text }
            inner[String(first)] = changed(inner[String(first)] ?? "", path.dropFirst())
            return inner
        }
        return try? JSONSerialization.data(
            withJSONObject: changed(object, name.split(separator: ".")[...]), options: [.sortedKeys])
    }

    func portrait(of record: Data) -> Sheet? {
        guard let object = try? JSONSerialization.jsonObject(with: record) as? [String: Any],
            let portrait = object["portrait"] as? [String: Any], let text = portrait["data"] as? String,
            // the record's base64 has no padding
            let data = Data(
                base64Encoded: text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4))
        else { return nil }
        let path = folder + "/portrait"
        guard FileManager.default.createFile(atPath: path, contents: data) else { return nil }
        return try? PictureFile.read(path)
    }

    /// The record with another's portrait.
    func record(_ record: Data, withPortraitOf other: Data) -> Data? {
        guard var object = try? JSONSerialization.jsonObject(with: record) as? [String: Any],
            let from = try? JSONSerialization.jsonObject(with: other) as? [String: Any]
        else { return nil }
        object["portrait"] = from["portrait"]
        return try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
    }

    private func render(_ record: Data) throws(SakkError) {
        guard FileManager.default.createFile(atPath: folder + "/record.json", contents: record) else {
            throw Self.failure(product)
        }
        let more = number.map { " --number \($0)" } ?? ""
        try Self.shell(
            "\"$1\" art render --product \"$3\" --record \"$2/record.json\" --out \"$2/drawn\" --fields-json --panels\(more) 2>\"$2/words\"",
            [program, folder, product], product)
    }

    private func drawing() throws(SakkError) -> Drawing {
        var personal: [Side: SidePainter.Personal] = [:]
        var reference: [Side: Sheet] = [:]
        for side in layout.sides {
            let sheet = try PictureFile.read("\(folder)/drawn/\(side.rawValue).png")
            var colour = Sheet(width: sheet.width, height: sheet.height, grey: 255)
            for (channel, name) in ["c", "m", "y"].enumerated() {
                let path = "\(folder)/drawn/\(side.rawValue)-\(name).png"
                guard FileManager.default.fileExists(atPath: path) else { continue }
                let panel = try PictureFile.read(path)
                for index in stride(from: 0, to: panel.rgb.count, by: 3) {
                    colour.rgb[index + channel] = 255 - panel.rgb[index]
                }
            }
            let black = try PictureFile.read("\(folder)/drawn/\(side.rawValue)-k.png")
            let resin = stride(from: 0, to: black.rgb.count, by: 3).map { black.rgb[$0] }
            personal[side] = SidePainter.Personal(colour: colour, resin: resin)
            reference[side] = sheet
        }
        return Drawing(personal: personal, reference: reference)
    }

    /// The mill's print is what all documents have in common, where the ink lets it through.
    private func findStocks() throws(SakkError) {
        for record in records {
            try render(record)
            let drawn = try drawing()
            for side in layout.sides {
                guard let sheet = drawn.reference[side], let ink = drawn.personal[side] else { continue }
                var stock = stocks[side] ?? Sheet(width: sheet.width, height: sheet.height, grey: 0)
                for index in sheet.rgb.indices {
                    let through = Int(ink.colour.rgb[index]) * (255 - Int(ink.resin[index / 3])) / 255
                    guard through > 40 else { continue }
                    stock.rgb[index] = max(stock.rgb[index], UInt8(min(255, Int(sheet.rgb[index]) * 255 / through)))
                }
                stocks[side] = stock
            }
        }
        for (side, stock) in stocks {
            var whole = stock
            // under what is black on every document nobody sees the stock
            for index in whole.rgb.indices where whole.rgb[index] == 0 { whole.rgb[index] = 250 }
            stocks[side] = whole
        }
    }

    private struct File: Decodable {
        struct Field: Decodable {
            let name: String
            let side: String
            let kind: String
            let rect: [Double]

            private enum CodingKeys: String, CodingKey {
                case name, side, kind
                case rect = "rect_mm"
            }
        }
        let fields: [Field]
    }

    private static func described(_ layout: Layout, _ folder: String) throws(SakkError) -> Layout {
        var layout = layout
        guard let data = FileManager.default.contents(atPath: folder + "/drawn/fields.json"),
            let file = try? JSONDecoder().decode(File.self, from: data)
        else { throw failure(folder) }
        for field in file.fields {
            guard let kind = Layout.Kind(rawValue: field.kind), let side = Side(rawValue: field.side),
                field.rect.count == 4
            else { continue }
            let box = Box(field.rect[0], field.rect[1], field.rect[2], field.rect[3])
            layout.places.append(Layout.Place(name: field.name, kind: kind, side: side, box: box))
        }
        let first = try PictureFile.read(folder + "/drawn/front.png")
        layout.raster = (first.width, first.height)
        return layout
    }

    private static func shell(_ script: String, _ words: [String], _ product: String) throws(SakkError) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, "sh"] + words
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { throw failure(product) }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw failure(product) }
    }

    private static func failure(_ product: String) -> SakkError {
        SakkError(
            "defects.product", source: product, text: "The product's documents could not be drawn.",
            remedy:
                "Check --drawn-by, that it runs in a folder with profiles/ and seeds/, and that tar and openssl are here."
        )
    }
}
