/// Whether a difference between two faces can be seen through a camera's noise at all.
struct Visibility {
    /// Greatest difference in levels that the camera would give, and the area (mm2) over three times its noise.
    let levels: Double
    let area: Double

    var isVisible: Bool { area >= 0.006 }

    init(_ clean: CardFace, _ faulty: CardFace, box: Box, rig: Rig) {
        let table = (0...1023).map { Float(255 * power(min(Double($0) / 1023 * rig.exposure, 1), 1 / rig.tone)) }
        let limits = (0...1023).map { 3 * Float(rig.noise(at: Double($0) / 1023)) + 2 }
        let scale = clean.scale
        // the lens mixes neighbours: the mean over its width is what arrives
        let reach = max(1, Int((rig.blur * scale).rounded()))
        let left = max(reach, Int(box.x * scale)),
            right = min(clean.width - reach - 1, Int((box.x + box.width) * scale))
        let top = max(reach, Int(box.y * scale)),
            bottom = min(clean.height - reach - 1, Int((box.y + box.height) * scale))
        var most: Float = 0
        var count = 0
        if left < right, top < bottom {
            let share = 1 / Float((2 * reach + 1) * (2 * reach + 1))
            for (one, two) in [(clean.red, faulty.red), (clean.green, faulty.green), (clean.blue, faulty.blue)] {
                one.withUnsafeBufferPointer { one in
                    two.withUnsafeBufferPointer { two in
                        for y in stride(from: top, through: bottom, by: 2) {
                            for x in stride(from: left, through: right, by: 2) {
                                let middle = y * clean.width + x
                                if one[middle] == two[middle] { continue }
                                var first: Float = 0, second: Float = 0
                                for dy in -reach...reach {
                                    for dx in -reach...reach {
                                        first += one[middle + dy * clean.width + dx]
                                        second += two[middle + dy * clean.width + dx]
                                    }
                                }
                                let before = Int(max(0, min(1, first * share)) * 1023)
                                let after = Int(max(0, min(1, second * share)) * 1023)
                                let away = abs(table[before] - table[after])
                                most = max(most, away)
                                if away > limits[before] { count += 4 }
                            }
                        }
                    }
                }
            }
        }
        levels = Double(most)
        // of three channels
        area = Double(count) / 3 / (scale * scale)
    }
}
