import Ground

/// Another person's data on the print.
extension Studio {
    func changeIdentity(_ defect: Defect, _ work: inout Work, _ dice: inout Dice) {
        let others = maker.people.indices.filter { $0 != work.person }
        switch defect {
        case .textDot: changeText([.dot], &work, &dice)
        case .textLetter: changeText([.letter], &work, &dice)
        case .textDigit: changeText([.digit], &work, &dice)
        case .agreeText: changeText(LookAlikes.Slip.allCases, &work, &dice)
        case .textMissing: hideText(&work, &dice)
        case .zoneCharacter, .agreeZone: changeZone(&work, &dice)
        case .codeContent, .agreeCode: changeCode(&work, &dice)
        case .portraitOther, .agreePortrait, .portraitAlike: changePortrait(defect, &work, &dice)
        default: work.printed = maker.people[dice.pick(others)].personal(work.side)
        }
        let isAgreed = [.agreeText, .agreeZone, .agreeCode, .agreePortrait].contains(defect)
        guard isAgreed, let drawing = work.changed else { return }
        work.needsSigned = true
        work.reference = drawing.reference[work.side]
    }

    private func draw(_ content: Content, _ place: Layout.Place?, _ work: inout Work) -> Bool {
        guard let drawing = maker.painter.draw(content, hidden: []), let printed = drawing.personal[work.side] else {
            return false
        }
        work.printed = printed
        work.changed = drawing
        if let place { work.box = place.box }
        return true
    }

    /// One character of one text of the side changed so that it can be seen.
    private func changeText(_ slips: [LookAlikes.Slip], _ work: inout Work, _ dice: inout Dice) {
        let truth = maker.people[work.person]
        for attempt in 0..<40 {
            // a side without such a script: the other one
            if attempt == 12, layout.sides.count > 1 { turn(&work) }
            let texts = layout.places(work.side).filter { $0.kind == .text && truth.content.texts[$0.name] != nil }
            guard !texts.isEmpty else { continue }
            let place = dice.pick(texts)
            let text = truth.content.texts[place.name] ?? ""
            guard let changed = LookAlikes.change(text, Self.script(place.name), dice.pick(slips), &dice),
                let content = content(truth.content, saying: changed.text, at: place.name)
            else { continue }
            let before = work.printed
            guard draw(content, place, &work), let before, let after = work.printed else { continue }
            let area = Self.difference(before, after, in: place.box, layout)
            guard area > 0.02 else {
                work.printed = before
                work.changed = nil
                continue
            }
            work.measures += [("changed_mm2", area), ("points", place.type.size)]
            return
        }
        work.isVisible = false
    }

    private func turn(_ work: inout Work) {
        work.side = work.side == .front ? .back : .front
        work.printed = maker.people[work.person].personal(work.side)
        if let stock = stock(work.side) { work.stock = stock }
    }

    private func content(_ content: Content, saying text: String, at name: String) -> Content? {
        var other = content
        other.texts[name] = text
        guard let record = content.record else { return other }
        guard let product = maker.painter as? ProductPainter,
            let changed = product.record(record, with: text, at: name)
        else { return nil }
        other.record = changed
        return other
    }

    private func hideText(_ work: inout Work, _ dice: inout Dice) {
        let texts = layout.places(work.side).filter { $0.kind == .text }
        guard !texts.isEmpty else {
            work.isVisible = false
            return
        }
        let place = dice.pick(texts)
        work.box = place.box
        let drawing = maker.painter.draw(maker.people[work.person].content, hidden: [place.name])
        work.printed = drawing?.personal[work.side]
    }

    /// A product's zone follows from its record: a digit of the number.
    private func changeZone(_ work: inout Work, _ dice: inout Dice) {
        var content = maker.people[work.person].content
        let place = layout.places(work.side).first { $0.kind == .mrz }
        guard content.record == nil else { return changeNumber(place, &work, &dice) }
        let line = dice.int(0...content.zone.count - 1)
        guard let changed = LookAlikes.changeZone(content.zone[line], &dice) else { return }
        content.zone[line] = changed.text
        work.measures.append(("character", Double(line * 100 + changed.at)))
        if !draw(content, place, &work) { work.isVisible = false }
    }

    private func changeCode(_ work: inout Work, _ dice: inout Dice) {
        var content = maker.people[work.person].content
        let codes = layout.places(work.side).filter { $0.kind.symbol != nil }
        guard !codes.isEmpty else {
            work.isVisible = false
            return
        }
        let place = dice.pick(codes)
        guard content.record == nil else { return changeNumber(place, &work, &dice) }
        guard let changed = LookAlikes.changeZone(content.codes[place.name] ?? "", &dice) else { return }
        content.codes[place.name] = changed.text
        if !draw(content, place, &work) { work.isVisible = false }
    }

    private func changeNumber(_ place: Layout.Place?, _ work: inout Work, _ dice: inout Dice) {
        let truth = maker.people[work.person].content
        let name = layout.isPassport ? "national_number" : "document_number"
        for _ in 0..<10 {
            guard let text = truth.texts[name], let changed = LookAlikes.change(text, .digits, .digit, &dice),
                let other = content(truth, saying: changed.text, at: name), draw(other, place, &work)
            else { continue }
            return
        }
        work.isVisible = false
    }

    private func changePortrait(_ defect: Defect, _ work: inout Work, _ dice: inout Dice) {
        let truth = maker.people[work.person]
        var content = truth.content
        let place = layout.places(work.side).first { $0.kind == .portrait }
        if let record = content.record, let product = maker.painter as? ProductPainter {
            let other = maker.people[(work.person + 1) % maker.people.count].content.record
            content.record = other.flatMap { product.record(record, withPortraitOf: $0) }
        } else if defect == .portraitAlike, let face = truth.face {
            content.portrait = CellMaker.portrait(face.lookAlike(&dice), layout)
        } else {
            content.portrait = CellMaker.portrait(FacePainter(dice.next()), layout)
        }
        if !draw(content, place, &work) { work.isVisible = false }
    }

    static func script(_ name: String) -> Person.Script {
        if name.contains(".arabic") { return .arabic }
        if name.contains(".sorani") { return .sorani }
        return LayoutMaker.script(name)
    }

    /// Area (mm2) of the dots in a box that differ by nearly half of the range and more.
    private static func difference(
        _ one: SidePainter.Personal, _ two: SidePainter.Personal, in box: Box, _ layout: Layout
    ) -> Double {
        let (scale, origin) = (layout.dotsPerMM, layout.origin)
        var count = 0
        for y in max(
            0, Int(box.y * scale + origin.y))..<min(layout.dotsHigh, Int((box.y + box.height) * scale + origin.y))
        {
            for x in max(
                0, Int(box.x * scale + origin.x))..<min(layout.dotsWide, Int((box.x + box.width) * scale + origin.x))
            {
                let index = y * layout.dotsWide + x
                let resin = abs(Int(one.resin[index]) - Int(two.resin[index]))
                let green = abs(Int(one.colour.rgb[index * 3 + 1]) - Int(two.colour.rgb[index * 3 + 1]))
                if max(resin, green) > 110 { count += 1 }
            }
        }
        return Double(count) / (scale * scale)
    }
}
