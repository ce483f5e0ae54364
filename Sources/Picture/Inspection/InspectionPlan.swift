/// The limits of an inspection. Lengths are millimetres, shares and correlations are of one.
///
/// Origin: set on synthetic captures of good cards (lighting gradient, vignette, white balance, blur, noise, turn,
/// perspective, print offset), with room to the worst of them. They are no measurement of a real camera or printer and
/// are set anew on one before a pilot.
public struct InspectionPlan: Sendable, Hashable {
    /// A card's edge may rise over this length (blur). Text fields still compare well at half of it.
    public var edgeWidthMM = 0.50
    /// Share of saturated pixels: stock is not white everywhere, so that a right exposure has next to none.
    public var saturated = 0.30
    /// 95 percent of the card's pixels are darker: below, dye cannot be told from noise.
    public var bright = 70.0
    /// A side that resembles its artwork less than this is neither it nor another known side.
    public var likeness = 0.20
    /// By how much another side or the turned one must win.
    public var orientationMargin = 0.15
    /// Print offset against the card's edges; a printer of this class places to some 0.3 mm.
    public var offsetMM = 0.60
    public var turnDegrees = 0.60
    /// Correlation of a portrait after smoothing, and the greatest residual of a part of it.
    public var portrait = 0.93
    public var portraitPart = 0.30
    /// The same for ghost and signature.
    public var faintPicture = 0.60
    /// Correlation of a text box with the artwork, and the greatest residual of a part of it.
    public var text = 0.80
    public var textPart = 0.70
    /// Contrast below which a field is not there.
    public var contrast = 0.35
    /// Correlation with the best glyph, lead of another class over the expected one, and lead over the next class.
    public var glyph = 0.60
    public var glyphLead = 0.05
    public var glyphMargin = 0.015
    /// Density of an ink against the artwork: below `inkMissing` the panel is absent, out of the range it is colour.
    public var inkMissing = 0.40
    public var inkWeak = 0.62
    public var inkStrong = 1.35
    /// Residual levels beyond the neighbourhood of `blemishReachMM`, over at least this area.
    public var blemishLevels = 60.0
    public var blemishReachMM = 0.25
    public var blemishMM2 = 0.20

    public init() {}
    public static let standard = InspectionPlan()
}
