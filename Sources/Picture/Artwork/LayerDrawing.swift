internal import CPangoCairo
internal import CRSVG
internal import CTextLock
internal import Ground
internal import Stations

/// One layer of a drawing, drawn by librsvg.
///
/// librsvg gives element geometry in the document's own pixels (90 an inch), not in the viewport's: so no geometry is
/// asked of it. The drawing's view box is the whole raster, and the viewport is the raster's size.
struct LayerDrawing: Sendable {
    /// Of the root, without size and view box.
    let attributes: String
    /// What follows the root's start tag, to the end.
    let body: Bytes
    let format: DocumentFormat

    /// The layer over white. Throws `artwork.template.render`.
    func picture(_ raster: CardRaster, source: String) throws(SakkError) -> Picture {
        sakk_text_begin()
        defer { sakk_text_end() }
        let failed = SakkError(
            "artwork.template.render", source: source, text: "librsvg cannot draw the layer.",
            remedy: "Open the template in Inkscape and save it anew.")
        let svg = document(raster)
        guard let handle = rsvg_handle_new_from_data(svg, gsize(svg.count), nil) else { throw failed }
        defer { g_object_unref(handle) }
        let canvas = Canvas(raster: raster, format: CAIRO_FORMAT_RGB24)
        canvas.fillWhite()
        var viewport = RsvgRectangle(x: 0, y: 0, width: Double(raster.width), height: Double(raster.height))
        guard rsvg_handle_render_document(handle, canvas.context, &viewport, nil) != 0 else { throw failed }
        return canvas.picture()
    }

    private func document(_ raster: CardRaster) -> Bytes {
        let scale = raster.pixelsPerMM
        let box = [
            -raster.originX / scale, -raster.originY / scale, Double(raster.width) / scale,
            Double(raster.height) / scale,
        ]
        let numbers = box.map { (value: Double) -> String in "\(value)" }.joined(separator: " ")
        return Array("<svg\(attributes) width=\"\(box[2])mm\" height=\"\(box[3])mm\" viewBox=\"\(numbers)\">".utf8)
            + body
    }
}
