import CPangoCairo
import CQREncode
import CZint
import Ground

/// The modules of a code on paper.
struct Barcode {
    let width: Int
    let rows: Int
    /// Row by row.
    let dark: [Bool]

    /// Code 128 (ISO/IEC 15417), as UPU S10 asks for on items.
    static func code128(_ text: String) -> Barcode? { zint(BARCODE_CODE128, text) }

    /// GS1-128 with application identifier 00.
    static func sscc(_ digits: String) -> Barcode? { zint(BARCODE_EAN128, "[00]\(digits)") }

    /// QR code (ISO/IEC 18004) at level M; capital letters, digits and `:` take little room.
    static func qr(_ text: String) -> Barcode? {
        guard let code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1) else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        return Barcode(
            width: width, rows: width, dark: (0..<width * width).map { code.pointee.data[$0] & 1 == 1 })
    }

    private static func zint(_ symbology: Int32, _ text: String) -> Barcode? {
        guard let symbol = ZBarcode_Create() else { return nil }
        defer { ZBarcode_Delete(symbol) }
        symbol.pointee.symbology = symbology
        symbol.pointee.input_mode = symbology == BARCODE_EAN128 ? GS1_MODE : DATA_MODE
        let bytes = Bytes(text.utf8)
        guard sakk_zint_encode(symbol, bytes, Int32(bytes.count)) == 0, symbol.pointee.rows == 1 else { return nil }
        let width = Int(symbol.pointee.width)
        return Barcode(
            width: width, rows: 1, dark: (0..<width).map { sakk_zint_dark(symbol, 0, Int32($0)) != 0 })
    }

    /// In points; `height` is that of all rows. Nothing is drawn between the modules: each is a whole rectangle.
    func draw(on context: OpaquePointer, x: Double, y: Double, module: Double, height: Double) {
        cairo_set_source_rgb(context, 0, 0, 0)
        let step = height / Double(rows)
        for row in 0..<rows {
            var column = 0
            while column < width {
                guard dark[row * width + column] else {
                    column += 1
                    continue
                }
                let start = column
                while column < width, dark[row * width + column] { column += 1 }
                cairo_rectangle(
                    context, x + Double(start) * module, y + Double(row) * step, Double(column - start) * module, step)
            }
        }
        cairo_fill(context)
    }
}
