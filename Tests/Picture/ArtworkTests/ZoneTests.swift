import Ground
import Stations
import Testing

@testable import Artwork

struct ZoneTests {
    private func panel(_ zone: [String]) throws -> Bytes {
        try People.artwork.get().render(People.record(), mrz: zone).pixels(.back, .black)
    }

    private let lowest = RectMM(x: 0, y: 53.98 - 23.2, width: 85.6, height: 23.2)

    @Test("glyphs stand every 30 dots and lines every 75, each glyph within its cell")
    func grid() throws {
        let zone = Array(repeating: String(repeating: "H", count: 30), count: 3)
        let window = Window(try panel(zone), rect: lowest)
        let columns = runs(window.columnSums)
        let lines = runs(window.rowSums)
        #expect(columns.count == 30)
        #expect(lines.count == 3)
        let centres = columns.map { Double($0.lowerBound + $0.upperBound) / 2 }
        for (left, right) in zip(centres, centres.dropFirst()) { #expect(abs(right - left - 30) <= 1) }
        #expect(abs((centres[29] - centres[0]) / 29 - 30) < 0.05)
        let middles = lines.map { Double($0.lowerBound + $0.upperBound) / 2 }
        for (upper, lower) in zip(middles, middles.dropFirst()) { #expect(abs(lower - upper - 75) <= 1) }
        // The first cell begins 3 to 5 mm from the card's edge, which lies 2.5 dots inside the raster.
        let firstCell = (Double(window.left) + centres[0] - 15 + 0.5 - 2.49) * 25.4 / 300
        #expect((3.0...5.0).contains(firstCell))
        // OCR-B size 1: capitals about 2.4 mm between stroke centres, so 2.3 to 2.9 mm over all.
        for line in lines { #expect((2.3...2.9).contains(Double(line.count) * 25.4 / 300)) }
    }

    @Test("every character of the alphabet keeps within its own cell")
    func cells() throws {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")
        let raster = try Window(panel(Array(repeating: String(repeating: "H", count: 30), count: 3)), rect: lowest)
        let centres = runs(raster.columnSums).map { Double($0.lowerBound + $0.upperBound) / 2 }
        let first = try #require(centres.first)
        // Every second cell holds a character of the alphabet (45 places for 37), with `<` between them. A glyph that
        // left its cell would join or cross into the next one.
        let padded = alphabet + Array(repeating: "I", count: 45 - alphabet.count)
        let lines = [padded[0..<15], padded[15..<30], padded[30..<45]].map { part in
            part.map { "\($0)<" }.joined()
        }
        let pixels = try panel(lines)
        for row in 0..<3 {
            let line = RectMM(x: 0, y: 32.855 + Double(row) * 6.35, width: 85.6, height: 6.35)
            let found = runs(Window(pixels, rect: line).columnSums)
            #expect(found.count == 30, "line \(row)")
            for run in found {
                let begin: Double = Double(run.lowerBound) - first + 15
                let end: Double = Double(run.upperBound) - first + 15
                #expect(Int(begin) / 30 == Int(end) / 30, "line \(row), dots \(run)")
            }
        }
    }

    @Test("the zone is in resin on the back and in no other panel")
    func onlyResin() throws {
        let document = try People.artwork.get().render(People.record(), mrz: People.zone)
        let place = try #require(document.place("mrz"))
        #expect(place.side == .back)
        #expect(document.panels.filter { $0.side == .back }.map(\.panel) == [.black])
    }

    @Test(
        "a zone of another shape is refused",
        arguments: [
            [], [People.zone[0], People.zone[1]], [People.zone[0], People.zone[1], "SHORT"],
            [People.zone[0], People.zone[1], People.zone[2].lowercased()],
        ])
    func shape(_ zone: [String]) throws {
        let artwork = try People.artwork.get()
        #expect(throws: SakkError("artwork.mrz.shape", source: "", text: "", remedy: "")) {
            try artwork.render(People.record(), mrz: zone)
        }
    }
}
