internal import CVision
internal import Ground
internal import Pixels
internal import Stations

/// One side against its artwork.
struct SideInspection {
    let side: CardSide
    let request: InspectionRequest
    let plan: InspectionPlan
    let artwork: Bytes
    let fields: [FieldPlace]

    var findings: [Finding] = []
    /// Why it cannot be judged.
    var doubt: String?
    var seenMRZ: [String] = []
    var measures: [String: Int64] = [:]
    /// Text fields against the artwork, by name.
    var texts: [String: CardView.Comparison] = [:]
    /// The side as seen, on the artwork's raster; nil when no card was found.
    var seen: Bytes?

    init(_ rendered: RenderedSide, request: InspectionRequest, plan: InspectionPlan) {
        side = rendered.side
        artwork = rendered.picture.rgb
        self.request = request
        self.plan = plan
        fields = request.rendered.fields.filter { $0.side == rendered.side }
    }

    mutating func run(_ frame: Frame) throws(SakkError) {
        let hasColour = request.rendered.panels.contains { panel in
            panel.side == side && [.yellow, .magenta, .cyan].contains(panel.panel)
        }
        // A grey picture shows no panel of its own: it would judge the card without its colours.
        guard frame.format != .mono8 || !hasColour else {
            doubt = "frame.grey"
            return
        }
        switch try CardView.open(frame) {
        case .unusable(let reason): doubt = reason
        case .view(let view): try run(view)
        }
    }

    private mutating func run(_ view: CardView) throws(SakkError) {
        seen = try view.picture()
        let edge = view.info.edge_width / max(view.info.scale, 1)
        note("edge_mm", edge)
        note("saturated", view.info.saturated)
        note("bright", view.info.bright)
        note("turn_degrees", view.info.turn_degrees)
        if view.info.bright < plan.bright { doubt = "exposure.dark" }
        if view.info.saturated > plan.saturated { doubt = "exposure.bright" }
        if edge > plan.edgeWidthMM { doubt = "focus" }
        guard doubt == nil else { return }

        guard try liesRight(view) else { return }
        let places = fields.filter { !isEmpty($0) }.map(\.rect)
        let alignment = try view.align(artwork, fields: places)
        let gain = try view.evenLight(artwork, fields: fields.map(\.rect))
        for (name, value) in zip(["red", "green", "blue"], gain) { note("gain_\(name)", value) }
        seen = try view.picture()
        let offset = RectMM(
            x: alignment.dx / CardView.pixelsPerMM, y: alignment.dy / CardView.pixelsPerMM, width: 0, height: 0)
        let distance = (offset.x * offset.x + offset.y * offset.y).squareRoot()
        note("alignment", alignment.score)
        note("offset_x_mm", offset.x)
        note("offset_y_mm", offset.y)

        for field in fields where field.kind == .text && !isEmpty(field) {
            texts[field.name] = try view.compare(
                artwork, field.rect, smoothing: 0, reach: 3, window: plan.textWindowMM)
        }
        let ink = try InkCheck(self, view: view)
        for (name, value) in ink.measures { note(name, value) }
        if ink.isBlank {
            add(.printBlank, whole, "no personal print")
            return
        }
        findings += ink.findings
        if alignment.score > 0 {
            if distance > plan.offsetMM || abs(alignment.degrees) > plan.turnDegrees {
                add(.printRegistration, whole, "print lies \(tenths(offset.x)), \(tenths(offset.y)) mm off")
            }
        }
        if alignment.score == 0, !places.isEmpty { doubt = "print.unplaced" }
        try checkPictures(view, ink: ink)
        checkTexts(ink: ink)
        if !ink.missing.contains(.black) {
            try checkZone(view)
            try checkCodes(view)
        }
        if !ink.lacksColour { try checkBlemishes(view, distance: distance) }
    }

    var whole: RectMM { RectMM(x: 0, y: 0, width: CardFormat.widthMM, height: CardFormat.heightMM) }

