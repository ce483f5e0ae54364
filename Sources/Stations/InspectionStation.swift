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

public struct InspectionResult: Sendable {
    public let verdict: Verdict
    /// The MRZ as the camera saw it, line by line; empty when it could not be read.
    public let seenMRZ: [String]
    /// PNG of each side with what was found drawn on it, for each card that did not pass at least; personal data.
    public let annotated: [CardSide: Bytes]
    /// Named measures as integers (thousandths), for the journal: no personal data.
    public let measures: [String: Int64]

    public init(verdict: Verdict, seenMRZ: [String], annotated: [CardSide: Bytes], measures: [String: Int64]) {
        self.verdict = verdict
        self.seenMRZ = seenMRZ
        self.annotated = annotated
        self.measures = measures
    }
}

/// Judges frames against this record's artwork and its signed fields.
public protocol InspectionStation: Sendable {
    /// Throws only when the station itself failed; a bad picture is `cannotJudge`.
    func inspect(_ request: InspectionRequest) async throws(SakkError) -> InspectionResult
}
