public import Ground

/// The limits of an inspection. Lengths are millimetres, shares and correlations are of one.
///
/// Origin: set between good and wrong synthetic captures (light gradient to 15 %, vignette to 20 %, white balance 5 %,
/// blur sigma 0.3 to 1.0 pixel of 300 dpi, noise to 3.4 levels, turn to 3 degrees, print offset to 0.25 mm) of two
/// cameras written apart. Worst good card against mildest wrong one: part of a text 0.32 against 1.69 (one dot of an
/// Arabic letter), portrait 0.998 against 0.976, part of a portrait 0.01 against 0.09 (a look-alike), text 0.95, glyph
/// 0.94 with a lead of 0.126, dyes 0.91 to 1.01 against 0.70, black 0.89 against 0.66; no good card has a
/// blemish at these limits. They are no measurement of a real camera or printer and are set anew on one before a pilot.
public struct InspectionPlan: Sendable, Hashable {
    /// A card's edge may rise over this length (blur), and the artwork be blurred by this sigma to look like the capture.
    public var edgeWidthMM = 0.50
    public var softnessMM = 0.12
    /// Share of saturated pixels: stock is not white everywhere, so that a right exposure has next to none.
    public var saturated = 0.30
    /// 95 percent of the card's pixels are darker: below, dye cannot be told from noise.
    public var bright = 70.0
    /// A lamp's reflection on the card, saturated where the artwork is not white.
    public var glareMM2 = 4.0
    /// A side that resembles its artwork less than this is neither it nor another known side.
    public var likeness = 0.20
    /// By how much another side or the turned one must win.
    public var orientationMargin = 0.15
    /// Correlation of what is not personal with the artwork: less is another stock.
    public var stock = 0.35
    /// Print offset against the card's edges; a printer of this class places to some 0.3 mm.
    public var offsetMM = 0.45
    public var turnDegrees = 0.60
    /// One panel against the others.
    public var panelOffsetMM = 0.12
    /// Correlation of a portrait after smoothing, and the greatest residual of a part of it.
    public var portrait = 0.98
    public var portraitPart = 0.016
    /// Greatest residual of a small part of it, over what a third of a pixel's move and the noise explain.
    public var portraitDetail = 3.7
    /// The same for ghost and signature.
    public var faintPicture = 0.60
    /// Correlation of a text box with the artwork, and ink too much or too little over the size of a letter's dot.
    public var text = 0.80
    public var textPart = 0.17
    /// The same between the artwork and a signed text drawn here, and drawn by the product's own artwork.
    public var signedPart = 0.24
    public var redrawnPart = 0.10
    /// Correlation of an approved portrait with the artwork's, and the greatest residual of a part.
    public var approved = 0.96
    public var approvedPart = 0.12
    /// Correlation of a code's picture with the artwork's, from which on it shows the same modules.
    public var codePicture = 0.95
    /// Greatest residual of a part of a code's picture: something lies on it that a reader reads through.
    public var codePart = 0.04
    /// Contrast below which a field is not there.
    public var contrast = 0.35
    /// Correlation with the best glyph, lead of another class over the expected one, and lead over the next class.
    public var glyph = 0.60
    public var glyphLead = 0.05
    public var glyphMargin = 0.015
    /// Density of an ink against the artwork: below `inkMissing` the panel is absent, below `inkWeak` weak; beyond
    /// `inkShift` from the other inks it is colour.
    public var inkMissing = 0.25
    public var inkWeak = 0.75
    public var inkShift = 0.11
    /// Contrast of the black fields below which black is weak; thin strokes lose some of it to the lens.
    public var blackWeak = 0.70
    /// A sharp mark: levels beyond what the artwork explains, and their sum over its square millimetres.
    public var sharpLevels = 24.0
    public var sharpWeight = 6.0
    /// A smooth one: levels over a millimetre, and its area.
    public var smoothLevels = 13.0
    public var smoothMM2 = 4.0
    /// A line of one dot: levels.
    public var lineLevels = 4.0
    /// Share of a row's ink in a text that is missing.
    public var rowLack = 0.40
    /// Correlation of the pre-printed side by ultraviolet or infrared light with what white light shows, from which on it was
    /// white light.
    public var otherLight = 0.80
    /// The fluorescent panel: correlation with what is meant, levels below which nothing glows and below which it is weak,
    /// and the share of the whole's that a part must reach.
    public var glow = 0.35
    public var glowMissing = 8.0
    public var glowWeak = 20.0
    public var glowPart = 0.40
    /// By raking light: share of the light that a slope of the surface takes or adds, and the length of what is a mark.
    public var relief = 0.10
    public var reliefMM = 3.0
    /// The portrait as seen against the image that was read back from the chip: correlation, greatest residual of a part.
    public var portraitChip = 0.90
    public var portraitChipPart = 0.30

