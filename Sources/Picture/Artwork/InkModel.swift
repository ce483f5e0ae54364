internal import Ground
internal import Stations

/// How ink lies on the stock: dye and resin absorb, each channel on its own. Cyan takes red away, magenta green, yellow
/// blue, black all three; what is left is the stock's light times what each layer lets through:
/// `result = stock * (1 - ink) * (1 - black)`. So the panels are C = 255 - R, M = 255 - G, Y = 255 - B of the colour
/// layer, and the composite predicts what a camera sees before the printer's own colour curves.
enum InkModel {
    static func composite(stock: Picture, colour: Picture?, black: Bytes) -> Picture {
        var rgb = stock.rgb
        for pixel in 0..<black.count {
            for channel in 0..<3 {
                let at = pixel * 3 + channel
                var light = Int(rgb[at])
                if let colour { light = (light * Int(colour.rgb[at]) + 127) / 255 }
                rgb[at] = UInt8((light * Int(255 - black[pixel]) + 127) / 255)
            }
        }
        return Picture(width: stock.width, height: stock.height, rgb: rgb)
    }

    /// Ink of one channel: 0 red (cyan), 1 green (magenta), 2 blue (yellow).
    static func ink(of colour: Picture, channel: Int) -> Bytes {
        var pixels = Bytes()
        pixels.reserveCapacity(colour.width * colour.height)
        for at in stride(from: channel, to: colour.rgb.count, by: 3) { pixels.append(255 - colour.rgb[at]) }
        return pixels
    }
}
