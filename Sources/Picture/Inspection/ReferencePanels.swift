internal import CVision
internal import Ground
internal import Stations

/// The inks of a reference picture of which no panels are known: dyes are where a portrait is, which nothing pre-printed lies
/// under.
enum ReferencePanels {
    static func hasColour(_ artwork: Bytes, fields: [FieldPlace], raster: SideRaster) -> Bool {
        fields.contains { $0.kind == .portrait && isColoured(artwork, in: $0.rect, raster: raster) }
    }

    /// Whether something of a field is drawn: its brightness varies by more than paper and noise do.
    static func says(_ artwork: Bytes, in rect: RectMM, raster: SideRaster) -> Bool {
        var (darkest, brightest) = (255, 0)
        pixels(of: rect, raster) { pixel in
            let level = Int(artwork[pixel * 3 + 1])
            darkest = min(darkest, level)
            brightest = max(brightest, level)
            return brightest - darkest <= 90
        }
        return brightest - darkest > 90
    }

    /// Whether more than one pixel in twenty differs between its channels.
    private static func isColoured(_ artwork: Bytes, in rect: RectMM, raster: SideRaster) -> Bool {
        var (coloured, all) = (0, 0)
        pixels(of: rect, raster) { pixel in
            let (red, green, blue) = (artwork[pixel * 3], artwork[pixel * 3 + 1], artwork[pixel * 3 + 2])
            all += 1
            if max(red, green, blue) - min(red, green, blue) > 16 { coloured += 1 }
            return true
        }
        return coloured * 20 > all
    }

    /// Until `body` has seen enough.
    private static func pixels(of rect: RectMM, _ raster: SideRaster, _ body: (Int) -> Bool) {
        let box = raster.pixels(rect)
        let left = Int(min(max(box.x.rounded(), 0), Double(raster.width)))
        let top = Int(min(max(box.y.rounded(), 0), Double(raster.height)))
        let right = Int(min(max((box.x + box.width).rounded(), Double(left)), Double(raster.width)))
        let bottom = Int(min(max((box.y + box.height).rounded(), Double(top)), Double(raster.height)))
        for y in top..<bottom { for x in left..<right { guard body(y * raster.width + x) else { return } } }
    }
}
