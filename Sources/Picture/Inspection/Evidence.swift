internal import CVision
internal import Ground
internal import Pixels
internal import Stations

/// Pictures of what a side was judged by, cut out of the side as it was seen and out of its artwork.
enum Evidence {
    struct Box {
        var x: Int
        var y: Int
        var width: Int
        var height: Int

        func meets(_ other: Box) -> Bool {
            x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
        }
    }

    /// One crop for each finding.
    static func crops(_ inspection: SideInspection) throws(SakkError) -> [EvidenceCrop] {
        var crops: [EvidenceCrop] = []
        for finding in inspection.findings {
            guard let pair = try pair(finding.place, inspection) else { continue }
            crops.append(
                EvidenceCrop(
                    code: finding.code, side: finding.side, place: finding.place, png: try PNG.encode(pair)))
        }
        return crops
    }

    /// The side as it was seen, on the artwork's raster, as JPEG; empty where none was found.
    static func seen(_ inspection: SideInspection) throws(SakkError) -> Bytes? {
        guard let picture = try picture(inspection) else { return nil }
        return try JPEG.encode(picture, quality: 88)
    }

    static func picture(_ inspection: SideInspection) throws(SakkError) -> RGBImage? {
        guard let view = inspection.view else { return nil }
        let raster = inspection.subject.raster
        return RGBImage(width: raster.width, height: raster.height, rgb: try view.picture())
    }

    /// The place as it was seen, left, and as it should be, right: small ones enlarged by whole dots. Nil where nothing was
    /// seen.
    static func pair(_ place: RectMM, _ inspection: SideInspection) throws(SakkError) -> RGBImage? {
        guard let seen = try picture(inspection) else { return nil }
        let raster = inspection.subject.raster
        let (box, crop) = (box(place, on: raster), surroundings(place, on: raster))
        let factor = max(min(360 / crop.width, 4), 1)
        let gap = 6
        var pair = RGBImage(
            width: 2 * crop.width * factor + gap, height: crop.height * factor,
            filledWith: RGBColour(255, 255, 255))
        let meant = RGBImage(width: raster.width, height: raster.height, rgb: inspection.artwork)
        for (index, picture) in [seen, meant].enumerated() {
            let part = picture.cropped(x: crop.x, y: crop.y, width: crop.width, height: crop.height)
            let left = index * (crop.width * factor + gap)
            pair.lay(part.enlarged(factor), x: left, y: 0)
            // around the place and not on it
            pair.outline(
                x: left + (box.x - crop.x) * factor - 4, y: (box.y - crop.y) * factor - 4,
                width: box.width * factor + 8, height: box.height * factor + 8, colour: RGBColour(220, 30, 30),
                thickness: index == 0 ? 3 : 1)
        }
        return pair
    }

    /// In pixels of the raster, at least one, and on it.
    static func box(_ place: RectMM, on raster: SideRaster) -> Box {
        let pixels = raster.pixels(place)
        func whole(_ value: Double, _ most: Int) -> Int { Int(min(max(value.isFinite ? value : 0, 0), Double(most))) }
        let (left, top) = (whole(pixels.x, raster.width - 1), whole(pixels.y, raster.height - 1))
        let right = whole((pixels.x + pixels.width).rounded(.up), raster.width)
        let bottom = whole((pixels.y + pixels.height).rounded(.up), raster.height)
        return Box(x: left, y: top, width: max(right - left, 1), height: max(bottom - top, 1))
    }

    /// A box with some millimetres around it, never less than 10 by 6 mm, on the raster.
    private static func surroundings(_ place: RectMM, on raster: SideRaster) -> Box {
        let width = max(place.width + 4, 10)
        let height = max(place.height + 3, 6)
        return box(
            RectMM(
                x: place.x + place.width / 2 - width / 2, y: place.y + place.height / 2 - height / 2, width: width,
                height: height), on: raster)
    }
}

extension RGBImage {
    /// Lays a picture on this one; what reaches over its edge is left out.
    mutating func lay(_ picture: RGBImage, x: Int, y: Int) {
        let (first, last) = (max(0, -x), min(picture.width, width - x))
        guard first < last else { return }
        for row in max(0, -y)..<max(min(picture.height, height - y), max(0, -y)) {
            let source = (row * picture.width + first) * 3
            let target = ((y + row) * width + x + first) * 3
            let count = (last - first) * 3
            rgb.replaceSubrange(target..<target + count, with: picture.rgb[source..<source + count])
        }
    }

    /// Each dot as a square of dots: what is there, and nothing between.
    func enlarged(_ factor: Int) -> RGBImage {
        guard factor > 1 else { return self }
        var rgb = Bytes()
        rgb.reserveCapacity(self.rgb.count * factor * factor)
        for row in 0..<height {
            var line = Bytes()
            for column in 0..<width {
                let index = (row * width + column) * 3
                for _ in 0..<factor { line += self.rgb[index..<index + 3] }
            }
            for _ in 0..<factor { rgb += line }
        }
        return RGBImage(width: width * factor, height: height * factor, rgb: rgb)
    }
}
