public import Ground

/// Numbers that only look random: SplitMix64.
struct Dice {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// Between -1 and 1.
    mutating func swing() -> Float { Float(Int64(bitPattern: next()) >> 40) / Float(1 << 23) }
}

/// Takes the picture that the camera over the print station would take: the card on its dark transport with a little
/// turn and tilt, uneven light, lens, sensor noise, as the raw mosaic of a colour sensor (Bayer RG, 8 bits).
public final class Photographer {
    public static let width = 2448
    public static let height = 2048

    /// How far from the drawing board a picture is.
    public enum Conditions: Sendable {
        /// Turn and tilt of the card, uneven light, lens and noise, all drawn from the seed.
        case workshop
        /// The card exactly in the middle, even light, a perfect lens and sensor.
        case ideal
    }

    private var dice: Dice
    private let noise: [Int8]
    private let conditions: Conditions
    /// How what lies there lies, for as long as it stays.
    private var stay: (number: Int, pose: Pose, light: Light)?

    public init(seed: UInt64, conditions: Conditions = .workshop) {
        self.conditions = conditions
        dice = Dice(seed: seed)
        guard conditions == .workshop else {
            noise = [Int8](repeating: 0, count: 65536)
            return
        }
        var source = Dice(seed: seed ^ 0xC0FFEE)
        // near to normal, deviation about 1.6 levels
        noise = (0..<65536).map { _ in Int8((source.swing() + source.swing() + source.swing()) * 1.6) }
    }

    /// A frame of what lies there by these lamps; nil for the empty transport. `turned` when the card lies head down. Nothing
    /// moves while `stay` is the same number.
    public func photograph(
        _ face: CardFace?, turned: Bool = false, by lamps: Set<Lamp> = [.white], stay number: Int? = nil
    ) -> Bytes {
        let isIdeal = conditions == .ideal
        let shape = face?.shape ?? .card
        let (pose, light): (Pose, Light)
        if let stay, let number, stay.number == number {
            (pose, light) = (stay.pose, stay.light)
        } else {
            pose = isIdeal ? Pose(shape) : Pose(shape, dice: &dice)
            light = isIdeal ? Light.even : Light(dice: &dice)
            stay = number.map { ($0, pose, light) }
        }
        let grain = Int(dice.next() & 0xFFFF)
        let picture = face.map { isIdeal ? seen($0, by: lamps) : softened(seen($0, by: lamps), shape) }
        var frame = Bytes(repeating: 0, count: Photographer.width * Photographer.height)
        frame.withUnsafeMutableBufferPointer { target in
            expose(picture, shape, pose, light, grain: grain, turned: turned, into: target)
        }
        return frame
    }

    /// Light of several lamps adds up.
    private func seen(_ face: CardFace, by lamps: Set<Lamp>) -> Bytes {
        guard lamps != [.white] else { return face.seen() }
        var sum = Bytes(repeating: 0, count: face.shape.stockBytes)
        for lamp in lamps {
            let one = face.seen(by: lamp)
            for index in sum.indices { sum[index] = UInt8(min(255, Int(sum[index]) + Int(one[index]))) }
        }
        return sum
    }

    private func expose(
        _ picture: Bytes?, _ shape: FaceShape, _ pose: Pose, _ light: Light, grain: Int, turned: Bool,
        into target: UnsafeMutableBufferPointer<UInt8>
    ) {
        let stride = shape.stockWidth * 3
        let margin: (x: Float, y: Float) = (shape.left, shape.top)
        let size: (x: Float, y: Float) = (shape.width, shape.height)
        let corner: Float = 75
        for row in 0..<Photographer.height {
            for column in 0..<Photographer.width {
                let channel = row & 1 == 0 ? (column & 1) : 1 + (column & 1)
                var value: Float = 16
                var (x, y) = pose.card(Float(column), Float(row))
                if let picture, x >= 0, y >= 0, x < size.x - 1, y < size.y - 1, !inCorner(x, y, size, corner) {
                    if turned { (x, y) = (size.x - 1 - x, size.y - 1 - y) }
                    let left = Int(x + margin.x)
                    let top = Int(y + margin.y)
                    let across = x + margin.x - Float(left)
                    let down = y + margin.y - Float(top)
                    let index = top * stride + left * 3 + channel
                    let upper = blend(picture[index], picture[index + 3], across)
                    let lower = blend(picture[index + stride], picture[index + stride + 3], across)
                    value = (upper * (1 - down) + lower * down) * light.colour[channel]
                }
                value *= light.at(Float(column), Float(row))
                let place = grain &+ row &* 7919 &+ column &* 104_729
                let speck = noise[place & 0xFFFF]
                target[row * Photographer.width + column] = UInt8(max(0, min(255, value + Float(speck))))
            }
        }
    }

