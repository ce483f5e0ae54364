import Ground

/// What goes wrong in printing and after it; and in front of the camera.
extension Studio {
    func spoil(_ defect: Defect, isMajor: Bool, _ work: inout Work, _ dice: inout Dice) {
        switch defect {
        case .panelMissing, .panelPart, .panelWeak, .lineAll, .linePanel, .colour, .registrationPrint,
            .registrationPanel:
            spoilPress(defect, isMajor: isMajor, &work, &dice)
        case .scratch, .dust, .smudge, .wrinkle: mark(defect, isMajor: isMajor, &work, &dice)
        case .ghost:
            let other = maker.people[(work.person + 1) % maker.people.count].personal(work.side)
            let share = isMajor ? dice.real(0.15...0.3) : dice.real(0.05...0.09)
            let faint = print(other, work.press, work)
            let (dx, dy) = (dice.int(-40...40), dice.int(-30...30))
            work.measures = [("share", share)]
            work.after = { face, _ in face.ghost(faint, share: Float(share), dx: dx, dy: dy) }
        case .codeVoid:
            void(
                layout.places(work.side).filter { $0.kind.symbol != nil }, isMajor ? 1.0...2.0 : 0.35...0.6, &work,
                &dice)
        case .zoneNick: nick(isMajor ? 0.5...0.8 : 0.22...0.32, &work, &dice)
        case .orientation:
            work.shot.turn += .pi
            work.isVisible = true
        case .blank: work.printed = nil
        case .side:
            work.isVisible = true
            work.printed = maker.people[work.person].personal(work.side == .front ? .back : .front)
            if let other = stock(work.side == .front ? .back : .front) { work.stock = other }
        default:  // another series' stock under the right print
            var own = dice.apart("stock")
            work.stock = maker.painter.otherStock(work.side, &own)
        }
    }

    private func spoilPress(_ defect: Defect, isMajor: Bool, _ work: inout Work, _ dice: inout Dice) {
        let dyes: [Panel] = [.yellow, .magenta, .cyan]
        switch defect {
        case .panelMissing:
            let panel = dice.pick(inked(Panel.allCases, work))
            work.press.faults = [.weak([panel], factor: 0, area: nil)]
        case .panelPart:
            let factor = isMajor ? 0 : dice.real(0.6...0.75)
            let wide = dice.real(9...26)
            let dye = dice.pick(inked(dyes, work))
            let middle = line(true, [dye], work, &dice)
            let area = Box(middle - wide / 2, 0, wide, layout.height).clipped(layout.width, layout.height)
            work.press.faults = [.weak([dye], factor: factor, area: area)]
            work.measures = [("factor", factor), ("width_mm", wide)]
            work.box = area
        case .panelWeak:
            let factor = isMajor ? dice.real(0.3...0.6) : dice.real(0.75...0.85)
            work.press.faults = [.weak([dice.pick(inked(dyes, work))], factor: factor, area: nil)]
            work.measures = [("factor", factor)]
        case .lineAll, .linePanel:
            let isAll = defect == .lineAll
            let element = 1 / layout.dotsPerMM
            let width = isMajor ? element * Double(dice.int(2...3)) : max(element, 0.08)
            let strength = isMajor ? 1 : isAll ? dice.real(0.6...1) : 1
            let panels: Set<Panel> = isAll ? Set(Panel.allCases) : [dice.pick(inked(Panel.allCases, work))]
            let isUpright = dice.chance(0.15)
            let at = line(isUpright, panels, work, &dice)
            work.press.faults = [.deadLine(panels, at: at, width: width, strength: strength, isUpright: isUpright)]
            work.measures = [("um", width * 1000), ("strength", strength)]
            work.box =
                isUpright ? Box(at - 0.3, 0, 0.6, layout.height) : Box(0, at - 0.3, layout.width, 0.6)
        case .colour:
            let dye = dice.pick(inked(dyes, work))
            let wanted = isMajor ? dice.real(12...20) : dice.real(6...9)
            let factor = ColourShift.density(dye, deltaE: wanted, isMore: dice.chance(0.5), tone: maker.tone)
            work.press.density[dye] = (work.press.density[dye] ?? 1) * factor
            work.measures = [("delta_e", wanted), ("density", factor)]
        case .registrationPrint:
            let away = isMajor ? dice.real(0.8...1.7) : dice.real(0.45...0.7)
            let angle = dice.real(0...6.283)
            work.press.shift = (away * cosine(angle), away * sine(angle))
            work.measures = [("mm", away)]
        default:
            let away = isMajor ? dice.real(0.3...0.6) : dice.real(0.15...0.25)
            let angle = dice.real(0...6.283)
            work.press.register[dice.pick(inked(Panel.allCases, work))] = (away * cosine(angle), away * sine(angle))
            work.measures = [("mm", away)]
        }
    }

