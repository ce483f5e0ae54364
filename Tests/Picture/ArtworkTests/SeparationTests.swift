import Glibc
import Ground
import Stations
import Testing

@testable import Artwork

/// Panels put together again by another program, and what each layer may and may not hold.
struct SeparationTests {
    private static func drawing(_ side: String, withoutStock: Bool) throws -> Bytes {
        let text = String(decoding: try TemplateFile.read("\(People.folder)/\(side).svg"), as: UTF8.self)
        guard withoutStock else { return Array(text.utf8) }
        let begin = try #require(text.firstRange(of: "<g id=\"stock\">")).upperBound
        let end = try #require(text.firstRange(of: "<g id=\"personal\">")).lowerBound
        return Array((text[..<begin] + "</g>" + text[end...]).utf8)
    }

    private func document(withoutStock: Bool, dpi: Double) throws -> RenderedDocument {
        let template = try ArtworkTemplate.load([
            .init(side: .front, file: "front.svg", svg: try Self.drawing("front", withoutStock: withoutStock)),
            .init(side: .back, file: "back.svg", svg: try Self.drawing("back", withoutStock: withoutStock)),
        ])
        return try CardArtwork(template: template, raster: CardRaster(dpi: dpi), decode: People.decode)
            .render(People.record(), mrz: People.zone)
    }

    private func file(_ panel: PanelRaster?) throws -> String {
        let panel = try #require(panel)
        return People.write(
            Picture(width: panel.width, height: panel.height, rgb: panel.pixels.flatMap { [$0, $0, $0] }))
    }

    @Test("ImageMagick makes the personal layer of the panels, and nothing of the stock", arguments: [300.0, 600])
    func recombined(_ dpi: Double) throws {
        let whole = try document(withoutStock: false, dpi: dpi)
        let personal = try document(withoutStock: true, dpi: dpi)
        #expect(whole.panels.map(\.pixels) == personal.panels.map(\.pixels), "no stock in any panel")
        let files = try [Panel.cyan, .magenta, .yellow, .black].map { wanted in
            try file(whole.panels.first { $0.side == .front && $0.panel == wanted })
        }
        let layer = People.write(try #require(personal.sides.first).picture)
        defer { for name in files + [layer] { unlink(name) } }
        // channels are what each ink lets through, then what resin lets through
        let inks = files.prefix(3).map { "\\( '\($0)' -colorspace gray -negate \\)" }.joined(separator: " ")
        let made =
            "convert \(inks) -set colorspace sRGB -combine \\( '\(files[3])' -negate \\) -compose multiply -composite"
        let difference = try #require(
            Tool.output("\(made) '\(layer)' -compose difference -composite -format '%[fx:round(255*maxima)]' info:"))
        #expect(try #require(Int(difference)) <= 1, "levels of 255")
        let ink = try #require(Tool.output("\(made) -negate -format '%[fx:round(1000*mean)]' info:"))
        #expect(try #require(Int(ink)) > 50, "there is something to compare")
    }

    @Test("ultraviolet ink is in its own panel alone, and the varnish has its hole")
    func layers() throws {
        let document = try EveryKind.artwork(dpi: 300).render(EveryKind.record, mrz: People.zone)
        #expect(
            document.panels.filter { $0.side == .front }.map(\.panel) == [
                .yellow, .magenta, .cyan, .black, .fluorescent, .overlay,
            ])
        let uv = document.pixels(.front, .fluorescent)
        let circle = Window(uv, rect: RectMM(x: 54, y: 38, width: 12, height: 12))
        #expect(abs(Double(circle.count) / (3.14159 * 36 * 139.5) - 1) < 0.02, "a disc of 6 mm")
        #expect(Window(uv, rect: RectMM(x: 30, y: 4, width: 12, height: 15)).count > 5000, "the second portrait")
        let overlay = document.pixels(.front, .overlay)
        let hole = RectMM(x: 70, y: 40, width: 8, height: 8)
        #expect(overlay.count { $0 == 0 } == overlay.count - overlay.count { $0 == 255 })
        #expect(abs(Double(overlay.count { $0 == 0 }) / (64 * 139.5) - 1) < 0.03)
        let window = Window(overlay, rect: hole)
        #expect(window.ink[window.ink.count / 2 + window.width / 2] == false)
        // white light shows no ultraviolet ink
        let front = try #require(document.sides.first).picture
        let at = (Int(5.22 + 44 * 11.811) * 1016 + Int(2.49 + 60 * 11.811)) * 3
        #expect(Array(front.rgb[at..<at + 3]) == [0xE8, 0xEE, 0xF0])
    }

    @Test("at 600 dpi every field lies where it lies at 300")
    func resolutions() throws {
        let (coarse, fine) = (
            try document(withoutStock: false, dpi: 300), try document(withoutStock: false, dpi: 600)
        )
        #expect(fine.dpi == 600)
        #expect(fine.panels.allSatisfy { $0.width == 2032 && $0.height == 1296 })
        #expect(fine.fields == coarse.fields)
        for side in CardSide.allCases {
            let (small, large) = (coarse.pixels(side, .black), fine.pixels(side, .black))
            var apart = 0
            for y in 0..<648 {
                for x in 0..<1016 {
                    let four = [(0, 0), (0, 1), (1, 0), (1, 1)].count {
                        large[(2 * y + $0.0) * 2032 + 2 * x + $0.1] > 0
                    }
                    if (four >= 3) != (small[y * 1016 + x] > 0), four != 2, four != 1, four != 3 { apart += 1 }
                }
            }
            #expect(Double(apart) / Double(small.count { $0 > 0 }) < 0.12, "\(side)")
        }
    }

    @Test("what a retransfer printer takes off again is where no varnish lies")
    func peelOff() throws {
        let template = try ArtworkTemplate.load(
            [.init(side: .front, file: "front.svg", svg: EveryKind.front)], ribbon: "ymckup")
        let off = try CardArtwork(template: template, decode: People.decode)
            .render(People.record(), mrz: People.zone).pixels(.front, .peelOff)
        #expect(abs(Double(off.count { $0 == 255 }) / (64 * 139.5) - 1) < 0.03)
        #expect(Window(off, rect: RectMM(x: 71, y: 41, width: 6, height: 6)).ink.allSatisfy { $0 })
    }

    @Test("where the chip has contacts no varnish lies")
    func contacts() throws {
        let drawing = TemplateTests.Case(
            testDescription: "", code: "",
            root: #"width="85.6mm" height="53.98mm" viewBox="0 0 85.6 53.98" data-contacts="yes""#
        ).drawing
        let template = try ArtworkTemplate.load([.init(side: .front, file: "front.svg", svg: drawing)])
        let overlay = try CardArtwork(template: template, decode: People.decode)
            .render(People.record(), mrz: []).pixels(.front, .overlay)
        // C1 to C8 of ISO/IEC 7816-2 reach from 10.25 to 19.87 mm and from 19.23 to 28.55 mm
        let window = Window(overlay, rect: RectMM(x: 10.25, y: 19.23, width: 9.62, height: 9.32))
        #expect(window.count == 0)
        #expect(overlay.count { $0 == 0 } < 13 * 13 * 140)
    }
}
