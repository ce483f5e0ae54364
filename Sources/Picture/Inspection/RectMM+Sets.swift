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
}