    /// Those of the panels that this side has ink of; all where there is none.
    private func inked(_ panels: [Panel], _ work: Work) -> [Panel] {
        guard let printed = work.printed else { return panels }
        let found = panels.filter { panel in
            var ink = 0
            let offset = panel == .cyan ? 0 : panel == .magenta ? 1 : 2
            for dot in stride(from: 0, to: printed.resin.count, by: 7) {
                ink += panel == .black ? Int(printed.resin[dot]) : 255 - Int(printed.colour.rgb[dot * 3 + offset])
            }
            return ink > printed.resin.count / 7
        }
        return found.isEmpty ? panels : found
    }

    /// A place for a dead line where its panels have the most to lose, of twelve.
    private func line(_ isUpright: Bool, _ panels: Set<Panel>, _ work: Work, _ dice: inout Dice) -> Double {
        let length = isUpright ? layout.width : layout.height
        var best = (at: length / 2, ink: -1)
        guard let printed = work.printed else { return best.at }
        for _ in 0..<12 {
            let at = dice.real(2...length - 2)
            let index = Int(at * layout.dotsPerMM + (isUpright ? layout.origin.x : layout.origin.y))
            var ink = 0
            for step in 0..<(isUpright ? layout.dotsHigh : layout.dotsWide) {
                let dot = isUpright ? step * layout.dotsWide + index : index * layout.dotsWide + step
                if panels.contains(.black) { ink += Int(printed.resin[dot]) }
                if panels.contains(.cyan) { ink += 255 - Int(printed.colour.rgb[dot * 3]) }
                if panels.contains(.magenta) { ink += 255 - Int(printed.colour.rgb[dot * 3 + 1]) }
                if panels.contains(.yellow) { ink += 255 - Int(printed.colour.rgb[dot * 3 + 2]) }
            }
            if ink > best.ink { best = (at, ink) }
        }
        return best.at
    }

    private func mark(_ defect: Defect, isMajor: Bool, _ work: inout Work, _ dice: inout Dice) {
        let bare = print(nil, work.press, work)
        let sound = print(work.printed, work.press, work)
        for attempt in 0..<10 {
            let (mark, measures) = make(defect, isMajor: isMajor, &dice)
            var face = sound
            mark.lay(on: &face, bare: bare)
            let box = mark.box(face)
            let seen = Visibility(sound, face, box: box, rig: maker.rig)
            guard seen.isVisible || attempt == 9 else { continue }
            work.isVisible = seen.isVisible
            work.box = box
            work.measures = measures + [("levels", seen.levels), ("visible_mm2", seen.area)]
            work.after = { target, _ in target = face }
            return
        }
    }

    private func make(_ defect: Defect, isMajor: Bool, _ dice: inout Dice) -> (Mark, [(name: String, value: Double)]) {
        let (x, y) = (dice.real(4...layout.width - 4), dice.real(4...layout.height - 4))
        let dirt: Float? = dice.chance(0.5) ? nil : Float(dice.real(0.04...0.25))
        switch defect {
        case .scratch:
            let width = isMajor ? dice.real(0.15...0.4) : dice.real(0.06...0.1)
            let length = isMajor ? dice.real(8...30) : dice.real(4...10)
            var angle = dice.real(0...6.283)
            var points = [(x: x, y: y)]
            for _ in 0..<8 {
                angle += dice.swing(0.12)
                let last = points[points.count - 1]
                points.append((last.x + length / 8 * cosine(angle), last.y + length / 8 * sine(angle)))
            }
            let inside = points.map {
                (x: min(max($0.x, 1.5), layout.width - 1.5), y: min(max($0.y, 1.5), layout.height - 1.5))
            }
            let depth = isMajor ? dice.real(0.7...1) : dice.real(0.6...1)
            return (
                .scratch(points: inside, width: width, depth: depth, dirt: dirt),
                [("um", width * 1000), ("length_mm", length), ("depth", depth)]
            )
        case .dust:
            let across = isMajor ? dice.real(0.5...1) : dice.real(0.2...0.4)
            let lobes = (0..<3).map { _ in dice.swing(0.3) }
            return (.dust(x: x, y: y, radius: across / 2, lobes: lobes, dirt: dirt), [("mm", across)])
        case .smudge:
            let depth = isMajor ? dice.real(0.2...0.4) : dice.real(0.07...0.12)
            let across = dice.real(2...5), down = dice.real(1.5...4)
            let colour = (Float(dice.real(0.5...1)), Float(dice.real(0.5...1)), Float(dice.real(0.5...1)))
            return (
                .smudge(x: x, y: y, across: across, down: down, depth: depth, colour: colour),
                [("share", depth), ("mm", across * 2)]
            )
        default:
            let depth = isMajor ? dice.real(0.2...0.4) : dice.real(0.09...0.14)
            let angle = dice.real(0...3.14)
            let width = dice.real(0.2...0.4)
            let lines = (0..<dice.int(2...4)).map { index in
                let away = (Double(index) - 1) * dice.real(1...2.2)
                return (
                    x: min(max(x - sine(angle) * away, 3), layout.width - 3),
                    y: min(max(y + cosine(angle) * away, 3), layout.height - 3), angle: angle + dice.swing(0.1),
                    length: dice.real(8...24)
                )
            }
            return (.wrinkle(lines: lines, width: width, depth: depth), [("share", depth), ("width_mm", width)])
        }
    }

