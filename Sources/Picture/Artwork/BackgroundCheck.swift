public import Ground
internal import Stations

extension ArtworkTemplate {
    /// Machines read codes and the zone by their contrast: what lies under them must be light. Darker pre-printed art in
    /// their fields is a problem `artwork.field.background`. Draws the stock once, at 300 dpi.
    public func backgroundProblems() throws(SakkError) -> [SakkError] {
        /// Luma below which art disturbs a reader (of 255).
        let least = 150
        var problems: [SakkError] = []
        let raster = CardRaster(dpi: 300, format: format)
        for side in sides {
            let machineRead = side.placeholders.filter { $0.isCode || $0.kind == .mrz }
            guard !machineRead.isEmpty else { continue }
            let stock = try side.stock.picture(raster, source: side.file)
            for place in machineRead {
                let box = raster.box(place.rect)
                var darkest = 255
                for y in box.top + 2..<box.bottom - 2 {
                    for x in box.left + 2..<box.right - 2 {
                        let at = (y * raster.width + x) * 3
                        let sum = Int(stock.rgb[at]) * 77 + Int(stock.rgb[at + 1]) * 150 + Int(stock.rgb[at + 2]) * 29
                        darkest = min(darkest, sum >> 8)
                    }
                }
                guard darkest < least else { continue }
                problems.append(
                    .template(
                        "artwork.field.background", file: side.file, line: place.line, element: place.name,
                        "the stock under the field is darker (\(darkest)) than a reader can bear (\(least) of 255)",
                        remedy: "Take captions and dark art out of the field, or lay a light ground under it."))
            }
        }
        return problems
    }
}
