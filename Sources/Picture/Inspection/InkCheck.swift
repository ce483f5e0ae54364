internal import Ground
internal import Stations

/// How much of each ink lies on a side.
struct InkCheck {
    var missing: Set<Panel> = []
    /// Nothing personal was printed.
    var isBlank = false
    var findings: [Finding] = []
    var measures: [String: Double] = [:]
    /// Panels that are missing in a part of the portrait.
    var ended: Set<Panel> = []
    var lacksColour: Bool { !ended.isEmpty || !missing.isDisjoint(with: [.yellow, .magenta, .cyan]) }

    init(_ inspection: SideInspection, view: CardView) throws(SakkError) {
        let side = inspection.side
        let plan = inspection.plan
        let subject = inspection.subject
        let raster = subject.raster
        let panels = subject.panels.filter { panel in
            panel.side == side && panel.width == raster.width && panel.height == raster.height
                && panel.pixels.count == raster.width * raster.height
        }
        let black = panels.first { $0.panel == .black }?.pixels
        let portrait = subject.fields.first { $0.kind == .portrait }?.rect
        var present = 0
        for dye in Self.dyes {
            guard let ink = panels.first(where: { $0.panel == dye.panel }),
                let ratio = try view.ink(
                    subject.artwork, ink: ink.pixels, black: black, in: raster.whole, channel: dye.channel, least: 400)
            else { continue }
            measures["ink_\(dye.name)"] = ratio
            let place = portrait ?? raster.whole
            if ratio < plan.inkMissing {
                missing.insert(dye.panel)
                findings.append(finding(.panelMissing, side, place, dye.name))
            } else {
                present += 1
                if ratio < plan.inkWeak || ratio > plan.inkStrong {
                    findings.append(
                        finding(.printColour, side, place, "\(dye.name): \(Int((ratio * 100).rounded())) percent"))
                }
            }
        }
        if let portrait, missing.isEmpty {
            try checkParts(of: portrait, inspection, panels: panels, black: black, view: view)
        }
        var contrasts: [Double] = []
        for field in subject.fields where !inspection.isEmpty(field) {
            guard field.kind.hasText else { continue }
            if let text = inspection.texts[field.name] {
                contrasts.append(text.contrast)
            } else {
                contrasts.append(
                    try view.compare(subject.artwork, field.rect, smoothing: 1.5, reach: 3, window: 100)
                        .contrast)
            }
        }
        if !contrasts.isEmpty {
            let middle = contrasts.sorted()[contrasts.count / 2]
            measures["ink_k"] = middle
            if middle < plan.contrast {
                missing.insert(.black)
                findings.append(finding(.panelMissing, side, raster.whole, "k"))
            } else {
                present += 1
                if middle < plan.blackWeak {
                    findings.append(
                        finding(
                            .printColour, side, inspection.subject.raster.whole,
                            "k: \(Int((middle * 100).rounded())) percent"))
                }
            }
        }
        isBlank = present == 0 && !missing.isEmpty
    }

    private static let dyes: [(panel: Panel, name: String, channel: Int)] = [
        (.cyan, "c", 0), (.magenta, "m", 1), (.yellow, "y", 2),
    ]

    /// A ribbon that ended in the portrait: in some of its parts one dye is not there while the others are right
    /// everywhere. Another person's face differs in all dyes, and is no matter of ink.
    private mutating func checkParts(
        of portrait: RectMM, _ inspection: SideInspection, panels: [PanelRaster], black: Bytes?, view: CardView
    ) throws(SakkError) {
        let (columns, rows) = (4, 5)
        var ratios: [Panel: [(place: RectMM, ratio: Double)]] = [:]
        for dye in Self.dyes {
            guard let ink = panels.first(where: { $0.panel == dye.panel }) else { continue }
            for part in 0..<(columns * rows) {
                let (width, height) = (portrait.width / Double(columns), portrait.height / Double(rows))
                let place = RectMM(
                    x: portrait.x + width * Double(part % columns), y: portrait.y + height * Double(part / columns),
                    width: width, height: height)
                let ratio = try view.ink(
                    inspection.subject.artwork, ink: ink.pixels, black: black, in: place, channel: dye.channel,
                    least: 120)
                if let ratio { ratios[dye.panel, default: []].append((place, ratio)) }
            }
        }
        let plan = inspection.plan
        for dye in Self.dyes {
            let gone = ratios[dye.panel, default: []].filter { $0.ratio < plan.inkMissing }
            let others = ratios.filter { $0.key != dye.panel }.values.joined()
            guard let first = gone.first, others.allSatisfy({ plan.inkWeak...plan.inkStrong ~= $0.ratio }) else {
                continue
            }
            ended.insert(dye.panel)
            let place = gone.dropFirst().reduce(first.place) { RectMM.union($0, $1.place) }
            findings.removeAll { $0.code == InspectionReason.printColour.code && $0.text.hasPrefix(dye.name + ":") }
            findings.append(finding(.panelMissing, inspection.side, place, "\(dye.name), in a part"))
        }
    }

    private func finding(_ reason: InspectionReason, _ side: CardSide, _ place: RectMM, _ text: String) -> Finding {
        Finding(code: reason.code, side: side, place: place, text: text)
    }
}
