import CPangoCairo
import Ground

/// The two layers of a side: what the mill printed, and what the printer lays on it.
struct SidePainter {
    let layout: Layout
    let side: Side

    /// The personal print: what is mixed of the dyes on white, and the resin, 255 full.
    struct Personal: Sendable {
        var colour: Sheet
        var resin: Bytes
    }

    func stock(scale: Double, width: Int, height: Int) -> Sheet {
        guard !layout.isGroundPrinted else { return Sheet(width: width, height: height, grey: 255) }
        return mill(scale: scale, width: width, height: height, layout.stocks[side])
    }

    func mill(scale: Double, width: Int, height: Int, _ style: StockStyle?) -> Sheet {
        let board = Sketch(width: width, height: height, scale: scale)
        style?.paint(board, layout, side)
        return board.sheet()
    }

    /// `hidden`: fields that are not printed. Nil when a font lacks a character.
    func personal(_ content: Content, hidden: Set<String> = []) -> Personal? {
        let (width, height, dots) = (layout.dotsWide, layout.dotsHigh, layout.dotsPerMM)
        let colour = Sketch(width: width, height: height, scale: dots)
        let resin = Sketch(width: width, height: height, scale: dots, isCoverage: true)
        if layout.isGroundPrinted { layout.stocks[side]?.paint(colour, layout, side) }
        for place in layout.places(side) where !hidden.contains(place.name) {
            let board = place.isResin ? resin : colour
            board.ink(place.colour)
            switch place.kind {
            case .text:
                guard board.text(content.texts[place.name] ?? "", in: place.box, place.type) else { return nil }
            case .mrz: zone(content.zone, in: place.box, on: board)
            case .portrait: colour.lay(content.portrait, in: place.box)
            case .ghost: colour.lay(content.portrait, in: place.box, alpha: place.alpha)
            case .qr, .pdf417, .code39, .datamatrix:
                guard code(content.codes[place.name] ?? "", place, on: board) else { return nil }
            }
        }
        var laid = resin.coverage()
        if layout.isBilevel {
            for index in laid.indices { laid[index] = laid[index] >= 128 ? 255 : 0 }
        }
        return Personal(colour: colour.sheet(), resin: laid)
    }

    private func zone(_ lines: [String], in box: Box, on board: Sketch) {
        let pitch = box.height / Double(lines.count)
        for (row, line) in lines.enumerated() {
            // a capital of OCR-B size 1 is 2.4 mm high; its middle is the middle of the line
            let baseline = box.y + pitch * (Double(row) + 0.5) + 1.2
            for (column, character) in line.enumerated() {
                board.glyph(
                    String(character), family: "OCR B", advance: 2.54, centre: box.x + 2.54 * (Double(column) + 0.5),
                    baseline: baseline)
            }
        }
    }

    /// Each module a whole number of dots.
    private func code(_ text: String, _ place: Layout.Place, on board: Sketch) -> Bool {
        guard let kind = place.kind.symbol else { return false }
        let quiet = Symbol.quiet(kind)
        let across = Int(place.box.width * layout.dotsPerMM), down = Int(place.box.height * layout.dotsPerMM)
        // a narrower symbol is taller: the one with the widest modules that fits
        var best: (symbol: Symbol, dots: Int, tall: Int)?
        for columns in Int32(2)...8 {
            guard let symbol = Symbol(kind, Bytes(text.utf8), columns: columns) else { continue }
            let wide = across / (symbol.width + 2 * quiet.across)
            let tall: Int
            switch kind {
            case .code39: tall = down
            case .pdf417: tall = min(down / (symbol.rows + 2 * quiet.down), wide * 4)
            default: tall = min(wide, down / (symbol.rows + 2 * quiet.down))
            }
            let dots = kind == .code39 ? wide : kind == .pdf417 ? min(wide, tall / 2) : tall
            if dots > best?.dots ?? 2 { best = (symbol, dots, kind == .qr || kind == .datamatrix ? dots : tall) }
            if kind != .pdf417 { break }
        }
        guard let best else { return false }
        let left = Int((place.box.x * layout.dotsPerMM).rounded()) + (across - best.symbol.width * best.dots) / 2
        let top = Int((place.box.y * layout.dotsPerMM).rounded()) + (down - best.symbol.rows * best.tall) / 2
        cairo_save(board.context)
        cairo_identity_matrix(board.context)
        cairo_set_antialias(board.context, CAIRO_ANTIALIAS_NONE)
        for row in 0..<best.symbol.rows {
            for column in 0..<best.symbol.width where best.symbol.dark[row * best.symbol.width + column] {
                cairo_rectangle(
                    board.context, Double(left + column * best.dots), Double(top + row * best.tall), Double(best.dots),
                    Double(best.tall))
            }
        }
        cairo_fill(board.context)
        cairo_restore(board.context)
        return true
    }

    /// The side as it must look: stock, dyes, resin.
    static func reference(stock: Sheet, _ personal: Personal) -> Sheet {
        var sheet = stock
        sheet.rgb.withUnsafeMutableBufferPointer { target in
            personal.colour.rgb.withUnsafeBufferPointer { colour in
                personal.resin.withUnsafeBufferPointer { resin in
                    for pixel in 0..<resin.count {
                        let clear = 255 - Int(resin[pixel])
                        for channel in 0..<3 {
                            let index = pixel * 3 + channel
                            target[index] = UInt8((Int(target[index]) * Int(colour[index]) * clear + 32512) / 65025)
                        }
                    }
                }
            }
        }
        return sheet
    }
}