    func isEmpty(_ field: FieldPlace) -> Bool {
        (field.kind == .text || field.kind == .mrz || field.kind == .qr) && field.text.allSatisfy(\.isWhitespace)
    }

    private mutating func add(_ reason: InspectionReason, _ place: RectMM, _ text: String) {
        findings.append(Finding(code: reason.code, side: side, place: place, text: text))
    }

    private mutating func note(_ name: String, _ value: Double) {
        guard value.isFinite else { return }
        measures["\(side.rawValue).\(name)"] = Int64((min(max(value, -1e9), 1e9) * 1000).rounded())
    }

    private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    /// False when another side or a turned one explains the picture better, or when nothing does.
    private mutating func liesRight(_ view: CardView) throws(SakkError) -> Bool {
        let own = try view.likeness(artwork)
        var other = own.turned
        for rendered in request.rendered.sides where rendered.side != side {
            let likeness = try view.likeness(rendered.picture.rgb)
            other = max(other, likeness.upright, likeness.turned)
        }
        note("likeness", own.upright)
        note("likeness_other", other)
        if other > own.upright + plan.orientationMargin, other > plan.likeness {
            let turned = own.turned == other
            add(.cardOrientation, whole, turned ? "the card is turned by half a turn" : "the other side is seen")
            return false
        }
        return true
    }

    private mutating func checkPictures(_ view: CardView, ink: InkCheck) throws(SakkError) {
        let smoothing = 2.5
        // A panel that is not there changes the grey picture as well: one cause, one finding.
        guard !ink.lacksColour else { return }
        for field in fields {
            switch field.kind {
            case .portrait:
                let drawn = try view.compare(artwork, field.rect, smoothing: smoothing, reach: 3, window: 5)
                let approved = try view.compare(
                    withPortrait(in: field.rect), field.rect, smoothing: smoothing, reach: 3, window: 5)
                note("portrait", drawn.likeness)
                note("portrait_approved", approved.likeness)
                note("portrait_part", max(drawn.worst, approved.worst))
                let least = min(drawn.likeness, approved.likeness)
                if least < plan.portrait {
                    add(.portraitDiffers, field.rect, "\(field.name) differs from the approved portrait")
                } else if max(drawn.worst, approved.worst) > plan.portraitPart {
                    let place = drawn.worst > approved.worst ? drawn.place : approved.place
                    add(.portraitDiffers, place, "a part of \(field.name) differs from the approved portrait")
                }
            case .ghost:
                let ghost = try view.compare(artwork, field.rect, smoothing: smoothing, reach: 3, window: 100)
                note("ghost", ghost.likeness)
                if ghost.likeness < plan.faintPicture {
                    add(.portraitDiffers, field.rect, "\(field.name) differs from the approved portrait")
                }
            case .signature where !ink.missing.contains(.black):
                let drawn = try view.compare(artwork, field.rect, smoothing: 1, reach: 3, window: 100)
                note("signature", drawn.likeness)
                if drawn.likeness < plan.faintPicture { add(.fieldDiffers, field.rect, "\(field.name) differs") }
            default: continue
            }
        }
    }

    private mutating func checkTexts(ink: InkCheck) {
        var (least, part) = (1.0, 0.0)
        for field in fields where field.kind == .text && !isEmpty(field) && !ink.missing.contains(.black) {
            guard let result = texts[field.name] else { continue }
            least = min(least, result.likeness)
            part = max(part, result.worst)
            note("text.\(field.name)", result.likeness)
            note("part.\(field.name)", result.worst)
            if result.contrast < plan.contrast {
                add(.fieldMissing, field.rect, "\(field.name) is not printed")
            } else if result.likeness < plan.text {
                add(.fieldDiffers, field.rect, "\(field.name) differs")
            } else if result.worst > plan.textPart {
                add(.fieldDiffers, result.place, "a part of \(field.name) differs")
            }
        }
        note("text", least)
        note("text_part", part)
    }

