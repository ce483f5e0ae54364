import Ground
import Stations
import Testing

@testable import Artwork

struct DocumentTests {
    @Test("a record becomes two sides and six panels of the printer's raster")
    func shape() throws {
        let document = try People.artwork.get().render(People.record(), mrz: People.zone)
        #expect(document.sides.map(\.side) == [.front, .back])
        let panels = document.panels.map { "\($0.side.rawValue) \($0.panel.rawValue)" }
        #expect(panels == ["front y", "front m", "front c", "front k", "front o", "back k"])
        #expect(document.panels.allSatisfy { $0.width == 1016 && $0.height == 648 })
        #expect(document.sides.allSatisfy { $0.picture.width == 1016 && $0.picture.height == 648 })
        #expect(document.ribbon == "ymckok")
        print("FILE", People.write(CardArtwork.preview(document)))
    }
}
