internal import CVision
internal import Ground
internal import Pixels
internal import Stations

/// The printed portrait as it was seen against the image that was read back from the chip: the second one comes from outside
/// and is decoded here.
struct PortraitMatch {
    let plan: InspectionPlan

    /// A pass, `portrait.chip`, or "cannot judge".
    func result(_ request: PortraitRequest) throws(SakkError) -> InspectionResult {
        let raster = SideRaster.td1
        let seen = request.seen
        guard (24...raster.width - 40).contains(seen.width), (24...raster.height - 40).contains(seen.height),
            let chip = Self.decode(request.chip)
        else { return Self.result(.cannotJudge(InspectionDoubt.pictureUnreadable.code)) }
        let view = try CardView.open(artwork: Self.laid(seen, on: raster), raster: raster)
        let perMM = SideRaster.pixelsPerMM
        let place = RectMM(
            x: (20 - raster.originX) / perMM, y: (20 - raster.originY) / perMM, width: Double(seen.width) / perMM,
            height: Double(seen.height) / perMM)
        let found = try view.portrait(chip, place)
        let measures = [
            "portrait_chip": Int64((found.likeness * 1000).rounded()),
            "portrait_chip_part": Int64((found.worst * 1000).rounded()),
        ]
        guard found.likeness < plan.portraitChip || found.worst > plan.portraitChipPart else {
            return Self.result(.pass, measures)
        }
        let finding = Finding(
            code: InspectionReason.portraitChip.code, side: request.side, place: place,
            text: "the portrait in the chip is not the one that is printed")
        return Self.result(.reject([finding]), measures)
    }

    private static func result(_ verdict: Verdict, _ measures: [String: Int64] = [:]) -> InspectionResult {
        InspectionResult(verdict: verdict, seenMRZ: [], annotated: [:], measures: measures)
    }

    /// JPEG or JPEG 2000 by how it begins; nil for anything else, and for what does not decode whole.
    private static func decode(_ bytes: Bytes) -> Picture? {
        do throws(SakkError) {
            let image = bytes.starts(with: [0xFF, 0xD8]) ? try JPEG.decode(bytes) : try JPEG2000.decode(bytes)
            return Picture(width: image.width, height: image.height, rgb: image.rgb)
        } catch {
            return nil
        }
    }

    /// White, with the portrait 20 dots from its corner.
    private static func laid(_ picture: Picture, on raster: SideRaster) -> Bytes {
        var rgb = Bytes(repeating: 255, count: raster.width * raster.height * 3)
        let row = picture.width * 3
        for y in 0..<picture.height {
            let to = ((y + 20) * raster.width + 20) * 3
            rgb.replaceSubrange(to..<to + row, with: picture.rgb[y * row..<(y + 1) * row])
        }
        return rgb
    }
}

extension SideInspection {
    /// The portrait as it was seen, at 300 dpi; nil where none is printed, or the side was not seen as it should lie.
    func portrait() throws(SakkError) -> Picture? {
        guard let view, measures["\(side.rawValue).alignment"] != nil,
            let field = fields.first(where: { $0.kind == .portrait })
        else { return nil }
        let box = subject.raster.pixels(field.rect)
        let (left, top) = (max(Int(box.x.rounded()), 0), max(Int(box.y.rounded()), 0))
        let width = min(Int(box.width.rounded()), subject.raster.width - left)
        let height = min(Int(box.height.rounded()), subject.raster.height - top)
        guard width > 0, height > 0 else { return nil }
        let picture = try view.picture()
        var rgb: Bytes = []
        rgb.reserveCapacity(width * height * 3)
        for y in top..<top + height {
            let from = (y * subject.raster.width + left) * 3
            rgb += picture[from..<from + width * 3]
        }
        return Picture(width: width, height: height, rgb: rgb)
    }
}
