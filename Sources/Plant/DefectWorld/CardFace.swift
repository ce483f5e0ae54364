import Ground

/// One side of a card as light sees it: red, green and blue from 0 to 1 (linear), at about 600 dpi.
struct CardFace: Sendable {
    let width: Int
    let height: Int
    let widthMM: Double
    let heightMM: Double
    private(set) var red: [Float]
    private(set) var green: [Float]
    private(set) var blue: [Float]

    /// Pixels a millimetre.
    static func scale(_ widthMM: Double) -> Double { widthMM > 100 ? 20 : 24 }
    var scale: Double { Self.scale(widthMM) }
    static func size(_ layout: Layout) -> (width: Int, height: Int) {
        (Int(layout.width * scale(layout.width)), Int(layout.height * scale(layout.width)))
    }

    init(stock: Sheet, width: Double, height: Double, tone: Double, tint: Colour) {
        self.width = stock.width
        self.height = stock.height
        widthMM = width
        heightMM = height
        let table = (0...255).map { Float(power(Double($0) / 255, tone)) }
        let count = stock.width * stock.height
        func plane(_ channel: Int, _ share: Double) -> [Float] {
            stock.rgb.withUnsafeBufferPointer { rgb in
                [Float](unsafeUninitializedCapacity: count) { target, filled in
                    for index in 0..<count { target[index] = table[Int(rgb[index * 3 + channel])] * Float(share) }
                    filled = count
                }
            }
        }
        red = plane(0, tint.red)
        green = plane(1, tint.green)
        blue = plane(2, tint.blue)
    }

    typealias Plane = UnsafeMutableBufferPointer<Float>

    mutating func withPlanes(_ body: (Plane, Plane, Plane) -> Void) {
        red.withUnsafeMutableBufferPointer { red in
            green.withUnsafeMutableBufferPointer { green in
                blue.withUnsafeMutableBufferPointer { blue in body(red, green, blue) }
            }
        }
    }

    /// Changes the pixels of a box; the closure gets the pixel's place in mm and its light.
    mutating func change(_ box: Box, _ body: (Double, Double, inout (Float, Float, Float)) -> Void) {
        let (width, height, scale) = (self.width, self.height, self.scale)
        withPlanes { red, green, blue in
            for y in max(0, Int(box.y * scale))..<max(0, min(height, Int((box.y + box.height) * scale) + 1)) {
                for x in max(0, Int(box.x * scale))..<max(0, min(width, Int((box.x + box.width) * scale) + 1)) {
                    let index = y * width + x
                    var light = (red[index], green[index], blue[index])
                    body((Double(x) + 0.5) / scale, (Double(y) + 0.5) / scale, &light)
                    red[index] = light.0
                    green[index] = light.1
                    blue[index] = light.2
                }
            }
        }
    }

    /// The same face with its parts moved by a field in mm.
    mutating func warp(_ box: Box, _ field: (Double, Double) -> (Double, Double)) {
        let before = self
        let scale = self.scale
        change(box) { x, y, light in
            let (dx, dy) = field(x, y)
            light = before.light((x + dx) * scale - 0.5, (y + dy) * scale - 0.5)
        }
    }

    /// Light between pixels.
    func light(_ u: Double, _ v: Double) -> (Float, Float, Float) {
        let x = max(0, min(width - 2, Int(u))), y = max(0, min(height - 2, Int(v)))
        let across = Float(max(0, min(1, u - Double(x)))), down = Float(max(0, min(1, v - Double(y))))
        let index = y * width + x
        func one(_ plane: [Float]) -> Float {
            let upper = plane[index] + (plane[index + 1] - plane[index]) * across
            let lower = plane[index + width] + (plane[index + width + 1] - plane[index + width]) * across
            return upper + (lower - upper) * down
        }
        return (one(red), one(green), one(blue))
    }

    /// Lays another face over it, faint: what a ribbon that was used before leaves.
    mutating func ghost(_ other: CardFace, share: Float, dx: Int, dy: Int) {
        let (width, height) = (self.width, self.height)
        withPlanes { red, green, blue in
            for y in max(0, dy)..<min(height, height + dy) {
                for x in max(0, dx)..<min(width, width + dx) {
                    let to = y * width + x, from = (y - dy) * width + x - dx
                    red[to] *= 1 - share * (1 - other.red[from])
                    green[to] *= 1 - share * (1 - other.green[from])
                    blue[to] *= 1 - share * (1 - other.blue[from])
                }
            }
        }
    }

    /// The lens, sigma in pixels of the face; then the sensor's colours, a matrix of rows.
    func seen(blur: Double, matrix: [Float]) -> CardFace {
        var face = self
        let reach = max(1, Int((blur * 3).rounded(.up)))
        let raw = (-reach...reach).map { exponential(-Double($0 * $0) / (2 * blur * blur)) }
        let sum = raw.reduce(0, +)
        let kernel = raw.map { Float($0 / sum) }
        face.red = Self.soften(red, width, height, kernel, reach)
        face.green = Self.soften(green, width, height, kernel, reach)
        face.blue = Self.soften(blue, width, height, kernel, reach)
        let count = width * height
        face.withPlanes { red, green, blue in
            for index in 0..<count {
                let (r, g, b) = (red[index], green[index], blue[index])
                red[index] = matrix[0] * r + matrix[1] * g + matrix[2] * b
                green[index] = matrix[3] * r + matrix[4] * g + matrix[5] * b
                blue[index] = matrix[6] * r + matrix[7] * g + matrix[8] * b
            }
        }
        return face
    }

    private static func soften(_ plane: [Float], _ width: Int, _ height: Int, _ kernel: [Float], _ reach: Int)
        -> [Float]
    {
        let count = width * height
        let across = [Float](unsafeUninitializedCapacity: count) { target, filled in
            plane.withUnsafeBufferPointer { source in
                for y in 0..<height {
                    let row = y * width
                    for x in 0..<width { target[row + x] = source[row + x] * kernel[reach] }
                    for step in 1...reach {
                        let weight = kernel[reach + step]
                        for x in step..<width - step {
                            target[row + x] += (source[row + x - step] + source[row + x + step]) * weight
                        }
                        for x in 0..<step {
                            target[row + x] += (source[row] + source[row + x + step]) * weight
                            let end = width - 1 - x
                            target[row + end] += (source[row + width - 1] + source[row + end - step]) * weight
                        }
                    }
                }
            }
            filled = count
        }
        return [Float](unsafeUninitializedCapacity: count) { target, filled in
            across.withUnsafeBufferPointer { source in
                for y in 0..<height {
                    let row = y * width
                    for x in 0..<width { target[row + x] = source[row + x] * kernel[reach] }
                    for step in 1...reach {
                        let weight = kernel[reach + step]
                        let upper = max(0, y - step) * width, lower = min(height - 1, y + step) * width
                        for x in 0..<width {
                            target[row + x] += (source[upper + x] + source[lower + x]) * weight
                        }
                    }
                }
            }
            filled = count
        }
    }
}
