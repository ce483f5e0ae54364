import Foundation
public import Ground

/// Makes a cell's captures: a design, some people, one camera. Everything follows from the plan's seed and the cell's number.
public struct CellMaker {
    let plan: DefectPlan
    let cell: Int
    let layout: Layout
    let rig: Rig
    let people: [Document]
    let tone: Double
    let tint: Colour
    /// Light from full resin and full dye, which are this printer's and its ribbon's.
    let black: (resin: Double, dye: Double)
    private let dice: Dice

    /// A person's document on this design: what is true of them, and how it is drawn.
    struct Document {
        let person: Person
        let face: FacePainter
        let content: Content
        let personal: [Side: SidePainter.Personal]
    }

    /// Name of the cell, and of its folder.
    public var name: String {
        let digits = String(cell)
        return (plan.space == .test ? "T" : "D") + "\(plan.seed)-"
            + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    public init(_ plan: DefectPlan, cell: Int) {
        self.plan = plan
        self.cell = cell
        let dice = plan.space.dice(plan.seed, "cell \(cell)")
        self.dice = dice
        let isPassport = DefectPlan.isPassport(cell)
        var attempt = 0
        while true {
            let layout = LayoutMaker.make(dice.apart("layout \(attempt)"), isPassport: isPassport)
            let people = (0..<4).compactMap { Self.document(dice.apart("person \(attempt) \($0)"), layout) }
            attempt += 1
            guard people.count == 4 else { continue }
            self.layout = layout
            self.people = people
            break
        }
        rig = Rig(dice.apart("rig"), widthMM: layout.width, heightMM: layout.height)
        var own = dice.apart("card")
        tone = rig.tone
        black = (own.real(0.012...0.045), own.real(0.01...0.035))
        let white = own.real(0.88...0.96)
        tint = Colour(white * own.real(0.985...1.01), white, white * own.real(0.96...1.01))
    }

    private static func document(_ given: Dice, _ layout: Layout) -> Document? {
        var dice = given
        let person = Person(&dice, isPassport: layout.isPassport)
        let face = FacePainter(person.face)
        let content = Content(person, layout: layout, portrait: portrait(face, layout))
        guard let personal = draw(content, layout) else { return nil }
        return Document(person: person, face: face, content: content, personal: personal)
    }

    static func portrait(_ face: FacePainter, _ layout: Layout) -> Sheet {
        let box = layout.places.first { $0.kind == .portrait }?.box ?? Box(0, 0, 3, 4)
        return face.paint(width: 420, ratio: box.height / box.width)
    }

    static func draw(_ content: Content, _ layout: Layout) -> [Side: SidePainter.Personal]? {
        var drawn: [Side: SidePainter.Personal] = [:]
        for side in layout.sides {
            guard let one = SidePainter(layout: layout, side: side).personal(content) else { return nil }
            drawn[side] = one
        }
        return drawn
    }

    /// Writes the cell below a folder: `NAME/fields.json`, `NAME/jobs.jsonl`, the pictures, and apart `labels/NAME.jsonl`.
    public func make(in folder: String) throws(SakkError) {
        var writer = try CellWriter(self, folder: folder)
        var studio = Studio(self)
        for (index, item) in plan.cells[cell].enumerated() {
            let take = studio.take(item, dice.apart("job \(index)"))
            try writer.write(take, item, index)
        }
        try writer.finish()
    }

    var cards: Dice { dice.apart("cards") }
}

extension CellMaker {
    /// The mill's print as the reference shows it.
    func referenceStock(_ side: Side) -> Sheet {
        SidePainter(layout: layout, side: side).stock(
            scale: layout.dotsPerMM, width: layout.dotsWide, height: layout.dotsHigh)
    }
}
