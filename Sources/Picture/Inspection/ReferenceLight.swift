internal import Ground

/// How light a reference from outside is: a right exposure of white paper is white, and of a dark document dark. The
/// limits of the plan are those of stock that is neither.
struct ReferenceLight {
    /// Share of pixels at the upper end.
    var white = 0.0
    /// What 95 percent of the pixels stay under, of what it is on common stock; at most one.
    var bright = 1.0

    private static let common = 200.0

    init() {}

    init(_ artwork: Bytes) {
        var histogram = [Int](repeating: 0, count: 256)
        var (saturated, all) = (0, 0)
        for at in stride(from: 0, to: artwork.count - 2, by: 12) {
            let (red, green, blue) = (Int(artwork[at]), Int(artwork[at + 1]), Int(artwork[at + 2]))
            if max(red, green, blue) >= 245 { saturated += 1 }
            histogram[(red * 3 + green * 6 + blue) / 10] += 1
            all += 1
        }
        guard all > 0 else { return }
        white = Double(saturated) / Double(all)
        var (level, seen) = (0, 0)
        while level < 255 {
            seen += histogram[level]
            if seen * 100 >= all * 95 { break }
            level += 1
        }
        bright = min(Double(level) / Self.common, 1)
    }
}