    /// Resin that did not stick: a hole in a code.
    private func void(
        _ codes: [Layout.Place], _ size: ClosedRange<Double>, _ work: inout Work, _ dice: inout Dice
    ) {
        guard !codes.isEmpty else {
            work.isVisible = false
            return
        }
        let place = dice.pick(codes)
        let size = dice.real(size)
        let area = place.box.inset(place.box.height * 0.2)
        for _ in 0..<20 {
            let x = dice.real(area.x...area.x + area.width - size)
            let y = dice.real(area.y...area.y + max(area.height - size, 0.01))
            if bare(Box(x, y, size, size), &work) { break }
        }
        work.measures = [("mm", size)]
    }

    private func nick(_ size: ClosedRange<Double>, _ work: inout Work, _ dice: inout Dice) {
        guard let place = layout.places(work.side).first(where: { $0.kind == .mrz }) else { return }
        let zone = maker.people[work.person].content.zone
        let size = dice.real(size)
        let pitch = place.box.height / Double(zone.count)
        for _ in 0..<40 {
            let line = dice.int(0...zone.count - 1), column = dice.int(0...zone[line].count - 1)
            let x = place.box.x + 2.54 * (Double(column) + 0.5) + dice.swing(0.7)
            let y = place.box.y + pitch * (Double(line) + 0.5) + dice.swing(1)
            if bare(Box(x - size / 2, y - size / 2, size, size), &work) { break }
        }
        work.measures = [("mm", size)]
    }

    /// Takes the resin out of a round hole; false, and nothing is done, where there was hardly any.
    private func bare(_ box: Box, _ work: inout Work) -> Bool {
        guard var printed = work.printed else { return false }
        let (scale, origin) = (layout.dotsPerMM, layout.origin)
        let middle = (x: box.midX * scale + origin.x, y: box.midY * scale + origin.y), reach = box.width / 2 * scale
        var (hole, taken) = (0, 0)
        for y in Int(middle.y - reach)...Int(middle.y + reach) where y >= 0 && y < layout.dotsHigh {
            for x in Int(middle.x - reach)...Int(middle.x + reach) where x >= 0 && x < layout.dotsWide {
                let (dx, dy) = (Double(x) + 0.5 - middle.x, Double(y) + 0.5 - middle.y)
                guard dx * dx + dy * dy <= reach * reach else { continue }
                hole += 1
                if printed.resin[y * layout.dotsWide + x] > 128 { taken += 1 }
                printed.resin[y * layout.dotsWide + x] = 0
            }
        }
        guard taken * 2 > hole else { return false }
        work.printed = printed
        work.box = box.inset(-0.3)
        return true
    }

    func disturb(_ defect: Defect, _ work: inout Work, _ dice: inout Dice) {
        switch defect {
        case .focus:
            work.shot.defocus = dice.real(0.13...0.3)
            work.measures = [("blur_mm", work.shot.defocus)]
        case .dark: work.shot.exposure *= dice.real(0.05...0.16)
        case .bright: work.shot.exposure *= dice.real(2...3.5)
        case .glare:
            let places = layout.places(work.side)
            let box = places.isEmpty ? work.box : dice.pick(places).box
            let radius = dice.real(5...11)
            work.shot.glare = (box.midX, box.midY, radius, dice.real(1.2...3))
            work.box = Box(box.midX - radius, box.midY - radius, 2 * radius, 2 * radius).clipped(
                layout.width, layout.height)
            work.measures = [("radius_mm", radius)]
        default: work.isAbsent = true
        }
        if defect == .dark || defect == .bright { work.measures = [("exposure", work.shot.exposure)] }
    }
}
