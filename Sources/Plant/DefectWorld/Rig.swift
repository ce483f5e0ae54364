/// A camera station: sensor, lens, lamp, tray. Another for each seed; what differs from picture to picture is in `Shot`.
struct Rig: Sendable {
    let width, height: Int
    /// Sensor pixels for a millimetre on the card.
    let dotsPerMM: Double
    /// Level = light to the power of 1 / tone.
    let tone: Double
    /// Level of white stock.
    let white: Double
    /// Electrons of a full well, and of reading.
    let well, reading: Double
    let isMosaic: Bool
    /// Rows of the sensor's colours out of the card's.
    let matrix: [Float]
    let balance: [Float]
    /// Softness of the lens on the card, mm.
    let blur: Double
    /// Share by which the corner of the picture is drawn in or out.
    let distortion: Double
    let tilt: (x: Double, y: Double)
    let turn: Double
    /// Turn and place from card to card: radians, mm.
    let play: (turn: Double, place: Double)
    let slope: (x: Double, y: Double)
    let bow, vignette, veil: Double
    let tray: Tray

    init(_ dice: Dice, widthMM: Double, heightMM: Double) {
        var dice = dice
        let sensor = dice.pick([
            (2448, 2048), (2448, 2048), (2448, 2048), (2448, 2048), (2448, 2048), (2448, 2048), (2592, 1944),
            (3088, 2064),
            (1936, 1216),
        ])
        (width, height) = sensor
        dotsPerMM =
            min(Double(width) / widthMM, Double(height) / heightMM) * dice.real(0.84...0.93)
        tone = dice.pick([2.2, 2.2, 1.8, 1.0])
        white = dice.real(205...240)
        well = dice.real(6000...20000)
        reading = dice.real(3...9)
        isMosaic = dice.chance(0.85)
        var rows: [Float] = []
        for row in 0..<3 {
            let others = (dice.real(-0.02...0.04), dice.real(-0.02...0.04))
            let own = 1 - others.0 - others.1
            let line =
                row == 0
                ? [own, others.0, others.1] : row == 1 ? [others.0, own, others.1] : [others.0, others.1, own]
            rows += line.map(Float.init)
        }
        matrix = rows
        balance = (0..<3).map { _ in Float(1 + dice.swing(0.04)) }
        blur = dice.real(0.022...0.042) * max(1, 25 / dotsPerMM * 0.9)
        distortion = dice.chance(0.3) ? 0 : dice.swing(0.007)
        tilt = (dice.swing(4e-6), dice.swing(4e-6))
        turn = dice.swing(0.012)
        play = dice.chance(0.2) ? (0.09, 2) : (0.012, 0.8)
        slope = (dice.swing(0.09), dice.swing(0.09))
        bow = dice.real(-0.05...0.08)
        vignette = dice.real(0...0.09)
        veil = dice.chance(0.4) ? dice.real(0...0.02) : 0
        tray = Tray(&dice)
    }

    /// Spread of a level's noise where the light is `light`.
    func noise(at light: Double) -> Double {
        let light = max(light, 0.002)
        let spread = root(light / well + reading * reading / (well * well))
        return spread * 255 / tone * power(light, 1 / tone - 1)
    }

    var exposure: Double { power(white / 255, tone) / 0.93 }
}

/// What the card lies on.
struct Tray: Sendable {
    let level: Double
    let slope: (x: Double, y: Double)
    let colour: [Float]
    let grain: Double
    let rails: Double
    let railAt: Double
    let shadow: Double

    init(_ dice: inout Dice) {
        // black rubber, grey metal, and seldom a light table
        let kind = dice.int(0...9)
        level = kind < 6 ? dice.real(0.005...0.05) : kind < 9 ? dice.real(0.06...0.2) : dice.real(0.28...0.42)
        slope = (dice.swing(0.4), dice.swing(0.4))
        colour = (0..<3).map { _ in Float(dice.real(0.85...1.1)) }
        grain = dice.real(0...0.08)
        rails = dice.chance(0.25) ? dice.real(0.4...2.2) : 1
        railAt = dice.real(0.02...0.05)
        shadow = dice.real(0.1...0.6)
    }
}

/// What is different in this picture, by chance or because something is wrong.
struct Shot: Sendable {
    /// Place of the card's middle against the sensor's, mm; its turn, radians.
    var shift: (x: Double, y: Double)
    var turn: Double
    var exposure: Double
    var balance: [Float]
    var seed: UInt64
    /// More softness, mm on the card.
    var defocus = 0.0
    /// A lamp's reflection: place on the card, radius (mm) and strength against white.
    var glare: (x: Double, y: Double, radius: Double, strength: Double)?

    init(_ rig: Rig, _ dice: inout Dice) {
        shift = (dice.swing(rig.play.place), dice.swing(rig.play.place))
        turn = dice.swing(rig.play.turn)
        exposure = 1 + dice.swing(0.02)
        balance = (0..<3).map { _ in Float(1 + dice.swing(0.006)) }
        seed = dice.next()
    }
}
