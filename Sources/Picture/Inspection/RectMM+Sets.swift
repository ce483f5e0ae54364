internal import Stations

extension RectMM {
    static func union(_ left: RectMM, _ right: RectMM) -> RectMM {
        let (x, y) = (min(left.x, right.x), min(left.y, right.y))
        return RectMM(
            x: x, y: y, width: max(left.x + left.width, right.x + right.width) - x,
            height: max(left.y + left.height, right.y + right.height) - y)
    }

    static func intersect(_ left: RectMM, _ right: RectMM) -> Bool {
        left.x < right.x + right.width && right.x < left.x + left.width && left.y < right.y + right.height
            && right.y < left.y + left.height
    }

    static func grown(_ rect: RectMM, by margin: Double) -> RectMM {
        RectMM(
            x: rect.x - margin, y: rect.y - margin, width: rect.width + 2 * margin, height: rect.height + 2 * margin)
    }

    /// Whether all of the second lies in the first.
    static func contains(_ outer: RectMM, _ inner: RectMM) -> Bool {
        inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width
            && inner.y + inner.height <= outer.y + outer.height
    }
}
