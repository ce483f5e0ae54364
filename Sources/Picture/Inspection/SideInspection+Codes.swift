internal import CVision
internal import Ground
internal import Stations

extension SideInspection {
    /// The zone is read cell by cell where its face is OCR-B, and compared with the artwork whatever it is.
    /// `meant` is what stands in the artwork's; nil where there is none to be read.
    mutating func checkZone(_ view: CardView, meant: ZoneReading?) throws(SakkError) {
        guard let meant, let field = fields.first(where: { $0.kind == .mrz }) else { return }
        let writing = try view.writing(nil, field.rect)
        note("part.\(field.name)", writing.worst)
        note("text.\(field.name)", writing.likeness)
        checkRows(of: writing, field)
        let isSame = writing.worst <= plan.textPart && writing.likeness >= plan.text
        guard meant.legible > 0.9 else {
            // Another face: the artwork stands for it, and what is signed was verified on the artwork.
            if !isSame { add(.mrzCharacter, writing.place, "a character of the zone differs from the artwork") }
            return
        }
        let reading = try ZoneReading(
            view: view, place: field.rect, expected: subject.mrz ?? meant.seen, plan: plan)
        seenMRZ = reading.seen
        note("glyph", reading.weakest)
        note("glyph_margin", reading.narrowest)
        let whose = subject.mrz == nil ? "artwork" : "signed record"
        if let first = reading.wrong.first {
            let text = "\(reading.wrong.count) characters of the zone differ from the \(whose)"
            add(.mrzCharacter, reading.wrong.dropFirst().reduce(first, RectMM.union), text)
        } else if let first = meant.wrong.first, subject.mrz != nil {
            let text = "\(meant.wrong.count) characters of the artwork's zone differ from the \(whose)"
            add(.mrzCharacter, meant.wrong.dropFirst().reduce(first, RectMM.union), text)
        } else if !isSame {
            let place = reading.unsure.first ?? writing.place
            add(
                reading.unsure.isEmpty || reading.unsure.count > 20 ? .mrzUnreadable : .mrzCharacter, place,
                "a character of the zone is not as it is meant")
        }
    }

    mutating func checkCodes(_ view: CardView, _ prepared: PreparedSide) throws(SakkError) {
        for field in fields where field.kind.isCode && !isEmpty(field) {
            let picture = try view.writing(nil, field.rect)
            note("code.\(field.name)", picture.likeness)
            checkRows(of: picture, field)
            // What lies on it, larger than a module: a reader may still read it.
            let part = try view.compare(artwork, field.rect, smoothing: 2.5, reach: 3, window: 1.6)
            note("code_part.\(field.name)", part.worst)
            // Module for module as it is drawn.
            let isSame = picture.likeness > plan.codePicture && picture.worst < 0.5
            if part.worst > plan.codePart { add(.printSpot, part.place, "something lies on \(field.name)") }
            try checkShade(of: field, view)
            let content = try view.code(field.rect, field.kind)
            let known = subject.codes[field.name]
            if let content, content == known { continue }
            let meant = known == nil || content == nil ? try prepared.code(field) : nil
            if content == nil {
                // Too fine for this camera, but what it shows is the code that was drawn.
                if isSame, let meant, known == nil || meant == known { continue }
                add(field.kind == .qr ? .qrUnreadable : .codeUnreadable, field.rect, "\(field.name) cannot be read")
            } else if content != known ?? meant {
                add(field.kind == .qr ? .qrContent : .codeContent, field.rect, "\(field.name) says something else")
            }
        }
    }

    /// A smudge on a code, which a reader reads through. (Good codes leave 1 mm2 at six levels and nothing at nine.)
    private mutating func checkShade(of field: FieldPlace, _ view: CardView) throws(SakkError) {
        let shade = try view.shade(of: field.rect, levels: 0.7 * plan.smoothLevels)
        note("shade_mm2.\(field.name)", shade.areaMM2)
        if shade.areaMM2 > 0.5 * plan.smoothMM2 { add(.printSmudge, shade.place, "a smudge on \(field.name)") }
    }

