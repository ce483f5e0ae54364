internal import CPangoCairo
internal import CRSVG
internal import Ground
internal import Stations

/// Draws the pre-printed layer with librsvg.
///
/// librsvg gives element geometry in the document's own pixels (90 an inch), not in the viewport's: so no geometry is
/// asked of it. The drawing's view box is the whole raster, and the viewport is the raster's size.
enum StockPainter {
    static func draw(_ side: ArtworkTemplate.Side, raster: CardRaster) throws(SakkError) -> Picture {
        let failed = SakkError(
            "artwork.template.render", source: "\(side.side.rawValue) artwork",
            text: "librsvg cannot draw the stock layer.", remedy: "Open the template in Inkscape and save it anew.")
        guard let handle = rsvg_handle_new_from_data(side.stock, gsize(side.stock.count), nil) else { throw failed }
        defer { g_object_unref(handle) }
        let canvas = Canvas(raster: raster, format: CAIRO_FORMAT_RGB24)
        canvas.fillWhite()
        var viewport = RsvgRectangle(x: 0, y: 0, width: Double(raster.width), height: Double(raster.height))
        guard rsvg_handle_render_document(handle, canvas.context, &viewport, nil) != 0 else { throw failed }
        return canvas.picture()
    }
}
