internal import CQREncode
internal import CZint
internal import Ground
internal import Stations

/// A machine readable symbol as modules, dark or light, before it has a size.
struct CodeMatrix {
    let width: Int
    let rows: Int
    let dark: [Bool]

    /// What a symbology asks of its print: light modules around it (left and right, above and below), the least dots a
    /// module has at 300 dpi, and how much taller than wide the modules of a row are (0: as tall as the field).
    struct Rules {
        let quietAcross: Int
        let quietDown: Int
        let minimumDots: Int
        let rowHeight: Int
    }

    static func rules(_ kind: FieldKind) -> Rules {
        switch kind {
        // ISO/IEC 16388: ten narrow bars on each side
        case .code39: Rules(quietAcross: 10, quietDown: 0, minimumDots: 3, rowHeight: 0)
        // ISO/IEC 15438: two modules; rows of at least three
        case .pdf417: Rules(quietAcross: 2, quietDown: 2, minimumDots: 3, rowHeight: 3)
        // ISO/IEC 16022: one module; two are kept
        case .datamatrix, .vds: Rules(quietAcross: 2, quietDown: 2, minimumDots: 3, rowHeight: 1)
        // ISO/IEC 18004: four modules
        default: Rules(quietAcross: 4, quietDown: 4, minimumDots: 4, rowHeight: 1)
        }
    }

    /// Every shape that the payload can take: one, but PDF417 has one for each number of columns. Empty when the symbology
    /// cannot carry it.
    static func shapes(_ kind: FieldKind, _ payload: Bytes) -> [CodeMatrix] {
        switch kind {
        case .qr: [qr(payload)].compactMap(\.self)
        case .code39: [zint(BARCODE_CODE39, payload)].compactMap(\.self)
        case .datamatrix, .vds: [zint(BARCODE_DATAMATRIX, payload, option3: DM_SQUARE)].compactMap(\.self)
        case .pdf417: (1...20).compactMap { zint(BARCODE_PDF417, payload, option1: 4, option2: $0) }
        default: []
        }
    }

    /// Level M: about 15 percent of the symbol may be lost.
    private static func qr(_ payload: Bytes) -> CodeMatrix? {
        guard let code = QRcode_encodeData(Int32(payload.count), payload, 0, QR_ECLEVEL_M) else { return nil }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        return CodeMatrix(
            width: width, rows: width, dark: (0..<width * width).map { code.pointee.data[$0] & 1 == 1 })
    }

    private static func zint(
        _ symbology: Int32, _ payload: Bytes, option1: Int32 = -1, option2: Int32 = 0, option3: Int32 = 0
    ) -> CodeMatrix? {
        guard let symbol = ZBarcode_Create() else { return nil }
        defer { ZBarcode_Delete(symbol) }
        symbol.pointee.symbology = symbology
        symbol.pointee.input_mode = DATA_MODE
        symbol.pointee.option_1 = option1
        symbol.pointee.option_2 = option2
        symbol.pointee.option_3 = option3
        guard sakk_zint_encode(symbol, payload, Int32(payload.count)) == 0 else { return nil }
        let (width, rows) = (Int(symbol.pointee.width), Int(symbol.pointee.rows))
        guard width > 0, rows > 0 else { return nil }
        var dark: [Bool] = []
        dark.reserveCapacity(width * rows)
        for row in 0..<rows {
            for column in 0..<width { dark.append(sakk_zint_dark(symbol, Int32(row), Int32(column)) != 0) }
        }
        return CodeMatrix(width: width, rows: rows, dark: dark)
    }
}
