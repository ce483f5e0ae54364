import Catalog
import Ground
import Inspection
import Ledger
import Line
import Pixels
import Stations

/// Keeps pictures of cards. Of SPECIMEN documents: as drawn, as the camera saw them, with what was found drawn on them, and
/// the zone as signed and as read. Of people's documents what an inspector needs and no more: as drawn and as seen, sealed
/// under the record's own key, for as long as somebody may have to look (`UnneededPicturesQuery`).
struct CardPictures: EvidenceStore {
    let folder: String
    /// Seals pictures of people; nil on a training line, whose documents are SPECIMEN.
    let sealing: Books?

    func put(_ frames: [Frame], _ result: InspectionResult, for attempt: AttemptID, look: Int) async throws(SakkError) {
        guard sealing == nil else { return }
        for frame in frames {
            guard let picture = frame.picture else { continue }
            // the whole capture as JPEG (a PNG of it takes most of a second), and a small one for reports
            let what = frame.light == .white ? "capture" : "capture-\(frame.light.rawValue)"
            try OutputFolder.write(
                try JPEG.encode(picture, quality: 92),
                to: PictureFolder.path(of: attempt, frame.side, what, ending: "jpg", in: folder))
            guard frame.light == .white else { continue }
            let small = picture.resized(width: picture.width / 4, height: picture.height / 4)
            try await write(try PNG.encode(small), attempt, frame.side, "thumbnail")
        }
        for (side, png) in result.annotated { try await write(png, attempt, side, "annotated") }
        for (number, crop) in result.evidence.enumerated() {
            try await write(crop.png, attempt, crop.side, "reason-\(number + 1)-\(crop.code)")
        }
    }

    /// What the inspection is asked to compare, what it read, and where it found what: for an inspector's eyes side by
    /// side, so both pictures are of one raster.
    func put(_ request: InspectionRequest, _ result: InspectionResult) async throws(SakkError) {
        for side in request.rendered.sides {
            try await write(try PNG.encode(RGBImage(side.picture)), request.attempt, side.side, "drawn")
            guard let frame = request.frames.last(where: { $0.side == side.side && $0.light == .white }) else {
                continue
            }
            let raster = [SideRaster.td1, .td3].first {
                $0.width == side.picture.width && $0.height == side.picture.height
            }
            // a frame that is no picture of a card is judged, not shown
            if let raster { try put(result, request.attempt, side.side, raster) }
            if let seen = result.seen[side.side] {
                try await write(seen, request.attempt, side.side, "seen", ending: "jpg")
            } else if sealing != nil, let whole = frame.picture {
                // no card was found in it: an inspector sees the whole frame, as small as it is readable
                let small = whole.resized(width: whole.width / 2, height: whole.height / 2)
                let picture = try JPEG.encode(small, quality: 88)
                try await write(picture, request.attempt, side.side, "capture", ending: "jpg")
            }
        }
        guard sealing == nil else { return }
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

    private func write(
        _ picture: Bytes, _ attempt: AttemptID, _ side: CardSide, _ what: String, ending: String = "png"
    ) async throws(SakkError) {
        let path = PictureFolder.path(of: attempt, side, what, ending: ending, in: folder)
        guard let sealing else { return try OutputFolder.write(picture, to: path) }
        let name = String(path.dropFirst(folder.count + 1))
        guard let sealed = try await sealing.sealPicture(picture, named: name, of: attempt) else { return }
        try OutputFolder.write(sealed, to: path + PictureFolder.sealed)
    }

    /// Removes what nobody needs any more; of SPECIMEN documents only what is forgotten. How many files.
    @discardableResult
    func sweep(_ books: Books, now: WallTime) async throws(SakkError) -> Int {
        let files = PictureFolder.files(in: folder)
        let attempts = Set(files.map(\.attempt)).sorted()
        let unneeded = Set(
            sealing == nil
                ? try await books.read(ForgottenAttemptsQuery(attempts))
                : try await books.read(UnneededPicturesQuery(attempts, now: now)))
        var count = 0
        for file in files where unneeded.contains(file.attempt) {
            try OutputFolder.remove(folder + "/" + file.name)
            count += 1
        }
        return count
    }
}

/// An inspection whose question and reading are kept beside the pictures.
struct KeptInspection: InspectionStation {
    let inspection: any InspectionStation
    let pictures: CardPictures

    func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult {
        let result = try await inspection.inspect(request)
        try await pictures.put(request, result)
        return result
    }

    func compare(_ request: PortraitRequest) async throws(SakkError) -> InspectionResult {
        try await inspection.compare(request)
    }
}

extension LineOptions {
    /// Nil when the line names no folder for them.
    func cardPictures(_ profile: LineProfile, _ books: Books) throws(SakkError) -> CardPictures? {
        guard let folder = picturesPath(profile) else { return nil }
        try OutputFolder.make(folder)
        return CardPictures(folder: folder, sealing: profile.mode == .training ? nil : books)
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
