/// Suppression of small counts in tables that leave the plant: a count of one to `k` − 1 people could name one of them.
///
/// So that a suppressed count does not follow from the totals, in every row and column the suppressed counts together
/// are at least `k` or none: further counts are suppressed, the smallest first, the total last.
public enum SmallCells {
    /// `table[row][column]`, rows of one length; row and column totals are added here. A nil is a suppressed count.
    /// - Returns: rows with their total in the last column, and the column totals in the last row.
    public static func suppressed(_ table: [[Int]], k: Int = 5) -> [[Int?]] {
        guard let width = table.first?.count else { return [] }
        var values = table.map { $0 + [$0.reduce(0, +)] }
        values.append((0...width).map { column in values.reduce(0) { $0 + $1[column] } })
        var hidden = values.map { $0.map { (1..<k).contains($0) } }
        var changed = true
        while changed {
            changed = false
            for row in values.indices {
                let line = (0...width).map { (row, $0) }
                if widen(line, values, k, &hidden) { changed = true }
            }
            for column in 0...width {
                let line = values.indices.map { ($0, column) }
                if widen(line, values, k, &hidden) { changed = true }
            }
        }
        return zip(values, hidden).map { zip($0, $1).map { $1 ? nil : $0 } }
    }

    /// One row or column whose last place is its total.
    private static func widen(
        _ line: [(Int, Int)], _ values: [[Int]], _ k: Int, _ hidden: inout [[Bool]]
    ) -> Bool {
        guard let total = line.last, !hidden[total.0][total.1] else { return false }
        let parts = line.dropLast()
        let secret = parts.filter { hidden[$0.0][$0.1] }
        guard !secret.isEmpty else { return false }
        let sum = secret.reduce(0) { $0 + values[$1.0][$1.1] }
        guard secret.count < 2 || sum < k else { return false }
        let next = parts.filter { !hidden[$0.0][$0.1] && values[$0.0][$0.1] > 0 }
            .min { values[$0.0][$0.1] < values[$1.0][$1.1] }
        let place = next ?? total
        hidden[place.0][place.1] = true
        return true
    }
}
