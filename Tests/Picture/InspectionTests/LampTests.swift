import Ground
import Inspection
import Pixels
import Stations
import Testing

/// A card by four lamps, each frame drawn here: what each shows is told by what the inks are.
struct LampTests {
    /// Rings of fluorescent ink on the front.
    private static let rings: Bytes = {
        var dots = Bytes(repeating: 0, count: 1016 * 648)
        for y in 0..<648 {
            for x in 0..<1016 where (300...900).contains(x) && (150...520).contains(y) {
                let (right, down) = (x - 600, y - 330)
                if (right * right + down * down) / 900 % 3 == 0 { dots[y * 1016 + x] = 255 }
            }
        }
        return dots
    }()

    private static let plan: LightPlan = {
        var plan = LightPlan()
        (plan.zone, plan.fluorescence, plan.surface) = (.infrared, .ultraviolet, .raking)
        return plan
    }()

    private struct Shown {
        var glows = true
        var hasCarbon = true
        var groove = false
        /// Frames that are another lamp's than they say.
        var swapped: [CardLight: CardLight] = [:]
        var without: CardLight?
        var sameNumber = false
    }

    private func request(_ shown: Shown) throws -> InspectionRequest {
        let card = try Cards.card(0)
        let rendered = RenderedDocument(
            sides: card.rendered.sides,
            panels: card.rendered.panels + [
                PanelRaster(side: .front, panel: .fluorescent, width: 1016, height: 648, pixels: Self.rings)
            ],
            fields: card.rendered.fields, ribbon: "ymckuk", dpi: 300)
        var frames: [Frame] = []
        for side in rendered.sides {
            for light in Self.plan.lights(of: side.side, in: rendered) where light != shown.without {
                let picture = picture(side, by: shown.swapped[light] ?? light, rendered, shown)
                let number = shown.sameNumber ? 1 : UInt64(frames.count + 1)
                frames.append(frame(picture, side.side, light, number: number))
            }
        }
        return InspectionRequest(
            attempt: Cards.attempt, rendered: rendered, mrz: card.mrz, portrait: card.portrait, frames: frames)
    }

    private func picture(_ side: RenderedSide, by light: CardLight, _ rendered: RenderedDocument, _ shown: Shown)
        -> RGBImage
    {
        var rgb = side.picture.rgb
        func panel(_ panel: Panel) -> Bytes? {
            rendered.panels.first { $0.side == side.side && $0.panel == panel }?.pixels
        }
        let (black, glow) = (panel(.black), panel(.fluorescent))
        for dot in 0..<1016 * 648 {
            let carbon = shown.hasCarbon ? Double(black?[dot] ?? 0) / 255 : 0
            switch light {
            // exposed as a station is: paper does not fill the sensor
            case .white:
                for channel in 0..<3 { rgb[dot * 3 + channel] = UInt8(Double(rgb[dot * 3 + channel]) * 0.9) }
            case .infrared:
                for channel in 0..<3 { rgb[dot * 3 + channel] = UInt8(215 * (1 - 0.93 * carbon)) }
            case .ultraviolet:
                let ink = shown.glows ? Double(glow?[dot] ?? 0) / 255 : 0
                rgb[dot * 3] = UInt8(8 + 50 * ink)
                rgb[dot * 3 + 1] = UInt8(9 + 120 * ink)
                rgb[dot * 3 + 2] = UInt8(14 + 200 * ink)
            case .raking:
                let (x, y) = (dot % 1016, dot / 1016)
                var share = 0.8
                if shown.groove, side.side == .front, (250...420).contains(y), abs(x - 620 - (y - 250) / 3) <= 1 {
                    share *= x - 620 - (y - 250) / 3 <= 0 ? 0.6 : 1.4
                }
                for channel in 0..<3 {
                    rgb[dot * 3 + channel] = UInt8(min(255, Double(rgb[dot * 3 + channel]) * share))
                }
            }
        }
        return RGBImage(width: 1016, height: 648, rgb: rgb)
    }

    /// The side without its bleed on a dark table, two dots for one.
    private func frame(_ picture: RGBImage, _ side: CardSide, _ light: CardLight, number: UInt64) -> Frame {
        let card = picture.cropped(x: 2, y: 5, width: 1012, height: 638).resized(width: 2024, height: 1276)
        var table = RGBImage(width: 2448, height: 2048, filledWith: RGBColour(20, 20, 20))
        for row in 0..<card.height {
            let (target, source) = (((386 + row) * table.width + 212) * 3, row * card.width * 3)
            table.rgb.replaceSubrange(
                target..<target + card.width * 3, with: card.rgb[source..<source + card.width * 3])
        }
        return Frame(
            attempt: Cards.attempt, side: side, light: light, number: number, width: table.width, height: table.height,
            format: .rgb8, pixels: table.rgb)
    }

    private func result(_ shown: Shown) async throws -> InspectionResult {
        try await CardInspector(lights: Self.plan).inspect(try request(shown))
    }

    @Test func `A good card passes by all four lamps`() async throws {
        let result = try await result(Shown())
        #expect(result.verdict == .pass, "\(result.verdict) \(result.measures)")
        #expect(try #require(result.measures["front.glow_levels"]) > 50_000)
    }

    @Test func `Nothing glows: the fluorescent panel is missing`() async throws {
        #expect(try await result(Shown(glows: false)).codes == ["panel.missing"])
    }

    @Test func `Black that infrared light does not see is no zone for a border`() async throws {
        #expect(try await result(Shown(hasCarbon: false)).codes == ["mrz.infrared"])
    }

    @Test func `A groove without colour is a scratch by raking light`() async throws {
        let result = try await result(Shown(groove: true))
        #expect(result.codes == ["print.scratch"], "\(result.measures)")
        let place = try #require(result.findings.first?.place)
        #expect(abs(place.x - 52) < 2 && abs(place.y - 21) < 2, "\(place)")
    }

    @Test(arguments: [CardLight.infrared, .ultraviolet])
    func `A frame of white light that says it is another's judges nothing`(light: CardLight) async throws {
        #expect(try await result(Shown(swapped: [light: .white])).doubt?.contains("light.other") == true)
    }

    @Test(arguments: [CardLight.infrared, .ultraviolet, .raking, .white])
    func `Without the frame of a lamp nothing passes`(light: CardLight) async throws {
        #expect(try await result(Shown(without: light)).doubt?.contains("frame.missing") == true)
    }

    @Test func `One frame is not that of two lamps`() async throws {
        #expect(try await result(Shown(sameNumber: true)).doubt?.contains("frame.repeated") == true)
    }
}
