import Catalog
import Ground
import Inspection
import Line
import Pixels
import Stations

/// Keeps pictures of SPECIMEN documents: as drawn, as the camera saw them, with what was found drawn on them, and the
/// zone as signed and as read. For training lines only: pictures of people are to be kept under the record's key.
struct SpecimenPictures: EvidenceStore {
    let folder: String

    func put(_ frames: [Frame], _ result: InspectionResult, for attempt: AttemptID, look: Int) async throws(SakkError) {
        for frame in frames {
            guard let picture = frame.picture else { continue }
            // the whole capture as JPEG (a PNG of it takes most of a second), and a small one for reports
            try OutputFolder.write(
                try JPEG.encode(picture, quality: 92),
                to: PictureFolder.path(of: attempt, frame.side, "capture", ending: "jpg", in: folder))
            let small = picture.resized(width: picture.width / 4, height: picture.height / 4)
            try write(try PNG.encode(small), attempt, frame.side, "thumbnail")
        }
        for (side, png) in result.annotated { try write(png, attempt, side, "annotated") }
    }

    /// What the inspection is asked to compare, what it read, and where it found what: for an inspector's eyes side by
    /// side, so both pictures are of one raster.
    func put(_ request: InspectionRequest, _ result: InspectionResult) throws(SakkError) {
        for side in request.rendered.sides {
            try write(try PNG.encode(RGBImage(side.picture)), request.attempt, side.side, "drawn")
            let raster = [SideRaster.td1, .td3].first {
                $0.width == side.picture.width && $0.height == side.picture.height
            }
            guard let raster, let frame = request.frames.last(where: { $0.side == side.side }) else { continue }
            // a frame that is no picture of a card is judged, not shown
            if let seen = try SeenSide.picture(frame, on: raster) {
                try OutputFolder.write(
                    try JPEG.encode(RGBImage(seen), quality: 88),
                    to: PictureFolder.path(of: request.attempt, side.side, "seen", ending: "jpg", in: folder))
            }
            try put(result, request.attempt, side.side, raster)
        }
        let seen = result.seenMRZ
        let zones = JSONValue.object([
            "expected": .array(request.mrz.map(JSONValue.string)), "seen": .array(seen.map(JSONValue.string)),
        ])
        try OutputFolder.write(
            Bytes(zones.canonical), to: "\(folder)/\(request.attempt.rawValue)-mrz.json")
    }

    /// The places of the findings, in thousandths of the picture's width and height.
    private func put(_ result: InspectionResult, _ attempt: AttemptID, _ side: CardSide, _ raster: SideRaster)
        throws(SakkError)
    {
        var places: [JSONValue] = []
        if case .reject(let findings) = result.verdict {
            let perMM = 300 / 25.4
            let (width, height) = (Double(raster.width), Double(raster.height))
            let left = (width - raster.widthMM * perMM) / 2
            let top = (height - raster.heightMM * perMM) / 2
            func part(_ pixels: Double, of all: Double) -> JSONValue {
                .integer(Int64(min(max(pixels / all, 0), 1) * 1000))
            }
            for finding in findings where finding.side == side {
                places.append([
                    "code": .string(finding.code), "x": part(left + finding.place.x * perMM, of: width),
                    "y": part(top + finding.place.y * perMM, of: height),
                    "width": part(finding.place.width * perMM, of: width),
                    "height": part(finding.place.height * perMM, of: height),
                ])
            }
        }
        let found: JSONValue = ["schema": "sakk.card-findings/1", "findings": .array(places)]
        try OutputFolder.write(
            found.canonical, to: PictureFolder.path(of: attempt, side, "findings", ending: "json", in: folder))
    }

    private func write(_ png: Bytes, _ attempt: AttemptID, _ side: CardSide, _ what: String) throws(SakkError) {
        try OutputFolder.write(png, to: PictureFolder.path(of: attempt, side, what, in: folder))
    }
}

/// An inspection whose question and reading are kept beside the pictures.
struct KeptInspection: InspectionStation {
    let inspection: any InspectionStation
    let pictures: SpecimenPictures

    func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult {
        let result = try await inspection.inspect(request)
        try pictures.put(request, result)
        return result
    }
}

extension LineOptions {
    /// Nil when none are kept; refused on a production line.
    func specimenPictures(_ profile: LineProfile) throws(SakkError) -> SpecimenPictures? {
        guard let folder = picturesPath(profile) else { return nil }
        guard profile.mode == .training else {
            throw SakkError(
                "config.pictures", source: profile.path, subject: "pictures",
                text: "A production line keeps no pictures of people in a plain folder.",
                remedy: "Take `pictures` out of the line's configuration.")
        }
        try OutputFolder.make(folder)
        return SpecimenPictures(folder: folder)
    }
}

extension Frame {
    /// The frame in colours; nil when its bytes do not fill its size.
    var picture: RGBImage? {
        switch format {
        case .rgb8: pixels.count == width * height * 3 ? RGBImage(width: width, height: height, rgb: pixels) : nil
        case .bayerRG8: BayerMosaic.picture(pixels, width: width, height: height)
        case .mono8:
            pixels.count == width * height
                ? RGBImage(width: width, height: height, rgb: pixels.flatMap { [$0, $0, $0] }) : nil
        }
    }
}
