internal import CVision
internal import Ground
internal import Stations

/// The same side by another lamp.
extension CardView {
    struct Glow {
        let likeness: Double
        /// Levels of full ink over the ground, and of the ground.
        let levels: Double
        let ground: Double
        /// Of a part against the whole, and where that is.
        let worst: Double
        let place: RectMM
    }

    /// A frame of this side by another lamp; nil when it is not of this camera's size.
    func again(_ frame: FramePixels, fields: [RectMM]) throws(SakkError) -> CardView? {
        var other: OpaquePointer?
        let status = sakk_view_again(handle, frame.handle, fields.map(raster.pixels), fields.count, &other)
        if status == SAKK_VISION_BAD_FRAME { return nil }
        guard status == SAKK_VISION_OK, let other else { throw Self.failure("again") }
        return CardView(owning: other, info: info, raster: raster)
    }

    /// How much of what is pre-printed this view shows as the other one does, and its contrast in levels.
    func alike(_ other: CardView) throws(SakkError) -> (likeness: Double, contrast: Double) {
        var (likeness, contrast) = (0.0, 0.0)
        guard sakk_view_alike(handle, other.handle, &likeness, &contrast) == SAKK_VISION_OK else {
            throw Self.failure("alike")
        }
        return (likeness, contrast)
    }

    /// Nil when next to nothing is on the panel.
    func glow(_ panel: PanelRaster) throws(SakkError) -> Glow? {
        var result = sakk_glow()
        let status = sakk_view_glow(
            handle, panel.pixels, Int32(clamping: panel.width), Int32(clamping: panel.height), &result)
        if status == SAKK_VISION_BAD_FRAME { return nil }
        guard status == SAKK_VISION_OK else { throw Self.failure("glow") }
        return Glow(
            likeness: result.likeness, levels: result.glow, ground: result.ground, worst: result.worst,
            place: raster.millimetres(result.place))
    }

    /// What stands out of the surface by raking light, which this view is of; `share` of the light.
    func relief(white: CardView, share: Double) throws(SakkError) -> [sakk_mark] {
        var marks = [sakk_mark](repeating: sakk_mark(), count: 64)
        var count = 0
        let status = sakk_view_relief(handle, white.handle, share, &marks, marks.count, &count)
        guard status == SAKK_VISION_OK else { throw Self.failure("relief") }
        return Array(marks[..<count])
    }
}
