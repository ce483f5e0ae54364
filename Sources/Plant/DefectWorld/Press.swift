import Ground

/// A ribbon's panels, as a printer of cards lays them.
enum Panel: String, Sendable, CaseIterable { case yellow, magenta, cyan, black }

/// How the printer prints on this day: what is never quite the same, and what is wrong with it.
struct Press: Sendable {
    /// Density of each panel against what it should be: 1 is right.
    var density: [Panel: Double] = [:]
    /// Where the print lies against where it belongs, mm; and turned, in radians.
    var shift = (x: 0.0, y: 0.0)
    var turn = 0.0
    var stretch = 1.0
    /// A panel against the print, mm.
    var register: [Panel: (x: Double, y: Double)] = [:]
    /// Spread of a dot's density, and of a row's.
    var grain = 0.012
    var banding = 0.004
    /// Light that the next dye takes, besides its own third.
    var crosstalk = 0.03
    /// Light that comes back from full resin and from full dye.
    var resinLight = 0.045
    var dyeLight = 0.03
    var faults: [Fault] = []

    enum Fault: Sendable {
        /// A panel that is weak (or with 0 missing) in a part of the side, or in all of it.
        case weak(Set<Panel>, factor: Double, area: Box?)
        /// A heating element that gives only `1 - strength` of its heat: a line along the card at `y`, or with
        /// `isUpright` at x, of this width in mm.
        case deadLine(Set<Panel>, at: Double, width: Double, strength: Double, isUpright: Bool)
    }

    init(_ dice: inout Dice) {
        for panel in Panel.allCases { density[panel] = 1 + dice.swing(panel == .black ? 0.01 : 0.025) }
        shift = (dice.swing(0.15), dice.swing(0.15))
        turn = dice.swing(0.0012)
        stretch = 1 + dice.swing(0.0008)
        for panel in Panel.allCases { register[panel] = (dice.swing(0.025), dice.swing(0.025)) }
        grain = dice.real(0.004...0.02)
        banding = dice.real(0...0.006)
        crosstalk = dice.real(0...0.05)
    }

    /// Prints a side. `tone`: power from the picture's levels to light. `stock` has the face's size.
    func print(
        _ personal: SidePainter.Personal?, on stock: Sheet, layout: Layout, tone: Double, tint: Colour, seed: UInt64
    )
        -> CardFace
    {
        var face = CardFace(stock: stock, width: layout.width, height: layout.height, tone: tone, tint: tint)
        guard let personal else { return face }
        for panel in Panel.allCases {
            let dots = dots(of: panel, personal, layout: layout, tone: tone, seed: seed)
            lay(dots, panel, layout: layout, on: &face)
        }
        return face
    }

    /// Share of light that each dot of a panel lets through.
    private func dots(
        of panel: Panel, _ personal: SidePainter.Personal, layout: Layout, tone: Double, seed: UInt64
    ) -> [Float] {
        let (width, height) = (layout.dotsWide, layout.dotsHigh)
        let gain = density[panel] ?? 1
        let table = (0...255).map { level -> Float in
            let share = Double(level) / 255
            guard panel != .black else { return Float(power(1 - (1 - resinLight) * share, gain)) }
            return Float(power(dyeLight + (1 - dyeLight) * power(share, tone), gain))
        }
        var dots = [Float](repeating: 1, count: width * height)
        let offset = panel == .cyan ? 0 : panel == .magenta ? 1 : 2
        let noise = Noise(seed ^ UInt64(panel.rawValue.utf8.first ?? 0))
        let grain = Float(self.grain), banding = Float(self.banding)
        dots.withUnsafeMutableBufferPointer { dots in
            for y in 0..<height {
                let row = noise.normal(y &* 7919) * banding
                for x in 0..<width {
                    let index = y * width + x
                    let level =
                        panel == .black ? Int(personal.resin[index]) : Int(personal.colour.rgb[index * 3 + offset])
                    let light = table[level]
                    if light < 0.999 {
                        let speck = panel == .black ? 0 : (noise.normal(index) * grain + row) * (1 - light)
                        dots[index] = max(0.01, light + speck)
                    }
                }
            }
        }
        for fault in faults { spoil(&dots, fault, panel, layout) }
        return dots
    }

