public import Ground
public import Stations

/// Panels as the printer wants them (P1, P3, P4): one byte a pixel, turned by 180 degrees, in the middle of the plane.
public enum XIDRaster {
    /// Nil when the picture does not fit into the plane.
    public static func plane(_ raster: PanelRaster, width: Int, height: Int) -> Bytes? {
        guard raster.width <= width, raster.height <= height else { return nil }
        let left = (width - raster.width) / 2
        let top = (height - raster.height) / 2
        let twoLevels = raster.panel == .black || raster.panel == .peelOff
        var plane = Bytes(repeating: 0, count: width * height)
        raster.pixels.withUnsafeBufferPointer { source in
            plane.withUnsafeMutableBufferPointer { target in
                var index = 0
                for row in 0..<raster.height {
                    var place = (height - 1 - row - top) * width + (width - 1 - left)
                    for _ in 0..<raster.width {
                        let dot = source[index]
                        target[place] = twoLevels ? (dot >= 128 ? 255 : 0) : dot
                        index += 1
                        place -= 1
                    }
                }
            }
        }
        return plane
    }
}

extension XIDPlane {
    /// Nil for a panel that the family does not have: the film itself is the cover.
    public init?(_ panel: Panel) {
        switch panel {
        case .yellow: self = .yellow
        case .magenta: self = .magenta
        case .cyan: self = .cyan
        case .black: self = .black
        case .peelOff: self = .peelOff
        case .fluorescent: self = .fluorescent
        case .overlay: return nil
        }
    }
}
