internal import CPangoCairo
internal import Pixels
internal import Stations

/// Lays the holder's pictures: they fill their field, cut evenly where the proportions differ.
struct PicturePainter {
    let raster: CardRaster

    func drawPortrait(_ picture: Picture, in place: Placeholder, on canvas: Canvas) {
        lay(picture, in: place, on: canvas) { red, green, blue, _, _ in (red, green, blue) }
    }

    /// A second, pale portrait: grey at 60 percent ink, fading into the card at its border.
    func drawGhost(_ picture: Picture, in place: Placeholder, on canvas: Canvas) {
        // A blue-green tone, as the stock: less green and blue is absorbed than red.
        func toned(_ grey: Int, _ edge: Double) -> (UInt8, UInt8, UInt8) {
            let ink: Double = Double(255 - grey) * 0.60 * edge
            return (UInt8(255 - ink), UInt8(255 - ink * 0.86), UInt8(255 - ink * 0.82))
        }
        // most dots lie away from the border
        let middle = (0...255).map { toned($0, 1) }
        middle.withUnsafeBufferPointer { middle in
            lay(picture, in: place, on: canvas) { red, green, blue, x, y in
                let grey = Self.grey(red, green, blue)
                let near: Double = min(min(x, 1 - x) * 1.6, min(y, 1 - y) * 2.2)
                return near >= 0.2 ? middle[grey] : toned(grey, near / 0.2)
            }
        }
    }

    /// The portrait as a laser engraves it, or as the ultraviolet panel shows it: coverage by darkness, `share` at black.
    func drawTone(_ picture: Picture, in place: Placeholder, on canvas: Canvas, share: Double, fades: Bool) {
        draw(picture, in: place, on: canvas) { red, green, blue, x, y in
            let edge = fades ? min(min(x, 1 - x) * 1.6, min(y, 1 - y) * 2.2, 0.2) / 0.2 : 1
            return (0, 0, 0, UInt8(Double(255 - Self.grey(red, green, blue)) * share * edge))
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

    /// An opaque picture goes into the colour canvas itself.
    @inline(__always)
    private func lay(
        _ picture: Picture, in place: Placeholder, on canvas: Canvas,
        tone: (UInt8, UInt8, UInt8, Double, Double) -> (UInt8, UInt8, UInt8)
    ) {
        let rect = raster.mmToPixel(place.rect)
        let (width, height) = (Int(rect.width.rounded()), Int(rect.height.rounded()))
        let (left, top) = (Int(rect.x.rounded()), Int(rect.y.rounded()))
        let pixels = filling(width: width, height: height, picture)
        let (firstX, lastX) = (max(0, -left), min(width, canvas.width - left))
        let (firstY, lastY) = (max(0, -top), min(height, canvas.height - top))
        guard firstX < lastX, firstY < lastY else { return }
        // out of the closure: what is called for each dot is then part of this loop
        let (rows, stride) = canvas.withRows { ($0, $1) }
        pixels.rgb.withUnsafeBufferPointer { rgb in
            for y in firstY..<lastY {
                let down = (Double(y) + 0.5) / Double(height)
                var from = (y * width + firstX) * 3
                var to = rows + (top + y) * stride + (left + firstX) * 4
                for x in firstX..<lastX {
                    let value = tone(
                        rgb[from], rgb[from + 1], rgb[from + 2], (Double(x) + 0.5) / Double(width), down)
                    (to[0], to[1], to[2], to[3]) = (value.2, value.1, value.0, 255)
                    from += 3
                    to += 4
                }
            }
        }
        cairo_surface_mark_dirty(canvas.surface)
    }

    @inline(__always)
    private func draw(
        _ picture: Picture, in place: Placeholder, on canvas: Canvas,
        tone: (UInt8, UInt8, UInt8, Double, Double) -> (UInt8, UInt8, UInt8, UInt8)
    ) {
        let rect = raster.mmToPixel(place.rect)
        let (width, height) = (Int(rect.width.rounded()), Int(rect.height.rounded()))
        let pixels = filling(width: width, height: height, picture)
        let image = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, Int32(width), Int32(height))
        defer { cairo_surface_destroy(image) }
        guard let data = cairo_image_surface_get_data(image) else { return }
        let stride = Int(cairo_image_surface_get_stride(image))
        pixels.rgb.withUnsafeBufferPointer { rgb in
            for y in 0..<height {
                let down = (Double(y) + 0.5) / Double(height)
                for x in 0..<width {
                    let from = (y * width + x) * 3
                    let value = tone(
                        rgb[from], rgb[from + 1], rgb[from + 2], (Double(x) + 0.5) / Double(width), down)
                    let to = data + y * stride + x * 4
                    (to[0], to[1], to[2], to[3]) = (value.2, value.1, value.0, value.3)
                }
            }
        }
        cairo_surface_mark_dirty(image)
        cairo_set_source_surface(canvas.context, image, rect.x.rounded(), rect.y.rounded())
        cairo_paint(canvas.context)
    }

    /// The picture at the size that covers the field, cut evenly at the longer direction.
    private func filling(width: Int, height: Int, _ picture: Picture) -> RGBImage {
        let scale = max(Double(width) / Double(picture.width), Double(height) / Double(picture.height))
        let full = RGBImage(width: picture.width, height: picture.height, rgb: picture.rgb)
            .resized(
                width: max(Int((Double(picture.width) * scale).rounded()), width),
                height: max(Int((Double(picture.height) * scale).rounded()), height))
        guard full.width != width || full.height != height else { return full }
        return full.cropped(
            x: (full.width - width) / 2, y: (full.height - height) / 2, width: width, height: height)
    }
}