    public init() {}
    public static let standard = InspectionPlan()

    /// The limits by their names in `inspection.yaml`, as thousandths.
    public var thousandths: [String: Int64] {
        Dictionary(
            uniqueKeysWithValues: Self.names.map { ($0.name, Int64((self[keyPath: $0.limit] * 1000).rounded())) })
    }

    /// The standard plan with the named limits changed. Throws `inspection.plan` for a name that is none, and for a
    /// value that is not above zero.
    public init(thousandths limits: [String: Int64]) throws(SakkError) {
        for (name, value) in limits {
            guard let known = Self.names.first(where: { $0.name == name }), value > 0 else {
                throw SakkError(
                    "inspection.plan", source: "inspection.yaml", subject: name,
                    text: "There is no such limit, or it is not above zero.",
                    remedy: "Compare the file with the product's delivered inspection.yaml.")
            }
            self[keyPath: known.limit] = Double(value) / 1000
        }
    }

    private static var names: [(name: String, limit: WritableKeyPath<InspectionPlan, Double>)] {
        [
            ("edge_width_mm", \.edgeWidthMM),
            ("softness_mm", \.softnessMM),
            ("saturated", \.saturated),
            ("bright", \.bright),
            ("glare_mm2", \.glareMM2),
            ("likeness", \.likeness),
            ("orientation_margin", \.orientationMargin),
            ("stock", \.stock),
            ("offset_mm", \.offsetMM),
            ("turn_degrees", \.turnDegrees),
            ("panel_offset_mm", \.panelOffsetMM),
            ("portrait", \.portrait),
            ("portrait_part", \.portraitPart),
            ("portrait_detail", \.portraitDetail),
            ("faint_picture", \.faintPicture),
            ("text", \.text),
            ("text_part", \.textPart),
            ("signed_part", \.signedPart),
            ("redrawn_part", \.redrawnPart),
            ("approved", \.approved),
            ("approved_part", \.approvedPart),
            ("code_picture", \.codePicture),
            ("code_part", \.codePart),
            ("contrast", \.contrast),
            ("glyph", \.glyph),
            ("glyph_lead", \.glyphLead),
            ("glyph_margin", \.glyphMargin),
            ("ink_missing", \.inkMissing),
            ("ink_weak", \.inkWeak),
            ("ink_shift", \.inkShift),
            ("black_weak", \.blackWeak),
            ("sharp_levels", \.sharpLevels),
            ("sharp_weight", \.sharpWeight),
            ("smooth_levels", \.smoothLevels),
            ("smooth_mm2", \.smoothMM2),
            ("line_levels", \.lineLevels),
            ("row_lack", \.rowLack),
            ("other_light", \.otherLight),
            ("glow", \.glow),
            ("glow_missing", \.glowMissing),
            ("glow_weak", \.glowWeak),
            ("glow_part", \.glowPart),
            ("relief", \.relief),
            ("relief_mm", \.reliefMM),
            ("portrait_chip", \.portraitChip),
            ("portrait_chip_part", \.portraitChipPart),
        ]
    }
}