    /// The artwork itself against what is signed: what a drawing and a print agree on may still be wrong.
    /// Nothing that is seen of the document counts, so that it may be asked before.
    mutating func checkArtwork(_ drawn: CardView, zone: ZoneReading?) throws(SakkError) {
        if let portrait = subject.portrait {
            for field in fields where field.kind == .portrait {
                let result = try drawn.portrait(portrait, field.rect)
                note("portrait_approved", result.likeness)
                note("portrait_approved_part", result.worst)
                if result.likeness < plan.approved || result.worst > plan.approvedPart {
                    add(.portraitDiffers, field.rect, "\(field.name): the artwork differs from the approved portrait")
                }
            }
        }
        let said = fields.filter { field in
            field.kind == .text && subject.texts[field.name]?.allSatisfy(\.isWhitespace) == false
        }
        var redrawn: [String: CardView.Comparison] = [:]
        for field in said { redrawn[field.name] = try redrawing(of: field, drawn) }
        let same = redrawn.filter { isRedrawn($0.value) }
        for field in said where same[field.name] == nil {
            guard let text = subject.texts[field.name] else { continue }
            // A side that the product drew: what is not as it draws the signed text is another one.
            if let other = redrawn[field.name], same.count >= 3, same.count > 2 * (redrawn.count - same.count) {
                add(.fieldDiffers, other.place, "\(field.name): the artwork itself differs from the signed text")
                continue
            }
            let fit = try subject.writing.fit(
                text, in: field, of: drawn, isDoubted: doubt == .fieldUnverified)
            note("signed.\(field.name)", fit.likeness)
            note("signed_part.\(field.name)", fit.worst)
            note("signed_wide.\(field.name)", fit.wide)
            switch fit.answer {
            case .same: continue
            case .differs(let place):
                add(.fieldDiffers, place, "\(field.name): the artwork itself differs from the signed text")
            case .unknown:
                note("unverified.\(field.name)", 1)
                doubt = doubt ?? .fieldUnverified
            }
        }
        try checkForeignZone(drawn, zone)
    }

    /// The product's own drawing of the signed text against the reference, where it has the field at this place.
    private mutating func redrawing(of field: FieldPlace, _ drawn: CardView) throws(SakkError) -> CardView.Comparison? {
        guard let signed = subject.signed, signed.names.contains(field.name) else { return nil }
        let result = try drawn.writing(signed.picture, field.rect)
        note("redrawn.\(field.name)", result.likeness)
        note("redrawn_part.\(field.name)", result.worst)
        return result
    }

    private func isRedrawn(_ result: CardView.Comparison) -> Bool {
        result.likeness >= plan.text && result.worst <= plan.redrawnPart && result.contrast >= plan.contrast
    }

    /// A signed zone that is not in OCR-B: its lines are verified as any text is.
    private mutating func checkForeignZone(_ drawn: CardView, _ meant: ZoneReading?) throws(SakkError) {
        guard let lines = subject.mrz, !lines.isEmpty, let field = fields.first(where: { $0.kind == .mrz }), let meant,
            meant.legible <= 0.9
        else { return }
        for (index, line) in lines.enumerated() {
            let high = field.rect.height / Double(lines.count)
            let box = RectMM(
                x: field.rect.x, y: field.rect.y + Double(index) * high, width: field.rect.width, height: high)
            let place = FieldPlace(name: field.name, kind: .mrz, side: side, rect: box, text: "")
            let fit = try subject.writing.fit(
                line, in: place, of: drawn, isDoubted: doubt == .fieldUnverified)
            note("signed.\(field.name)", fit.likeness)
            switch fit.answer {
            case .same: continue
            case .differs(let place):
                add(.mrzCharacter, place, "the artwork's zone differs from the signed record")
            case .unknown:
                note("unverified.\(field.name)", 1)
                doubt = doubt ?? .fieldUnverified
            }
        }
    }
}
