import CPangoCairo
import Ground
import Pixels

struct Colour {
    var red: Double
    var green: Double
    var blue: Double

    init(_ hex: UInt32) {
        red = Double(hex >> 16 & 0xFF) / 255
        green = Double(hex >> 8 & 0xFF) / 255
        blue = Double(hex & 0xFF) / 255
    }

    init(red: Double, green: Double, blue: Double) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    func mixed(_ other: Colour, _ share: Double) -> Colour {
        Colour(
            red: red + (other.red - red) * share, green: green + (other.green - green) * share,
            blue: blue + (other.blue - blue) * share)
    }

    func darker(_ share: Double) -> Colour { mixed(Colour(0x0000_0000), share) }
    func lighter(_ share: Double) -> Colour { mixed(Colour(0x00FF_FFFF), share) }
}

struct Stop {
    let place: Double
    let colour: Colour
    let alpha: Double
    init(_ place: Double, _ colour: Colour, _ alpha: Double = 1) {
        self.place = place
        self.colour = colour
        self.alpha = alpha
    }
}

/// A cairo image surface with just the strokes a portrait needs. Coordinates are pixels from the top left.
final class Canvas {
    let width: Int
    let height: Int
    private let surface: OpaquePointer
    private let context: OpaquePointer

    init(width: Int, height: Int) {
        guard let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height)),
            let context = cairo_create(surface)
        else { preconditionFailure("cairo gives a surface") }
        self.width = width
        self.height = height
        self.surface = surface
        self.context = context
    }

    deinit {
        cairo_destroy(context)
        cairo_surface_destroy(surface)
    }

    func move(_ x: Double, _ y: Double) { cairo_move_to(context, x, y) }
    func line(_ x: Double, _ y: Double) { cairo_line_to(context, x, y) }
    func curve(_ ax: Double, _ ay: Double, _ bx: Double, _ by: Double, _ x: Double, _ y: Double) {
        cairo_curve_to(context, ax, ay, bx, by, x, y)
    }
    func close() { cairo_close_path(context) }

    func ellipse(_ x: Double, _ y: Double, _ rx: Double, _ ry: Double) {
        cairo_save(context)
        cairo_translate(context, x, y)
        cairo_scale(context, rx, ry)
        cairo_new_sub_path(context)
        cairo_arc(context, 0, 0, 1, 0, 2 * Double.pi)
        cairo_restore(context)
    }

    func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
        cairo_rectangle(context, x, y, width, height)
    }

    func fill(_ colour: Colour, _ alpha: Double = 1) {
        cairo_set_source_rgba(context, colour.red, colour.green, colour.blue, alpha)
        cairo_fill(context)
    }

    func stroke(_ colour: Colour, width: Double, _ alpha: Double = 1) {
        cairo_set_source_rgba(context, colour.red, colour.green, colour.blue, alpha)
        cairo_set_line_width(context, width)
        cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        cairo_stroke(context)
    }

    func fillLinear(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double, _ stops: [Stop]) {
        fill(cairo_pattern_create_linear(x0, y0, x1, y1), stops)
    }

    func fillRadial(_ x: Double, _ y: Double, _ radius: Double, _ stops: [Stop]) {
        fill(cairo_pattern_create_radial(x, y, 0, x, y, radius), stops)
    }

    /// Draws `body` inside the present path only, which it uses up.
    func clipped(_ body: () -> Void) {
        cairo_save(context)
        cairo_clip(context)
        body()
        cairo_restore(context)
    }

    private func fill(_ pattern: OpaquePointer?, _ stops: [Stop]) {
        for stop in stops {
            let colour = stop.colour
            cairo_pattern_add_color_stop_rgba(
                pattern, stop.place, colour.red, colour.green, colour.blue, stop.alpha)
        }
        cairo_set_source(context, pattern)
        cairo_fill(context)
        cairo_pattern_destroy(pattern)
    }

    /// The pixels, with a grain of `noise` levels as a sensor has it.
    func image(noise: Int, random: inout SeedRandom) -> RGBImage {
        cairo_surface_flush(surface)
        let stride = Int(cairo_image_surface_get_stride(surface))
        guard let data = cairo_image_surface_get_data(surface) else { preconditionFailure("cairo gives pixels") }
        var rgb = Bytes(repeating: 0, count: width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                let word = data.advanced(by: y * stride + x * 4).withMemoryRebound(to: UInt32.self, capacity: 1) {
                    $0.pointee
                }
                // the sum of two draws is denser around zero
                let draw = random.next()
                let span = UInt64(noise * 2 + 1)
                let grain = Int((draw >> 8) % span) + Int((draw >> 32) % span) - 2 * noise
                let target = (y * width + x) * 3
                rgb[target] = UInt8(min(max(Int(word >> 16 & 0xFF) + grain / 2, 0), 255))
                rgb[target + 1] = UInt8(min(max(Int(word >> 8 & 0xFF) + grain / 2, 0), 255))
                rgb[target + 2] = UInt8(min(max(Int(word & 0xFF) + grain / 2, 0), 255))
            }
        }
        return RGBImage(width: width, height: height, rgb: rgb)
    }
}
