public import Ground
internal import Pixels
internal import Stations

/// Judges pictures of single sides, from anywhere, with the checks of `CardInspector`. Keeps nothing after a call; may be
/// used from several tasks.
public final class PictureInspector: Sendable {
    private let raster: SideRaster
    private let plan: InspectionPlan
    private let annotates: Bool
    private let labels: [String: [String]]
    /// Kept from job to job: what was found out about the faces of the fields.
    private let writing: SignedWriting

    /// An annotated picture costs as much as half of the judging: only where `annotates` says so.
    /// `labels` are the reasons' names by code (Arabic, Sorani, English), to be written beside what was found.
    public init(
        format: SideRaster, plan: InspectionPlan = .standard, annotates: Bool = true, labels: [String: [String]] = [:]
    ) {
        self.labels = labels
        raster = format
        self.plan = plan
        self.annotates = annotates
        writing = SignedWriting(limit: plan.signedPart)
    }

    /// Throws `inspection.font.missing` and `inspection.failed`. A bad picture or reference is `cannotJudge`.
    public func inspect(_ job: PictureJob) throws(SakkError) -> PictureResult {
        try inspect(job, try prepare(job))
    }

    /// What can be said before there is a capture, which is not looked at: the reference is laid on the raster and held
    /// against what is signed. Throws as `inspect` does.
    public func prepare(_ job: PictureJob) throws(SakkError) -> PreparedReference {
        guard job.fields.allSatisfy({ isOnSide($0.rect) }), let artwork = try artwork(of: job),
            ReferencePanels.says(artwork, in: raster.whole, raster: raster)
        else { return PreparedReference(side: nil) }
        return PreparedReference(side: try PreparedSide(try subject(of: job, artwork: artwork), plan: plan))
    }

    /// The same job's capture. Throws as above.
    public func inspect(_ job: PictureJob, _ prepared: PreparedReference) throws(SakkError) -> PictureResult {
        guard let prepared = prepared.side else {
            return PictureResult(
                verdict: .cannotJudge(.referenceUnusable), seenMRZ: [], measures: [], annotated: nil)
        }
        let subject = prepared.subject
        var side = SideInspection(subject, plan: plan)
        let opened = try opened(job, subject.artwork)
        if subject.mrz != nil, !subject.fields.contains(where: { $0.kind == .mrz }) {
            side.doubt = .zoneUnplaced
        } else if case .view = opened, subject.hasColour, isGrey(job.capture) {
            side.doubt = .frameGrey
        } else {
            try side.run(opened, prepared)
        }
        let verdict: PictureResult.Verdict =
            if !side.findings.isEmpty {
                .reject(side.findings)
            } else if let doubt = side.doubt {
                .cannotJudge(doubt)
            } else {
                .pass
            }
        return PictureResult(
            verdict: verdict, seenMRZ: side.seenMRZ, measures: plan.measures(side.measures),
            annotated: verdict == .pass || !annotates ? nil : try Annotation.draw(side, labels),
            evidence: annotates ? try Evidence.crops(side) : [])
    }

    /// The reference on the raster: as it is where it is of it, laid on it where it is not.
    private func artwork(of job: PictureJob) throws(SakkError) -> Bytes? {
        try laid(job.reference, pixelsPerMM: job.pixelsPerMM)
    }

    private func laid(_ picture: Picture, pixelsPerMM: Double? = nil) throws(SakkError) -> Bytes? {
        let isOfRaster = picture.width == raster.width && picture.height == raster.height
        if isOfRaster, pixelsPerMM.map({ abs($0 / SideRaster.pixelsPerMM - 1) < 0.01 }) ?? true { return picture.rgb }
        guard let place = raster.place(width: picture.width, height: picture.height, pixelsPerMM: pixelsPerMM),
            let pixels = try FramePixels.open(picture)
        else { return nil }
        return try pixels.laid(place, on: raster)
    }

    private func isOnSide(_ rect: RectMM) -> Bool {
        let numbers = [rect.x, rect.y, rect.width, rect.height]
        return numbers.allSatisfy(\.isFinite) && rect.width > 0 && rect.height > 0 && rect.x >= -1 && rect.y >= -1
            && rect.x + rect.width <= raster.widthMM + 1 && rect.y + rect.height <= raster.heightMM + 1
    }

    private func subject(of job: PictureJob, artwork: Bytes) throws(SakkError) -> SideSubject {
        let expected = job.expected
        let zone = job.fields.first { $0.kind == .mrz }
        let silent = job.fields.filter { field in
            guard field.kind.hasText else { return false }
            if let text = expected.texts[field.name], field.kind == .text { return text.allSatisfy(\.isWhitespace) }
            if let content = expected.codes[field.name], field.kind.isCode { return content.isEmpty }
            if field.kind == .mrz, expected.mrz != nil { return false }
            return !ReferencePanels.says(artwork, in: field.rect, raster: raster)
        }
        var subject = SideSubject(
            side: job.side, raster: raster, artwork: artwork, fields: job.fields, silent: Set(silent.map(\.name)),
            hasColour: ReferencePanels.hasColour(artwork, fields: job.fields, raster: raster),
            mrz: expected.mrz.flatMap { $0.isEmpty && zone == nil ? nil : $0 }, codes: expected.codes,
            portrait: expected.portrait, others: [], isReference: true)
        subject.texts = expected.texts
        subject.writing = writing
        if let redrawn = expected.redrawn, let picture = try laid(redrawn.picture) {
            subject.signed = (picture, redrawn.fields)
        }
        return subject
    }

    /// As filling the picture where that is the artwork, or lying in it.
    private func opened(_ job: PictureJob, _ artwork: Bytes) throws(SakkError) -> CardView.Opened {
        let capture = job.capture
        guard let frame = try FramePixels.open(capture) else { return .unusable(.frameIncomplete) }
        // A capture of the reference's size was likely taken to the reference's frame.
        let isOfReference = capture.width == job.reference.width && capture.height == job.reference.height
        let place = raster.place(
            width: capture.width, height: capture.height, pixelsPerMM: isOfReference ? job.pixelsPerMM : nil)
        guard let place else { return try CardView.find(artwork, in: frame, raster: raster) }
        let filling = try CardView.open(frame, at: place, raster: raster)
        let likeness = try filling.likeness(artwork)
        guard likeness < CardView.sureLikeness else { return filling }
        let found = try CardView.find(artwork, in: frame, raster: raster)
        return try found.likeness(artwork) > likeness + 0.05 ? found : filling
    }

    /// No pixel of a sample differs between its channels by more than rounding.
    private func isGrey(_ picture: Picture) -> Bool {
        for pixel in stride(from: 0, to: picture.width * picture.height, by: 97) {
            let levels = picture.rgb[pixel * 3..<pixel * 3 + 3]
            if (levels.max() ?? 0) - (levels.min() ?? 0) > 3 { return false }
        }
        return true
    }
}

/// A job's reference, ready for its capture. Personal data; kept no longer than the job is.
public final class PreparedReference {
    /// Nil where the reference is of no use.
    let side: PreparedSide?

    init(side: PreparedSide?) { self.side = side }
}
