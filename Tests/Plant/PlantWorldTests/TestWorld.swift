import Foundation
import Ground
import PlantCamera
import PlantChip
import PlantPrinter

@testable import PlantWorld

/// A reader that only remembers which card lies in it.
final class MemorySlot: CardSlot, @unchecked Sendable {
    private let lock = NSLock()
    private var inserted: VirtualCard?
    private var broken = false

    var card: VirtualCard? { lock.withLock { inserted } }
    func breaks() { lock.withLock { broken = true } }

    func insert(_ card: VirtualCard) throws(SakkError) {
        lock.lock()
        defer { lock.unlock() }
        guard !broken else {
            throw SakkError("plant.reader.unreachable", source: "test", text: "broken", remedy: "none")
        }
        inserted = card
    }

    func remove() { lock.withLock { inserted = nil } }
}

/// A world with its firmware, without USB and pcscd.
struct TestWorld {
    let world: World
    let machine: EvolisMachine
    let encoder = MemorySlot()
    let desk = MemorySlot()
    private let supply: Supply

    /// Cuts the power as the plant's printer does, and gives it back at once.
    private final class Supply: PowerSupply {
        let world: World
        weak var machine: EvolisMachine?
        init(_ world: World) { self.world = world }
        func cutPower() { world.powerWent() }
    }

    private static let stock = Bytes(repeating: 230, count: CardFace.stockWidth * CardFace.stockHeight * 3)

    static func yaml(blanks: Int, ejects: Bool = true, faults: String = "") -> String {
        """
        sakk: 1
        world:
          seed: 7
          blanks:
            count: \(blanks)
            stock: pc-td1-contactless
            batch: 0x2601
            first_serial: 0x00A10000
            master_key: 404142434445464748494A4B4C4D4E4F
            key_version: 1
          printer:
            model: KC200B
            serial: SAKK-PR-0001
            firmware: 1.0-virtual
            ribbon: ymckok
            ribbon_cards: 200
            move_ms: 0
            feed_ms: 0
            panel_ms: 0
            ejects_on_power_up: \(ejects)
            good_capacity: 6
            reject_capacity: 4
          camera:
            address: 127.0.0.1
        \(faults)
        """
    }

    init(blanks: Int = 12, ejects: Bool = true, faults: String = "") throws {
        let scenario = try Scenario(yaml: Self.yaml(blanks: blanks, ejects: ejects, faults: faults), path: "test.yaml")
        world = World(
            scenario, stockFront: Self.stock, stockBack: Self.stock, encoder: encoder, desk: desk)
        let mechanism = WorldMechanism(world: world)
        machine = EvolisMachine(
            plate: EvolisMachine.Plate(model: "KC200B", serial: "SAKK-PR-0001", firmware: "1.0-virtual"),
            mechanism: mechanism)
        supply = Supply(world)
        mechanism.power = supply
    }

    /// Sends a command to the firmware; its answer.
    @discardableResult func ask(_ text: String) -> String {
        String(decoding: machine.receive([0x1B] + Bytes(text.utf8) + [0x0D]).dropLast(), as: UTF8.self)
    }

    func powerOn() {
        machine.powerOn()
        world.powerCameBack()
    }

    @discardableResult func printBlack(_ data: Bytes = Bytes(repeating: 0x01, count: 82_296)) -> [String] {
        let download: Bytes = [0x1B] + Bytes("Db;k;2;".utf8) + data + [0x0D]
        let kept = String(decoding: machine.receive(download).dropLast(), as: UTF8.self)
        return [kept, ask("Sp;k")]
    }

    /// Numbers of all cards, sorted.
    /// Every card in the plant, and the strangers that wait outside.
    var numbers: [Int] { (world.all().map(\.card) + world.visitors).map(\.number).sorted() }

    func place(of number: Int) -> CardPlace? { world.all().first { $0.card.number == number }?.place }
}

/// SplitMix64.
struct Dice {
    var state: UInt64
    mutating func roll(_ sides: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(sides))
    }
}
