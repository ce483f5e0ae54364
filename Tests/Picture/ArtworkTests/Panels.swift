import Ground
import Stations

extension RenderedDocument {
    func pixels(_ side: CardSide, _ panel: Panel) -> Bytes {
        panels.first { $0.side == side && $0.panel == panel }?.pixels ?? []
    }

    func place(_ name: String) -> FieldPlace? { fields.first { $0.name == name } }
}

/// Ink of a window of a panel of 1016 by 648 pixels, measured apart from the code under test: 300 dots an inch, the card
/// of 85.60 by 53.98 mm in the middle.
struct Window {
    let left: Int
    let top: Int
    let width: Int
    let height: Int
    let ink: [Bool]

    init(_ pixels: Bytes, rect: RectMM, marginPixels: Int = 0) {
        let scale = 300 / 25.4
        let x = (1016 - 85.60 * scale) / 2 + rect.x * scale
        let y = (648 - 53.98 * scale) / 2 + rect.y * scale
        left = max(Int(x) - marginPixels, 0)
        top = max(Int(y) - marginPixels, 0)
        width = min(Int(rect.width * scale) + 2 + 2 * marginPixels, 1016 - left)
        height = min(Int(rect.height * scale) + 2 + 2 * marginPixels, 648 - top)
        var ink: [Bool] = []
        for row in top..<top + height {
            for column in left..<left + width { ink.append(pixels[row * 1016 + column] > 0) }
        }
        self.ink = ink
    }

    init(width: Int, height: Int, ink: [Bool]) {
        (left, top) = (0, 0)
        self.width = width
        self.height = height
        self.ink = ink
    }

    var count: Int { ink.count { $0 } }

    var columnSums: [Int] {
        (0..<width).map { column in (0..<height).count { ink[$0 * width + column] } }
    }

    var rowSums: [Int] {
        (0..<height).map { row in (0..<width).count { ink[row * width + $0] } }
    }

    /// The smallest window that holds all ink.
    var cropped: Window {
        let (columnSums, rowSums) = (columnSums, rowSums)
        let columns = columnSums.indices.filter { columnSums[$0] > 0 }
        let rows = rowSums.indices.filter { rowSums[$0] > 0 }
        guard let first = columns.first, let last = columns.last, let top = rows.first, let bottom = rows.last else {
            return Window(width: 0, height: 0, ink: [])
        }
        var kept: [Bool] = []
        for row in top...bottom { kept += ink[row * width + first...row * width + last] }
        return Window(width: last - first + 1, height: bottom - top + 1, ink: kept)
    }
}

/// Runs of positive numbers: where they begin and end.
func runs(_ sums: [Int]) -> [ClosedRange<Int>] {
    var found: [ClosedRange<Int>] = []
    var start: Int?
    for (index, sum) in (sums + [0]).enumerated() {
        if sum > 0 {
            start = start ?? index
        } else if let begin = start {
            found.append(begin...index - 1)
            start = nil
        }
    }
    return found
}