    @inline(__always)
    private func blend(_ first: UInt8, _ second: UInt8, _ share: Float) -> Float {
        let left = Float(first)
        return left + (Float(second) - left) * share
    }

    private func inCorner(_ x: Float, _ y: Float, _ size: (x: Float, y: Float), _ radius: Float) -> Bool {
        let dx = max(radius - x, x - (size.x - 1 - radius), 0)
        let dy = max(radius - y, y - (size.y - 1 - radius), 0)
        return dx > 0 && dy > 0 && dx * dx + dy * dy > radius * radius
    }

    /// The lens: a 3 by 3 binomial at 600 dpi.
    private func softened(_ picture: Bytes, _ shape: FaceShape) -> Bytes {
        let width = shape.stockWidth * 3
        var across = picture
        var output = picture
        let last = width * (shape.stockHeight - 1)
        picture.withUnsafeBufferPointer { source in
            across.withUnsafeMutableBufferPointer { target in
                for index in 3..<(source.count - 3) {
                    let sides = Int(source[index - 3]) + Int(source[index + 3])
                    target[index] = UInt8((sides + 2 * Int(source[index]) + 2) >> 2)
                }
            }
        }
        across.withUnsafeBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                for index in width..<last {
                    let sides = Int(source[index - width]) + Int(source[index + width])
                    target[index] = UInt8((sides + 2 * Int(source[index]) + 2) >> 2)
                }
            }
        }
        return output
    }
}

/// How the card lies under the camera: from sensor dots to dots of the stock picture.
struct Pose {
    private let cosine: Float
    private let sine: Float
    private let scale: Float
    private let centre: (x: Float, y: Float)
    private let tilt: (x: Float, y: Float)
    private let middle: (x: Float, y: Float)

    /// Straight, in the middle.
    init(_ shape: FaceShape) {
        middle = (shape.width / 2, shape.height / 2)
        cosine = 1
        sine = 0
        scale = 23.622 / shape.sensorDotsPerMM
        centre = (Float(Photographer.width) / 2, Float(Photographer.height) / 2)
        tilt = (0, 0)
    }

    init(_ shape: FaceShape, dice: inout Dice) {
        middle = (shape.width / 2, shape.height / 2)
        let angle = dice.swing() * 0.6 * .pi / 180
        cosine = 1 - angle * angle / 2
        sine = angle
        // 600 dpi is 23.62 dots for a millimetre
        scale = 23.622 / shape.sensorDotsPerMM * (1 + dice.swing() * 0.002)
        centre = (
            Float(Photographer.width) / 2 + dice.swing() * 18, Float(Photographer.height) / 2 + dice.swing() * 18
        )
        tilt = (dice.swing() * 2e-6, dice.swing() * 2e-6)
    }

    func card(_ column: Float, _ row: Float) -> (Float, Float) {
        let dx = column - centre.x
        let dy = row - centre.y
        let depth = 1 + dx * tilt.x + dy * tilt.y
        return (
            (dx * cosine + dy * sine) * scale / depth + middle.x, (dy * cosine - dx * sine) * scale / depth + middle.y
        )
    }
}

/// Uneven light and the sensor's colour balance.
struct Light {
    let colour: [Float]
    private let slope: (x: Float, y: Float)
    private let vignette: Float

    static let even = Light()

    private init() {
        colour = [1, 1, 1]
        slope = (0, 0)
        vignette = 0
    }

    init(dice: inout Dice) {
        colour = [0.93 + dice.swing() * 0.01, 0.95, 0.92 + dice.swing() * 0.01]
        slope = (dice.swing() * 0.05, dice.swing() * 0.05)
        vignette = 0.05
    }

    func at(_ column: Float, _ row: Float) -> Float {
        let x = column / Float(Photographer.width) * 2 - 1
        let y = row / Float(Photographer.height) * 2 - 1
        return (1 + slope.x * x + slope.y * y) * (1 - vignette * (x * x + y * y))
    }
}
