public import Ground
internal import Pixels
public import Stations

/// Judges the frames of a card against this record's artwork and its signed fields. Needs no learning: what the card
/// must look like is known. Keeps nothing of a card after the call; may be used from several tasks.
public final class CardInspector: InspectionStation {
    private let plan: InspectionPlan
    private let annotatesGoodCards: Bool
    private let keepsSeen: Bool
    private let labels: [String: [String]]
    private let lights: LightPlan

    /// An annotated picture is drawn for each card that does not pass; for good ones where they are kept to be looked
    /// at, because it costs as much as a third of the judging. `keepsSeen`: each side as it was seen comes with the result.
    /// `labels` are the reasons' names by code (Arabic, Sorani, English), to be written beside what was found. `lights`: by
    /// which lamps a card is seen, each side by its own frames.
    public init(
        plan: InspectionPlan = .standard, annotatesGoodCards: Bool = true, keepsSeen: Bool = false,
        labels: [String: [String]] = [:], lights: LightPlan = LightPlan()
    ) {
        self.lights = lights
        self.keepsSeen = keepsSeen
        self.labels = labels
        self.plan = plan
        self.annotatesGoodCards = annotatesGoodCards
    }

    /// Throws `inspection.artwork` when the rendering is not of the raster, `inspection.font.missing`,
    /// `inspection.failed`. A bad picture is `cannotJudge`.
    public func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult {
        var sides: [SideInspection] = []
        for rendered in request.rendered.sides {
            guard let raster = SideRaster.of(width: rendered.picture.width, height: rendered.picture.height) else {
                throw SakkError(
                    "inspection.artwork", source: "inspection", subject: rendered.side.rawValue,
                    text: "The rendering is not of a card's or a data page's raster at 300 dpi.",
                    remedy: "Render at 300 dpi.")
            }
            let subject = SideSubject(rendered, raster: raster, request: request)
            var side = SideInspection(subject, plan: plan)
            let frames = request.frames.filter { $0.side == rendered.side && $0.attempt == request.attempt }
            switch frames.last(where: { $0.light == .white }) {
            case nil: side.doubt = .frameMissing
            case .some(let frame):
                if isRepeated(frames, in: request.frames) {
                    side.doubt = .frameRepeated
                } else {
                    try side.run(frame, try PreparedSide(subject, plan: plan))
                    try side.see(
                        by: lights, frames,
                        panel: request.rendered.panels.first { $0.side == rendered.side && $0.panel == .fluorescent },
                        of: request.rendered)
                }
            }
            if rendered.side == request.rendered.sides.last?.side, !request.mrz.isEmpty,
                !request.rendered.fields.contains(where: { $0.kind == .mrz })
            {
                side.doubt = side.doubt ?? .zoneUnplaced
            }
            sides.append(side)
        }
        return try result(sides)
    }

    /// One picture stands for two: for both sides, or by two lamps.
    private func isRepeated(_ frames: [Frame], in all: [Frame]) -> Bool {
        frames.contains { frame in
            all.contains { ($0.side != frame.side || $0.light != frame.light) && $0.number == frame.number }
        }
    }

    public func compare(_ request: PortraitRequest) async throws(SakkError) -> InspectionResult {
        try PortraitMatch(plan: plan).result(request)
    }

    private func result(_ sides: [SideInspection]) throws(SakkError) -> InspectionResult {
        var annotated: [CardSide: Bytes] = [:]
        var measures: [String: Int64] = [:]
        var seen: [CardSide: Bytes] = [:]
        var evidence: [EvidenceCrop] = []
        var portrait: Picture?
        let good = sides.allSatisfy { $0.findings.isEmpty && $0.doubt == nil } && !sides.isEmpty
        for side in sides {
            if !good || annotatesGoodCards { annotated[side.side] = try Annotation.draw(side, labels) }
            if keepsSeen { seen[side.side] = try Evidence.seen(side) }
            evidence += try Evidence.crops(side)
            measures.merge(side.measures) { first, _ in first }
            if portrait == nil { portrait = try side.portrait() }
        }
        let findings = sides.flatMap(\.findings)
        let doubts = sides.compactMap { side in side.doubt.map { "\(side.side.rawValue): \($0.code)" } }
        let verdict: Verdict =
            if !findings.isEmpty {
                .reject(findings)
            } else if !doubts.isEmpty || sides.isEmpty {
                .cannotJudge(doubts.isEmpty ? "nothing to judge" : doubts.joined(separator: "; "))
            } else {
                .pass
            }
        return InspectionResult(
            verdict: verdict, seenMRZ: sides.flatMap(\.seenMRZ), annotated: annotated, measures: measures,
            seen: seen, evidence: evidence, portrait: portrait)
    }
}
