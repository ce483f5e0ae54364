internal import CVision
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
    /// The colours of what the mill prints are not there.
    var isOtherStock = false
    /// Enough black that strokes may be looked at.
    var blackIsRight = true
    var lacksColour: Bool { !ended.isEmpty || !missing.isDisjoint(with: [.yellow, .magenta, .cyan]) }

    /// Share by which the light's colour may change over a side. (Good sides: up to 0.02.)
    private static let tint = 0.045
    private static let dyes: [(panel: Panel, name: String)] = [(.cyan, "c"), (.magenta, "m"), (.yellow, "y")]

    init(_ inspection: SideInspection, view: CardView, tones: sakk_tones) throws(SakkError) {
        let plan = inspection.plan
        let portrait = inspection.fields.first { $0.kind == .portrait }?.rect
        var present = 0
        let printed = [tones.print.0, tones.print.1, tones.print.2].map { $0 < 0 ? nil : $0 }
        let dyes = [tones.dyes.0, tones.dyes.1, tones.dyes.2].map { $0 < 0 ? nil : $0 }
        let stock = [tones.stock.0, tones.stock.1, tones.stock.2].map { $0 < 0 ? nil : $0 }
        let ground = [tones.ground.0, tones.ground.1, tones.ground.2].map { $0 < 0 ? nil : $0 }
        for (dye, value) in zip(Self.dyes, ground) { if let value { measures["ground_\(dye.name)"] = value } }
        let tone = try tone(of: inspection, view: view, stock: stock)
        measures["tone"] = tone
        present += judge(
            printed.map { $0.map { $0 / tone } }, dyes, at: portrait ?? inspection.whole, inspection,
            shift: plan.inkShift * (inspection.subject.isReference ? 1.15 : 1))
        for (dye, value) in zip(Self.dyes, stock) { if let value { measures["stock_\(dye.name)"] = value } }
        if missing.isEmpty {
            // A panel that the whole side is printed with; where the portrait has it, the stock is what lacks the colour.
            let isPrinted = printed.compactMap(\.self).count == 3
            for (dye, value) in zip(Self.dyes, stock) where (value ?? 1) < 0.35 {
                if isPrinted {
                    isOtherStock = true
                } else {
                    missing.insert(dye.panel)
                    findings.append(finding(.panelMissing, inspection.side, inspection.whole, dye.name))
                }
            }
            if isOtherStock {
                findings.append(finding(.cardStock, inspection.side, inspection.whole, "the stock is another one"))
            }
            // A ribbon that is weak is weak in the portrait as well: where that is right, the stock's colours are the camera's.
            if missing.isEmpty, findings.isEmpty, !isPrinted { judgeGround(ground, inspection) }
            if missing.isEmpty, findings.isEmpty, !isPrinted { judgeStock(stock, tone: tone, inspection) }
        }
        // A lamp weakens all colours alike: light whose colour changes over the side is another stock's.
        if tones.tint > Self.tint, missing.isEmpty, !isOtherStock {
            isOtherStock = true
            findings.append(finding(.cardStock, inspection.side, inspection.whole, "the stock is another one"))
        }
        if let portrait, missing.isEmpty {
            try checkParts(of: portrait, inspection, view: view)
        }
        try checkBlack(inspection, view: view, stock: stock, present: &present)
        let gone = missing.subtracting([.black]).count
        isBlank = !missing.isEmpty && (present == 0 || (missing.contains(.black) && gone >= 2))
    }

    /// Returns how many are there. `dyes` are the strengths of each by itself, which are held against each other.
    private mutating func judge(
        _ ratios: [Double?], _ dyes: [Double?], at place: RectMM, _ inspection: SideInspection, shift: Double
    ) -> Int {
        let plan = inspection.plan
        let known = ratios.compactMap(\.self).sorted()
        let strengths = dyes.compactMap(\.self).sorted()
        guard !known.isEmpty else { return 0 }
        var present = 0
        let middle = known[known.count / 2]
        // How dark pictures are is the camera's as well; the strength of a dye by itself is the ribbon's alone.
        let isKnown = inspection.subject.isReference && strengths.count == 3 && strengths[1] > plan.inkMissing
        for (index, dye) in Self.dyes.enumerated() {
            guard let shown = ratios[index] else { continue }
            let value = isKnown && shown >= plan.inkMissing ? dyes[index] ?? shown : shown
            measures["ink_\(dye.name)"] = value
            let percent = Int((value * 100).rounded())
            if value < plan.inkMissing {
                missing.insert(dye.panel)
                findings.append(finding(.panelMissing, inspection.side, place, dye.name))
                continue
            }
            present += 1
            let off = value / (isKnown ? strengths[1] : known.count == 3 ? middle : max(middle, 0.1)) - 1
            measures["ink_\(dye.name)_shift"] = off
            // What all three show alike is as likely the camera's.
            let most = isKnown ? strengths[2] : known[known.count - 1]
            if value < plan.inkWeak, value < 0.85 * most || value < 0.8 * plan.inkWeak {
                findings.append(finding(.panelWeak, inspection.side, place, "\(dye.name): \(percent) percent"))
            } else if abs(off) > shift {
                findings.append(finding(.printColour, inspection.side, place, "\(dye.name): \(percent) percent"))
            }
        }
        return present
    }

    /// The ground against paper that lies in it: what lamp and camera do, they do to both, and what one dye lacks is seen of the
    /// ground alone. (Good sides: one dye from the middle one by up to 9 percent.)
    private mutating func judgeGround(_ ratios: [Double?], _ inspection: SideInspection) {
        let known = ratios.compactMap(\.self).sorted()
        // Of two, either may be the one that is off.
        guard known.count >= 2 else { return }
        let middle = known[1]
        let limit = inspection.plan.inkShift * (inspection.subject.isReference ? 1.15 : 1)
        for (dye, value) in zip(Self.dyes, ratios) {
            guard let value else { continue }
            let shift = value / max(middle, 0.1) - 1
            measures["ground_\(dye.name)_shift"] = shift
            guard abs(shift) > limit else { continue }
            let percent = Int((value / max(middle, 0.1) * 100).rounded())
            if value < inspection.plan.inkMissing {
                missing.insert(dye.panel)
                findings.append(finding(.panelMissing, inspection.side, inspection.whole, dye.name))
            } else {
                let reason: InspectionReason = shift < inspection.plan.inkWeak - 1 ? .panelWeak : .printColour
                findings.append(finding(reason, inspection.side, inspection.whole, "\(dye.name): \(percent) percent"))
            }
        }
    }

    /// The colours of the side as a whole, where the side is printed with them: one that leaves the others.
    private mutating func judgeStock(_ ratios: [Double?], tone: Double, _ inspection: SideInspection) {
        let known = ratios.compactMap(\.self).sorted()
        guard known.count == 3, known[1] > 0.1 else {
            judgeFew(ratios, tone: tone, inspection)
            return
        }
        for (dye, value) in zip(Self.dyes, ratios) {
            guard let value else { continue }
            let shift = value / known[1] - 1
            measures["stock_\(dye.name)_shift"] = shift
            guard abs(shift) > inspection.plan.inkShift * (inspection.subject.isReference ? 1.8 : 1) else { continue }
            let reason: InspectionReason = value < inspection.plan.inkWeak ? .panelWeak : .printColour
            let percent = Int((value * 100).rounded())
            findings.append(finding(reason, inspection.side, inspection.whole, "\(dye.name): \(percent) percent"))
        }
    }

    /// One colour or two on the side: there is no middle one, so that only what is far below the other and below what this
    /// capture shows of black is the ribbon's. (Good sides: from 0.85 of the greater of both on.)
    private mutating func judgeFew(_ ratios: [Double?], tone: Double, _ inspection: SideInspection) {
        let most = max(ratios.compactMap(\.self).max() ?? 0, tone)
        for (dye, value) in zip(Self.dyes, ratios) {
            guard let value, value < 0.65 * most else { continue }
            let percent = Int((value * 100).rounded())
            findings.append(finding(.panelWeak, inspection.side, inspection.whole, "\(dye.name): \(percent) percent"))
        }
    }

    /// How much of its contrast this capture shows of what no ribbon is to blame for: the stock's own colours, or the black,
    /// whichever shows more.
    private func tone(of inspection: SideInspection, view: CardView, stock: [Double?]) throws(SakkError) -> Double {
        let known = stock.compactMap(\.self).sorted()
        let black = inspection.texts.values.map(\.contrast).sorted()
        var seen: [Double] = []
        if known.count >= 2 { seen.append(known[known.count / 2]) }
        if !black.isEmpty { seen.append(black[black.count / 2]) }
        return min(max(seen.max() ?? 1, 0.7), 1)
    }

    private mutating func checkBlack(
        _ inspection: SideInspection, view: CardView, stock: [Double?], present: inout Int
    ) throws(SakkError) {
        let plan = inspection.plan
        // A capture that shows the stock's colours paler shows black paler as well.
        let known = stock.compactMap(\.self).sorted()
        let shown = known.isEmpty ? 1 : min(max(known[known.count / 2], 0.8), 1)
        var contrasts: [Double] = []
        for field in inspection.fields where field.kind.hasText && !inspection.isEmpty(field) {
            if let text = inspection.texts[field.name] {
                contrasts.append(text.contrast)
            } else {
                contrasts.append(
                    try view.compare(inspection.artwork, field.rect, smoothing: 1.5, reach: 3).contrast)
            }
        }
        guard !contrasts.isEmpty else { return }
        let middle = contrasts.sorted()[contrasts.count / 2]
        measures["ink_k"] = middle
        let whole = inspection.whole
        blackIsRight = middle >= plan.blackWeak * shown
        if middle < plan.contrast {
            missing.insert(.black)
            findings.append(finding(.panelMissing, inspection.side, whole, "k"))
            return
        }
        present += 1
        if !blackIsRight {
            findings.append(
                finding(.panelWeak, inspection.side, whole, "k: \(Int((middle * 100).rounded())) percent"))
        }
    }

    /// A ribbon that ended in the portrait: in some of its parts one dye is not there while the others are right
    /// everywhere. Another person's face differs in all dyes, and is no matter of ink.
    private mutating func checkParts(
        of portrait: RectMM, _ inspection: SideInspection, view: CardView
    ) throws(SakkError) {
        let (columns, rows) = (4, 5)
        var ratios: [[(place: RectMM, ratio: Double)]] = [[], [], []]
        for part in 0..<(columns * rows) {
            let (width, height) = (portrait.width / Double(columns), portrait.height / Double(rows))
            let place = RectMM(
                x: portrait.x + width * Double(part % columns), y: portrait.y + height * Double(part / columns),
                width: width, height: height)
            for (dye, ratio) in try view.density(inspection.artwork, place).enumerated() {
                if let ratio { ratios[dye].append((place, ratio)) }
            }
        }
        let plan = inspection.plan
        for (index, dye) in Self.dyes.enumerated() {
            let gone = ratios[index].filter { $0.ratio < plan.inkMissing }
            let others = ratios.enumerated().filter { $0.offset != index }.map(\.element).joined()
            let right = others.filter { 0.75...1.3 ~= $0.ratio }.count
            guard let first = gone.first, right * 10 >= others.count * 9, gone.count >= 2 else { continue }
            // Weak all over is weak, not gone in its lightest parts.
            let rest = ratios[index].map(\.ratio).filter { $0 >= plan.inkMissing }
            guard rest.isEmpty || rest.reduce(0, +) >= plan.inkWeak * Double(rest.count) else { continue }
            ended.insert(dye.panel)
            let place = gone.dropFirst().reduce(first.place) { RectMM.union($0, $1.place) }
            findings.removeAll { $0.text.hasPrefix(dye.name + ":") }
            findings.append(finding(.panelMissing, inspection.side, place, "\(dye.name), in a part"))
        }
    }

    private func finding(_ reason: InspectionReason, _ side: CardSide, _ place: RectMM, _ text: String) -> Finding {
        Finding(code: reason.code, side: side, place: place, text: text)
    }
}
