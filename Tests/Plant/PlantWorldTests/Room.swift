import Ground
import PlantCamera
import PlantChip
import PlantPrinter
import Synchronization

@testable import PlantWorld

/// A reader that is only a place: it remembers the card that is in it.
final class BareSlot: CardSlot {
    private let card = Mutex<VirtualCard?>(nil)
    var cplc: String? { card.withLock { $0?.census().cplcHex } }

    func insert(_ card: VirtualCard) throws(SakkError) { self.card.withLock { $0 = card } }
    func remove() { card.withLock { $0 = nil } }
}

/// A world without pcscd, bus and camera: cards, machine, hand. The firmware is driven by its own commands.
final class Room: PowerSupply {
    static let stock = (
        front: Bytes(repeating: 230, count: CardFace.stockWidth * CardFace.stockHeight * 3),
        back: Bytes(repeating: 225, count: CardFace.stockWidth * CardFace.stockHeight * 3)
    )

    let encoder = BareSlot()
    let desk = BareSlot()
    let world: World
    let machine: EvolisMachine
    private let mechanism: WorldMechanism
    private(set) var cuts = 0

    init(faults: String = "", count: Int = 6, ribbonCards: Int = 50, ejects: Bool = true, capacity: Int = 200)
        throws(SakkError)
    {
        let scenario = try Scenario(
            yaml: Room.yaml(
                faults: faults, count: count, ribbonCards: ribbonCards, ejects: ejects, capacity: capacity),
            path: "room")
        world = World(
            scenario, stockFront: Room.stock.front, stockBack: Room.stock.back, encoder: encoder, desk: desk)
        mechanism = WorldMechanism(world: world)
        machine = EvolisMachine(
            plate: EvolisMachine.Plate(model: "KC200B", serial: "R-1", firmware: "1"), mechanism: mechanism)
        mechanism.power = self
    }

    static func yaml(
        faults: String = "", count: Int = 6, ribbonCards: Int = 50, ejects: Bool = true, capacity: Int = 200
    ) -> String {
        """
        sakk: 1
        world:
          seed: 3
          blanks:
            count: \(count)
            stock: test-stock
            batch: 0x2601
            first_serial: 0x00A10000
            master_key: 404142434445464748494A4B4C4D4E4F
            key_version: 1
          printer:
            model: KC200B
            serial: R-1
            firmware: "1"
            ribbon: ymckok
            ribbon_cards: \(ribbonCards)
            move_ms: 0
            feed_ms: 0
            panel_ms: 0
            ejects_on_power_up: \(ejects)
            good_capacity: \(capacity)
          camera:
            address: 127.0.0.1
          faults: [\(faults)]
        """
    }

    func cutPower() {
        cuts += 1
        world.powerWent()
    }

    func powerOn() {
        machine.powerOn()
        world.powerCameBack()
    }

    func ask(_ commands: String...) -> [String] {
        commands.flatMap { command in texts(machine.receive(Bytes("\u{1B}\(command)\r".utf8))) }
    }

    private func texts(_ bytes: Bytes) -> [String] {
        bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Feeds, prints all six panels with some ink, and leaves the card inside. The answers of the panels.
    func printCard(panels: String = "ymcko/k") -> [String] {
        _ = ask("Pem;18", "Pneab;E", "Pr;ymckok", "Sic", "Si", "Ss", "Sr")
        var answers: [String] = []
        for panel in panels {
            if panel == "/" {
                answers += ask("Sv").filter { $0 != "OK" }
                continue
            }
            let isBlack = panel == "k" || panel == "o"
            var data = Bytes(repeating: 0, count: isBlack ? 82_296 : 576_072)
            for index in 0..<9000 { data[index * (data.count / 9000)] = 0xFF }
            let head = Bytes("\u{1B}Db;\(panel);\(isBlack ? 2 : 128);".utf8)
            _ = machine.receive(head + data + [0x0D])
            answers += ask("Sp;\(panel)")
        }
        return answers
    }

    /// Number of the card at each place, for example `["hopper:1": 3]`.
    var places: [String: Int] {
        Dictionary(uniqueKeysWithValues: world.all().map { ($0.place.words, $0.card.number) })
    }

    func place(of number: Int) -> String? { world.all().first { $0.card.number == number }?.place.words }
    func card(_ number: Int) -> PhysicalCard? { world.all().first { $0.card.number == number }?.card }
}
