internal import Ground
internal import Stations

/// How much of each ink lies on a side.
struct InkCheck {
    var missing: Set<Panel> = []
    /// Nothing personal was printed.
    var isBlank = false
    var findings: [Finding] = []
    var measures: [String: Double] = [:]
    var lacksColour: Bool { !missing.isDisjoint(with: [.yellow, .magenta, .cyan]) }

    init(_ inspection: SideInspection, view: CardView) throws(SakkError) {
        let side = inspection.side
        let plan = inspection.plan
        let panels = inspection.request.rendered.panels.filter { panel in
            panel.side == side && panel.width == CardView.width && panel.height == CardView.height
                && panel.pixels.count == CardView.width * CardView.height
        }
        let black = panels.first { $0.panel == .black }?.pixels
        var present = 0
        for (panel, name, channel) in [(Panel.cyan, "c", 0), (.magenta, "m", 1), (.yellow, "y", 2)] {
            guard let ink = panels.first(where: { $0.panel == panel }),
                let ratio = try view.ink(inspection.artwork, ink: ink.pixels, black: black, channel: channel)
            else { continue }
            measures["ink_\(name)"] = ratio
            let place = inspection.fields.first { $0.kind == .portrait }?.rect ?? inspection.whole
            if ratio < plan.inkMissing {
                missing.insert(panel)
                findings.append(finding(.panelMissing, side, place, name))
            } else {
                present += 1
                if ratio < plan.inkWeak || ratio > plan.inkStrong {
                    findings.append(
                        finding(.printColour, side, place, "\(name): \(Int((ratio * 100).rounded())) percent"))
                }
            }
        }
        var contrasts: [Double] = []
        for field in inspection.fields where !inspection.isEmpty(field) {
            guard field.kind == .text || field.kind == .mrz || field.kind == .qr else { continue }
            if let text = inspection.texts[field.name] {
                contrasts.append(text.contrast)
            } else {
                contrasts.append(
                    try view.compare(inspection.artwork, field.rect, smoothing: 1.5, reach: 3, window: 100).contrast)
            }
        }
        if !contrasts.isEmpty {
            let middle = contrasts.sorted()[contrasts.count / 2]
            measures["ink_k"] = middle
            if middle < plan.contrast {
                missing.insert(.black)
                findings.append(finding(.panelMissing, side, inspection.whole, "k"))
            } else {
                present += 1
            }
        }
        isBlank = present == 0 && !missing.isEmpty
    }

    private func finding(_ reason: InspectionReason, _ side: CardSide, _ place: RectMM, _ text: String) -> Finding {
        Finding(code: reason.code, side: side, place: place, text: text)
    }
}
