import Ground
import Stations
import Testing

@testable import Inspection

/// The print and the stock under it, each where it lies.
@Suite struct StockPlaceTests {
    /// A pale side with words of the mill's, captions and texts: the texts moved by whole pixels.
    private func side(
        _ text: String, moved: (x: Int, y: Int) = (0, 0), caption: (text: String, y: Int), striped: Bool = false
    ) throws -> Picture {
        let raster = SideRaster.td1
        var rgb = Bytes(repeating: 0, count: raster.width * raster.height * 3)
        for y in 0..<raster.height {
            for x in 0..<raster.width {
                let at = (y * raster.width + x) * 3
                let paper: [UInt8] =
                    !striped ? [236, 222, 214] : (x + y) % 21 < 10 ? [230, 236, 222] : [225, 244, 186]
                for channel in 0..<3 { rgb[at + channel] = paper[channel] }
            }
        }
        func write(_ text: String, face: String, size: Double, level: Int, x: Int, y: Int) throws {
            let line = try #require(DrawnLine(text, face: face, size: size))
            for v in 0..<line.height {
                for u in 0..<line.width {
                    let at = ((y + v) * raster.width + x + u) * 3
                    let ink = Int(line.ink[v * line.width + u])
                    for channel in 0..<3 {
                        let paper = Int(rgb[at + channel])
                        rgb[at + channel] = UInt8(paper + (level - paper) * ink / 255)
                    }
                }
            }
        }
        for (y, x) in [(40, 100), (40, 560), (560, 100), (560, 560)] where !striped {
            try write("UTOPIA SPECIMEN", face: "DejaVu Sans, Book", size: 30, level: 70, x: x, y: y)
        }
        for row in 0..<4 {
            let y = 120 + 110 * row
            try write(text, face: "DejaVu Sans, Bold", size: 34, level: 0, x: 100 + moved.x, y: y + moved.y)
            try write("12.04.1987", face: "DejaVu Sans, Book", size: 34, level: 0, x: 560 + moved.x, y: y + moved.y)
            try write(caption.text, face: "DejaVu Sans, Book", size: 22, level: 76, x: 102, y: y + caption.y)
            try write(caption.text, face: "DejaVu Sans, Book", size: 22, level: 76, x: 562, y: y + caption.y)
        }
        return Picture(width: raster.width, height: raster.height, rgb: rgb)
    }

    private func inspect(_ reference: Picture, _ capture: Picture, high: Double) throws -> PictureResult {
        let raster = SideRaster.td1
        let fields = (0..<8).map { index in
            let perMM = SideRaster.pixelsPerMM
            let box = RectMM(
                x: (Double(98 + 460 * (index % 2)) - raster.originX) / perMM,
                y: (Double(112 + 110 * (index / 2)) - raster.originY) / perMM, width: 300 / perMM, height: high / perMM)
            return FieldPlace(name: "text\(index)", kind: .text, side: .front, rect: box, text: "")
        }
        return try Pictures.inspector.inspect(
            PictureJob(side: .front, reference: reference, capture: capture, fields: fields, expected: .init()))
    }

    /// The middle of its letters lies in the box.
    @Test(arguments: [(2, 3), (-3, 2)]) func `a caption that reaches into a text's box is no text of its`(
        moved: (x: Int, y: Int)
    ) throws {
        let caption = ("Name mux", 38)
        let reference = try side("KARWAN", caption: caption)
        let result = try inspect(reference, try side("KARWAN", moved: moved, caption: caption), high: 60)
        #expect(result.verdict == .pass, "\(result.findings) \(result.measures)")
    }

    /// The stripes are yellow, which grey hardly shows, and run one way.
    @Test(arguments: [(-2, 2), (3, -2)]) func `a stock of pale stripes lies where they lie and not where the print is`(
        moved: (x: Int, y: Int)
    ) throws {
        let caption = ("Name mux", 56)
        let reference = try side("KARWAN", caption: caption, striped: true)
        let capture = try side("KARWAN", moved: moved, caption: caption, striped: true)
        let result = try inspect(reference, capture, high: 60)
        #expect(result.verdict == .pass, "\(result.findings)")
        #expect(try #require(result.measures.first { $0.name == "front.stock_offset_mm" }).value < 0.03)
    }
}