    private mutating func checkZone(_ view: CardView) throws(SakkError) {
        guard let field = fields.first(where: { $0.kind == .mrz }) else { return }
        let reading = try ZoneReading(view: view, place: field.rect, expected: request.mrz, plan: plan)
        seenMRZ = reading.seen
        note("glyph", reading.weakest)
        note("glyph_margin", reading.narrowest)
        if let first = reading.wrong.first {
            let text = "\(reading.wrong.count) characters of the zone differ from the signed record"
            add(.mrzCharacter, reading.wrong.dropFirst().reduce(first, RectMM.union), text)
        }
        if let first = reading.unsure.first {
            add(
                .mrzUnreadable, reading.unsure.dropFirst().reduce(first, RectMM.union),
                "\(reading.unsure.count) characters of the zone are unclear")
        }
    }

    private mutating func checkCodes(_ view: CardView) throws(SakkError) {
        for field in fields where field.kind == .qr && !isEmpty(field) {
            guard let text = try view.qr(field.rect) else {
                add(.qrUnreadable, field.rect, "\(field.name) cannot be read")
                continue
            }
            if text != field.text { add(.qrContent, field.rect, "\(field.name) says something else") }
        }
    }

    /// Places that already have a finding of their own are left out: one cause, one finding.
    private mutating func checkBlemishes(_ view: CardView, distance: Double) throws(SakkError) {
        let known = findings.filter { $0.place != whole }.map(\.place)
        guard !findings.contains(where: { $0.place == whole }) else { return }
        let faulty = fields.filter { field in
            findings.contains { $0.side == side && RectMM.intersect($0.place, field.rect) }
        }
        let blobs = try view.blobs(
            artwork, ignoring: known + faulty.map(\.rect), reachMM: plan.blemishReachMM + distance,
            levels: plan.blemishLevels, areaMM2: plan.blemishMM2)
        note("blemishes", Double(blobs.count) / 1000)
        note("blemish_mm2", blobs.first?.areaMM2 ?? 0)
        for blob in blobs.prefix(4) { add(.printBlemish, blob.place, "a mark that the artwork does not have") }
    }

    /// The artwork with the approved portrait laid into the box, filling it and cut evenly, drawn here a second time so
    /// that a mistake of the artwork's drawing is seen.
    private func withPortrait(in rect: RectMM) -> Bytes {
        let box = CardView.pixels(rect)
        let (left, top) = (Int(box.x.rounded()), Int(box.y.rounded()))
        let (width, height) = (Int(box.width.rounded()), Int(box.height.rounded()))
        let portrait = request.portrait
        guard portrait.width > 0, portrait.height > 0, width > 0, height > 0, left >= 0, top >= 0,
            left + width <= CardView.width, top + height <= CardView.height
        else { return artwork }
        let scale = max(Double(width) / Double(portrait.width), Double(height) / Double(portrait.height))
        let full = RGBImage(width: portrait.width, height: portrait.height, rgb: portrait.rgb).resized(
            width: max(Int((Double(portrait.width) * scale).rounded()), width),
            height: max(Int((Double(portrait.height) * scale).rounded()), height))
        let laid = full.cropped(
            x: (full.width - width) / 2, y: (full.height - height) / 2, width: width, height: height)
        var result = artwork
        for row in 0..<height {
            let to = ((top + row) * CardView.width + left) * 3
            result.replaceSubrange(to..<to + width * 3, with: laid.rgb[(row * width * 3)..<((row + 1) * width * 3)])
        }
        return result
    }
}

extension RectMM {
    static func union(_ left: RectMM, _ right: RectMM) -> RectMM {
        let (x, y) = (min(left.x, right.x), min(left.y, right.y))
        return RectMM(
            x: x, y: y, width: max(left.x + left.width, right.x + right.width) - x,
            height: max(left.y + left.height, right.y + right.height) - y)
    }

    static func intersect(_ left: RectMM, _ right: RectMM) -> Bool {
        left.x < right.x + right.width && right.x < left.x + left.width && left.y < right.y + right.height
            && right.y < left.y + left.height
    }
}
