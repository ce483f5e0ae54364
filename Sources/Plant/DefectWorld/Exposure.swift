import Ground

/// The picture that the camera takes: card on its tray, lamp, lens, mosaic, noise, eight bits.
struct Exposure {
    let rig: Rig
    let shot: Shot
    private let face: CardFace?

    /// `face` nil: the empty tray.
    init(_ face: CardFace?, rig: Rig, shot: Shot) {
        self.rig = rig
        self.shot = shot
        self.face = face.map { face in
            let blur = root(rig.blur * rig.blur + shot.defocus * shot.defocus) * face.scale
            return face.seen(blur: blur, matrix: rig.matrix)
        }
    }

    func take() -> Sheet {
        let channels = rig.isMosaic ? 1 : 3
        var raw = [Float](repeating: 0, count: rig.width * rig.height * channels)
        raw.withUnsafeMutableBufferPointer { target in
            if let face {
                face.red.withUnsafeBufferPointer { red in
                    face.green.withUnsafeBufferPointer { green in
                        face.blue.withUnsafeBufferPointer { blue in expose([red, green, blue], into: target) }
                    }
                }
            } else {
                expose([], into: target)
            }
        }
        return develop(raw)
    }

    /// Width of the pieces in which place and light are straight lines.
    private static let piece = 16

    private struct Ray {
        var x, y, light, glare: Float

        func step(to other: Ray) -> Ray {
            let share = 1 / Float(Exposure.piece)
            return Ray(
                x: (other.x - x) * share, y: (other.y - y) * share, light: (other.light - light) * share,
                glare: (other.glare - glare) * share)
        }
        mutating func move(_ by: Ray) {
            x += by.x
            y += by.y
            light += by.light
            glare += by.glare
        }
    }

    /// Where on the face (pixels) a sensor pixel looks, and how much light falls there.
    private func ray(_ column: Int, _ row: Int, _ scale: Double, _ middle: (x: Double, y: Double)) -> Ray {
        let centre = (x: Double(rig.width) / 2, y: Double(rig.height) / 2)
        var dx = Double(column) + 0.5 - centre.x, dy = Double(row) + 0.5 - centre.y
        let nx = dx / centre.x, ny = dy / centre.y
        let far = (dx * dx + dy * dy) / (centre.x * centre.x + centre.y * centre.y)
        let bend = 1 + rig.distortion * far
        dx *= bend
        dy *= bend
        let depth = 1 + dx * rig.tilt.x + dy * rig.tilt.y
        let x = dx / depth / rig.dotsPerMM - shot.shift.x, y = dy / depth / rig.dotsPerMM - shot.shift.y
        let angle = rig.turn + shot.turn
        let mm = (x: x * cosine(angle) + y * sine(angle), y: y * cosine(angle) - x * sine(angle))
        let light =
            (1 + rig.slope.x * nx + rig.slope.y * ny + rig.bow * (nx * ny - nx * nx * 0.5)) * (1 - rig.vignette * far)
            * rig.exposure * shot.exposure
        var glare = rig.veil
        if let spot = shot.glare {
            let away = (mm.x + middle.x - spot.x, mm.y + middle.y - spot.y)
            let share = (away.0 * away.0 + away.1 * away.1) / (spot.radius * spot.radius)
            glare += spot.strength * exponential(-share * share)
        }
        return Ray(
            x: Float((mm.x + middle.x) * scale - 0.5), y: Float((mm.y + middle.y) * scale - 0.5), light: Float(light),
            glare: Float(glare * rig.exposure))
    }

    private func expose(_ planes: [UnsafeBufferPointer<Float>], into target: UnsafeMutableBufferPointer<Float>) {
        let scale = face?.scale ?? 24
        let (wide, high) = (face?.width ?? 0, face?.height ?? 0)
        let middle = (x: (face?.widthMM ?? 0) / 2, y: (face?.heightMM ?? 0) / 2)
        let gains = (0..<3).map { rig.balance[$0] * shot.balance[$0] }
        let channels = rig.isMosaic ? 1 : 3
        let tray = TrayLight(rig.tray, width: rig.width, height: rig.height, seed: shot.seed & 0xFF)
        let edge = CardEdge(
            width: Float(wide), height: Float(high), scale: Float(scale), shadow: Float(rig.tray.shadow))
        let noise = Noise(shot.seed)
        let shotNoise = Float(1 / rig.well), readNoise = Float(rig.reading * rig.reading / (rig.well * rig.well))
        let border = Float(scale)
        for row in 0..<rig.height {
            var start = ray(0, row, scale, middle)
            var column = 0
            while column < rig.width {
                let end = ray(column + Self.piece, row, scale, middle)
                var ray = start
                let step = start.step(to: end)
                start = end
                for at in column..<min(column + Self.piece, rig.width) {
                    let isInside =
                        ray.x > border && ray.y > border && ray.x < Float(wide) - border && ray.y < Float(high) - border
                    let cover = isInside ? 1 : edge.cover(ray.x, ray.y)
                    for slot in 0..<channels {
                        let channel = channels == 3 ? slot : (row & 1) + (at & 1)
                        var value: Float = 0
                        if cover > 0 {
                            value = Self.sample(planes[channel], wide, high, ray.x, ray.y)
                            if !isInside { value *= edge.bevel(ray.x, ray.y) }
                        }
                        if cover < 1 {
                            let ground = tray.at(at, row, channel) * (wide > 0 ? edge.shade(ray.x, ray.y) : 1)
                            value = value * cover + ground * (1 - cover)
                        }
                        value = (value * ray.light + ray.glare * cover) * gains[channel]
                        let index = (row * rig.width + at) * channels + slot
                        target[index] = value + (value * shotNoise + readNoise).squareRoot() * noise.normal(index)
                    }
                    ray.move(step)
                }
                column += Self.piece
            }
        }
    }

