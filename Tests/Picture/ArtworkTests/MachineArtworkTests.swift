import Glibc
import Ground
import Stations
import Testing

@testable import Artwork

/// A machine of 600 dpi gets panels of 600 dpi; eyes and camera get sides and fields of 300.
@Suite struct MachineArtworkTests {
    @Test("panels as fine as the machine, sides as a camera sees them")
    func both() throws {
        let fine = try CardArtwork(template: try People.template(), raster: CardRaster(dpi: 600), decode: People.decode)
        let drawn = try fine.render(People.record(), mrz: People.zone)
        let document = try MachineArtwork(fine).render(People.record(), mrz: People.zone)
        #expect(document.panels.map(\.pixels) == drawn.panels.map(\.pixels))
        #expect(document.panels.allSatisfy { $0.width == 2032 && $0.height == 1296 })
        #expect(document.fields == drawn.fields && document.dpi == 600)
        for (side, whole) in zip(document.sides, drawn.sides) {
            #expect(side.picture.width == 1016 && side.picture.height == 648)
            // another program's mean of four dots
            let files = [People.write(whole.picture), People.write(side.picture)]
            defer { files.forEach { unlink($0) } }
            let most = Tool.output(
                "convert \(files[0]) -filter box -resize 50% \(files[1]) -compose difference -composite "
                    + "-format '%[fx:round(255*maxima)]' info:")
            #expect(most.flatMap { Int($0) }.map { $0 <= 1 } == true, "\(most ?? "nothing")")
        }
    }
}
