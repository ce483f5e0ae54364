public import Ground
public import Stations

/// A picture of one side to be judged against a picture of what it should be. No line, no camera and no record needed;
/// what is signed is used where it is there.
public struct PictureJob: Sendable {
    public let side: CardSide
    /// The side as it must look, of any resolution.
    public let reference: Picture
    /// The side as it was seen: on a ground it stands out from, or filling the picture.
    public let capture: Picture
    /// Of the reference; nil when it is not known.
    public let pixelsPerMM: Double?
    /// Of this side. Their texts do not count: `expected` says what is signed.
    public let fields: [FieldPlace]
    public let expected: Expected

    /// What the signed record says, each part only if it is known.
    public struct Expected: Sendable {
        public var texts: [String: String]
        public var mrz: [String]?
        /// What each code carries, by field.
        public var codes: [String: Bytes]
        public var portrait: Picture?
        /// A side on which the signed texts are drawn anew, apart from the reference, and the fields that are. Of the
        /// reference's resolution: small text drawn at another one differs by more than a dot of a letter.
        public var redrawn: (picture: Picture, fields: Set<String>)?

        public init(
            texts: [String: String] = [:], mrz: [String]? = nil, codes: [String: Bytes] = [:],
            portrait: Picture? = nil, redrawn: (picture: Picture, fields: Set<String>)? = nil
        ) {
            self.texts = texts
            self.mrz = mrz
            self.codes = codes
            self.portrait = portrait
            self.redrawn = redrawn
        }
    }

    public init(
        side: CardSide, reference: Picture, capture: Picture, pixelsPerMM: Double? = nil, fields: [FieldPlace],
        expected: Expected = Expected()
    ) {
        self.side = side
        self.reference = reference
        self.capture = capture
        self.pixelsPerMM = pixelsPerMM
        self.fields = fields
        self.expected = expected
    }
}

/// What was made of a `PictureJob`.
public struct PictureResult: Sendable {
    public enum Verdict: Sendable, Hashable {
        case pass
        case reject([Finding])
        case cannotJudge(InspectionDoubt)
    }

    public let verdict: Verdict
    /// The zone as seen; empty when it could not be read.
    public let seenMRZ: [String]
    public let measures: [InspectionMeasure]
    /// PNG: what was seen with the findings drawn on it, above the reference. Nil for a pass; personal data.
    public let annotated: Bytes?
    /// One for each finding, in their order.
    public var evidence: [EvidenceCrop] = []
}
