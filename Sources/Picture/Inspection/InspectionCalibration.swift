/// Limits from good captures: for each measure that has one, the worst that a good card showed and room beyond it.
/// Known faults play no part in it.
public struct InspectionCalibration: Sendable {
    public struct Line: Sendable, Hashable {
        /// As `inspection.yaml` names it.
        public let limit: String
        public let isGreatest: Bool
        public let count: Int
        public let middle: Double
        /// Of the good cards.
        public let worst: Double
        public let before: Double
        public let after: Double
        /// The good cards ask for more room than a limit of this kind may be given: it stays at its bound, and good cards
        /// would be rejected. Look at them.
        public let isBound: Bool
    }

    private var values: [String: [Double]] = [:]
    private let plan: InspectionPlan

    public init(plan: InspectionPlan) { self.plan = plan }

    /// Takes in the measures of one good capture.
    public mutating func add(_ measures: [InspectionMeasure]) {
        for measure in measures {
            guard let limit = Self.limit(of: measure.name) else { continue }
            // A picture that the card fills shows no edge.
            if limit == "edge_width_mm", measure.value <= 0 { continue }
            values[limit, default: []].append(limit.hasSuffix("_shift") ? abs(measure.value) : measure.value)
        }
    }

    /// A line a limit that was measured, by name.
    public func lines() -> [Line] {
        let now = plan.thousandths
        let delivered = InspectionPlan.standard.thousandths
        return values.sorted { $0.key < $1.key }.compactMap { limit, values in
            guard let before = now[limit], let standard = delivered[limit], !values.isEmpty else { return nil }
            let sorted = values.sorted()
            let middle = sorted[sorted.count / 2]
            let isGreatest = Self.greatest.contains(limit)
            let worst = isGreatest ? sorted[sorted.count - 1] : sorted[0]
            // Half as far again as the worst lies from the middle: captures to come are not only those that were seen.
            let wanted = worst + 0.5 * (worst - middle) + (isGreatest ? 0.05 : -0.05) * abs(worst)
            let (least, most) = Self.bounds(Double(standard) / 1000, isGreatest)
            let after = min(max(wanted, least), most)
            return Line(
                limit: limit, isGreatest: isGreatest, count: sorted.count, middle: middle, worst: worst,
                before: Double(before) / 1000, after: (after * 1000).rounded() / 1000,
                isBound: isGreatest ? wanted > most : wanted < least)
        }
    }

    /// How far a limit may move from the delivered one: identity must not be given away to a bad camera, and a limit that
    /// hugs a small set of captures would accuse the next one.
    private static func bounds(_ standard: Double, _ isGreatest: Bool) -> (least: Double, most: Double) {
        if isGreatest { return (standard * 0.6, standard * 1.5) }
        let gap = max(1 - standard, 0)
        return (standard < 1 ? standard - 0.5 * gap : standard * 0.5, standard < 1 ? standard + 0.5 * gap : standard)
    }

    private static let greatest: Set<String> = [
        "edge_width_mm", "softness_mm", "text_part", "portrait_part", "offset_mm", "panel_offset_mm", "ink_shift",
        "row_lack", "signed_part", "redrawn_part", "approved_part",
    ]

    private static func limit(of measure: String) -> String? {
        let parts = measure.split(separator: ".").dropFirst().map(String.init)
        return switch parts.first {
        case "edge_mm": "edge_width_mm"
        case "softness_mm": "softness_mm"
        case "part": "text_part"
        case "text" where parts.count > 1: "text"
        case "portrait": "portrait"
        case "portrait_part": "portrait_part"
        case "portrait_approved": "approved"
        case "portrait_approved_part": "approved_part"
        case "offset_mm": "offset_mm"
        case "panel_offset_mm": "panel_offset_mm"
        case "ink_c_shift", "ink_m_shift", "ink_y_shift": "ink_shift"
        case "row_lack": "row_lack"
        case "signed_part": "signed_part"
        case "redrawn_part": "redrawn_part"
        case "likeness": "likeness"
        case "ink_k": "black_weak"
        case "glyph": "glyph"
        default: nil
        }
    }
}
