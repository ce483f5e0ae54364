import Ground
import PlantCamera

/// What can go wrong with the ink itself, so that the machine knows nothing of it.
public enum PrintMark: String, Sendable, CaseIterable {
    /// No ink at all.
    case blank
    /// One dye lays half of what it should.
    case weakPanel = "weak_panel"
    /// One dye lies 0.4 mm off the others.
    case shiftedPanel = "shifted_panel"
    /// All of it lies a millimetre off the card.
    case shiftedPrint = "shifted_print"
    /// Three elements of the head lay nothing, along the whole card.
    case deadElements = "dead_elements"
    /// A scratch of 0.25 mm, a grain of 0.9 mm under the ribbon.
    case scratch
    case dust
    /// Half dry ink was wiped.
    case smudge
    /// A quarter of the card before.
    case ghost
    /// One character of each line of the machine readable zone stands where another belongs.
    case character
    /// The black of this ribbon is made of dyes.
    case dyedBlack = "dyed_black"
    /// A scratch of 14 mm through the cover that takes no ink along, and a fold of the film: raking light shows them.
    case groove
    case wrinkle

    /// Which side it is on; the others are on both.
    var side: String? {
        switch self {
        case .scratch, .dust, .smudge, .weakPanel, .shiftedPanel, .deadElements, .groove, .wrinkle:
            "front"
        case .character: "back"
        case .blank, .shiftedPrint, .ghost, .dyedBlack: nil
        }
    }

    /// The dots of one panel as they come. `dye` is the panel of those marks that are one panel's, `before` what this panel
    /// laid on the card before.
    func apply(to dots: Bytes, panel: Character, side: String, shape: FaceShape, dye: Character, before: Bytes?)
        -> Bytes
    {
        guard self.side ?? side == side else { return dots }
        let (width, height) = (shape.inkWidth, shape.inkHeight)
        var result = dots
        func moved(_ right: Int, _ down: Int) {
            for y in 0..<height {
                for x in 0..<width {
                    let (fromX, fromY) = (x - right, y - down)
                    let isInside = (0..<width).contains(fromX) && (0..<height).contains(fromY)
                    result[y * width + x] = isInside ? dots[fromY * width + fromX] : 0
                }
            }
        }
        // where a portrait is, on most documents
        let (centreX, centreY) = (width * 17 / 100, height / 2)
        switch self {
        case .blank: return Bytes(repeating: 0, count: dots.count)
        case .weakPanel where panel == dye: return dots.map { $0 / 2 }
        case .shiftedPanel where panel == dye: moved(4, 3)
        case .shiftedPrint: moved(10, -7)
        case .deadElements:
            for y in centreY..<centreY + 3 {
                for x in 0..<width { result[y * width + x] = 0 }
            }
        case .scratch where panel != "o":
            for step in 0..<150 {
                for thickness in 0..<3 {
                    result[(centreY - 40 + step / 2 + thickness) * width + centreX - 60 + step] = 0
                }
            }
        case .dust where panel != "o":
            for y in -5...5 {
                for x in -5...5 where x * x + y * y <= 27 { result[(centreY + 30 + y) * width + centreX + x] = 0 }
            }
        case .smudge where panel == "k":
            for y in -30...30 {
                for x in -60...60 where x * x / 4 + y * y <= 900 {
                    let place = (centreY + y) * width + centreX + x
                    result[place] = UInt8(min(255, Int(result[place]) + 90 * (900 - x * x / 4 - y * y) / 900))
                }
            }
        case .ghost:
            guard let before, panel != "o" else { return dots }
            result = zip(dots, before).map { UInt8(min(255, Int($0) + Int($1) / 4)) }
        case .character where panel == "k":
            // cells of 30 dots, two to the left of them
            for y in height * 6 / 10..<height {
                for x in 0..<30 { result[y * width + 500 + x] = dots[y * width + 440 + x] }
            }
        default: break
        }
        return result
    }

    /// What it leaves in the surface, micrometres; nil: nothing.
    func relief(_ shape: FaceShape) -> [Int8]? {
        guard self == .groove || self == .wrinkle else { return nil }
        let (width, height) = (shape.inkWidth, shape.inkHeight)
        var relief = [Int8](repeating: 0, count: width * height)
        for y in 0..<height {
            for x in 0..<width {
                // how far it is from a line across the middle of the card, in dots
                let (right, down) = (x - width * 55 / 100, y - height * 45 / 100)
                if self == .groove {
                    let along = Double(right) * 0.5 + Double(down) * 0.866
                    let across = Double(right) * 0.866 - Double(down) * 0.5
                    if abs(along) < 82, abs(across) < 1.6 { relief[y * width + x] = -9 }
                } else {
                    let along = Double(right) * 0.966 + Double(down) * 0.259
                    let across = Double(right) * 0.259 - Double(down) * 0.966
                    guard abs(along) < 150, abs(across) < 16 else { continue }
                    relief[y * width + x] = Int8(18 * (1 - across * across / 256))
                }
            }
        }
        return relief
    }
}
