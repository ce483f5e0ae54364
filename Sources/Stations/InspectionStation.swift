public import Ground

/// One fault that the inspection found.
public struct Finding: Sendable, Hashable {
    /// One of the published reason codes, for example `mrz.character`, `panel.missing`, `portrait.differs`,
    /// `field.missing`, `qr.content`.
    public let code: String
    public let side: CardSide
    public let place: RectMM
    /// For an inspector; no personal data.
    public let text: String

    public init(code: String, side: CardSide, place: RectMM, text: String) {
        self.code = code
        self.side = side
        self.place = place
        self.text = text
    }
}

/// Three verdicts, never two.
public enum Verdict: Sendable, Hashable {
    case pass
    case reject([Finding])
    case cannotJudge(String)
}

public struct InspectionRequest: Sendable {
    public let attempt: AttemptID
    public let rendered: RenderedDocument
    /// From the signed record, not from the rendering.
    public let mrz: [String]
    /// The approved portrait, decoded.
    public let portrait: Picture
    public let frames: [Frame]

    public init(attempt: AttemptID, rendered: RenderedDocument, mrz: [String], portrait: Picture, frames: [Frame]) {
        self.attempt = attempt
        self.rendered = rendered
        self.mrz = mrz
        self.portrait = portrait
        self.frames = frames
    }
}

/// What a reason is about, cut out: as it was seen, and beside it as it should be.
public struct EvidenceCrop: Sendable, Hashable {
    /// The reason's.
    public let code: String
    public let side: CardSide
    /// Of the finding; the crop reaches some millimetres further.
    public let place: RectMM
    /// Personal data.
    public let png: Bytes

    public init(code: String, side: CardSide, place: RectMM, png: Bytes) {
        self.code = code
        self.side = side
        self.place = place
        self.png = png
    }
}

public struct InspectionResult: Sendable {
    public let verdict: Verdict
    /// The MRZ as the camera saw it, line by line; empty when it could not be read.
    public let seenMRZ: [String]
    /// PNG of each side with what was found drawn on it, for each card that did not pass at least; personal data.
    public let annotated: [CardSide: Bytes]
    /// Named measures as integers (thousandths), for the journal: no personal data.
    public let measures: [String: Int64]
    /// JPEG of each side as it was seen, laid on the rendering's raster; where pictures are kept. Personal data.
    public let seen: [CardSide: Bytes]
    /// Of a rejection: one for each finding, in their order.
    public let evidence: [EvidenceCrop]
    /// The portrait as it was seen, cut out at 300 dpi; nil where none is printed or none was seen. Personal data.
    public let portrait: Picture?

    public init(
        verdict: Verdict, seenMRZ: [String], annotated: [CardSide: Bytes], measures: [String: Int64],
        seen: [CardSide: Bytes] = [:], evidence: [EvidenceCrop] = [], portrait: Picture? = nil
    ) {
        self.portrait = portrait
        self.seen = seen
        self.evidence = evidence
        self.verdict = verdict
        self.seenMRZ = seenMRZ
        self.annotated = annotated
        self.measures = measures
    }
}

/// The portrait that was seen on a document, and the image that was read back from its chip.
public struct PortraitRequest: Sendable {
    public let attempt: AttemptID
    public let side: CardSide
    /// `InspectionResult.portrait`.
    public let seen: Picture
    /// JPEG or JPEG 2000 of EF.DG2, as read: from outside, so nobody but the inspection decodes it.
    public let chip: Bytes

    public init(attempt: AttemptID, side: CardSide, seen: Picture, chip: Bytes) {
        self.attempt = attempt
        self.side = side
        self.seen = seen
        self.chip = chip
    }
}

/// Judges frames against this record's artwork and its signed fields.
public protocol InspectionStation: Sendable {
    /// Throws only when the station itself failed; a bad picture is `cannotJudge`.
    func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult
    /// Whether the chip's image shows whom the printed portrait shows: a pass, the finding `portrait.chip`, or
    /// `cannotJudge`. Throws as `inspect`.
    func compare(_ request: PortraitRequest) async throws(SakkError) -> InspectionResult
}

extension InspectionStation {
    /// A station that sees no portraits compares none.
    public func compare(_ request: PortraitRequest) async throws(SakkError) -> InspectionResult {
        InspectionResult(
            verdict: .cannotJudge("inspection.failed (portraits are not compared)"), seenMRZ: [], annotated: [:],
            measures: [:])
    }
}
