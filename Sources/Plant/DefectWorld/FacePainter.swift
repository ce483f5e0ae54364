import CPangoCairo
import Ground

/// A portrait of nobody. Every measure of the face is a number from the seed, so a look-alike is a face of other numbers
/// with the same hair, coat and ground.
struct FacePainter {
    private var skin, hair, coat, ground: Colour
    private var half, length, eyes, eyeSize, brow, nose, mouth, lips, jaw, ears: Double
    private var beard, moustache, fringe: Double
    private var isVeiled: Bool
    private var glasses: Bool
    private let grain: UInt64
    private let isGrey: Bool

    init(_ seed: UInt64) {
        var dice = Dice(seed)
        let tone = dice.real(0.35...0.92)
        skin = Colour(0.36 + 0.56 * tone, 0.24 + 0.52 * tone, 0.16 + 0.50 * tone)
        hair = Colour.hue(dice.real(10...40), dice.real(0.1...0.6), dice.real(0.06...0.38))
        coat = Colour.hue(dice.real(0...360), dice.real(0.05...0.6), dice.real(0.15...0.8))
        ground = Colour.hue(dice.real(0...360), dice.real(0...0.25), dice.real(0.72...0.98))
        half = dice.real(0.19...0.245)
        length = dice.real(0.27...0.34)
        eyes = dice.real(0.075...0.105)
        eyeSize = dice.real(0.026...0.04)
        brow = dice.real(-0.02...0.02)
        nose = dice.real(0.085...0.135)
        mouth = dice.real(0.06...0.1)
        lips = dice.real(0.01...0.026)
        jaw = dice.real(0.7...1)
        ears = dice.real(0.03...0.05)
        isVeiled = dice.chance(0.3)
        beard = dice.chance(0.4) && !isVeiled ? dice.real(0.2...0.85) : 0
        moustache = dice.chance(0.35) && !isVeiled ? dice.real(0.4...0.95) : 0
        fringe = dice.real(0.1...0.2)
        glasses = dice.chance(0.15)
        grain = dice.next()
        isGrey = dice.chance(0.12)
    }

    /// Same hair, coat, ground and light; another face.
    func lookAlike(_ dice: inout Dice) -> FacePainter {
        var other = self
        func move(_ value: inout Double, _ size: Double) {
            value += (dice.chance(0.5) ? 1 : -1) * dice.real(0.5...1) * size
        }
        move(&other.eyes, 0.011)
        move(&other.eyeSize, 0.006)
        move(&other.brow, 0.014)
        move(&other.nose, 0.022)
        move(&other.mouth, 0.016)
        move(&other.lips, 0.006)
        move(&other.length, 0.016)
        return other
    }

    /// `width` pixels across, `ratio` as tall as wide.
    func paint(width: Int, ratio: Double) -> Sheet {
        let height = Int((Double(width) * ratio).rounded())
        let board = Sketch(width: width, height: height, scale: Double(width))
        let bottom = ratio
        let (x, y) = (0.5, ratio * 0.44)
        board.gradient(0, 0, 0.3, bottom, [(0, ground.toward(.white, 0.3), 1), (1, ground.toward(.black, 0.12), 1)])
        cairo_paint(board.context)
        paintBody(board, x, y, bottom)
        if !isVeiled {
            board.ink(hair)
            board.ellipse(x, y - 0.06, half + 0.035, length + 0.015)
            cairo_fill(board.context)
        }
        for side in [-1.0, 1] {
            board.ink(skin.toward(.black, 0.12))
            board.ellipse(x + side * half, y + 0.01, ears * 0.6, ears)
            cairo_fill(board.context)
        }
        board.glow(
            x - 0.06, y - 0.08, 0.5,
            [(0, skin.toward(.white, 0.22), 1), (0.6, skin, 1), (1, skin.toward(.black, 0.4), 1)])
        board.ellipse(x, y, half, length)
        cairo_fill(board.context)
        board.ellipse(x, y + length * 0.45, half * jaw, length * 0.6)
        cairo_fill(board.context)
        paintFeatures(board, x, y)
        paintHead(board, x, y)
        var sheet = board.sheet()
        finish(&sheet)
        return sheet
    }

    private func paintBody(_ board: Sketch, _ x: Double, _ y: Double, _ bottom: Double) {
        board.ink(skin.toward(.black, 0.22))
        board.fill(Box(x - 0.1, y + length * 0.6, 0.2, 0.32), skin.toward(.black, 0.22))
        board.gradient(
            0.1, bottom * 0.7, 0.9, bottom, [(0, coat.toward(.white, 0.12), 1), (1, coat.toward(.black, 0.3), 1)])
        board.ellipse(x, bottom + 0.1, 0.47, 0.36)
        cairo_fill(board.context)
        board.ink(.white, 0.85)
        board.line([(x - 0.07, bottom - 0.24), (x, bottom - 0.14), (x + 0.07, bottom - 0.24)], width: 0.02)
    }

