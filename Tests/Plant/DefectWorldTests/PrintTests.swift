import Ground
import Testing

@testable import DefectWorld

@Suite struct PrintTests {
    /// A card of one colour, with a black square of resin in its middle.
    private let layout: Layout
    private let personal: SidePainter.Personal
    private let stock: Sheet

    init() {
        let layout = Layout(
            isPassport: false, dotsPerMM: 12, isBilevel: true, isGroundPrinted: false, hasWindow: true)
        var resin = Bytes(repeating: 0, count: layout.dotsWide * layout.dotsHigh)
        for y in 300..<348 {
            for x in 490..<538 { resin[y * layout.dotsWide + x] = 255 }
        }
        personal = SidePainter.Personal(
            colour: Sheet(width: layout.dotsWide, height: layout.dotsHigh, grey: 120), resin: resin)
        let size = CardFace.size(layout)
        stock = Sheet(width: size.width, height: size.height, grey: 255)
        self.layout = layout
    }

    private func press(_ change: (inout Press) -> Void = { _ in }) -> CardFace {
        var dice = Dice(1)
        var press = Press(&dice)
        press.density = [:]
        press.register = [:]
        press.shift = (0, 0)
        press.turn = 0
        press.stretch = 1
        press.grain = 0
        press.banding = 0
        press.crosstalk = 0
        change(&press)
        return press.print(personal, on: stock, layout: layout, tone: 2.2, tint: .white, seed: 1)
    }

    /// Mean place of what is darker than the dyes alone, in mm.
    private func square(_ face: CardFace) -> (x: Double, y: Double) {
        var sum = (x: 0.0, y: 0.0)
        var count = 0.0
        for y in 0..<face.height {
            for x in 0..<face.width where face.green[y * face.width + x] < 0.08 {
                sum.x += (Double(x) + 0.5) / face.scale
                sum.y += (Double(y) + 0.5) / face.scale
                count += 1
            }
        }
        return (sum.x / count, sum.y / count)
    }

    @Test func aShiftMovesThePrintByItsMillimetres() {
        let before = square(press())
        let after = square(press { $0.shift = (0.8, -0.5) })
        #expect((after.x - before.x - 0.8).magnitude < 0.02)
        #expect((after.y - before.y + 0.5).magnitude < 0.02)
    }

    @Test func aMissingPanelLetsItsThirdOfTheLightBack() {
        let face = press { $0.faults = [.weak([.magenta], factor: 0, area: nil)] }
        #expect(face.green[0] > 0.99)
        #expect(face.red[0] < 0.3)
        #expect(face.blue[0] < 0.3)
    }

    @Test func aDeadElementsLineIsAsWideAsItSays() {
        let width = 0.25
        let face = press {
            $0.faults = [.deadLine([.cyan], at: 10, width: width, strength: 1, isUpright: false)]
        }
        let column = (0..<face.height).map { Double(face.red[$0 * face.width + 100]) }
        let (ink, bare) = (column[0], 1.0)
        let missing = column.reduce(0) { $0 + ($1 - ink) } / (bare - ink) / face.scale
        #expect((missing - width).magnitude < 0.03)
        #expect(face.green[240 * face.width + 100] < 0.3)
    }

    @Test func whatCannotBeSeenIsSaidToBeInvisible() {
        let rig = Rig(Dice(4), widthMM: layout.width, heightMM: layout.height)
        let bare = CardFace(stock: stock, width: layout.width, height: layout.height, tone: 2.2, tint: .white)
        let printed = press()
        let speck = Mark.dust(x: 20, y: 20, radius: 0.3, lobes: [0, 0, 0], dirt: nil)
        var clean = bare
        speck.lay(on: &clean, bare: bare)
        #expect(!Visibility(bare, clean, box: speck.box(bare), rig: rig).isVisible)
        var dusty = printed
        speck.lay(on: &dusty, bare: bare)
        #expect(Visibility(printed, dusty, box: speck.box(bare), rig: rig).isVisible)
    }

    @Test(arguments: [7.0, 15.0])
    func aColourShiftHasTheDifferenceThatItSays(_ wanted: Double) {
        for panel in [Panel.yellow, .magenta, .cyan] {
            for isMore in [true, false] {
                let factor = ColourShift.density(panel, deltaE: wanted, isMore: isMore, tone: 2.2)
                var patch = [0.45, 0.35, 0.3]
                let channel = panel == .cyan ? 0 : panel == .magenta ? 1 : 2
                patch[channel] = power(patch[channel], factor)
                let (one, two) = (ColourShift.lab([0.45, 0.35, 0.3]), ColourShift.lab(patch))
                let found = root(zip(one, two).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
                #expect((found - wanted).magnitude < 0.05, "\(panel) \(isMore)")
            }
        }
    }
}
