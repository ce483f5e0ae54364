public import Ground

/// What shines on the card.
public enum Lamp: String, Sendable, Hashable, CaseIterable {
    case white, raking, uv, infrared
}

extension CardFace {
    /// What a colour sensor sees by one lamp, at that lamp's nominal exposure: RGB at 600 dpi.
    ///
    /// - white: `seen()`.
    /// - raking: the same light from the left, under a low angle: a rise turns brighter on its left and darker on its right.
    /// - uv (365 nm behind a filter that holds it back): the card is dull, the fluorescent ink gives blue light of its own,
    ///   which black lets through as little as any other.
    /// - infrared (850 nm): dyes and the mill's inks are clear, carbon black is black; all three colours of the sensor see
    ///   nearly the same.
    public func seen(by lamp: Lamp) -> Bytes {
        switch lamp {
        case .white: seen()
        case .raking: raked()
        case .uv:
            picture { u, k, _, _, _ in
                let glow = u * (1 - 0.9 * k)
                return (7 + 58 * glow, 8 + 130 * glow, 14 + 205 * glow)
            }
        case .infrared:
            picture { _, k, _, _, _ in
                let back = 215 * (1 - 0.93 * k)
                return (back, 0.97 * back, 0.98 * back)
            }
        }
    }

    /// Each dot of ink to the light that comes back, `u` and `k` 0 to 1, on four dots of the stock.
    private func picture(_ light: (Float, Float, UInt8, UInt8, UInt8) -> (Float, Float, Float)) -> Bytes {
        var picture = stock
        let fluorescent = inks["u"]
        let carbon = inks["k"]
        for row in 0..<shape.stockHeight {
            let inkRow = (row / 2) * shape.inkWidth
            var index = row * shape.stockWidth * 3
            for column in 0..<shape.stockWidth {
                let ink = inkRow + column / 2
                let (red, green, blue) = light(
                    Float(fluorescent?[ink] ?? 0) / 255, Float(carbon?[ink] ?? 0) / 255, stock[index], stock[index + 1],
                    stock[index + 2])
                picture[index] = UInt8(red)
                picture[index + 1] = UInt8(green)
                picture[index + 2] = UInt8(blue)
                index += 3
            }
        }
        return picture
    }

    private func raked() -> Bytes {
        var picture = seen()
        let width = shape.stockWidth
        for row in 0..<shape.stockHeight {
            let line = (row / 2) * shape.inkWidth
            for column in 0..<width {
                let ink = column / 2
                var shade: Float = 0.8
                if let relief, ink > 0, ink < shape.inkWidth - 1 {
                    // a slope of a micrometre a dot is a tenth more light, or less
                    let slope = Float(Int(relief[line + ink + 1]) - Int(relief[line + ink - 1])) / 2
                    shade *= max(0.1, 1 + 0.1 * slope)
                }
                for channel in 0..<3 {
                    let index = (row * width + column) * 3 + channel
                    picture[index] = UInt8(min(255, Float(picture[index]) * shade))
                }
            }
        }
        return picture
    }
}
