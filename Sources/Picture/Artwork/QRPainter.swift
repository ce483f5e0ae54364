internal import CQREncode
internal import Ground
internal import Stations

/// Draws a QR code (ISO/IEC 18004, level M) with a whole number of printer dots a module and four modules of quiet zone.
struct QRPainter {
    static let quietModules = 4
    static let minimumDots = 4
    /// Ninety bytes at level M need version 6, 41 modules: 49 with the quiet zone, of four dots at 300 dpi.
    static let smallestMM = 16.6

    let raster: CardRaster

    /// Sets the dark modules in `panel` to 255. Throws `artwork.qr.size` when fewer than four dots a module fit.
    func draw(_ payload: String, in place: Placeholder, on panel: inout Bytes) throws(SakkError) {
        let bytes = Array(payload.utf8)
        guard let code = QRcode_encodeData(Int32(bytes.count), bytes, 0, QR_ECLEVEL_M) else {
            throw fault(place, "libqrencode refuses the payload.")
        }
        defer { QRcode_free(code) }
        let modules = Int(code.pointee.width)
        let rect = raster.mmToPixel(place.rect)
        let dots = Int(min(rect.width, rect.height)) / (modules + 2 * Self.quietModules)
        guard dots >= Self.minimumDots * Int(raster.dpi / 300) else {
            throw fault(place, "Fewer than four dots a module fit the field with its quiet zone.")
        }
        let left = Int((rect.x + (rect.width - Double(dots * modules)) / 2).rounded())
        let top = Int((rect.y + (rect.height - Double(dots * modules)) / 2).rounded())
        for row in 0..<modules {
            for column in 0..<modules where code.pointee.data[row * modules + column] & 1 == 1 {
                for y in 0..<dots {
                    let start = (top + row * dots + y) * raster.width + left + column * dots
                    for x in start..<start + dots { panel[x] = 255 }
                }
            }
        }
    }

    private func fault(_ place: Placeholder, _ reason: String) -> SakkError {
        .field("artwork.qr.size", place.name, reason, remedy: "Make the field larger in the template.")
    }
}
