internal import CVision
internal import Ground
internal import Stations

/// What white light does not show. Nothing of it is looked at before the side was found and laid by white light.
extension SideInspection {
    /// `frames` are of this side and attempt, by any lamp; each check takes that of its own lamp and no other.
    mutating func see(
        by lights: LightPlan, _ frames: [Frame], panel: PanelRaster?, of document: RenderedDocument
    ) throws(SakkError) {
        guard let white = view, measures["\(side.rawValue).alignment"] != nil else { return }
        for light in lights.lights(of: side, in: document) where light != .white {
            guard let frame = frames.last(where: { $0.light == light }) else {
                doubt = doubt ?? .frameMissing
                continue
            }
            guard let pixels = try FramePixels.open(frame),
                let seen = try white.again(pixels, fields: fields.filter { !isEmpty($0) }.map(\.rect))
            else {
                doubt = doubt ?? .frameIncomplete
                continue
            }
            if lights.surface == light { try checkSurface(seen, white: white) }
            guard try isOf(light, seen, white: white) else { continue }
            if lights.zone == light { try checkZone(seen, by: light) }
            if lights.fluorescence == light, let panel { try checkGlow(seen, panel) }
        }
    }

    /// By infrared and ultraviolet light the mill's picture is not seen: where it is, white light fell on it.
    private mutating func isOf(_ light: CardLight, _ seen: CardView, white: CardView) throws(SakkError) -> Bool {
        guard light != .raking else { return true }
        let alike = try seen.alike(white)
        note("\(light.rawValue)_alike", alike.likeness)
        note("\(light.rawValue)_contrast", alike.contrast)
        guard alike.likeness > plan.otherLight, alike.contrast > 2 else { return true }
        doubt = doubt ?? .lightOther
        return false
    }

    /// A border's camera reads the zone by infrared light, which only carbon stops.
    private mutating func checkZone(_ seen: CardView, by light: CardLight) throws(SakkError) {
        guard let field = fields.first(where: { $0.kind == .mrz }), let expected = subject.mrz else { return }
        let contrast = try seen.compare(artwork, field.rect, smoothing: 1, reach: 3).contrast
        note("\(light.rawValue)_contrast.\(field.name)", contrast)
        let reading = try ZoneReading(view: seen, place: field.rect, expected: expected, plan: plan)
        note("\(light.rawValue)_glyph", reading.weakest)
        if contrast < plan.contrast || reading.legible < 0.9 {
            add(.mrzInfrared, field.rect, "the zone is not seen by infrared light")
        } else if let first = reading.wrong.first {
            let text = "\(reading.wrong.count) characters of the zone are others by infrared light"
            add(.mrzCharacter, reading.wrong.dropFirst().reduce(first, RectMM.union), text)
        } else if let first = reading.unsure.first {
            add(.mrzInfrared, first, "a character of the zone is not clear by infrared light")
        }
    }

    private mutating func checkGlow(_ seen: CardView, _ panel: PanelRaster) throws(SakkError) {
        // a panel that did not come along is no empty one
        guard panel.pixels.contains(where: { $0 > 0 }) || panel.pixels.count >= 64 * 64 else {
            doubt = doubt ?? .inspectionFailed
            return
        }
        guard let glow = try seen.glow(panel) else { return }
        note("glow_levels", glow.levels)
        note("glow_ground", glow.ground)
        note("glow", glow.likeness)
        note("glow_part", glow.worst)
        if glow.levels < plan.glowMissing {
            add(.panelMissing, whole, "u: nothing glows by ultraviolet light")
        } else if glow.likeness < plan.glow {
            add(.panelFluorescent, whole, "what glows by ultraviolet light is not what is meant")
        } else if glow.worst < plan.glowPart {
            add(.panelMissing, glow.place, "u, in a part")
        } else if glow.levels < plan.glowWeak {
            add(.panelWeak, whole, "u glows weakly")
        }
    }

    private mutating func checkSurface(_ seen: CardView, white: CardView) throws(SakkError) {
        let perMM = SideRaster.pixelsPerMM
        let marks = try seen.relief(white: white, share: plan.relief).filter { $0.length > plan.reliefMM * perMM }
        note("relief_mm", (marks.map(\.length).max() ?? 0) / perMM)
        let known = findings.map(\.place)
        for mark in marks.prefix(3) {
            let place = subject.raster.millimetres(mark.place)
            // what white light shows as well was told already
            guard !known.contains(where: { $0 != whole && RectMM.intersect($0, place) }) else { continue }
            let (length, width) = (mark.length / perMM, mark.width / perMM)
            if width < 0.8 {
                add(.printScratch, place, "a scratch of \(Int(length.rounded())) mm in the surface")
            } else {
                add(.printWrinkle, place, "a wrinkle of \(Int(length.rounded())) mm")
            }
        }
    }
}
