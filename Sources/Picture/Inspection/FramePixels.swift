internal import CVision
internal import Ground
internal import Stations

/// A picture in the library's hands, for all that is looked for in it.
final class FramePixels {
    let handle: OpaquePointer

    private init(owning handle: OpaquePointer) { self.handle = handle }

    deinit { sakk_frame_close(handle) }

    /// Nil when the bytes do not fill the size, or it is too small or too large to hold a document.
    static func open(_ frame: Frame) throws(SakkError) -> FramePixels? {
        let format =
            switch frame.format {
            case .mono8: SAKK_FRAME_MONO
            case .rgb8: SAKK_FRAME_RGB
            case .bayerRG8: SAKK_FRAME_BAYER_RG
            }
        return try open(frame.pixels, width: frame.width, height: frame.height, format)
    }

    static func open(_ picture: Picture) throws(SakkError) -> FramePixels? {
        try open(picture.rgb, width: picture.width, height: picture.height, SAKK_FRAME_RGB)
    }

    /// The picture on a raster, where the document's place in it is known; nil when it is too small to hold one.
    func laid(_ place: RectMM, on raster: SideRaster) throws(SakkError) -> Bytes? {
        var status = SAKK_VISION_OK
        let count = raster.width * raster.height * 3
        let box = sakk_rect(x: place.x, y: place.y, width: place.width, height: place.height)
        let rgb = Bytes(unsafeUninitializedCapacity: count) { buffer, filled in
            buffer.initialize(repeating: 0)
            status = sakk_frame_lay(handle, box, raster.forLibrary, buffer.baseAddress)
            filled = count
        }
        if status == SAKK_VISION_BAD_FRAME { return nil }
        guard status == SAKK_VISION_OK else { throw CardView.failure("frame") }
        return rgb
    }

    private static func open(
        _ pixels: Bytes, width: Int, height: Int, _ format: sakk_frame_format
    ) throws(SakkError) -> FramePixels? {
        var handle: OpaquePointer?
        let status = sakk_frame_open(
            pixels, pixels.count, Int32(clamping: width), Int32(clamping: height), format, &handle)
        if status == SAKK_VISION_BAD_FRAME { return nil }
        guard status == SAKK_VISION_OK, let handle else { throw CardView.failure("frame") }
        return FramePixels(owning: handle)
    }
}
