import CQREncode
import CZint
import Ground

/// A code as modules.
struct Symbol {
    enum Kind: String, Sendable, CaseIterable { case qr, pdf417, code39, datamatrix }

    let width: Int
    let rows: Int
    let dark: [Bool]

    /// Nil when the code cannot carry it. `columns`: of a PDF417.
    init?(_ kind: Kind, _ payload: Bytes, columns: Int32 = 8) {
        if kind == .qr {
            guard let code = QRcode_encodeData(Int32(payload.count), payload, 0, QR_ECLEVEL_M) else { return nil }
            defer { QRcode_free(code) }
            let side = Int(code.pointee.width)
            width = side
            rows = side
            dark = (0..<side * side).map { code.pointee.data[$0] & 1 == 1 }
            return
        }
        guard let symbol = ZBarcode_Create() else { return nil }
        defer { ZBarcode_Delete(symbol) }
        symbol.pointee.input_mode = DATA_MODE
        switch kind {
        case .pdf417:
            symbol.pointee.symbology = BARCODE_PDF417
            symbol.pointee.option_1 = 3
            symbol.pointee.option_2 = columns
        case .code39: symbol.pointee.symbology = BARCODE_CODE39
        default:
            symbol.pointee.symbology = BARCODE_DATAMATRIX
            symbol.pointee.option_3 = DM_SQUARE
        }
        guard sakk_zint_encode(symbol, payload, Int32(payload.count)) == 0 else { return nil }
        let (across, down) = (Int(symbol.pointee.width), Int(symbol.pointee.rows))
        guard across > 0, down > 0 else { return nil }
        width = across
        rows = down
        dark = (0..<across * down).map { sakk_zint_dark(symbol, Int32($0 / across), Int32($0 % across)) != 0 }
    }

    /// Light modules around it: left and right, above and below.
    static func quiet(_ kind: Kind) -> (across: Int, down: Int) {
        switch kind {
        case .qr: (4, 4)
        case .pdf417: (2, 2)
        case .code39: (10, 0)
        case .datamatrix: (2, 2)
        }
    }
}
