internal import CVision
internal import Ground
internal import Pixels
internal import Stations

extension SideInspection {
    mutating func checkPictures(_ view: CardView, ink: InkCheck) throws(SakkError) {
        let smoothing = 2.5
        // A panel that is not there changes the grey picture as well: one cause, one finding.
        guard !ink.lacksColour else { return }
        for field in fields {
            switch field.kind {
            case .portrait:
                let drawn = try view.compare(artwork, field.rect, smoothing: smoothing, reach: 3)
                note("portrait", drawn.likeness)
                // Tones bend, by a lens' veil and by full dye's rest of light: parts are held against those of this side.
                let toned = try view.compare(nil, field.rect, smoothing: smoothing, reach: 3, window: 5)
                note("portrait_part", toned.worst)
                let detail = try view.detail(field.rect)
                if let detail {
                    note("portrait_detail", detail.worst)
                    if detail.worst > portraitDetail?.worst ?? 0 { portraitDetail = detail }
                }
                // A shade over a part is no other face's: that differs in what is drawn as well. (Good ones: up to 1.6, the
                // faces most alike from 5 on.)
                let isDrawn = detail.map { $0.worst > 0.55 * plan.portraitDetail } ?? true
                if drawn.likeness < plan.portrait {
                    add(.portraitDiffers, field.rect, "\(field.name) differs from what is meant")
                } else if toned.worst > (isDrawn ? 1 : 4) * plan.portraitPart {
                    add(.portraitDiffers, toned.place, "a part of \(field.name) differs from what is meant")
                }
            case .ghost:
                let ghost = try view.compare(artwork, field.rect, smoothing: smoothing, reach: 3)
                note("ghost", ghost.likeness)
                if ghost.likeness < plan.faintPicture {
                    add(.portraitDiffers, field.rect, "\(field.name) differs from the approved portrait")
                }
            case .signature where !ink.missing.contains(.black):
                let drawn = try view.compare(artwork, field.rect, smoothing: 1, reach: 3)
                note("signature", drawn.likeness)
                if drawn.likeness < plan.faintPicture { add(.fieldDiffers, field.rect, "\(field.name) differs") }
            default: continue
            }
        }
    }

    /// A row of a field's strokes that was not printed.
    mutating func checkRows(of writing: CardView.Comparison, _ field: FieldPlace) {
        note("row_lack.\(field.name)", writing.rowLack)
        guard writing.rowLack > plan.rowLack, writing.contrast >= plan.contrast else { return }
        let row = RectMM(x: field.rect.x, y: writing.row - 0.15, width: field.rect.width, height: 0.3)
        add(.printLine, row, "a line through \(field.name) was not printed")
    }

    mutating func checkTexts(ink: InkCheck) {
        var (least, part) = (1.0, 0.0)
        note("text_limit", textLimit)
        for field in fields where field.kind == .text && !isEmpty(field) && !ink.missing.contains(.black) {
            guard let result = texts[field.name] else { continue }
            if result.likeness >= plan.text { checkRows(of: result, field) }
            least = min(least, result.likeness)
            part = max(part, result.worst)
            note("text.\(field.name)", result.likeness)
            note("part.\(field.name)", result.worst)
            note("strokes.\(field.name)", result.common)
            if result.contrast < plan.contrast {
                add(.fieldMissing, field.rect, "\(field.name) is not printed")
            } else if result.likeness < plan.text {
                add(.fieldDiffers, field.rect, "\(field.name) differs")
            } else if result.worst > limit(of: field) {
                add(.fieldDiffers, result.place, "a part of \(field.name) differs")
            }
        }
        note("text", least)
        note("text_part", part)
    }

    /// What is a difference: where the side's texts agree with the artwork far better than the plan asks, a smaller one
    /// stands out.
    private var textLimit: Double {
        let others = texts.values.map(\.worst).sorted()
        guard others.count >= 3 else { return plan.textPart }
        return min(max(3 * others[others.count / 2], 0.7 * plan.textPart), plan.textPart)
    }

    /// One text that differs by far more than every other of its side does has a dot too much or too little: the others show
    /// how far this print and this camera go. (Good ones, of sides with four texts and more: at most 2.4 times the next one.)
    private func limit(of field: FieldPlace) -> Double {
        guard let own = texts[field.name] else { return textLimit }
        let others = texts.filter { $0.key != field.name }.map(\.value)
        return Self.limit(of: own, beside: others, usual: textLimit, least: 0.35 * plan.textPart)
    }

    /// Fine strokes behind a soft lens differ by more than bold ones, but along all of them: a dot differs where it is.
    static func limit(
        of own: CardView.Comparison, beside others: [CardView.Comparison], usual: Double, least: Double
    ) -> Double {
        let sizes = others.map(\.worst).sorted()
        guard let most = sizes.last, sizes.count >= 3 else { return usual }
        let strokes = max(others.map(\.common).max() ?? 0, 0.001)
        let fine = min(max(own.common / strokes, 1), 1.5)
        return min(usual, fine * max(3 * sizes[sizes.count / 2], 2.5 * most, least))
    }
}
