internal import CPangoCairo
internal import Ground
internal import Stations

/// A cairo image surface of a card raster with its context. Confined to the call that made it.
final class Canvas {
    let raster: CardRaster
    let surface: OpaquePointer
    let context: OpaquePointer

    init(raster: CardRaster, format: cairo_format_t) {
        self.raster = raster
        surface = cairo_image_surface_create(format, Int32(raster.width), Int32(raster.height))
        context = cairo_create(surface)
    }

    deinit {
        cairo_destroy(context)
        cairo_surface_destroy(surface)
    }

    func fillWhite() {
        cairo_set_source_rgb(context, 1, 1, 1)
        cairo_paint(context)
    }

    private func withRows<Result>(_ body: (UnsafePointer<UInt8>, Int) -> Result) -> Result {
        cairo_surface_flush(surface)
        guard let data = cairo_image_surface_get_data(surface) else { preconditionFailure("not an image surface") }
        return body(UnsafePointer(data), Int(cairo_image_surface_get_stride(surface)))
    }

    /// The picture of an RGB24 surface (little-endian B, G, R, unused).
    func picture() -> Picture {
        var rgb = Bytes()
        rgb.reserveCapacity(raster.width * raster.height * 3)
        withRows { rows, stride in
            for y in 0..<raster.height {
                for x in 0..<raster.width {
                    let pixel = rows + y * stride + x * 4
                    rgb.append(pixel[2])
                    rgb.append(pixel[1])
                    rgb.append(pixel[0])
                }
            }
        }
        return Picture(width: raster.width, height: raster.height, rgb: rgb)
    }

    /// The coverage of an A8 surface as a resin panel has it: all or nothing, at half coverage.
    func resin() -> Bytes {
        var pixels = Bytes()
        pixels.reserveCapacity(raster.width * raster.height)
        withRows { rows, stride in
            for y in 0..<raster.height {
                for x in 0..<raster.width { pixels.append(rows[y * stride + x] >= 128 ? 255 : 0) }
            }
        }
        return pixels
    }
}