    private func spoil(_ dots: inout [Float], _ fault: Fault, _ panel: Panel, _ layout: Layout) {
        let (width, height, scale) = (layout.dotsWide, layout.dotsHigh, layout.dotsPerMM)
        let origin = layout.origin
        switch fault {
        case .weak(let panels, let factor, let area):
            guard panels.contains(panel) else { return }
            let box = area ?? Box(-2, -2, layout.width + 4, layout.height + 4)
            let table = (0...1024).map { Float(factor == 0 ? 1 : power(max(Double($0) / 1024, 0.0005), factor)) }
            for y in max(
                0, Int(box.y * scale + origin.y))..<min(
                    height, Int(((box.y + box.height) * scale + origin.y).rounded()))
            {
                for x in max(
                    0, Int(box.x * scale + origin.x))..<min(
                        width, Int(((box.x + box.width) * scale + origin.x).rounded()))
                {
                    let index = y * width + x
                    dots[index] = table[Int(min(max(dots[index], 0), 1) * 1024)]
                }
            }
        case .deadLine(let panels, let at, let wide, let strength, let isUpright):
            guard panels.contains(panel) else { return }
            let first = isUpright ? origin.x : origin.y
            let from = (at - wide / 2) * scale + first, to = (at + wide / 2) * scale + first
            for line in Int(from)...Int(to) where line >= 0 && line < (isUpright ? width : height) {
                let share = Float((min(to, Double(line + 1)) - max(from, Double(line))) * strength)
                guard share > 0 else { continue }
                for step in 0..<(isUpright ? height : width) {
                    let index = isUpright ? step * width + line : line * width + step
                    dots[index] += (1 - dots[index]) * share
                }
            }
        }
    }

    /// Puts a panel's dots on the face: a dot is a little square, softened where it falls between pixels.
    private func lay(_ dots: [Float], _ panel: Panel, layout: Layout, on face: inout CardFace) {
        let (wide, high) = (layout.dotsWide, layout.dotsHigh)
        let own = register[panel] ?? (0, 0)
        let step = layout.dotsPerMM / CardFace.scale(layout.width) / stretch
        let (c, s) = (Float(cosine(turn) * step), Float(sine(turn) * step))
        let middle = (x: layout.width / 2, y: layout.height / 2)
        let scale = CardFace.scale(layout.width)
        // the place of pixel (0, 0) among the dots
        let dx = 0.5 / scale - middle.x - shift.x - own.x, dy = 0.5 / scale - middle.y - shift.y - own.y
        let grow = layout.dotsPerMM / stretch
        let left = Float(
            (dx * cosine(turn) + dy * sine(turn)) * grow + middle.x * layout.dotsPerMM + layout.origin.x - 0.5)
        let top = Float(
            (dy * cosine(turn) - dx * sine(turn)) * grow + middle.y * layout.dotsPerMM + layout.origin.y - 0.5)
        let cross = Float(crosstalk)
        let (width, height) = (face.width, face.height)
        dots.withUnsafeBufferPointer { dots in
            face.withPlanes { red, green, blue in
                for y in 0..<height {
                    var u = left + s * Float(y)
                    var v = top + c * Float(y)
                    for x in 0..<width {
                        let index = y * width + x
                        let light = Self.sample(dots, wide, high, u, v)
                        u += c
                        v -= s
                        guard light < 0.999 else { continue }
                        let side = 1 - cross * (1 - light)
                        switch panel {
                        case .cyan:
                            red[index] *= light
                            green[index] *= side
                        case .magenta:
                            green[index] *= light
                            red[index] *= side
                            blue[index] *= side
                        case .yellow:
                            blue[index] *= light
                            green[index] *= side
                        case .black:
                            red[index] *= light
                            green[index] *= light
                            blue[index] *= light
                        }
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func sample(
        _ dots: UnsafeBufferPointer<Float>, _ wide: Int, _ high: Int, _ u: Float, _ v: Float
    ) -> Float {
        // the print goes over the edge: what is beyond is like the last dot
        let u = max(0, min(Float(wide) - 1.001, u)), v = max(0, min(Float(high) - 1.001, v))
        let x = Int(u), y = Int(v)
        let across = u - Float(x), down = v - Float(y)
        let index = y * wide + x
        let upper = dots[index] + (dots[index + 1] - dots[index]) * across
        let lower = dots[index + wide] + (dots[index + wide + 1] - dots[index + wide]) * across
        return upper + (lower - upper) * down
    }
}

/// A table of normal numbers that is entered anywhere.
struct Noise: Sendable {
    private let seed: UInt64
    private static let table: [Float] = {
        var dice = Dice(0x5EED)
        return (0..<65536).map { _ in Float(dice.normal()) }
    }()

    init(_ seed: UInt64) { self.seed = seed }

    @inline(__always)
    func normal(_ index: Int) -> Float {
        let mixed = (UInt64(truncatingIfNeeded: index) &+ seed) &* 0x9E37_79B9_7F4A_7C15
        return Self.table[Int(mixed >> 48)]
    }
}
