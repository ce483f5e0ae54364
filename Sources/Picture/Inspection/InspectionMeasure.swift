/// One figure of an inspection and what it had to keep to.
public struct InspectionMeasure: Sendable, Hashable {
    /// `<side>.<name>`, for example `front.portrait` or `back.text.names.latin.full`.
    public let name: String
    public let value: Double
    public let atLeast: Double?
    public let atMost: Double?

    /// True where there is no limit.
    public var holds: Bool { value >= atLeast ?? -.infinity && value <= atMost ?? .infinity }
}

extension InspectionPlan {
    /// The measures of a result, by name, with the limits of this plan.
    public func measures(_ thousandths: [String: Int64]) -> [InspectionMeasure] {
        thousandths.sorted { $0.key < $1.key }.map { name, value in
            let limit = limit(of: name.split(separator: ".").dropFirst().map(String.init))
            return InspectionMeasure(
                name: name, value: Double(value) / 1000, atLeast: limit.least, atMost: limit.most)
        }
    }

    private func limit(of name: [String]) -> (least: Double?, most: Double?) {
        switch name.first {
        case "edge_mm": (nil, edgeWidthMM)
        case "saturated": (nil, saturated)
        case "bright": (bright, nil)
        case "likeness": (likeness, nil)
        case "offset_mm": (nil, offsetMM)
        case "print_turn_degrees": (-turnDegrees, turnDegrees)
        case "portrait": (portrait, nil)
        case "portrait_approved": (approved, nil)
        case "portrait_approved_part": (nil, approvedPart)
        case "portrait_part": (nil, portraitPart)
        case "portrait_detail": (nil, portraitDetail)
        case "ghost", "signature": (faintPicture, nil)
        case "text": (text, nil)
        case "part", "text_part": (nil, textPart)
        case "row_lack": (nil, rowLack)
        case "contrast": (contrast, nil)
        case "glyph": (glyph, nil)
        case "glyph_margin": (glyphMargin, nil)
        case "ink_c", "ink_m", "ink_y": (inkWeak, nil)
        case "ink_c_shift", "ink_m_shift", "ink_y_shift": (-inkShift, inkShift)
        case "ink_k": (blackWeak, nil)
        case "panel_offset_mm": (nil, panelOffsetMM)
        case "softness_mm": (nil, softnessMM)
        case "glare_mm2": (nil, glareMM2)
        case "glow": (glow, nil)
        case "glow_levels": (glowWeak, nil)
        case "glow_part": (glowPart, nil)
        case "relief_mm": (nil, reliefMM)
        case "uv_alike", "infrared_alike": (nil, otherLight)
        case "portrait_chip": (portraitChip, nil)
        case "portrait_chip_part": (nil, portraitChipPart)
        default: (nil, nil)
        }
    }
}
