import Foundation
public import Ground

/// Makes a cell's captures: a design, some people, one camera. Everything follows from the plan's seed and the cell's number.
public struct CellMaker {
    let plan: DefectPlan
    let cell: Int
    let painter: any DocumentPainter
    let rig: Rig
    let people: [Document]
    let tone: Double
    let tint: Colour
    /// Light from full resin and full dye, which are this printer's and its ribbon's.
    let black: (resin: Double, dye: Double)
    private let dice: Dice

    /// A person's document on this design: what is true of them, and how it is drawn.
    struct Document {
        let content: Content
        let drawing: Drawing
        /// Of a portrait that is painted here.
        let face: FacePainter?

        func personal(_ side: Side) -> SidePainter.Personal? { drawing.personal[side] }
    }

    /// Name of the cell, and of its folder.
    public var name: String {
        let digits = String(cell)
        return (plan.space == .test ? "T" : "D") + "\(plan.seed)-"
            + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    var layout: Layout { painter.layout }

    /// `drawnBy`: the program that draws the products' documents, for a plan with them.
    public init(_ plan: DefectPlan, cell: Int, drawnBy: String? = nil) throws(SakkError) {
        self.plan = plan
        self.cell = cell
        let dice = plan.space.dice(plan.seed, "cell \(cell)")
        self.dice = dice
        let design = plan.design(cell)
        if design.isProduct {
            var seed = dice.apart("records")
            let painter = try ProductPainter(
                program: drawnBy ?? "sakk", product: design.isPassport ? "iq-passport-regular" : "iq-national-id",
                seed: seed.next(), isPassport: design.isPassport)
            people = try Self.people(painter)
            self.painter = painter
        } else {
            (painter, people) = Self.own(dice, isPassport: design.isPassport)
        }
        rig = Rig(dice.apart("rig"), widthMM: painter.layout.width, heightMM: painter.layout.height)
        var own = dice.apart("card")
        tone = rig.tone
        black = (own.real(0.012...0.045), own.real(0.01...0.035))
        let white = own.real(0.88...0.96)
        tint = Colour(white * own.real(0.985...1.01), white, white * own.real(0.96...1.01))
    }

    /// Designs until one can be drawn for four people.
    private static func own(_ dice: Dice, isPassport: Bool) -> (any DocumentPainter, [Document]) {
        var attempt = 0
        while true {
            let painter = OwnPainter(layout: LayoutMaker.make(dice.apart("layout \(attempt)"), isPassport: isPassport))
            let people = (0..<4).compactMap { number -> Document? in
                var dice = dice.apart("person \(attempt) \(number)")
                let person = Person(&dice, isPassport: isPassport)
                let face = FacePainter(person.face)
                let content = Content(
                    person, layout: painter.layout, portrait: portrait(face, painter.layout))
                return painter.draw(content, hidden: []).map { Document(content: content, drawing: $0, face: face) }
            }
            if people.count == 4 { return (painter, people) }
            attempt += 1
        }
    }

    private static func people(_ painter: ProductPainter) throws(SakkError) -> [Document] {
        var people: [Document] = []
        for record in painter.records {
            guard let portrait = painter.portrait(of: record) else { continue }
            let content = Content(
                record: record, texts: painter.values(of: record), lines: painter.layout.isPassport ? 2 : 3,
                portrait: portrait)
            guard let drawing = painter.draw(content, hidden: []) else { continue }
            people.append(Document(content: content, drawing: drawing, face: nil))
        }
        guard people.count == 4 else {
            throw SakkError(
                "defects.product", source: "records", text: "A product's record could not be drawn.",
                remedy: "Draw it with `sakk art render` to see why.")
        }
        return people
    }

    static func portrait(_ face: FacePainter, _ layout: Layout) -> Sheet {
        let box = layout.places.first { $0.kind == .portrait }?.box ?? Box(0, 0, 3, 4)
        return face.paint(width: 420, ratio: box.height / box.width)
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
}
