import Ground

/// Who draws the documents of a cell: this module's own designs, or a product's, drawn by the program that draws them.
protocol DocumentPainter {
    var layout: Layout { get }

    /// Nil when it cannot be drawn (a font lacks a character, a text does not fit). `hidden`: fields that are not printed.
    func draw(_ content: Content, hidden: Set<String>) -> Drawing?
    /// What the mill printed, of a face's size.
    func stock(_ side: Side) -> Sheet
    /// Another series' stock.
    func otherStock(_ side: Side, _ dice: inout Dice) -> Sheet
}

/// A document as it is printed, and as it must look.
struct Drawing {
    let personal: [Side: SidePainter.Personal]
    let reference: [Side: Sheet]
}

struct OwnPainter: DocumentPainter {
    let layout: Layout

    func draw(_ content: Content, hidden: Set<String>) -> Drawing? {
        var personal: [Side: SidePainter.Personal] = [:]
        var reference: [Side: Sheet] = [:]
        for side in layout.sides {
            let painter = SidePainter(layout: layout, side: side)
            guard let one = painter.personal(content, hidden: hidden) else { return nil }
            let stock = painter.stock(scale: layout.dotsPerMM, width: layout.dotsWide, height: layout.dotsHigh)
            personal[side] = one
            reference[side] = SidePainter.reference(stock: stock, one)
        }
        return Drawing(personal: personal, reference: reference)
    }

    func stock(_ side: Side) -> Sheet {
        let size = CardFace.size(layout)
        return SidePainter(layout: layout, side: side).stock(
            scale: CardFace.scale(layout.width), width: size.width, height: size.height)
    }

    func otherStock(_ side: Side, _ dice: inout Dice) -> Sheet {
        let size = CardFace.size(layout)
        return SidePainter(layout: layout, side: side).mill(
            scale: CardFace.scale(layout.width), width: size.width, height: size.height,
            StockStyle(&dice, side: side))
    }
}