    @inline(__always)
    private static func sample(
        _ plane: UnsafeBufferPointer<Float>, _ wide: Int, _ high: Int, _ u: Float, _ v: Float
    ) -> Float {
        let x = max(0, min(wide - 2, Int(u))), y = max(0, min(high - 2, Int(v)))
        let across = max(0, min(1, u - Float(x))), down = max(0, min(1, v - Float(y)))
        let index = y * wide + x
        let upper = plane[index] + (plane[index + 1] - plane[index]) * across
        let lower = plane[index + wide] + (plane[index + wide + 1] - plane[index + wide]) * across
        return upper + (lower - upper) * down
    }

    /// From the mosaic (R at the top left, G beside it) to levels.
    private func develop(_ raw: [Float]) -> Sheet {
        let (width, height) = (rig.width, rig.height)
        let tone = 1 / rig.tone
        let table = (0...4095).map { UInt8((power(Double($0) / 4095, tone) * 255).rounded()) }
        var sheet = Sheet(width: width, height: height, grey: 0)
        func level(_ value: Float) -> UInt8 { table[Int(max(0, min(1, value)) * 4095 + 0.5)] }
        raw.withUnsafeBufferPointer { raw in
            table.withUnsafeBufferPointer { table in
                sheet.rgb.withUnsafeMutableBufferPointer { target in
                    @inline(__always) func level(_ value: Float) -> UInt8 {
                        table[Int(max(0, min(1, value)) * 4095 + 0.5)]
                    }
                    guard rig.isMosaic else {
                        for index in 0..<raw.count { target[index] = level(raw[index]) }
                        return
                    }
                    for y in 0..<height {
                        let up = (y == 0 ? 1 : y - 1) * width, down = (y == height - 1 ? y - 1 : y + 1) * width
                        let row = y * width
                        for x in 0..<width {
                            let left = x == 0 ? 1 : x - 1, right = x == width - 1 ? x - 1 : x + 1
                            let own = raw[row + x]
                            let across = (raw[row + left] + raw[row + right]) * 0.5
                            let along = (raw[up + x] + raw[down + x]) * 0.5
                            let index = (row + x) * 3
                            if (x ^ y) & 1 == 1 {
                                let isRedRow = y & 1 == 0
                                target[index] = level(isRedRow ? across : along)
                                target[index + 1] = level(own)
                                target[index + 2] = level(isRedRow ? along : across)
                            } else {
                                let corners =
                                    (raw[up + left] + raw[up + right] + raw[down + left] + raw[down + right]) * 0.25
                                let isRed = y & 1 == 0
                                target[index] = level(isRed ? own : corners)
                                target[index + 1] = level((across + along) * 0.5)
                                target[index + 2] = level(isRed ? corners : own)
                            }
                        }
                    }
                }
            }
        }
        return sheet
    }
}

/// The card's outline: rounded corners, a bevel, the shadow it throws.
private struct CardEdge {
    let width, height, scale, shadow: Float

    /// Pixels outside the outline; negative inside.
    @inline(__always)
    private func distance(_ x: Float, _ y: Float) -> Float {
        let radius = 3.18 * scale
        let dx = abs(x + 0.5 - width / 2) - width / 2 + radius, dy = abs(y + 0.5 - height / 2) - height / 2 + radius
        let outside = (max(dx, 0) * max(dx, 0) + max(dy, 0) * max(dy, 0)).squareRoot()
        return outside + min(max(dx, dy), 0) - radius
    }

    func cover(_ x: Float, _ y: Float) -> Float {
        guard width > 0 else { return 0 }
        return max(0, min(1, 0.5 - distance(x, y) / 1.6))
    }
    func bevel(_ x: Float, _ y: Float) -> Float {
        let inside = -distance(x, y)
        return inside < 3 ? 0.86 + 0.14 * max(0, inside) / 3 : 1
    }
    func shade(_ x: Float, _ y: Float) -> Float {
        let away = max(0, distance(x + 5, y + 5))
        return away < 30 ? 1 - shadow * (1 - away / 30) : 1
    }
}

/// Light that comes back from the tray.
private struct TrayLight {
    private let tray: Tray
    private let width, height: Float
    private let noise: Noise

    init(_ tray: Tray, width: Int, height: Int, seed: UInt64) {
        self.tray = tray
        self.width = Float(width)
        self.height = Float(height)
        noise = Noise(seed)
    }

    func at(_ x: Int, _ y: Int, _ channel: Int) -> Float {
        let (u, v) = (Float(x) / width - 0.5, Float(y) / height - 0.5)
        var light = Float(tray.level) * (1 + Float(tray.slope.x) * u + Float(tray.slope.y) * v)
        if abs(v) > 0.5 - Float(tray.railAt) { light *= Float(tray.rails) }
        light *= 1 + Float(tray.grain) * noise.normal((y / 6) &* 811 &+ x / 6)
        return max(0, light) * tray.colour[channel]
    }
}
