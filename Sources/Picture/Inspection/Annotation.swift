internal import CVision
internal import Ground
internal import Pixels
internal import Stations

/// What was seen with the findings drawn on it, above what was meant.
enum Annotation {
    private static let frame = RGBColour(40, 150, 60)
    private static let fault = RGBColour(220, 30, 30)
    private static let empty = RGBColour(70, 70, 70)

    static func draw(_ inspection: SideInspection) throws(SakkError) -> Bytes {
        let raster = inspection.subject.raster
        let (width, height) = (raster.width, raster.height)
        var upper = RGBImage(width: width, height: height, filledWith: empty)
        if let view = inspection.view { upper.rgb = try view.picture() }
        if inspection.view != nil, inspection.doubt == nil {
            for field in inspection.subject.fields {
                outline(raster.pixels(field.rect), in: &upper, colour: frame, thickness: 1)
            }
        }
        for finding in inspection.findings {
            outline(raster.pixels(finding.place), in: &upper, colour: fault, thickness: 4)
        }
        if inspection.doubt != nil { outline(raster.pixels(raster.whole), in: &upper, colour: fault, thickness: 10) }
        return try PNG.encode(RGBImage(width: width, height: 2 * height, rgb: upper.rgb + inspection.subject.artwork))
    }

    private static func outline(_ box: sakk_rect, in picture: inout RGBImage, colour: RGBColour, thickness: Int) {
        picture.outline(
            x: Int(box.x.rounded()) - 2, y: Int(box.y.rounded()) - 2, width: Int(box.width.rounded()) + 4,
            height: Int(box.height.rounded()) + 4, colour: colour, thickness: thickness)
    }
}
