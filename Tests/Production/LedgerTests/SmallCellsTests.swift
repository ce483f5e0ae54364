import Ledger
import Testing

@Suite struct SmallCellsTests {
    @Test func aSmallCountIsSuppressedAndDoesNotFollowFromTheTotals() {
        // the 2 would follow from its row and from its column, so 10 and 6 go; then 10 from its column, so 20 goes;
        // then 20 and 6 from their rows, so 30 and 40 go; sums of secrets are all five or more, so the totals stay
        let table = SmallCells.suppressed([[10, 2], [20, 30], [40, 6]])
        #expect(table == [[nil, nil, 12], [nil, nil, 50], [nil, nil, 46], [70, 38, 108]])
    }

    @Test func aTableWithoutSmallCountsIsLeftAsItIs() {
        #expect(SmallCells.suppressed([[5, 0], [7, 9]]) == [[5, 0, 5], [7, 9, 16], [12, 9, 21]])
    }

    @Test func noSmallCountIsEverShownNorFoundBySubtraction() {
        var random = SplitMix(state: 11)
        for _ in 0..<200 {
            let width = 1 + Int(random.next() % 4)
            let rows = (0..<1 + Int(random.next() % 6)).map { _ in (0..<width).map { _ in Int(random.next() % 12) } }
            let shown = SmallCells.suppressed(rows)
            let columns = (0...width).map { column in shown.map { $0[column] } }
            for line in shown + columns {
                #expect(!line.contains { $0.map { (1..<5).contains($0) } ?? false })
                // with its total known, a line hides nothing or at least two counts that add up to five or more
                guard let total = line.last ?? nil, line.dropLast().contains(nil) else { continue }
                let known = line.dropLast().reduce(0) { $0 + ($1 ?? 0) }
                #expect(line.dropLast().count { $0 == nil } >= 2)
                #expect(total - known >= 5)
            }
        }
    }
}
