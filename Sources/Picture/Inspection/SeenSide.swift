public import Ground
public import Stations

/// A side of a card as the camera saw it, laid on the raster of the artwork: beside the rendering, place by place.
public enum SeenSide {
    /// Nil when no card was found in the frame, or its bytes do not fill it. Throws `inspection.failed`.
    public static func picture(_ frame: Frame, on raster: SideRaster) throws(SakkError) -> Picture? {
        guard case .view(let view) = try CardView.open(frame, raster: raster) else { return nil }
        return Picture(width: raster.width, height: raster.height, rgb: try view.picture())
    }
}
