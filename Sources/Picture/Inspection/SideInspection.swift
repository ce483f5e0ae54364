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
    /// The place of a portrait that differs most in detail.
    var portraitDetail: CardView.Comparison?
    /// The side as seen, on the artwork's raster; nil when no card was found.
    private(set) var view: CardView?

    var side: CardSide { subject.side }
    var fields: [FieldPlace] { subject.fields }
    var artwork: Bytes { subject.artwork }
    var whole: RectMM { subject.raster.whole }

    init(_ subject: SideSubject, plan: InspectionPlan) {
        self.subject = subject
        self.plan = plan
    }

    mutating func run(_ frame: Frame, _ prepared: PreparedSide) throws(SakkError) {
        // A grey picture shows no panel of its own: it would judge the card without its colours.
        guard frame.format != .mono8 || !subject.hasColour else {
            doubt = .frameGrey
            return
        }
        guard let pixels = try FramePixels.open(frame) else { return try run(.unusable(.frameIncomplete), prepared) }
        try run(try CardView.find(artwork, in: pixels, raster: subject.raster), prepared)
    }

    mutating func run(_ opened: CardView.Opened, _ prepared: PreparedSide) throws(SakkError) {
        switch opened {
        case .unusable(let reason): doubt = reason
        case .view(let view): try run(view, prepared)
        }
        let said = prepared.said
        findings += said.findings
        measures.merge(said.measures) { _, of in of }
        doubt = doubt ?? said.doubt
        putCausesFirst()
    }

    private mutating func run(_ view: CardView, _ prepared: PreparedSide) throws(SakkError) {
        self.view = view
        checkExposure(view, prepared.light)
        guard doubt == nil else { return }
        guard let likeness = try likenessWhereItLiesRight(view) else { return }
        let places = fields.filter { !isEmpty($0) }
        let alignment = try view.align(artwork, fields: places)
        let tones = try view.evenLight(prepared.drawn, fields: fields)
        guard isSharp(alignment, tones) else { return }
        let distance = checkPlace(alignment, isPlaced: !places.isEmpty)
        let apart = try checkRegistration(view, places)
        for field in fields where field.kind == .text && !isEmpty(field) {
            texts[field.name] = try view.writing(nil, field.rect)
        }
        let ink = try InkCheck(self, view: view, tones: tones)
        for (name, value) in ink.measures { note(name, value) }
        if ink.isBlank {
            findings = []
            add(.printBlank, whole, "no personal print")
            return
        }
        findings += ink.findings
        try checkPictures(view, ink: ink)
        checkTexts(ink: ink)
        if !ink.missing.contains(.black) {
            try checkZone(view, meant: prepared.zone)
            try checkCodes(view, prepared)
        }
        try checkMarks(view, ink: ink, alignment: alignment, distance: distance, noise: tones.noise)
        if !ink.missing.isEmpty {
            // what is left of a colour without its dye has no place that could be measured
            findings.removeAll { $0.code == InspectionReason.panelRegistration.code }
        } else if let apart {
            dropWhatRegistrationExplains(apart: apart, distance: distance)
        }
        // A look-alike differs in little; what no mark, line or panel explains is another face.
        if findings.isEmpty, let detail = portraitDetail, detail.worst > plan.portraitDetail {
            add(.portraitDiffers, detail.place, "a part of the portrait differs from what is meant")
        }
        // Whatever it is that lies there, nothing was found wrong with it because nothing of it could be compared.
        if findings.isEmpty, doubt == nil, likeness < plan.likeness { doubt = .cardUnknown }
    }

    func isEmpty(_ field: FieldPlace) -> Bool { subject.silent.contains(field.name) }

    mutating func add(_ reason: InspectionReason, _ place: RectMM, _ text: String) {
        findings.append(Finding(code: reason.code, side: side, place: place, text: text))
    }

    mutating func note(_ name: String, _ value: Double) {
        guard value.isFinite else { return }
        measures["\(side.rawValue).\(name)"] = Int64((min(max(value, -1e9), 1e9) * 1000).rounded())
    }

    func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    private mutating func checkExposure(_ view: CardView, _ light: ReferenceLight) {
        let edge = view.info.edge_width / max(view.info.scale, 1)
        let saturated = max(view.info.saturated - light.white, 0)
        let bright = view.info.bright / max(light.bright, 0.1)
        note("edge_mm", edge)
        note("saturated", saturated)
        note("bright", bright)
        note("turn_degrees", view.info.turn_degrees)
        if bright < plan.bright { doubt = .exposureDark }
        if saturated > plan.saturated { doubt = .exposureBright }
        if edge > plan.edgeWidthMM { doubt = .focus }
    }

    private mutating func isSharp(_ alignment: sakk_alignment, _ tones: sakk_tones) -> Bool {
        let perMM = SideRaster.pixelsPerMM
        for (name, value) in zip(["red", "green", "blue"], [tones.gain.0, tones.gain.1, tones.gain.2]) {
            note("gain_\(name)", value)
        }
        note("noise", tones.noise)
        note("light_tint", tones.tint)
        note("local_offset_mm", tones.moved / perMM)
        note("softness_mm", alignment.softness / perMM)
        note("glare_mm2", tones.glare / (perMM * perMM))
        // Under half of the light that the artwork shows, dye is not told from noise.
        if tones.gain.0 + tones.gain.1 + tones.gain.2 < 3 * 0.45 { doubt = .exposureDark }
        // A coarse sensor is as soft as its pixels are.
        let pixel = 1 / max(view?.info.scale ?? perMM, 1)
        if alignment.softness / perMM > max(plan.softnessMM, 1.6 * pixel) { doubt = .focus }
        let glare = tones.glare / (perMM * perMM)
        if glare > plan.glareMM2 { doubt = glare > 0.2 * whole.width * whole.height ? .exposureBright : .glare }
        return doubt == nil
    }

    /// How far the print lies off, in millimetres.
    private mutating func checkPlace(_ alignment: sakk_alignment, isPlaced: Bool) -> Double {
        let perMM = SideRaster.pixelsPerMM
        let print = RectMM(x: alignment.dx / perMM, y: alignment.dy / perMM, width: 0, height: 0)
        let stock = RectMM(x: alignment.stock_dx / perMM, y: alignment.stock_dy / perMM, width: 0, height: 0)
        let (own, other) = (length(print), length(stock))
        note("alignment", alignment.score)
        note("stock", alignment.stock_score)
        note("offset_x_mm", print.x)
        note("offset_y_mm", print.y)
        note("offset_mm", own)
        note("stock_offset_mm", other)
        note("print_turn_degrees", alignment.degrees)
        guard alignment.score > 0 else {
            if isPlaced { doubt = .printUnplaced }
            return max(own, other)
        }
        var most = alignment.print_score > 0 && own >= other ? print : stock
        if view?.info.by_drawing != 0 {
            // The card's edges are not seen: only how print and stock lie to each other is known.
            most = RectMM(x: print.x - stock.x, y: print.y - stock.y, width: 0, height: 0)
        }
        if length(most) > plan.offsetMM || abs(alignment.degrees) > plan.turnDegrees {
            add(.printRegistration, whole, "print lies \(tenths(most.x)), \(tenths(most.y)) mm off")
        }
        return max(own, other)
    }

    private func length(_ offset: RectMM) -> Double { (offset.x * offset.x + offset.y * offset.y).squareRoot() }

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
        let turned = own.turned == other
        let explains = other > own.upright + plan.orientationMargin && other > plan.likeness
        if explains || abs(view.info.turn_degrees) > 45 {
            add(.cardOrientation, whole, turned || !explains ? "the card is turned" : "the other side is seen")
            return nil
        }
        return own.upright
    }
}
