internal import CPangoCairo
internal import Ground
internal import Stations

/// Lays the holder's pictures: they fill their field, cut evenly where the proportions differ.
struct PicturePainter {
    let raster: CardRaster

    func drawPortrait(_ picture: Picture, in place: Placeholder, on canvas: Canvas) {
        draw(picture, in: place, on: canvas) { red, green, blue, _, _ in (red, green, blue, 255) }
    }

    /// A second, pale portrait: grey at 60 percent ink, fading into the card at its border.
    func drawGhost(_ picture: Picture, in place: Placeholder, on canvas: Canvas) {
        draw(picture, in: place, on: canvas) { red, green, blue, x, y in
            let nearSide: Double = min(x, 1 - x) * 1.6
            let nearEnd: Double = min(y, 1 - y) * 2.2
            let edge: Double = min(nearSide, nearEnd, 0.2) / 0.2
            let ink: Double = Double(255 - Self.grey(red, green, blue)) * 0.60 * edge
            // A blue-green tone, as the stock: less green and blue is absorbed than red.
            return (UInt8(255 - ink), UInt8(255 - ink * 0.86), UInt8(255 - ink * 0.82), 255)
        }
    }

    /// The signature's dark lines, for the resin panel.
    func drawSignature(_ picture: Picture, in place: Placeholder, on canvas: Canvas) {
        draw(picture, in: place, on: canvas) { red, green, blue, _, _ in
            (0, 0, 0, UInt8(255 - Self.grey(red, green, blue)))
        }
    }

    /// Luma by ITU-R BT.601, in 256ths.
    private static func grey(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Int {
        let sum: Int = Int(red) * 77 + Int(green) * 150 + Int(blue) * 29
        return sum >> 8
    }

    private func draw(
        _ picture: Picture, in place: Placeholder, on canvas: Canvas,
        tone: (UInt8, UInt8, UInt8, Double, Double) -> (UInt8, UInt8, UInt8, UInt8)
    ) {
        guard picture.width > 0, picture.height > 0 else { return }
        let rect = raster.mmToPixel(place.rect)
        let image = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, Int32(picture.width), Int32(picture.height))
        defer { cairo_surface_destroy(image) }
        guard let pixels = cairo_image_surface_get_data(image) else { return }
        let stride = Int(cairo_image_surface_get_stride(image))
        for y in 0..<picture.height {
            for x in 0..<picture.width {
                let from = (y * picture.width + x) * 3
                let value = tone(
                    picture.rgb[from], picture.rgb[from + 1], picture.rgb[from + 2],
                    (Double(x) + 0.5) / Double(picture.width), (Double(y) + 0.5) / Double(picture.height))
                let to = pixels + y * stride + x * 4
                (to[0], to[1], to[2], to[3]) = (value.2, value.1, value.0, value.3)
            }
        }
        cairo_surface_mark_dirty(image)
        let scale = max(rect.width / Double(picture.width), rect.height / Double(picture.height))
        cairo_save(canvas.context)
        cairo_rectangle(canvas.context, rect.x.rounded(), rect.y.rounded(), rect.width.rounded(), rect.height.rounded())
        cairo_clip(canvas.context)
        cairo_translate(canvas.context, rect.x + rect.width / 2, rect.y + rect.height / 2)
        cairo_scale(canvas.context, scale, scale)
        cairo_set_source_surface(canvas.context, image, -Double(picture.width) / 2, -Double(picture.height) / 2)
        cairo_pattern_set_filter(cairo_get_source(canvas.context), CAIRO_FILTER_BEST)
        cairo_pattern_set_extend(cairo_get_source(canvas.context), CAIRO_EXTEND_PAD)
        cairo_paint(canvas.context)
        cairo_restore(canvas.context)
    }
}
