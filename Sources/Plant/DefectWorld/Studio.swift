import Ground

/// What a job is made of before it is written.
struct Take {
    let side: Side
    let person: Int
    /// Nil: the person's own.
    var reference: Sheet?
    var capture: Sheet
    /// Whether the job says what is signed.
    var isSigned: Bool
    var isVisible = true
    var box: Box
    /// What was done, in the unit that each name says.
    var measures: [(name: String, value: Double)] = []
}

/// Takes a cell's pictures, one after another.
struct Studio {
    let maker: CellMaker
    private var stocks: [Side: Sheet] = [:]

    /// One print on its way to the camera.
    struct Work {
        var side: Side
        var person: Int
        var printed: SidePainter.Personal?
        var reference: Sheet?
        /// The document as it is drawn with a change.
        var changed: Drawing?
        var press: Press
        /// What the press would have done without its fault.
        var sound: Press
        var shot: Shot
        var stock: Sheet
        var seed: UInt64
        var box: Box
        var isVisible: Bool?
        var isAbsent = false
        var needsSigned = false
        var measures: [(name: String, value: Double)] = []
        /// After the print, on the card itself.
        var after: ((inout CardFace, inout Work) -> Void)?
    }

    init(_ maker: CellMaker) {
        self.maker = maker
        for side in maker.layout.sides { stocks[side] = maker.painter.stock(side) }
    }

    var layout: Layout { maker.layout }

    mutating func take(_ item: DefectPlan.Item, _ given: Dice) -> Take {
        var dice = given
        let person = dice.int(0...maker.people.count - 1)
        let side = side(for: item.defect, &dice)
        var press = Press(&dice)
        (press.resinLight, press.dyeLight) = maker.black
        var work = Work(
            side: side, person: person, printed: maker.people[person].personal(side), press: press, sound: press,
            shot: Shot(maker.rig, &dice), stock: stocks[side] ?? Sheet(width: 1, height: 1, grey: 255),
            seed: dice.next(),
            box: Box(0, 0, layout.width, layout.height))
        let clean = work.printed
        if let defect = item.defect {
            let isMajor = item.severity == .major
            switch defect.group {
            case .identity: changeIdentity(defect, &work, &dice)
            case .print: spoil(defect, isMajor: isMajor, &work, &dice)
            case .picture: disturb(defect, &work, &dice)
            }
        }
        let capture = expose(&work, clean: item.defect?.group == .picture ? nil : clean, isGood: item.defect == nil)
        return Take(
            side: work.side, person: person, reference: work.reference, capture: capture,
            isSigned: work.needsSigned || dice.chance(0.8), isVisible: work.isVisible ?? true, box: work.box,
            measures: work.measures)
    }

    private func expose(_ work: inout Work, clean: SidePainter.Personal?, isGood: Bool) -> Sheet {
        guard !work.isAbsent else { return Exposure(nil, rig: maker.rig, shot: work.shot).take() }
        var face = print(work.printed, work.press, work)
        if let after = work.after { after(&face, &work) }
        if !isGood, work.isVisible == nil, let clean {
            var sound = work
            if let stock = stocks[work.side] { sound.stock = stock }
            let seen = Visibility(
                print(clean, work.sound, sound), face, box: Box(0, 0, layout.width, layout.height), rig: maker.rig)
            work.isVisible = seen.isVisible
            work.measures += [("levels", seen.levels), ("visible_mm2", seen.area)]
        }
        return Exposure(face, rig: maker.rig, shot: work.shot).take()
    }

    func print(_ personal: SidePainter.Personal?, _ press: Press, _ work: Work) -> CardFace {
        press.print(
            personal, on: work.stock, layout: layout, tone: maker.tone, tint: maker.tint, seed: work.seed)
    }

    /// A side on which the defect can be.
    private func side(for defect: Defect?, _ dice: inout Dice) -> Side {
        guard layout.sides.count > 1 else { return .front }
        switch defect {
        case .zoneCharacter, .agreeZone, .zoneNick, .codeContent, .agreeCode, .codeVoid: return .back
        case .portraitOther, .portraitAlike, .agreePortrait: return .front
        case .panelMissing, .panelPart, .panelWeak, .registrationPanel, .colour:
            return layout.isGroundPrinted && dice.chance(0.3) ? .back : .front
        default: return dice.chance(0.5) ? .front : .back
        }
    }

    func stock(_ side: Side) -> Sheet? { stocks[side] }
}