    private func paintFeatures(_ board: Sketch, _ x: Double, _ y: Double) {
        for side in [-1.0, 1] {
            let eye = x + side * eyes
            board.glow(eye, y - 0.03, 0.07, [(0, skin.toward(.black, 0.35), 0.7), (1, skin, 0)])
            board.ellipse(eye, y - 0.03, 0.07, 0.05)
            cairo_fill(board.context)
            board.ink(Colour(0.96, 0.95, 0.93))
            board.ellipse(eye, y - 0.025, eyeSize, eyeSize * 0.5)
            cairo_fill(board.context)
            board.ink(hair.toward(.black, 0.4))
            board.ellipse(eye, y - 0.025, eyeSize * 0.42, eyeSize * 0.46)
            cairo_fill(board.context)
            board.ink(hair.toward(.black, 0.3), 0.9)
            board.line(
                [(eye - 0.045, y - 0.075 + side * brow), (eye, y - 0.088), (eye + 0.045, y - 0.075 - side * brow)],
                width: 0.014)
        }
        board.ink(skin.toward(.black, 0.3), 0.8)
        board.line([(x - 0.008, y - 0.02), (x - 0.022, y - 0.02 + nose), (x + 0.02, y - 0.015 + nose)], width: 0.009)
        board.ink(Colour(0.62, 0.3, 0.28).toward(skin, 0.35))
        board.ellipse(x, y + 0.165, mouth, lips)
        cairo_fill(board.context)
        board.ink(Colour(0.3, 0.12, 0.12), 0.7)
        board.line([(x - mouth, y + 0.165), (x, y + 0.17), (x + mouth, y + 0.165)], width: 0.005)
        if glasses {
            board.ink(.black, 0.85)
            for side in [-1.0, 1] {
                board.ellipse(x + side * eyes, y - 0.025, 0.062, 0.045)
                cairo_set_line_width(board.context, 0.007)
                cairo_stroke(board.context)
            }
        }
    }

    private func paintHead(_ board: Sketch, _ x: Double, _ y: Double) {
        if beard > 0 {
            board.glow(x, y + length * 0.75, half * 1.1, [(0, hair, beard), (0.7, hair, beard * 0.8), (1, hair, 0)])
            board.ellipse(x, y + length * 0.72, half * jaw, length * 0.36)
            cairo_fill(board.context)
            board.ink(Colour(0.6, 0.3, 0.28).toward(skin, 0.3))
            board.ellipse(x, y + 0.165, mouth, lips)
            cairo_fill(board.context)
        }
        if moustache > 0 {
            board.ink(hair, moustache)
            board.ellipse(x, y + 0.14, mouth * 1.05, 0.014)
            cairo_fill(board.context)
        }
        if isVeiled {
            board.gradient(0.2, 0, 0.8, 1, [(0, coat.toward(.white, 0.3), 1), (1, coat.toward(.black, 0.25), 1)])
            board.ellipse(x, y + 0.03, half + 0.1, length + 0.13)
            cairo_new_sub_path(board.context)
            board.ellipse(x, y + 0.02, half * 0.93, length * 0.93)
            cairo_set_fill_rule(board.context, CAIRO_FILL_RULE_EVEN_ODD)
            cairo_fill(board.context)
            cairo_set_fill_rule(board.context, CAIRO_FILL_RULE_WINDING)
        } else {
            board.gradient(0, y - length, 0, y, [(0, hair.toward(.white, 0.15), 1), (1, hair, 1)])
            board.ellipse(x, y - length * 0.78, half * 0.98, fringe)
            cairo_fill(board.context)
        }
    }

    /// Grain of a photograph, softness, a little unevenness of the skin.
    private func finish(_ sheet: inout Sheet) {
        var state = grain
        let width = sheet.width
        for pixel in 0..<width * sheet.height {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let noise = Double(Int64(bitPattern: state) >> 40) / Double(1 << 23) * 5
            let (x, y) = (Double(pixel % width) / Double(width), Double(pixel / width) / Double(width))
            let slow = 4 * sine(x * 23 + Double(grain & 63)) * sine(y * 19 + Double(grain >> 8 & 63))
            for channel in 0..<3 {
                let value = Double(sheet.rgb[pixel * 3 + channel]) + noise + slow
                sheet.rgb[pixel * 3 + channel] = UInt8(max(0, min(255, value)))
            }
            if isGrey {
                let sum =
                    Int(sheet.rgb[pixel * 3]) * 3 + Int(sheet.rgb[pixel * 3 + 1]) * 6 + Int(sheet.rgb[pixel * 3 + 2])
                for channel in 0..<3 { sheet.rgb[pixel * 3 + channel] = UInt8(sum / 10) }
            }
        }
    }
}
