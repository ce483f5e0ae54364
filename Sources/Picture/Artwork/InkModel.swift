internal import Ground
internal import Stations

/// How ink lies on the stock: dye and resin absorb, each channel on its own. Cyan takes red away, magenta green, yellow
/// blue, black all three; what is left is the stock's light times what each layer lets through:
/// `result = stock * (1 - ink) * (1 - black)`. So the panels are C = 255 - R, M = 255 - G, Y = 255 - B of the colour
/// layer, and the composite predicts what a camera sees before the printer's own colour curves.
enum InkModel {
    static func composite(stock: Picture, colour: Picture?, black: Bytes) -> Picture {
        var rgb = stock.rgb
        rgb.withUnsafeMutableBufferPointer { light in
            if let colour {
                colour.rgb.withUnsafeBufferPointer { through in
                    for at in 0..<through.count where through[at] != 255 {
                        light[at] = UInt8((Int(light[at]) * Int(through[at]) + 127) / 255)
                    }
                }
            }
            for (pixel, ink) in black.enumerated() where ink > 0 {
                for at in pixel * 3..<pixel * 3 + 3 {
                    light[at] = UInt8((Int(light[at]) * Int(255 - ink) + 127) / 255)
                }
            }
        }
        return Picture(width: stock.width, height: stock.height, rgb: rgb)
    }

    /// Ink of one channel: 0 red (cyan), 1 green (magenta), 2 blue (yellow).
    static func ink(of colour: Picture, channel: Int) -> Bytes {
        let count = colour.width * colour.height
        return Bytes(unsafeUninitializedCapacity: count) { pixels, filled in
            for pixel in 0..<count { pixels[pixel] = 255 - colour.rgb[pixel * 3 + channel] }
            filled = count
        }
    }
}
