internal import CPangoCairo
internal import Ground
internal import Stations

/// A cairo image surface with its context. Confined to the call, or to the lock, that made it.
final class Canvas {
    let width: Int
    let height: Int
    let surface: OpaquePointer
    let context: OpaquePointer
    private let bytesAPixel: Int

    init(width: Int, height: Int, format: cairo_format_t) {
        self.width = width
        self.height = height
        bytesAPixel = format == CAIRO_FORMAT_A8 ? 1 : 4
        surface = cairo_image_surface_create(format, Int32(width), Int32(height))
        context = cairo_create(surface)
    }

    convenience init(raster: CardRaster, format: cairo_format_t) {
        self.init(width: raster.width, height: raster.height, format: format)
    }

    deinit {
        cairo_destroy(context)
        cairo_surface_destroy(surface)
    }

    func fillWhite() {
        cairo_set_source_rgb(context, 1, 1, 1)
        cairo_paint(context)
    }

    /// The rows of the picture and the bytes from one row to the next.
    func withRows<Result>(_ body: (UnsafeMutablePointer<UInt8>, Int) -> Result) -> Result {
        cairo_surface_flush(surface)
        guard let data = cairo_image_surface_get_data(surface) else { preconditionFailure("not an image surface") }
        return body(data, Int(cairo_image_surface_get_stride(surface)))
    }

    /// Sets every byte of a box: 255 is white on RGB24, 0 is no coverage on A8.
    func wipe(_ box: PixelBox, to value: UInt8) {
        withRows { rows, stride in
            for y in box.top..<box.bottom {
                let start = rows + y * stride + box.left * bytesAPixel
                start.update(repeating: value, count: (box.right - box.left) * bytesAPixel)
            }
        }
        cairo_surface_mark_dirty(surface)
    }

    /// The picture of an RGB24 surface (little-endian B, G, R, unused).
    func picture() -> Picture {
        let rgb = Bytes(unsafeUninitializedCapacity: width * height * 3) { pixels, filled in
            withRows { rows, stride in
                for y in 0..<height {
                    for x in 0..<width {
                        let pixel = rows + y * stride + x * 4
                        let at = (y * width + x) * 3
                        pixels[at] = pixel[2]
                        pixels[at + 1] = pixel[1]
                        pixels[at + 2] = pixel[0]
                    }
                }
            }
            filled = width * height * 3
        }
        return Picture(width: width, height: height, rgb: rgb)
    }

    /// The coverage of an A8 surface as a resin panel has it: all or nothing, at half coverage.
    func resin() -> Bytes {
        Bytes(unsafeUninitializedCapacity: width * height) { pixels, filled in
            withRows { rows, stride in
                for y in 0..<height {
                    for x in 0..<width { pixels[y * width + x] = rows[y * stride + x] >= 128 ? 255 : 0 }
                }
            }
            filled = width * height
        }
    }
}
