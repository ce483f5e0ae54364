public import Ground
public import PlantChip

/// The place of one card in a reader.
public protocol CardSlot: Sendable {
    func insert(_ card: VirtualCard) throws(SakkError)
    func remove()
}

/// A place in a reader of this machine's pcscd.
struct ReaderSlot: CardSlot {
    let slot: VPCDSlot

    func insert(_ card: VirtualCard) throws(SakkError) { try slot.insert(card) }
    func remove() { slot.remove() }
}
