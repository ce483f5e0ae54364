import Ground
import Stations

/// A card that shows what a printer does: a frame at the edge, a ruler of 5 mm, a wedge for each panel. It says of nobody
/// anything.
enum TestCardArt {
    /// One raster for each panel of the ribbon: colours, overlay and the first black on the front, a second black behind.
    static func job(ribbon: String, width: Int, height: Int) -> PrintJob {
        var panels: [PanelRaster] = []
        var seen: Set<Panel> = []
        // a laser's one plane
        guard ribbon != "laser" else {
            return PrintJob(
                attempt: AttemptID("TEST-CARD"), ribbon: ribbon, panels: [raster(.black, .front, width, height)])
        }
        for letter in ribbon {
            guard let panel = Panel(rawValue: String(letter)) else { continue }
            let side: CardSide = seen.insert(panel).inserted ? .front : .back
            panels.append(raster(panel, side, width, height))
        }
        return PrintJob(attempt: AttemptID("TEST-CARD"), ribbon: ribbon, panels: panels)
    }

    private static func raster(_ panel: Panel, _ side: CardSide, _ width: Int, _ height: Int) -> PanelRaster {
        var dots = Bytes(repeating: panel == .overlay ? 255 : 0, count: width * height)
        let millimetre = Double(width) / 85.6
        let bands: [Panel] = [.yellow, .magenta, .cyan, .black, .fluorescent]
        if let band = bands.firstIndex(of: panel) {
            let top = height * (2 * band + 1) / 12
            for y in top..<(top + height / 12) {
                for x in (width / 10)..<(width * 9 / 10) {
                    dots[y * width + x] = UInt8((x - width / 10) * 255 / (width * 8 / 10))
                }
            }
        }
        if panel == .black {
            for y in 0..<height {
                for x in 0..<width where x < 4 || y < 4 || x >= width - 4 || y >= height - 4 {
                    dots[y * width + x] = 255
                }
            }
            for mark in 1..<17 {
                let x = Int(Double(5 * mark) * millimetre)
                for y in 4..<(height / (mark % 2 == 0 ? 14 : 20)) where x < width { dots[y * width + x] = 255 }
            }
        }
        return PanelRaster(side: side, panel: panel, width: width, height: height, pixels: dots)
    }
}
