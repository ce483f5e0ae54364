import Ground
import PlantCamera
import PlantChip

/// One card of the world: its chip, its two faces, and what was laid on them in which order.
final class PhysicalCard {
    struct Lay {
        let side: String
        let panel: Character
        /// Dots that got ink.
        let dots: Int
        /// FNV-1a over the dots, to tell prints apart.
        let hash: UInt64
    }

    let number: Int
    let stock: String
    let chip: VirtualCard
    var front: CardFace
    var back: CardFace
    var lays: [Lay] = []
    /// Which feed of the printer took it last; nil for one that was never fed.
    var feed: Int?

    init(number: Int, stock: String, chip: VirtualCard, front: CardFace, back: CardFace) {
        self.number = number
        self.stock = stock
        self.chip = chip
        self.front = front
        self.back = back
    }

    func lay(_ panel: Character, _ dots: Bytes, on side: String) {
        if side == "front" { front.lay(panel, dots) } else { back.lay(panel, dots) }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var inked = 0
        for dot in dots {
            hash = (hash ^ UInt64(dot)) &* 0x100_0000_01B3
            if dot > 0 { inked += 1 }
        }
        lays.append(Lay(side: side, panel: panel, dots: inked, hash: hash))
    }
}
