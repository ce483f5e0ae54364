/// How much more or less of a dye makes a colour difference, on a middle tone (CIE 1976 L*a*b*, D65, after sRGB's primaries).
struct ColourShift {
    static func density(_ panel: Panel, deltaE: Double, isMore: Bool, tone: Double) -> Double {
        let patch = [0.45, 0.35, 0.3]
        let channel = panel == .cyan ? 0 : panel == .magenta ? 1 : 2
        func difference(_ factor: Double) -> Double {
            var other = patch
            other[channel] = power(patch[channel], factor)
            let (one, two) = (lab(patch), lab(other))
            return root(zip(one, two).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
        }
        var (low, high) = isMore ? (1.0, 3.0) : (0.1, 1.0)
        for _ in 0..<40 {
            let middle = (low + high) / 2
            let isTooFar = difference(middle) > deltaE
            if isMore == isTooFar { high = middle } else { low = middle }
        }
        return (low + high) / 2
    }

    /// From linear red, green, blue.
    static func lab(_ rgb: [Double]) -> [Double] {
        let x = 0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]
        let y = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]
        let z = 0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]
        func f(_ value: Double) -> Double { value > 0.008856 ? power(value, 1 / 3.0) : 7.787 * value + 16 / 116.0 }
        let (fx, fy, fz) = (f(x / 0.9505), f(y), f(z / 1.089))
        return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)]
    }
}
