internal import CVision
internal import Ground
internal import Stations

/// The inks of a reference picture of which no panels are known: dyes where a portrait is, which nothing pre-printed lies
/// under, and black where text is.
enum ReferencePanels {
    static func of(_ artwork: Bytes, fields: [FieldPlace], side: CardSide, raster: SideRaster) -> [PanelRaster] {
        let portraits = fields.filter { $0.kind == .portrait }.map(\.rect)
        guard portraits.contains(where: { isColoured(artwork, in: $0, raster: raster) }) else { return [] }
        var panels = [Panel.cyan, .magenta, .yellow].enumerated().map { channel, panel in
            var ink = Bytes(repeating: 0, count: raster.width * raster.height)
            for place in portraits {
                pixels(of: place, raster) { ink[$0] = 255 - artwork[$0 * 3 + channel] }
            }
            return PanelRaster(side: side, panel: panel, width: raster.width, height: raster.height, pixels: ink)
        }
        var black = Bytes(repeating: 0, count: raster.width * raster.height)
        for field in fields where field.kind.hasText || field.kind == .signature {
            pixels(of: field.rect, raster) { pixel in
                if (0..<3).allSatisfy({ artwork[pixel * 3 + $0] < 140 }) { black[pixel] = 255 }
            }
        }
        panels.append(
            PanelRaster(side: side, panel: .black, width: raster.width, height: raster.height, pixels: black))
        return panels
    }

    /// Whether something of a field is drawn: its brightness varies by more than paper and noise do.
    static func says(_ artwork: Bytes, in rect: RectMM, raster: SideRaster) -> Bool {
        var (darkest, brightest) = (255, 0)
        pixels(of: rect, raster) { pixel in
            let level = Int(artwork[pixel * 3 + 1])
            darkest = min(darkest, level)
            brightest = max(brightest, level)
        }
        return brightest - darkest > 90
    }

    /// Whether more than one pixel in twenty differs between its channels.
    static func isColoured(_ artwork: Bytes, in rect: RectMM, raster: SideRaster) -> Bool {
        var (coloured, all) = (0, 0)
        pixels(of: rect, raster) { pixel in
            let levels = artwork[pixel * 3..<pixel * 3 + 3]
            all += 1
            if (levels.max() ?? 0) - (levels.min() ?? 0) > 16 { coloured += 1 }
        }
        return coloured * 20 > all
    }

    private static func pixels(of rect: RectMM, _ raster: SideRaster, _ body: (Int) -> Void) {
        let box = raster.pixels(rect)
        let left = Int(min(max(box.x.rounded(), 0), Double(raster.width)))
        let top = Int(min(max(box.y.rounded(), 0), Double(raster.height)))
        let right = Int(min(max((box.x + box.width).rounded(), Double(left)), Double(raster.width)))
        let bottom = Int(min(max((box.y + box.height).rounded(), Double(top)), Double(raster.height)))
        for y in top..<bottom { for x in left..<right { body(y * raster.width + x) } }
    }
}
