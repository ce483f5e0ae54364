import Ground
import Stations
import Synchronization
import Testing

@testable import Artwork

/// A machine of 600 dpi gets panels of 600 dpi; eyes and camera get sides and fields of 300.
@Suite struct MachineArtworkTests {
    /// Another signature each time, as a token makes them.
    private final class Signer: Sendable {
        let made = Mutex<UInt8>(0)
        func seal() -> Bytes {
            let number = made.withLock { made -> UInt8 in
                made += 1
                return made
            }
            return Bytes(repeating: number, count: 60)
        }
    }

    private func drawing(_ personal: String) -> Bytes {
        Bytes(
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="85.6mm" height="53.98mm" viewBox="0 0 85.6 53.98">
            <g id="stock"/><g id="personal">\(personal)</g>
            </svg>
            """.utf8)
    }

    private func artwork(dpi: Double, _ signer: Signer) throws -> CardArtwork {
        let seal =
            #"<rect x="4" y="4" width="24" height="24" data-field="vds" data-kind="vds" data-panel="k" data-feature="FB06"/>"#
        let template = try ArtworkTemplate.load(
            [
                .init(side: .front, file: "front.svg", svg: drawing(seal)),
                .init(side: .back, file: "back.svg", svg: drawing(TemplateTests.zone())),
            ], ribbon: "ymckok")
        return try CardArtwork(
            template: template, raster: CardRaster(dpi: dpi), seal: { (_, _, _) throws(SakkError) in signer.seal() },
            decode: People.decode)
    }

    @Test("panels as fine as the machine, sides as the camera compares them, one seal on both")
    func both() throws {
        let signer = Signer()
        let (seen, fine) = (try artwork(dpi: 300, signer), try artwork(dpi: 600, signer))
        let document = try MachineArtwork(sides: seen, panels: fine).render(People.record(), mrz: People.zone)
        #expect(document.sides.allSatisfy { $0.picture.width == 1016 && $0.picture.height == 648 })
        #expect(document.panels.allSatisfy { $0.width == 2032 && $0.height == 1296 })
        #expect(document.dpi == 600)
        #expect(signer.made.withLock { $0 } == 1)
        // the seal's modules on the side are those of the panel, two dots for each
        let side = try #require(document.sides.first).picture
        let black = try #require(document.panels.first { $0.side == .front && $0.panel == .black })
        let dark = (0..<1016 * 648).filter { side.rgb[$0 * 3] < 128 }
        #expect(!dark.isEmpty)
        let alike = dark.count { black.pixels[($0 / 1016 * 2 + 1) * 2032 + $0 % 1016 * 2 + 1] == 255 }
        #expect(alike * 100 > dark.count * 90)
    }
}
