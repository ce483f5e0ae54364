import Ground
import PlantCamera
import PlantChip
import PlantPrinter

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
    /// From another maker than the plant's blanks.
    let isForeign: Bool
    let chip: VirtualCard
    var front: CardFace
    var back: CardFace
    var lays: [Lay] = []
    /// Its black is of dyes: an eye sees no difference.
    var hasDyedBlack = false
    /// How it lies, where it is a booklet; its front is the data page.
    var booklet: MachineBooklet?
    /// Which feed of the printer took it last; nil for one that was never fed.
    var feed: Int?

    init(number: Int, stock: String, isForeign: Bool, chip: VirtualCard, front: CardFace, back: CardFace) {
        self.number = number
        self.stock = stock
        self.isForeign = isForeign
        self.chip = chip
        self.front = front
        self.back = back
    }

    func lay(_ panel: Character, _ dots: Bytes, on side: String) {
        let ink = panel == "k" && hasDyedBlack ? "d" : panel
        if side == "front" { front.lay(ink, dots) } else { back.lay(ink, dots) }
        let digest = CardFace.digest(of: dots)
        lays.append(Lay(side: side, panel: panel, dots: digest.inked, hash: digest.hash))
    }
}
