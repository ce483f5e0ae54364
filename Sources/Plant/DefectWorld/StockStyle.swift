import CPangoCairo

/// What the mill printed: ground, guilloche, emblem, a band at the top.
struct StockStyle: Sendable {
    private enum Ground: CaseIterable { case plain, fade, rays, lines }

    private let ground: Ground
    private let first, second, wave, band: Colour
    private let hasBand: Bool
    private let curves: Int
    private let curveWidth, swing, turns, phase, emblem: Double
    private let isDarkBand: Bool

    init(_ dice: inout Dice, side: Side) {
        ground = dice.pick(Ground.allCases)
        let hue = dice.real(0...360)
        first = Colour.hue(hue, dice.real(0.02...0.2), dice.real(0.92...1))
        second = Colour.hue(dice.real(0...360), dice.real(0.04...0.26), dice.real(0.88...0.99))
        wave = Colour.hue(hue + dice.real(-60...60), dice.real(0.2...0.6), dice.real(0.6...0.9))
        hasBand = side == .front && dice.chance(0.7)
        isDarkBand = dice.chance(0.6)
        band =
            isDarkBand
            ? Colour.hue(hue, dice.real(0.4...0.9), dice.real(0.25...0.6)) : Colour.hue(hue, dice.real(0.2...0.4), 0.9)
        curves = dice.chance(0.25) ? 0 : dice.int(12...50)
        curveWidth = dice.real(0.06...0.16)
        swing = dice.real(1.5...7)
        turns = dice.real(1...6)
        phase = dice.real(0...6)
        emblem = dice.chance(0.5) ? dice.real(7...13) : 0
    }

    var bandText: Colour { hasBand && isDarkBand ? .white : Colour(0.15, 0.15, 0.2) }

    func paint(_ board: Sketch, _ layout: Layout, _ side: Side) {
        let (width, height) = (layout.width, layout.height)
        let whole = Box(-1, -1, width + 2, height + 2)
        switch ground {
        case .plain: board.fill(whole, first)
        case .fade:
            board.gradient(0, 0, width, height, [(0, first, 1), (1, second, 1)])
            cairo_paint(board.context)
        case .rays:
            board.glow(width * 0.6, height * 0.5, width * 0.7, [(0, second, 1), (1, first, 1)])
            cairo_paint(board.context)
        case .lines:
            board.fill(whole, first)
            board.ink(second, 0.9)
            for index in stride(from: -height, to: width, by: 1.4) {
                board.line([(index, 0), (index + height, height)], width: 0.5)
            }
        }
        for curve in 0..<curves {
            let base = height * (Double(curve) + 0.5) / Double(curves)
            board.ink(wave, 0.55)
            board.line(
                stride(from: -1.0, through: width + 1, by: 0.7).map { x in
                    let angle = x / width * turns * 6.283 + phase + Double(curve) * 0.21
                    return (x, base + swing * sine(angle) * cosine(x * 0.05 + Double(curve) * 0.13))
                }, width: curveWidth)
        }
        if emblem > 0 {
            board.ink(wave, 0.5)
            for ring in 0..<24 {
                let angle = Double(ring) * 6.283 / 24
                board.ellipse(
                    width * 0.55 + cosine(angle) * emblem * 0.4, height * 0.55 + sine(angle) * emblem * 0.4,
                    emblem * 0.6,
                    emblem * 0.6)
                cairo_set_line_width(board.context, 0.09)
                cairo_stroke(board.context)
            }
        }
        if hasBand {
            let tall = (layout.places(side).map(\.box.y).min() ?? 9) - 1.5
            board.fill(Box(-1, -1, width + 2, min(tall, 10) + 1), band)
        }
        for place in layout.places(side)
        where place.kind.symbol != nil || (place.kind == .portrait && layout.hasWindow) {
            board.fill(place.box, .white)
        }
        for label in layout.labels where label.side == side {
            board.ink(label.colour)
            board.text(label.text, in: label.box, label.type)
        }
    }
}
