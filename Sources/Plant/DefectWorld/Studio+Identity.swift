import Ground

/// Another person's data on the print.
extension Studio {
    func changeIdentity(_ defect: Defect, _ work: inout Work, _ dice: inout Dice) {
        let truth = maker.people[work.person]
        var content = truth.content
        var place: Layout.Place?
        switch defect {
        case .textDot, .textLetter, .textDigit, .agreeText:
            let slips: [LookAlikes.Slip] =
                defect == .textDot
                ? [.dot]
                : defect == .textLetter
                    ? [.letter]
                    : defect == .textDigit
                        ? [.digit]
                        : LookAlikes.Slip.allCases
            place = changeText(&content, slips, &work, &dice)
        case .textMissing:
            let texts = layout.places(work.side).filter { $0.kind == .text }
            guard !texts.isEmpty else { break }
            let hidden = dice.pick(texts)
            place = hidden
            work.printed = SidePainter(layout: layout, side: work.side).personal(content, hidden: [hidden.name])
        case .zoneCharacter, .agreeZone:
            place = layout.places(work.side).first { $0.kind == .mrz }
            let line = dice.int(0...content.zone.count - 1)
            if let changed = LookAlikes.changeZone(content.zone[line], &dice) {
                content.zone[line] = changed.text
                work.measures.append(("character", Double(line * 100 + changed.at)))
            }
        case .codeContent, .agreeCode:
            let codes = layout.places(work.side).filter { $0.kind.symbol != nil }
            guard !codes.isEmpty else { break }
            let chosen = dice.pick(codes)
            place = chosen
            let text = content.codes[chosen.name] ?? ""
            if let changed = LookAlikes.changeZone(text, &dice) { content.codes[chosen.name] = changed.text }
        case .portraitOther, .agreePortrait:
            place = layout.places(work.side).first { $0.kind == .portrait }
            content.portrait = CellMaker.portrait(FacePainter(dice.next()), layout)
        case .portraitAlike:
            place = layout.places(work.side).first { $0.kind == .portrait }
            content.portrait = CellMaker.portrait(truth.face.lookAlike(&dice), layout)
        default:  // another record's print
            let other = maker.people[(work.person + dice.int(1...maker.people.count - 1)) % maker.people.count]
            work.printed = other.personal[work.side]
            return
        }
        if let place { work.box = place.box }
        if defect != .textMissing {
            work.printed = SidePainter(layout: layout, side: work.side).personal(content)
        }
        let isAgreed = [.agreeText, .agreeZone, .agreeCode, .agreePortrait].contains(defect)
        if isAgreed, let printed = work.printed {
            work.needsSigned = true
            work.reference = SidePainter.reference(stock: maker.referenceStock(work.side), printed)
        }
    }

    /// One character of one text of the side changed so that it can be seen.
    private func changeText(
        _ content: inout Content, _ slips: [LookAlikes.Slip], _ work: inout Work, _ dice: inout Dice
    ) -> Layout.Place? {
        for attempt in 0..<40 {
            // a side without such a script: the other one
            if attempt == 20, layout.sides.count > 1 {
                work.side = work.side == .front ? .back : .front
                work.printed = maker.people[work.person].personal[work.side]
                if let stock = stock(work.side) { work.stock = stock }
            }
            let texts = layout.places(work.side).filter { $0.kind == .text }
            guard !texts.isEmpty else { continue }
            let place = dice.pick(texts)
            let slip = dice.pick(slips)
            guard
                let changed = LookAlikes.change(
                    content.texts[place.name] ?? "", LayoutMaker.script(place.name), slip, &dice)
            else { continue }
            var other = content
            other.texts[place.name] = changed.text
            guard let drawn = SidePainter(layout: layout, side: work.side).personal(other), let before = work.printed
            else { continue }
            let area = Self.difference(before, drawn) / (layout.dotsPerMM * layout.dotsPerMM)
            guard area > 0.02 else { continue }
            work.measures += [("changed_mm2", area), ("points", place.type.size)]
            content = other
            return place
        }
        work.isVisible = false
        return nil
    }

    /// Dots that differ by half of the range and more.
    private static func difference(_ one: SidePainter.Personal, _ two: SidePainter.Personal) -> Double {
        var count = 0
        for index in one.resin.indices {
            let resin = abs(Int(one.resin[index]) - Int(two.resin[index]))
            let green = abs(Int(one.colour.rgb[index * 3 + 1]) - Int(two.colour.rgb[index * 3 + 1]))
            if max(resin, green) > 110 { count += 1 }
        }
        return Double(count)
    }
}
