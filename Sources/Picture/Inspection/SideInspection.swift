internal import CVision
internal import Ground
internal import Pixels
internal import Stations

/// One side against what it must show.
struct SideInspection {
    let subject: SideSubject
    let plan: InspectionPlan

    var findings: [Finding] = []
    var doubt: InspectionDoubt?
    var seenMRZ: [String] = []
    var measures: [String: Int64] = [:]
    /// Text fields against the artwork, by name.
    var texts: [String: CardView.Comparison] = [:]
    /// The side as seen, on the artwork's raster; nil when no card was found.
    var seen: Bytes?

    var side: CardSide { subject.side }
    private var fields: [FieldPlace] { subject.fields }
    private var artwork: Bytes { subject.artwork }
    private var whole: RectMM { subject.raster.whole }

    init(_ subject: SideSubject, plan: InspectionPlan) {
        self.subject = subject
        self.plan = plan
    }

    mutating func run(_ frame: Frame) throws(SakkError) {
        // A grey picture shows no panel of its own: it would judge the card without its colours.
        guard frame.format != .mono8 || !subject.hasColour else {
            doubt = .frameGrey
            return
        }
        try run(try CardView.open(frame, raster: subject.raster))
    }

    mutating func run(_ opened: CardView.Opened) throws(SakkError) {
        switch opened {
        case .unusable(let reason): doubt = reason
        case .view(let view): try run(view)
        }
    }

    private mutating func run(_ view: CardView) throws(SakkError) {
        seen = try view.picture()
        let edge = view.info.edge_width / max(view.info.scale, 1)
        let light = subject.isReference ? ReferenceLight(artwork) : ReferenceLight()
        let saturated = max(view.info.saturated - light.white, 0)
        let bright = view.info.bright / max(light.bright, 0.1)
        note("edge_mm", edge)
        note("saturated", saturated)
        note("bright", bright)
        note("turn_degrees", view.info.turn_degrees)
        if bright < plan.bright { doubt = .exposureDark }
        if saturated > plan.saturated { doubt = .exposureBright }
        if edge > plan.edgeWidthMM { doubt = .focus }
        guard doubt == nil else { return }

        guard let likeness = try likenessWhereItLiesRight(view) else { return }
        let places = fields.filter { !isEmpty($0) }.map(\.rect)
        let alignment = try view.align(artwork, fields: places)
        let gain = try view.evenLight(artwork, fields: fields.map(\.rect))
        for (name, value) in zip(["red", "green", "blue"], gain) { note("gain_\(name)", value) }
        seen = try view.picture()
        let offset = RectMM(
            x: alignment.dx / SideRaster.pixelsPerMM, y: alignment.dy / SideRaster.pixelsPerMM, width: 0, height: 0)
        let distance = (offset.x * offset.x + offset.y * offset.y).squareRoot()
        note("alignment", alignment.score)
        note("offset_x_mm", offset.x)
        note("offset_y_mm", offset.y)
        note("offset_mm", distance)
        note("print_turn_degrees", alignment.degrees)

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
        if alignment.score == 0, !places.isEmpty { doubt = .printUnplaced }
        try checkPictures(view, ink: ink)
        checkTexts(ink: ink)
        if !ink.missing.contains(.black) {
            try checkZone(view)
            try checkCodes(view)
        }
        if subject.isReference, !ink.lacksColour { try checkSlopes(view) }
        if !ink.lacksColour { try checkBlemishes(view, distance: distance) }
        // Whatever it is that lies there, nothing was found wrong with it because nothing of it could be compared.
        if findings.isEmpty, doubt == nil, likeness < plan.likeness { doubt = .cardUnknown }
    }

    func isEmpty(_ field: FieldPlace) -> Bool { subject.silent.contains(field.name) }

    private mutating func add(_ reason: InspectionReason, _ place: RectMM, _ text: String) {
        findings.append(Finding(code: reason.code, side: side, place: place, text: text))
    }

    private mutating func note(_ name: String, _ value: Double) {
        guard value.isFinite else { return }
        measures["\(side.rawValue).\(name)"] = Int64((min(max(value, -1e9), 1e9) * 1000).rounded())
    }

    private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    /// Nil when another side or a turned one explains the picture better.
    private mutating func likenessWhereItLiesRight(_ view: CardView) throws(SakkError) -> Double? {
        let own = try view.likeness(artwork)
        var other = own.turned
        for picture in subject.others {
            let likeness = try view.likeness(picture)
            other = max(other, likeness.upright, likeness.turned)
        }
        note("likeness", own.upright)
        note("likeness_other", other)
        if other > own.upright + plan.orientationMargin, other > plan.likeness {
            let turned = own.turned == other
            add(.cardOrientation, whole, turned ? "the card is turned by half a turn" : "the other side is seen")
            return nil
        }
        return own.upright
    }

