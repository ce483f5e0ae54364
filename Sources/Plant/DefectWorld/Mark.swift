/// Something on the surface that the printer did not lay: in mm and shares of light.
enum Mark: Sendable {
    /// A line through points; it bares the stock, or is dirt of this light.
    case scratch(points: [(x: Double, y: Double)], width: Double, depth: Double, dirt: Float?)
    /// Specks that were under the head, so ink is missing, or dark ones on top.
    case dust(x: Double, y: Double, radius: Double, lobes: [Double], dirt: Float?)
    /// A soft cloud that takes away a share of the light.
    case smudge(x: Double, y: Double, across: Double, down: Double, depth: Double, colour: (Float, Float, Float))
    /// Creases: each a light and a dark flank, the print beside it moved.
    case wrinkle(lines: [(x: Double, y: Double, angle: Double, length: Double)], width: Double, depth: Double)

    func box(_ face: CardFace) -> Box {
        let box: Box
        switch self {
        case .scratch(let points, let width, _, _):
            let xs = points.map(\.x), ys = points.map(\.y)
            let left = xs.min() ?? 0, top = ys.min() ?? 0
            box = Box(left, top, (xs.max() ?? 0) - left, (ys.max() ?? 0) - top).inset(-width)
        case .dust(let x, let y, let radius, _, _): box = Box(x, y, 0, 0).inset(-radius * 1.5)
        case .smudge(let x, let y, let across, let down, _, _):
            box = Box(x - across * 1.6, y - down * 1.6, across * 3.2, down * 3.2)
        case .wrinkle(let lines, let width, _):
            let reach = lines.map { $0.length / 2 }.max() ?? 0
            let xs = lines.map(\.x), ys = lines.map(\.y)
            let left = xs.min() ?? 0, top = ys.min() ?? 0
            box = Box(left, top, (xs.max() ?? 0) - left, (ys.max() ?? 0) - top).inset(-reach - width)
        }
        return box.clipped(face.widthMM, face.heightMM)
    }

    /// `bare`: the same card without print.
    func lay(on face: inout CardFace, bare: CardFace) {
        let box = box(face)
        let scale = face.scale
        switch self {
        case .scratch(let points, let width, let depth, let dirt):
            face.change(box) { x, y, light in
                let away = Self.distance(x, y, points)
                let share = Float(max(0, min(1, (width / 2 - away) * scale + 0.5)) * depth)
                guard share > 0 else { return }
                let under = dirt.map { ($0, $0, $0) } ?? bare.light(x * scale - 0.5, y * scale - 0.5)
                Self.mix(&light, under, share)
            }
        case .dust(let cx, let cy, let radius, let lobes, let dirt):
            face.change(box) { x, y, light in
                let (dx, dy) = (x - cx, y - cy)
                let away = root(dx * dx + dy * dy)
                let turn = away > 0 ? (dx / away, dy / away) : (0, 0)
                let rim = radius * (1 + lobes[0] * turn.0 + lobes[1] * turn.1 + lobes[2] * turn.0 * turn.1)
                let share = Float(max(0, min(1, (rim - away) * scale + 0.5)))
                guard share > 0 else { return }
                let under = dirt.map { ($0, $0, $0) } ?? bare.light(x * scale - 0.5, y * scale - 0.5)
                Self.mix(&light, under, share)
            }
        case .smudge(let cx, let cy, let across, let down, let depth, let colour):
            face.change(box) { x, y, light in
                let (dx, dy) = ((x - cx) / across, (y - cy) / down)
                let uneven = 1 + 0.35 * sine(dx * 5 + cy) * cosine(dy * 4 + cx)
                let share = Float(depth * exponential(-(dx * dx + dy * dy) * 1.4) * uneven)
                light.0 *= 1 - share * colour.0
                light.1 *= 1 - share * colour.1
                light.2 *= 1 - share * colour.2
            }
        case .wrinkle(let lines, let width, let depth):
            face.warp(box) { x, y in
                lines.reduce((0.0, 0.0)) { sum, line in
                    let (across, along) = Self.place(x, y, line)
                    let bend = 0.22 * width * exponential(-across * across / (width * width)) * along
                    return (sum.0 - sine(line.angle) * bend, sum.1 + cosine(line.angle) * bend)
                }
            }
            face.change(box) { x, y, light in
                for line in lines {
                    let (across, along) = Self.place(x, y, line)
                    let flank = across / width * exponential(-across * across / (2 * width * width)) * 1.65
                    let share = Float(1 + depth * flank * along)
                    light.0 *= share
                    light.1 *= share
                    light.2 *= share
                }
            }
        }
    }

    /// Distance across a crease, and how strong it is along it.
    private static func place(
        _ x: Double, _ y: Double, _ line: (x: Double, y: Double, angle: Double, length: Double)
    ) -> (Double, Double) {
        let (dx, dy) = (x - line.x, y - line.y)
        let along = (dx * cosine(line.angle) + dy * sine(line.angle)) / (line.length / 2)
        let across = dy * cosine(line.angle) - dx * sine(line.angle)
        return (across, max(0, 1 - along * along * along * along))
    }

    private static func mix(_ light: inout (Float, Float, Float), _ other: (Float, Float, Float), _ share: Float) {
        light.0 += (other.0 - light.0) * share
        light.1 += (other.1 - light.1) * share
        light.2 += (other.2 - light.2) * share
    }

    private static func distance(_ x: Double, _ y: Double, _ points: [(x: Double, y: Double)]) -> Double {
        var best = Double.infinity
        for (from, to) in zip(points, points.dropFirst()) {
            let (ax, ay) = (to.x - from.x, to.y - from.y)
            let share = max(0, min(1, ((x - from.x) * ax + (y - from.y) * ay) / max(ax * ax + ay * ay, 1e-9)))
            let (dx, dy) = (x - from.x - ax * share, y - from.y - ay * share)
            best = min(best, root(dx * dx + dy * dy))
        }
        return best
    }
}
