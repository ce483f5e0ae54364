import CPangoCairo
public import Ground
public import Shipping

/// The label of an envelope, box, bag or consignment on A6: where it goes in Arabic, Sorani and English, its number as a
/// bar code and in letters, and the same under the plant's signature as a QR code. No person is named.
public struct ShippingLabelPDF {
    private let kind: [String]
    private let number: String
    private let shown: String
    private let code: Barcode?
    private let lines: [PlaceNames]
    private let statement: SignedStatement?

    /// A6 in points.
    private static let width = 298.0
    private static let height = 420.0

    /// - Parameters:
    ///   - route: names of the route; `place`: of the place, or of the governorate when places differ.
    ///   - statement: `LabelStatement.signed`; nil leaves the QR code out.
    public init(envelope number: S10, route: PlaceNames, place: [PlaceNames], statement: SignedStatement?) {
        kind = ["ظرف", "زەرف", "Envelope"]
        self.number = number.description
        shown = ShippingLabelPDF.grouped(number)
        code = Barcode.code128(number.description)
        lines = [route] + place
        self.statement = statement
    }

    public init(
        container number: SSCC, kind: ContainerKind, route: PlaceNames, place: [PlaceNames],
        statement: SignedStatement?
    ) {
        self.kind =
            switch kind {
            case .box: ["صندوق", "سندوق", "Box"]
            case .bag: ["كيس", "کیسە", "Bag"]
            case .consignment: ["إرسالية", "بارکراو", "Consignment"]
            }
        self.number = number.digits
        shown = "(00) " + ShippingLabelPDF.grouped(number)
        code = Barcode.sscc(number.digits)
        lines = [route] + place
        self.statement = statement
    }

    /// Writes the file; throws `report.unwritable`.
    public func write(to path: String) throws(SakkError) {
        try ReportFile.draw(to: path, width: ShippingLabelPDF.width, height: ShippingLabelPDF.height) { context in
            draw(PaperText(context: context), on: context)
        }
    }

    private func draw(_ text: PaperText, on context: OpaquePointer) {
        let margin = 20.0
        let inner = ShippingLabelPDF.width - 2 * margin
        var y = 18.0
        text.draw(kind[0], x: margin, y: y, size: 20, bold: true, width: inner, align: .right)
        text.draw(kind[2], x: margin, y: y + 5, size: 12, bold: true, width: inner, align: .left)
        y += 34
        rule(context, y)
        y += 6
        for (index, names) in lines.enumerated() {
            let size = index == lines.count - 1 ? 22.0 : 13.0
            text.draw(names.arabic, x: margin, y: y, size: size, bold: true, width: inner, align: .right)
            y += size * 1.75
            text.draw(
                "\(names.sorani)", x: margin, y: y, size: 10, bold: false, width: inner, align: .right)
            text.draw(names.english, x: margin, y: y, size: 10, bold: false, width: inner, align: .left)
            y += 20
        }
        rule(context, y)
        y += 12
        if let code {
            // ten modules of quiet zone on each side
            let module = min(1.5, inner / Double(code.width + 20))
            let left = (ShippingLabelPDF.width - Double(code.width) * module) / 2
            code.draw(on: context, x: left, y: y, module: module, height: 58)
            y += 64
        }
        text.draw(shown, x: margin, y: y, size: 13, bold: true, width: inner, align: .centre)
        y += 30
        if let statement, let code = Barcode.qr(statement.text) {
            let side = min(118, ShippingLabelPDF.height - y - 14)
            let module = side / Double(code.width + 8)
            code.draw(
                on: context, x: ShippingLabelPDF.width - margin - side + 4 * module, y: y + 4 * module, module: module,
                height: module * Double(code.width))
        }
    }

    private func rule(_ context: OpaquePointer, _ y: Double) {
        cairo_set_source_rgb(context, 0.13, 0.15, 0.17)
        cairo_rectangle(context, 20, y, ShippingLabelPDF.width - 40, 0.8)
        cairo_fill(context)
    }

    /// `RA 0000 0001 3 XX` (UPU S10, clause 6).
    private static func grouped(_ number: S10) -> String {
        let text = Array(number.description)
        return [text[0..<2], text[2..<5], text[5..<8], text[8..<11], text[11..<13]].map { String($0) }
            .joined(separator: " ")
    }

    private static func grouped(_ number: SSCC) -> String {
        let text = Array(number.digits)
        return [text[0..<1], text[1..<8], text[8..<13], text[13..<17], text[17..<18]].map { String($0) }
            .joined(separator: " ")
    }
}
