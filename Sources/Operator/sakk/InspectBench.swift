import Artwork
import Catalog
import Foundation
import Ground
import Inspection
import Pixels
import Stations

/// Judges jobs one after another. A picture, whatever it holds, never ends it.
struct InspectBench {
    let reasons: ReasonList
    let plan: InspectionPlan
    /// Lamps of the product's plan, as its file has them.
    let lights: String
    private let fields: InspectFields
    /// Paths of the jobs are relative to it.
    private let folder: String
    private let inspector: PictureInspector
    private let whole: RectMM
    private let raster: SideRaster
    /// By dots per inch; none where the product has no artwork that can be drawn here.
    private let artworks: [Double: CardArtwork]

    /// The largest file that is read as a picture.
    private static let maximumBytes = 200_000_000

    init(
        product: ProductProfile, fields: InspectFields, reasons: ReasonList, folder: String, annotates: Bool
    ) throws {
        guard let format = SideRaster.named(product.format) else {
            throw SakkError(
                "config.inspection.format", source: product.folder, subject: product.format,
                text: "Documents of this format are not inspected.", remedy: "Use a product of TD1 or TD3.")
        }
        let limits = try InspectionLimits(path: product.inspectionPlan)
        whole = RectMM(x: 0, y: 0, width: format.widthMM, height: format.heightMM)
        plan = try InspectionPlan(thousandths: limits.thousandths)
        lights = limits.lightsText
        inspector = PictureInspector(format: format, plan: plan, annotates: annotates, labels: reasons.labels)
        raster = format
        var artworks: [Double: CardArtwork] = [:]
        if !product.artworkFront.isEmpty {
            for dpi in [300.0, 600] { artworks[dpi] = try product.artwork(dpi: dpi) }
        }
        self.artworks = artworks
        self.fields = fields
        self.reasons = reasons
        self.folder = folder
    }

    func judge(_ line: String) -> InspectAnswer {
        guard let job = InspectJob(line), let side = CardSide(rawValue: job.side) else {
            return answer(InspectJob.id(of: line) ?? "", .cannotJudge(.jobInvalid))
        }
        do {
            let places = fields.on(side)
            let reference = try reference(job)
            let question = PictureJob(
                side: side, reference: reference, capture: try picture(job.capture), pixelsPerMM: job.pixelsPerMM,
                fields: places, expected: try expected(job, side, places, reference))
            let clock = ContinuousClock()
            let began = clock.now
            let (ready, judged, result) = try timed(question, clock)
            // By now the pictures that it took are wiped.
            let ended = clock.now
            return InspectAnswer(
                id: job.id, verdict: result.verdict, whole: whole, result: result,
                milliseconds: (ended - began) / .milliseconds(1),
                fromCaptureMilliseconds: (judged - ready) / .milliseconds(1))
        } catch let doubt as InspectionDoubt {
            return answer(job.id, .cannotJudge(doubt))
        } catch {
            Words.say("\(job.id): \((error as? SakkError)?.text ?? "the inspection failed")")
            return answer(job.id, .cannotJudge(.inspectionFailed))
        }
    }

    /// When the reference was ready for the capture, and when the verdict stood.
    private func timed(_ question: PictureJob, _ clock: ContinuousClock) throws(SakkError)
        -> (ready: ContinuousClock.Instant, judged: ContinuousClock.Instant, result: PictureResult)
    {
        let prepared = try inspector.prepare(question)
        let ready = clock.now
        let result = try inspector.inspect(question, prepared)
        let judged = clock.now
        return withExtendedLifetime(prepared) { (ready, judged, result) }
    }

    private func answer(_ id: String, _ verdict: PictureResult.Verdict) -> InspectAnswer {
        InspectAnswer(id: id, verdict: verdict, whole: whole)
    }

    private func reference(_ job: InspectJob) throws(InspectionDoubt) -> Picture {
        do {
            return try picture(job.reference)
        } catch .pictureUnreadable {
            throw .referenceUnusable
        } catch {
            throw error
        }
    }

    private func expected(
        _ job: InspectJob, _ side: CardSide, _ places: [FieldPlace], _ reference: Picture
    ) throws(InspectionDoubt) -> PictureJob.Expected {
        guard let given = job.expected else { return PictureJob.Expected() }
        var codes: [String: Bytes] = [:]
        for place in places {
            guard let value = given.codes?[place.name] else { continue }
            guard let content = place.kind == .vds ? Bytes(hex: value) : Bytes(value.utf8) else { throw .jobInvalid }
            codes[place.name] = content
        }
        let zone = places.contains { $0.kind == .mrz } ? given.mrz : nil
        return PictureJob.Expected(
            texts: given.text ?? [:], mrz: zone, codes: codes,
            portrait: try given.portrait.map { (path) throws(InspectionDoubt) in try picture(path) },
            redrawn: artwork(for: reference, job.pixelsPerMM).flatMap {
                redrawn(given.text ?? [:], side, places, by: $0)
            })
    }

    /// One that draws as fine as the reference is.
    private func artwork(for reference: Picture, _ pixelsPerMM: Double?) -> CardArtwork? {
        let dpi = raster.dpi(width: reference.width, height: reference.height, pixelsPerMM: pixelsPerMM)
        return artworks.first { abs((dpi ?? 0) / $0.key - 1) < 0.01 }?.value
    }

    /// The signed texts drawn by this program where the product's artwork has the same field at the same place.
    private func redrawn(
        _ texts: [String: String], _ side: CardSide, _ places: [FieldPlace], by artwork: CardArtwork
    ) -> (picture: Picture, fields: Set<String>)? {
        guard !texts.isEmpty, let drawn = artwork.texts(texts, on: side) else { return nil }
        let same = drawn.fields.filter { field in
            guard !field.text.allSatisfy(\.isWhitespace) else { return false }
            return places.contains { $0.name == field.name && $0.kind == .text && Self.near($0.rect, field.rect) }
        }
        return (drawn.picture, Set(same.map(\.name)))
    }

    private static func near(_ left: RectMM, _ right: RectMM) -> Bool {
        abs(left.x - right.x) < 0.05 && abs(left.y - right.y) < 0.05 && abs(left.width - right.width) < 0.05
            && abs(left.height - right.height) < 0.05
    }

    /// A file that a job names; nil when it cannot be read.
    func bytes(_ name: String) -> Bytes? { FileBytes.read(path(name)) }

    /// What a picture shows; nil when it cannot be read.
    func content(_ name: String) -> Picture? { try? picture(name) }

    func path(_ name: String) -> String {
        name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
    }

    private func picture(_ name: String) throws(InspectionDoubt) -> Picture {
        let path = path(name)
        let attributes = try? FileManager.default.attributesOfItem(atPath: (path as NSString).resolvingSymlinksInPath)
        // A pipe or a device would never end.
        guard let attributes, attributes[.type] as? FileAttributeType == .typeRegular else { throw .pictureMissing }
        guard let size = attributes[.size] as? Int, size <= Self.maximumBytes else { throw .pictureUnreadable }
        guard let bytes = FileBytes.read(path) else { throw .pictureMissing }
        do {
            let isJPEG = bytes.starts(with: [0xFF, 0xD8])
            let image = try isJPEG ? JPEG.decode(bytes, maxPixels: 64_000_000) : PNG.decode(bytes)
            return Picture(width: image.width, height: image.height, rgb: image.rgb)
        } catch {
            throw .pictureUnreadable
        }
    }
}