    private mutating func checkPictures(_ view: CardView, ink: InkCheck) throws(SakkError) {
        let smoothing = 2.5
        // A panel that is not there changes the grey picture as well: one cause, one finding.
        guard !ink.lacksColour else { return }
        for field in fields {
            switch field.kind {
            case .portrait:
                let drawn = try view.compare(artwork, field.rect, smoothing: smoothing, reach: 3, window: 5)
                let laid = subject.portrait.map { withPortrait($0, in: field.rect) } ?? artwork
                let approved = try view.compare(laid, field.rect, smoothing: smoothing, reach: 3, window: 5)
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

    /// A dye that is nowhere on the side leaves its channel even, whatever the light was.
    private mutating func checkSlopes(_ view: CardView) throws(SakkError) {
        let black = fields.filter(\.kind.hasText).map(\.rect)
        for (channel, (name, dye)) in [("red", "c"), ("green", "m"), ("blue", "y")].enumerated() {
            guard let slope = try view.slope(artwork, channel: channel, ignoring: black) else { continue }
            note("slope_\(name)", slope)
            if slope < plan.inkMissing { add(.panelMissing, whole, dye) }
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
        let expected: [String]
        if let signed = subject.mrz {
            expected = signed
        } else if isEmpty(field) {
            return
        } else {
            let drawn = try CardView.open(artwork: artwork, raster: subject.raster)
            expected = try ZoneReading(view: drawn, place: field.rect, expected: [], plan: plan).seen
        }
        let reading = try ZoneReading(view: view, place: field.rect, expected: expected, plan: plan)
        seenMRZ = reading.seen
        note("glyph", reading.weakest)
        note("glyph_margin", reading.narrowest)
        if let first = reading.wrong.first {
            let whose = subject.mrz == nil ? "artwork" : "signed record"
            let text = "\(reading.wrong.count) characters of the zone differ from the \(whose)"
            add(.mrzCharacter, reading.wrong.dropFirst().reduce(first, RectMM.union), text)
        }
        if let first = reading.unsure.first {
            add(
                .mrzUnreadable, reading.unsure.dropFirst().reduce(first, RectMM.union),
                "\(reading.unsure.count) characters of the zone are unclear")
        }
    }

    private mutating func checkCodes(_ view: CardView) throws(SakkError) {
        for field in fields where field.kind.isCode && !isEmpty(field) {
            let expected: Bytes?
            if let known = subject.codes[field.name] {
                expected = known
            } else {
                let drawn = try CardView.open(artwork: artwork, raster: subject.raster)
                expected = try drawn.code(field.rect, field.kind)
            }
            guard let content = try view.code(field.rect, field.kind) else {
                add(field.kind == .qr ? .qrUnreadable : .codeUnreadable, field.rect, "\(field.name) cannot be read")
                continue
            }
            if content != expected {
                add(field.kind == .qr ? .qrContent : .codeContent, field.rect, "\(field.name) says something else")
            }
        }
    }

    /// The artwork itself against the signed texts: what a drawing and a print agree on may still be wrong. Only fields
    /// that were drawn a second time.
    mutating func checkArtwork() throws(SakkError) {
        guard let signed = subject.signed, !signed.names.isEmpty else { return }
        let drawn = try CardView.open(artwork: artwork, raster: subject.raster)
        for field in fields where signed.names.contains(field.name) {
            let result = try drawn.compare(
                signed.picture, field.rect, smoothing: 0, reach: 3, window: plan.textWindowMM)
            note("signed.\(field.name)", result.likeness)
            note("signed_part.\(field.name)", result.worst)
            if result.likeness < plan.text || result.worst > plan.textPart || result.contrast < plan.contrast {
                add(.fieldDiffers, result.place, "\(field.name): the artwork itself differs from the signed text")
            }
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
    private func withPortrait(_ portrait: Picture, in rect: RectMM) -> Bytes {
        let raster = subject.raster
        let box = raster.pixels(rect)
        let (left, top) = (Int(box.x.rounded()), Int(box.y.rounded()))
        let (width, height) = (Int(box.width.rounded()), Int(box.height.rounded()))
        guard portrait.width > 0, portrait.height > 0, width > 0, height > 0, left >= 0, top >= 0,
            left + width <= raster.width, top + height <= raster.height
        else { return artwork }
        let scale = max(Double(width) / Double(portrait.width), Double(height) / Double(portrait.height))
        let full = RGBImage(width: portrait.width, height: portrait.height, rgb: portrait.rgb).resized(
            width: max(Int((Double(portrait.width) * scale).rounded()), width),
            height: max(Int((Double(portrait.height) * scale).rounded()), height))
        let laid = full.cropped(
            x: (full.width - width) / 2, y: (full.height - height) / 2, width: width, height: height)
        var result = artwork
        for row in 0..<height {
            let to = ((top + row) * raster.width + left) * 3
            result.replaceSubrange(to..<to + width * 3, with: laid.rgb[(row * width * 3)..<((row + 1) * width * 3)])
        }
        return result
    }
}
