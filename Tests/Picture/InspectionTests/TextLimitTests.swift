import Stations
import Testing

@testable import Inspection

/// By how much one text may differ where the others of its side show how far print and camera go.
@Suite struct TextLimitTests {
    private func text(_ worst: Double, strokes: Double) -> CardView.Comparison {
        CardView.Comparison(
            likeness: 0.99, contrast: 1, worst: worst, place: RectMM(x: 0, y: 0, width: 1, height: 1), common: strokes)
    }

    private func limit(strokes: Double) -> Double {
        let others = [0.021, 0.022, 0.021].map { text($0, strokes: 0.002) }
        return SideInspection.limit(of: text(0.064, strokes: strokes), beside: others, usual: 0.119, least: 0.0595)
    }

    @Test func `strokes that differ all along are the lens' and no other dot's`() {
        #expect(limit(strokes: 0.008) > 0.064)
        #expect(limit(strokes: 0.002) < 0.064)
        #expect(limit(strokes: 0.5) < 0.1)
    }
}
